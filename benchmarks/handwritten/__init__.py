"""The floor: the models as a careful engineer writes them, with the module trees that their specs compile to."""
