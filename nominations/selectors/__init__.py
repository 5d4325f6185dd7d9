"""Reads of nominations and of the awards that rules know."""
