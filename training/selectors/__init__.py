"""Reads about training; results of exams are asked for from above (promotions, appraisals)."""

from training.selectors.exams import exam_results

__all__ = ["exam_results"]
