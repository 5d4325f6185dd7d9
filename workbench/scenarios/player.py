"""Playing a scenario: its facts go in through the services of real use, its months are settled in turn."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from commissions.services import metric_record, order_record, refund_record
from core.errors import Refused
from core.periods import last_of
from payroll.models import SettlementPeriod
from payroll.services.cash import cash_payment_take
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.models import Incident
from penalties.services import incident_confirm, incident_record, incident_reverse
from people.models import Account, Department, Proration, Staff, Team
from people.services import department_create, proration_set, staff_create, team_get_or_create
from rules.kinds.base import FactRefused
from rules.kinds.discipline import Discipline
from rules.library import LIBRARY
from rules.models import Rulebook
from rules.provisions import has_kind
from rules.selectors import timeline_of
from rules.services import rulebooks_load, version_publish
from shifts.models import AttendanceMonth, ShiftPattern
from shifts.services import attendance_derive, attendance_month_set, attendance_record, leave_record
from shifts.services.clocked import day_clocked, pattern_make
from workbench.scenarios.complaints import Complaints
from workbench.scenarios.document import (
    as_clock,
    as_count,
    as_date,
    as_decimal,
    as_flag,
    as_month,
    optional_decimal,
)
from workbench.scenarios.facts import ScenarioFact, UnknownNumber, in_shanghai

IN_FORCE_FROM = date(1990, 1, 1)
HIRED_ON = date(2020, 1, 1)


class Play:
    """One scenario being played inside the caller's transaction."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.scenario = scenario
        facts = scenario.get("facts") or {}
        self._facts: Mapping[str, Any] = {key: value or [] for key, value in facts.items()}
        self.months = [as_month(m, "month") for m in scenario.get("months") or [scenario["month"]]]
        self.refused: dict[str, str] = {}
        self.periods: dict[date, SettlementPeriod] = {}
        self._incidents: dict[tuple[str, str], Incident] = {}  # by section and id
        self._days: dict[tuple[str, date], dict[str, Any]] = {}
        self._pending: list[ScenarioFact] = []

    def set_up(self) -> None:
        """The department, its people and its rules; the facts are put in the order of their dates."""
        preparer, approver = uuid.uuid4().hex[:12], uuid.uuid4().hex[:12]
        self.preparer = Account.objects.create(username=preparer)
        self.approver = Account.objects.create(username=approver)
        self.department = self._department()
        self.complaints = Complaints(self.department, self._numbered)
        self.staff = {
            row["number"]: self._staff(row) for row in map(with_text_number, self.scenario["staff"])
        }
        rulebooks = self.scenario.get("rulebook") or []
        rulebooks = [rulebooks] if isinstance(rulebooks, str) else rulebooks
        now = timezone.now()
        if Rulebook.objects.filter(code__in=rulebooks).count() < len(set(rulebooks)):
            rulebooks_load(directories=[LIBRARY], at=now)
        self.version = version_publish(
            department=self.department,
            effective_on=IN_FORCE_FROM,
            rulebooks=rulebooks,
            provisions=self.scenario.get("provisions") or [],
            by=self.preparer,
            at=now,
        )
        self._patterns = {str(row["code"]): self._pattern(row) for row in self.scenario.get("shifts") or []}
        self._set_coverage()
        self._pending = sorted(self._all_facts(), key=lambda fact: fact.on)

    def _department(self) -> Department:
        given = self.scenario.get("department") or {}
        caps = as_flag(given.get("caps") or False, "department.caps")
        department = department_create(
            code=uuid.uuid4().hex,  # the scenario's own code may be taken by a real department
            name=str(given.get("name", "场景部门")),
            minimum_wage=optional_decimal(given.get("minimum_wage"), "department.minimum_wage"),
            caps=caps,
        )
        if proration := given.get("proration"):
            proration_set(
                department=department,
                from_on=min(self.months),
                divisor=str(proration.get("divisor") or Proration.Divisor.AVERAGE),
                method=str(proration.get("method") or Proration.Method.EARN),
                by=self.preparer,
                at=timezone.now(),
            )
        return department

    def _staff(self, row: Mapping[str, Any]) -> Staff:
        team = (
            team_get_or_create(department=self.department, name=str(row["team"])) if row.get("team") else None
        )
        left_on = as_date(row["left_on"], "staff.left_on") if row.get("left_on") else None
        return staff_create(
            department=self.department,
            number=row["number"],
            name=str(row["name"]),
            hired_on=as_date(row.get("hired_on") or HIRED_ON, "staff.hired_on"),
            left_on=left_on,
            by=self.preparer,
            at=timezone.now(),
            team=team,
            role=str(row.get("role") or "agent"),
            post=str(row.get("post") or ""),
            tier=str(row.get("tier") or ""),
            star=None if row.get("star") is None else as_count(row["star"], "staff.star"),
            base_pay=optional_decimal(row.get("base_pay"), "staff.base_pay"),
            performance_bonus=optional_decimal(row.get("performance_bonus"), "staff.performance_bonus"),
            base_points=optional_decimal(row.get("base_points"), "staff.base_points"),
        )

    def _pattern(self, row: Mapping[str, Any]) -> ShiftPattern:
        code = str(row["code"])
        hours = {
            name: as_clock(row[key], f"shifts.{key}") if row.get(key) is not None else None
            for name, key in (("break_starts_at", "break_start"), ("break_ends_at", "break_end"))
        }
        return pattern_make(
            department=self.department,
            code=code,
            name=code,
            starts_at=as_clock(row["start"], "shifts.start"),
            ends_at=as_clock(row["end"], "shifts.end"),
            **hours,
        )

    def _set_coverage(self) -> None:
        """Who is in `full_month` (default: everybody) was present on every day that has no row."""
        full = self._facts.get("full_month") if "full_month" in self._facts else list(self.staff)
        for number, staff in self.staff.items():
            whole = number in {str(each) for each in full or []}
            coverage = AttendanceMonth.Coverage.FULL if whole else AttendanceMonth.Coverage.LISTED
            for month in self.months:
                attendance_month_set(
                    staff=staff, month=month, coverage=coverage, by=self.preparer, at=timezone.now()
                )

    def settle(self, month: date, *, approve: bool) -> None:
        """Record what is dated up to the month's end and settle it; `approve` freezes it."""
        self.record_until(last_of(month))
        if self._patterns:
            # A scenario may play a month to come: its shifts are over all the same.
            last = last_of(month)
            over = timezone.make_aware(datetime.combine(last + timedelta(days=2), time()))
            attendance_derive(
                department=self.department,
                first=month,
                last=last,
                now=over,
                by=self.preparer,
                at=timezone.now(),
            )
        period = period_open(department=self.department, month=month)
        draft_write(period=period, by=self.preparer, at=timezone.now())
        if approve:
            period_approve(period=period, by=self.approver, at=timezone.now())
        self.periods[month] = period

    def record_until(self, day: date) -> None:
        """Record the pending facts up to a day, each on its own: a refused one changes nothing."""
        due = [fact for fact in self._pending if fact.on <= day]
        self._pending = [fact for fact in self._pending if fact.on > day]
        for fact in due:
            try:
                with transaction.atomic():
                    fact.record()
            except (Refused, UnknownNumber) as error:
                self.refused[fact.place] = str(error)

    def _person(self, row: Mapping[str, Any]) -> Staff:
        return self._numbered(row["number"])

    def _numbered(self, number: Any) -> Staff:
        if str(number) not in self.staff:
            raise UnknownNumber(f"本部门没有工号{number}；检查工号")
        return self.staff[str(number)]

    def _all_facts(self) -> list[ScenarioFact]:
        found = []
        for section, make in (
            ("incidents", self._incident),
            ("awards", self._incident),
            ("duties_missed", self._incident),
            ("discipline", self._discipline),
            ("attendance", self._attendance),
            ("leave", self._leave),
            ("orders", self._order),
            ("metrics", self._metric),
            ("complaints", self.complaints.facts),
            ("payments", self._payment),
            ("reversals", self._reversal),
        ):
            for i, row in enumerate(self._facts.get(section, [])):
                found += make(f"{section}[{i}]", row)
        return found

    def _incident(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        on = as_date(row["date"], place)

        def record() -> None:
            incident = incident_record(
                staff=self._person(row),
                code=str(row["provision"]),
                work_date=on,
                quantity=1 if row.get("quantity") is None else as_count(row["quantity"], place),
                magnitude=optional_decimal(row.get("magnitude"), place),
                amount=optional_decimal(row.get("amount"), place),
                note=str(row.get("reason") or ""),
                by=self.preparer,
                at=timezone.now(),
            )
            if incident.state != Incident.State.CONFIRMED:
                incident = incident_confirm(incident=incident, by=self.preparer, at=timezone.now())
            # A scenario's days are those of its file: cash is due from the day of the incident.
            Incident.objects.filter(pk=incident.pk).update(decided_at=noon(on))
            if row.get("id"):
                what = "discipline" if place.startswith("discipline") else "incident"
                self._incidents[what, str(row["id"])] = incident

        return [ScenarioFact(place, on, record)]

    def _discipline(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """A decided disciplinary action: an incident of the day of the decision."""
        (fact,) = self._incident(place, row)

        def record() -> None:
            rule = timeline_of(self.department).on(fact.on).get(str(row["provision"]))
            level = row.get("level")
            if rule and level and not (has_kind(rule, Discipline) and rule.kind.level == level):
                raise FactRefused(f"条款“{rule.code} {rule.title}”不是这一级处分；检查 level")
            fact.record()

        return [ScenarioFact(place, fact.on, record)]

    def _payment(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """Cash for a fine, taken on its day by somebody who looks after the fund."""
        on = as_date(row["date"], place)

        def record() -> None:
            incident = self._incidents.get(("incident", str(row["incident"])))
            if incident is None:
                raise UnknownNumber(f"没有记录 {row['incident']}；检查 id")
            cash_payment_take(
                incident=incident,
                staff=incident.staff,
                amount=as_decimal(row["amount"], place),
                on=on,
                key=uuid.uuid4().hex,
                by=self.preparer,
                at=noon(on),
            )

        return [ScenarioFact(place, on, record)]

    def _reversal(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        on = as_date(row["date"], place)

        def record() -> None:
            if row.get("complaint") is not None:
                self.complaints.reversal(place, row, on)
                return
            what = "incident" if row.get("incident") is not None else "discipline"
            incident = self._incidents.get((what, str(row[what])))
            if incident is None:
                raise UnknownNumber(f"没有记录 {row[what]}；检查 id")
            incident_reverse(
                incident=incident,
                on=on,
                reason=str(row.get("reason") or "撤销"),
                by=self.preparer,
                at=timezone.now(),
            )

        return [ScenarioFact(place, on, record)]

    def _attendance(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """A day's figures, or its shift and punches; several rows about one day add to one another."""
        on = as_date(row["date"], place)
        if row.get("shift") is not None:
            return [ScenarioFact(place, on, self._clocked(place, on, row))]
        given: dict[str, Any] = {
            key: as_count(row[key], place)
            for key in ("late_minutes", "early_minutes")
            if row.get(key) is not None
        }
        if row.get("absent_days") is not None:
            given["absent_days"] = as_decimal(row["absent_days"], place)

        def record() -> None:
            staff = self._person(row)
            figures = self._days.get((staff.number, on), {}) | given
            attendance_record(staff=staff, work_date=on, **figures, by=self.preparer, at=timezone.now())
            self._days[staff.number, on] = figures

        return [ScenarioFact(place, on, record)]

    def _clocked(self, place: str, on: date, row: Mapping[str, Any]) -> Callable[[], Any]:
        ends = [as_clock(row[key], place) if row.get(key) is not None else None for key in ("in", "out")]

        def record() -> None:
            code = str(row["shift"])
            if code not in self._patterns:
                raise UnknownNumber(f"shifts 里没有班次{code}；检查 shift")
            day_clocked(
                staff=self._person(row),
                work_date=on,
                pattern=self._patterns[code],
                clock_in=ends[0],
                clock_out=ends[1],
                by=self.preparer,
                at=timezone.now(),
            )

        return record

    def _leave(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        on = as_date(row["from"], place)
        return [
            ScenarioFact(
                place,
                on,
                lambda: leave_record(
                    staff=self._person(row),
                    starts_on=on,
                    days=as_decimal(row["days"], place),
                    type=str(row["type"]),
                    certificate=as_flag(row.get("certificate") or False, place),
                    approved=row.get("approved") is None or as_flag(row["approved"], place),
                    by=self.preparer,
                    at=timezone.now(),
                ),
            )
        ]

    def _order(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """An order on its payment, its refunds on their own moments; one without a moment goes with it."""
        paid_at = in_shanghai(row["paid_at"], place)
        key: dict[str, Any] = {
            "department": self.department,
            "order_no": str(row["order_no"]),
            "shop": str(row.get("shop") or ""),
        }

        def record() -> None:
            order_record(
                **key,
                paid_at=paid_at,
                amount=as_decimal(row["amount"], place),
                remark=str(row.get("remark") or ""),
                by=self.preparer,
                at=timezone.now(),
            )

        facts = [ScenarioFact(place, timezone.localdate(paid_at), record)]
        for refund in row.get("refunds") or []:
            at = in_shanghai(refund["at"], place) if refund.get("at") else paid_at
            amount = as_decimal(refund["amount"], place)
            facts.append(ScenarioFact(place, timezone.localdate(at), self._refund(key, at, amount)))
        return facts

    def _refund(self, key: dict[str, Any], refunded_at: Any, amount: Decimal) -> Callable[[], Any]:
        return lambda: refund_record(
            **key, refunded_at=refunded_at, amount=amount, by=self.preparer, at=timezone.now()
        )

    def _metric(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        months = [as_month(row["month"], place)] if row.get("month") else self.months
        return [ScenarioFact(place, last_of(month), self._metric_of(place, row, month)) for month in months]

    def _metric_of(self, place: str, row: Mapping[str, Any], month: date) -> Callable[[], Any]:
        def record() -> None:
            team: Team | None = None
            if row.get("team"):
                team = team_get_or_create(department=self.department, name=str(row["team"]))
            metric_record(
                department=self.department,
                staff=None if team else self._person(row),
                team=team,
                month=month,
                code=str(row["code"]),
                value=as_decimal(row["value"], place),
                as_of=last_of(month),
                source="场景",
                by=self.preparer,
                at=timezone.now(),
            )

        return record


def noon(day: date) -> datetime:
    """The middle of a day of the file."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def with_text_number(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "number": str(row["number"])}
