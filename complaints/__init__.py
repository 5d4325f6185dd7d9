"""Complaints, bad reviews and follow-ups as cases: their paths, clocks, losses and who bears them."""
