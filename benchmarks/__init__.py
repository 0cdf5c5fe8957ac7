"""Measurements: each a ratio to something measured in the same run. `make bench` runs them all; none is a test."""
