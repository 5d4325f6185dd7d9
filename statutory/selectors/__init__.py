"""Reads of declarations and of what limits them."""
