"""What is bound into the sandbox, read-only: Python's standard library and NumPy are all that it may import."""
