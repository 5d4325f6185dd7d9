"""Programmes of training and exams."""

from training.models.exams import ExamItem, ExamPaper, ExamResult
from training.models.programmes import Enrolment, IntakePlace, Material, StepRecord, StepTeacher
from training.models.questions import Question
from training.models.sittings import ExamExtension, Sitting, SittingQuestion

__all__ = [
    "Enrolment",
    "ExamExtension",
    "ExamItem",
    "ExamPaper",
    "ExamResult",
    "IntakePlace",
    "Material",
    "Question",
    "Sitting",
    "SittingQuestion",
    "StepRecord",
    "StepTeacher",
]
