"""October's award in the demonstration: put forward by the lead, supported, certified, checked, won."""

from nominations.services import (
    criterion_attest,
    nomination_decide,
    nomination_make,
    round_close,
    voice_give,
)
from people.models import Account, Department
from workbench.demonstration.story import OCTOBER, moment

STAR, WINNER, LEAD, VOICES = "demo-17", "8103", "8101", ("8102", "8104", "8105")


def october_award_nominate(*, department: Department, lead: Account, supervisor: Account) -> None:
    """The lead's nomination, three voices, and what the supervisor certifies, in the last week in time."""
    people = {each.number: each for each in department.staff.all()}
    nomination = nomination_make(
        staff=people[WINNER],
        code=STAR,
        reason="10月接待1593人，满意度全部门最高；每天下班前带夏知秋看聊天记录，办结六件疑难退款",
        nominator=people[LEAD],
        by=lead,
        at=moment(10, 23),
    )
    for number in VOICES:
        voice_give(
            nomination=nomination,
            voter=people[number],
            supports=True,
            comment="有问必答" if number == VOICES[0] else "",
            at=moment(10, 24),
        )
    criterion_attest(
        nomination=nomination,
        criterion="热心帮带新人",
        holds=True,
        note="带教记录三周",
        by=supervisor,
        at=moment(10, 26),
    )


def october_award_decide(*, department: Department, manager: Account) -> None:
    """The manager checks the criteria when the month's figures are there, and decides."""
    round_close(department=department, month=OCTOBER, by=manager, at=moment(11, 2, 14))
    nomination_decide(
        nomination=department.nominations.get(code=STAR),
        wins=True,
        decision="满意度连续两月第一，帮带有记录",
        by=manager,
        at=moment(11, 2, 15),
    )
