"""Incident lists in: every row is an incident, recorded once however often it comes."""

from collections import defaultdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils import timezone

from penalties.errors import IncidentsRefused
from penalties.judgement import IncidentFact
from penalties.models import Incident
from penalties.services import incidents_record
from people.models import Account, Department, Staff
from people.rows import NUMBER, WHO, People
from sheets.loading import Load, Summary
from sheets.table import Table

COLUMN_OF = {"staff": "staff_number", "code": "provision"}  # where a fact and the profile differ in name


def incidents_loader(*, department: Department, confirm: bool, by: Account | None, at: datetime) -> Load:
    """The loader of a list of incidents; with `confirm` they count at once.

    A row that an earlier file brought already, or that comes back in a longer list, is left alone; two
    equal rows in one file are two incidents. As many queries for one row as for thousands.
    """

    def load(table: Table) -> Summary:
        rows = _facts(table, department, at)
        facts = [fact for _, fact in rows]
        keys = Incident.objects.filter(key__in=[fact.key for fact in facts])
        known = set(keys.values_list("key", flat=True))
        try:
            incidents_record(department=department, facts=facts, confirm=confirm, by=by, at=at)
        except IncidentsRefused as error:
            for index, refused in error.refusals.items():
                number, fact = rows[index]
                column = COLUMN_OF.get(refused.field, refused.field)
                value = fact.staff.number if refused.field == "staff" else getattr(fact, refused.field)
                table.add_error(number, column, refused.reason, refused.remedy, value)
        return Summary(
            rows=len(facts),
            created=len(facts) - len(known),
            unchanged=len(known),
            months=frozenset(fact.work_date for fact in facts if fact.key not in known),
            notes=(f"{len(known)}行在以前的文件里已经有过，没有再记。",) if known else (),
            totals=(
                ("人", f"{len({fact.staff.pk for fact in facts})} 人"),
                ("记录", f"{len(facts)} 条"),
                ("次数", f"{sum(fact.quantity for fact in facts)} 次"),
            ),
        )

    return load


def _facts(table: Table, department: Department, at: datetime) -> list[tuple[int, IncidentFact]]:
    people = People(table, department)
    today = timezone.localdate(at)
    seen: dict[str, int] = defaultdict(int)
    rows = []
    for number, cells in table.rows(raise_at_end=False):
        values = dict(zip(table.fields, cells, strict=True))
        person = people.of(number, values, values["work_date"])
        if values["work_date"] > today:
            table.add_error(number, "work_date", "日期还没有到", "请核对日期", values["work_date"])
        elif person is not None:
            # However the row says who it is, it is the same row.
            rest = {name: value for name, value in values.items() if name not in WHO}
            content = _content({**rest, NUMBER: person.number})
            seen[content] += 1
            rows.append((number, _fact(person, values, f"import:{department.pk}:{content}:{seen[content]}")))
    return rows


def _fact(person: Staff, values: dict[str, Any], key: str) -> IncidentFact:
    return IncidentFact(
        staff=person,
        code=values["provision"],
        work_date=values["work_date"],
        quantity=1 if values["quantity"] is None else values["quantity"],
        magnitude=values["magnitude"],
        amount=values["amount"],
        note=values["note"] or "",
        key=key,
    )


def _content(values: dict[str, Any]) -> str:
    """What makes a row the same row, however its figures are written (5, 5.0)."""
    parts = []
    for name, value in sorted(values.items()):
        is_decimal = name in ("magnitude", "amount") and value is not None
        parts.append(f"{name}={value.normalize():f}" if is_decimal else f"{name}={value}")
    return sha256("\n".join(parts).encode()).hexdigest()[:32]
