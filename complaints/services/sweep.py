"""The sweep: every ten minutes what is due on any clock rings, each level of each deadline once.

One statement takes the alarms that are due and tells the clocks that they rang; alarms that another sweep is
at are passed over. What follows (notices, incidents) is in the same transaction: a sweep that is killed has
done nothing, and the next does it all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from celery.utils.log import get_task_logger
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from complaints.models import Clock
from complaints.services.missed import missed_record
from notices.models import NoticeKind
from notices.selectors import reachable
from notices.services import NewNotice, notices_send_each

log = get_task_logger(__name__)

_RING = """
WITH due AS (
    SELECT id FROM complaints_alarm WHERE at <= %(now)s ORDER BY at FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM complaints_alarm a USING due WHERE a.id = due.id
    RETURNING a.clock_id, a.level, a.at, a.due_at
)
INSERT INTO complaints_clockevent (clock_id, kind, at, due_at, level, reason, recorded_at)
SELECT clock_id, 'rang', at, due_at, level, '', %(now)s FROM gone
ON CONFLICT DO NOTHING
RETURNING clock_id, level, due_at
"""


class Rung(NamedTuple):
    """A level of a clock that rang."""

    clock_id: int
    level: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to be told: about which case, to a person or a login group of its department."""

    case_id: int
    department_id: int
    number: str
    level: str
    account_id: int | None
    group: str = ""


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """Ring everything that is due by `at`; how much rang. One query when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(_RING, {"now": at})
        rung = [Rung._make(row) for row in cursor.fetchall()]
    if not rung:
        return 0
    over = {each.clock_id for each in rung if each.level == "due"}
    for refused in missed_record(clocks=over, at=at) if over else ():
        log.warning("not recorded: %s", refused)
    _notify(rung, at)
    return len(rung)


def _notify(rung: Iterable[Rung], at: datetime) -> None:
    """Tell the holder of each case, and at the end of its time the next login group.

    Whoever has several of them is told their number once.
    """
    told = _told(rung)
    groups = {each.group for each in told if each.group}
    members = _members(groups, {each.department_id for each in told if each.group}, at)
    mine: dict[tuple[int, bool], list[Told]] = defaultdict(list)
    for each in told:
        accounts = (
            members.get((each.group, each.department_id), ())
            if each.group
            else [each.account_id]
            if each.account_id is not None
            else ()
        )
        for account in accounts:
            mine[account, not each.level.startswith("before")].append(each)
    notices_send_each(
        told=[_notice(account, is_over, rows, at) for (account, is_over), rows in mine.items()],
        kind=NoticeKind.CASE_DUE,
        at=at,
    )


def _notice(account: int, is_over: bool, rows: list[Told], at: datetime) -> NewNotice:
    first, number = rows[0], len({each.case_id for each in rows})
    what = "已逾期" if is_over else "快到期"
    return NewNotice(
        to=account,
        text=f"投诉{first.number}{what}" if number == 1 else f"{number}件投诉{what}",
        url=reverse("case", args=[first.case_id]) if number == 1 else reverse("cases"),
        source=f"case-{'over' if is_over else 'due'}:{first.case_id}:{first.level}:{at:%Y%m%d%H%M%S}",
    )


def _told(rung: Iterable[Rung]) -> list[Told]:
    """Who is to be told of what; one query."""
    levels: dict[int, list[str]] = defaultdict(list)
    for each in rung:
        levels[each.clock_id].append(each.level)
    fields = (
        "pk", "case", "case__department", "case__number", "case__holder__account", "policy",
    )  # fmt: skip
    told = []
    for pk, case, department, number, holder, policy in Clock.objects.filter(pk__in=levels).values_list(
        *fields
    ):
        escalate = policy.get("escalate") or ["supervisor", "manager"]
        for level in levels[pk]:
            told.append(Told(case, department, number, level, holder))
            if group := _group_of(level, escalate):
                told.append(Told(case, department, number, level, None, group))
    return told


def _group_of(level: str, escalate: list[str]) -> str:
    """The login group that a level is for; the end of time is the first one's."""
    if level.startswith("before"):
        return ""
    place = 0 if level == "due" else int(level.rpartition("-")[2])
    return escalate[place] if place < len(escalate) else ""


def _members(
    groups: Iterable[str], departments: Iterable[int], at: datetime
) -> Mapping[tuple[str, int], list[int]]:
    """The accounts of login groups in departments, those that act everywhere among each; two queries."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    wanted, here = list(groups), list(departments)
    if not wanted:
        return found
    people: Any = reachable(timezone.localdate(at)).filter(groups__name__in=wanted)
    for account, group, department in people.filter(departments__in=here).values_list(
        "pk", "groups__name", "departments"
    ):
        found[group, department].append(account)
    everywhere = people.filter(groups__name="gm").values_list("pk", flat=True)
    for department in here if "gm" in wanted else ():
        found["gm", department] += list(everywhere)
    return found
