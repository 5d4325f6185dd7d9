"""Who a scenario is about: its departments with their rules, and its people with their dated terms."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from people.models import Account, Department, Employer, Proration, Staff
from people.services import (
    department_create,
    proration_set,
    staff_create,
    staff_terms_change,
    staff_transfer,
    team_get_or_create,
)
from rules.library import LIBRARY
from rules.models import Rulebook
from rules.services import rulebooks_load, version_publish
from workbench.scenarios.document import (
    TERMS,
    as_count,
    as_date,
    as_decimal,
    as_flag,
    optional_decimal,
)
from workbench.scenarios.facts import UnknownNumber

IN_FORCE_FROM = date(1990, 1, 1)
HIRED_ON = date(2020, 1, 1)
# What a term says of who has nothing of it.
WITHOUT = {"role": "agent", "tier": "", "post": ""}


class Cast:
    """A scenario's departments and people: one employer, and the same rules in every department."""

    def __init__(self, scenario: Mapping[str, Any], *, by: Account) -> None:
        self._scenario = scenario
        self._by = by
        self._given: Mapping[str, Any] = scenario.get("department") or {}
        self._departments: dict[str, Department] = {}
        self._employer = Employer(name=uuid.uuid4().hex)
        self.staff: dict[str, list[Staff]] = {}  # by number: one row a department, in the order of dates

    def set_up(self) -> None:
        """Make departments, rules and people."""
        rows = [{**row, "number": str(row["number"])} for row in self._scenario["staff"]]
        self._employer.save()
        self.department = self._department(str(self._given.get("code", "")))
        for row in rows:
            # Who left and came back has a row of the file for each employment.
            self.staff.setdefault(row["number"], []).extend(self._staff(row))

    @property
    def departments(self) -> list[Department]:
        return list(self._departments.values())

    def person(self, number: Any, on: date | None = None) -> Staff:
        """Who has the number on a day: the row of the department of that day; without a day the last."""
        rows = self.staff.get(str(number))
        if rows is None:
            raise UnknownNumber(f"本部门没有工号{number}；检查工号")
        joined = [row for row in rows if on is None or row.joined_on <= on]
        return joined[-1] if joined else rows[0]

    def _department(self, code: str) -> Department:
        """The department that the file calls so, made with its rules when it is first named."""
        if code in self._departments:
            return self._departments[code]
        is_first = not self._departments
        department = department_create(
            code=uuid.uuid4().hex,  # the scenario's own code may be taken by a real department
            name=str(self._given.get("name", "场景部门")) if is_first else code,
            minimum_wage=optional_decimal(self._given.get("minimum_wage"), "department.minimum_wage"),
            caps=as_flag(self._given.get("caps") or False, "department.caps"),
        )
        department.employer = self._employer
        department.save(update_fields=["employer"])
        self._departments[code] = department
        if proration := self._given.get("proration"):
            proration_set(
                department=department,
                from_on=IN_FORCE_FROM,
                divisor=str(proration.get("divisor") or Proration.Divisor.AVERAGE),
                method=str(proration.get("method") or Proration.Method.EARN),
                by=self._by,
                at=timezone.now(),
            )
        self._publish(department)
        return department

    def _publish(self, department: Department) -> None:
        """The rules of the file, and those that take the place of its own provisions from a day on."""
        rulebooks = self._scenario.get("rulebook") or []
        rulebooks = [rulebooks] if isinstance(rulebooks, str) else rulebooks
        now = timezone.now()
        if Rulebook.objects.filter(code__in=rulebooks).count() < len(set(rulebooks)):
            rulebooks_load(directories=[LIBRARY], at=now)
        versions: list[tuple[date, Sequence[Mapping[str, Any]]]] = [
            (IN_FORCE_FROM, self._scenario.get("provisions") or [])
        ]
        versions += sorted(
            (as_date(row["from"], "months_rules"), row["provisions"])
            for row in self._scenario.get("months_rules") or []
        )
        for effective_on, provisions in versions:
            version_publish(
                department=department,
                effective_on=effective_on,
                rulebooks=rulebooks,
                provisions=provisions,
                by=self._by,
                at=now,
            )

    def _staff(self, row: Mapping[str, Any]) -> list[Staff]:
        hired_on = as_date(row.get("hired_on") or HIRED_ON, "staff.hired_on")
        left_on = as_date(row["left_on"], "staff.left_on") if row.get("left_on") else None
        served = row.get("service_since")
        since = as_date(served, "staff.service_since") if served else None
        given = dict.fromkeys(TERMS) | dict(row)
        held = as_date(row["tier_since"], "staff.tier_since") if row.get("tier_since") else None
        is_later = held is not None and held > hired_on
        staff = staff_create(
            department=self.department,
            number=row["number"],
            name=str(row["name"]),
            hired_on=hired_on,
            left_on=left_on,
            service_since=since,
            by=self._by,
            at=timezone.now(),
            **self._terms(given | ({"tier": None} if is_later else {}), self.department),
        )
        rows = [staff]
        dated = [{"from": held, "tier": row.get("tier")}] if is_later else []
        for change in sorted([*dated, *(row.get("history") or [])], key=lambda each: str(each["from"])):
            rows.append(self._changed(rows.pop(), change, rows))
        return rows

    def _changed(self, staff: Staff, change: Mapping[str, Any], rows: list[Staff]) -> Staff:
        """The row after a change; who is moved leaves the former one among `rows`."""
        on = as_date(change["from"], "staff.history.from")
        code = change.get("department")
        department = staff.department if code is None else self._department(str(code))
        terms = self._terms(change, department)
        if department == staff.department:
            staff_terms_change(staff=staff, on=on, by=self._by, at=timezone.now(), **terms)
            return staff
        moved = staff_transfer(staff=staff, to=department, on=on, by=self._by, at=timezone.now(), **terms)
        staff.refresh_from_db()
        rows.append(staff)
        return moved

    def _terms(self, given: Mapping[str, Any], department: Department) -> dict[str, Any]:
        """What the row says of terms; what it does not name is left out."""
        terms: dict[str, Any] = {}
        for name in TERMS:
            if name not in given:
                continue
            value, place = given[name], f"staff.{name}"
            if value is None:
                terms[name] = WITHOUT.get(name)
            elif name == "team":
                terms[name] = team_get_or_create(department=department, name=str(value))
            elif name == "star":
                terms[name] = as_count(value, place)
            elif name in WITHOUT:
                terms[name] = str(value)
            else:
                terms[name] = as_decimal(value, place)
        return terms
