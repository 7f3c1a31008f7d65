"""What people describe models with instead: the same five models in the form of each, and the loaders."""
