"""Spec to graph: expressions evaluated, loops and blocks expanded, shapes proved on the meta device."""
