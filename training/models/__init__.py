"""The bank of questions, exam papers, who sat them when, and what they reached."""

from training.models.exams import ExamItem, ExamPaper, ExamResult
from training.models.questions import Question
from training.models.sittings import ExamExtension, Sitting, SittingQuestion

__all__ = [
    "ExamExtension",
    "ExamItem",
    "ExamPaper",
    "ExamResult",
    "Question",
    "Sitting",
    "SittingQuestion",
]
