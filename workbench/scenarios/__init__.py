"""Scenarios: YAML files that say what a month must come to, and the program that plays them."""
