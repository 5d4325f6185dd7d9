"""Rosters as plain data: what is planned, what it breaks, how even it is, how it can be made. No database."""
