"""Measuring the slow parts against a floor of the same run; see docs/performance.md."""
