"""Known mistakes: one module per notebook."""
