"""Pages of review rounds, candidates, changes of grade, and of one's own."""
