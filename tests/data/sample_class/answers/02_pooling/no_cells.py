"""An empty notebook: it can be read, and there is no cell in it."""

CHANGES = [("no_cells",)]
