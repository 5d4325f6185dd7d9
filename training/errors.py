"""What training and its exams refuse, one class a noun."""

from core.errors import ManyRefused, Refused


class QuestionRefused(Refused):
    """A question of the bank that cannot be so."""


class QuestionsRefused(ManyRefused, QuestionRefused):
    """Some of many questions are refused and none was stored."""


class ExamRefused(Refused):
    """A paper that cannot be so, or cannot be sat by this person now."""


class SittingRefused(Refused):
    """An answer, a submission, an extension or a mark that a sitting does not take."""


class ResultRefused(Refused):
    """A result of an exam that cannot be entered so."""


class EnrolmentRefused(Refused):
    """A newcomer who cannot be enrolled, given a mentor, or end a programme so."""


class StepRefused(Refused):
    """A step that cannot be recorded or given to a teacher so."""


class MaterialRefused(Refused):
    """Material that cannot be put up or taken down so."""


class PlacesRefused(Refused):
    """A ranking of a batch that cannot be so."""
