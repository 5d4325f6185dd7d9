"""Every write of training, one module a noun."""

from training.services.results import exam_result_enter, exam_result_record

__all__ = ["exam_result_enter", "exam_result_record"]
