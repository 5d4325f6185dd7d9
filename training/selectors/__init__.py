"""Reads of training, one module a noun."""

from training.selectors.results import exam_outcomes, exam_results

__all__ = ["exam_outcomes", "exam_results"]
