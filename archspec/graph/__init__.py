"""The concrete model that every writer reads: nodes, steps, and the types that flow between them."""
