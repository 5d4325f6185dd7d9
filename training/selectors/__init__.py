"""Reads of training, one module a noun."""

from training.selectors.results import exam_results

__all__ = ["exam_results"]
