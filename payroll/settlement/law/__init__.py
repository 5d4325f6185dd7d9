"""What the law takes of a month's pay: contributions and income tax, after the limits of all rules."""
