"""The types of leave: what provisions price, requests ask for and spreadsheets bring."""

from django.db.models import TextChoices


class LeaveType(TextChoices):
    """A type of leave with the word that people read."""

    PERSONAL = "personal", "事假"
    SICK = "sick", "病假"
    COMPENSATORY = "compensatory", "调休"
    ANNUAL = "annual", "年假"
    MARRIAGE = "marriage", "婚假"
    MATERNITY = "maternity", "产假"
    PATERNITY = "paternity", "陪产假"
    BEREAVEMENT = "bereavement", "丧假"
    INJURY = "injury", "工伤假"
    REST = "rest", "轮休"
    LONG = "long", "长假"


LEAVE_LABELS: dict[str, str] = dict(LeaveType.choices)

# What spreadsheets call them: the labels, and other words that mean the same.
LEAVE_WORDS: dict[str, str] = {label: code for code, label in LEAVE_LABELS.items()} | {
    "年休假": LeaveType.ANNUAL.value,
    "调休假": LeaveType.COMPENSATORY.value,
    "工伤": LeaveType.INJURY.value,
}
