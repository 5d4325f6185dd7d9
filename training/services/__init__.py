"""Every write about training."""

from training.services.exams import exam_result_record

__all__ = ["exam_result_record"]
