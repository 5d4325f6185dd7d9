"""What a count or a score may suggest; people decide it."""

from django.db.models import TextChoices


class ProposalKind(TextChoices):
    """A suggestion with the words that people read."""

    TERMINATION = "termination", "终止劳动关系"
    WITHHOLD_PAY = "withhold_pay", "扣发工资"
    WARNING = "warning", "警告"
    MINOR_DEMERIT = "minor_demerit", "记小过"
    MAJOR_DEMERIT = "major_demerit", "记大过"
    TALK = "talk", "谈话"
    EXTEND_PROBATION = "extend_probation", "延长试用"
