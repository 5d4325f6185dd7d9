"""Awards that people are nominated for: hard criteria, voices, decision, certificate."""
