"""Reads of review rounds, ballots and changes of grade."""
