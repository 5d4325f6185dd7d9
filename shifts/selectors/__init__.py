"""Reads that cross rows, one module per noun."""
