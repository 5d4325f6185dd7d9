"""The tier ladder: criteria with their evidence, review rounds, ballots, changes of grade."""
