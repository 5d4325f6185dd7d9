"""Newcomers' programmes, what came of their steps, and results of exams."""

from training.models.exams import ExamResult
from training.models.programmes import Enrolment, IntakePlace, Material, StepRecord, StepTeacher

__all__ = [
    "Enrolment",
    "ExamResult",
    "IntakePlace",
    "Material",
    "StepRecord",
    "StepTeacher",
]
