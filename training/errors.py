"""What training refuses, by noun; the messages are Chinese and name the remedy."""

from core.errors import ManyRefused, Refused


class QuestionRefused(Refused):
    """A question of the bank that cannot be so."""


class QuestionsRefused(ManyRefused, QuestionRefused):
    """Some of many questions are refused and none was stored."""


class ExamRefused(Refused):
    """A paper that cannot be so, or cannot be sat by this person now."""


class SittingRefused(Refused):
    """An answer, a submission, an extension or a mark that a sitting does not take."""
