"""Nominations that addresses name, one or a lot, for tests that walk every page."""

from datetime import date, datetime, timedelta
from typing import Any

from nominations.models import AwardRound, Nomination, Voice
from people.models import Department, Staff
from rules.models import Provision


def award_known_of(staff: Staff, *, at: datetime) -> dict[str, Any]:
    """A nomination of a person for whatever provision the department has, and the round of the month."""
    row = _nomination(staff, at)
    row.save()
    AwardRound.objects.create(department=staff.department, month=row.month, closed_at=at)
    return {"nomination": row.pk}


def awards_fill(department: Department, people: list[Staff], *, many: int, at: datetime) -> dict[str, Any]:
    """Everybody was put forward this month; the second person won a lot before and is much spoken of."""
    agent = people[1]
    rows = Nomination.objects.bulk_create(_nomination(each, at) for each in people)
    Voice.objects.bulk_create(
        Voice(nomination=rows[1], staff=each, supports=True, comment="常替同事顶班，带了两名新人", at=at)
        for each in people[2 : many + 2]
    )
    Nomination.objects.bulk_create(
        _nomination(agent, at, state="won", decision="众望所归", number=f"JX-{index}", place=1, amount=100,
                    origin="ranking", code=f"x-{index}", decided_at=at)
        for index in range(many)
    )  # fmt: skip
    AwardRound.objects.bulk_create(
        AwardRound(department=department, month=date(2015 + index // 12, index % 12 + 1, 1), closed_at=at)
        for index in range(many)
    )
    return {"nomination": rows[1].pk}


def _nomination(staff: Staff, at: datetime, **fields: Any) -> Nomination:
    provision = Provision.objects.filter(version__department=staff.department).latest("pk")
    given: dict[str, Any] = {
        "code": provision.code,
        "origin": "peer",
        "reason": f"{staff.name}10月8日替同事顶班，办结三件退款",
        "checks": [{"criterion": "当月没有客诉", "verdict": "met", "evidence": "当月成立的客诉0件"}],
        "checked_at": at,
        **fields,
    }
    month = (at - timedelta(days=at.day - 1)).date()
    return Nomination(
        department=staff.department, month=month, staff=staff, provision=provision, at=at, **given
    )
