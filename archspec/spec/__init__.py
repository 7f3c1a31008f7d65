"""Tree to spec: the document, its nodes and params, validated."""
