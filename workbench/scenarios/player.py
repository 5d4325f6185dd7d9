"""Playing a scenario: its facts go in through the services of real use, its months are settled in turn."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from django.db import transaction
from django.utils import timezone

from commissions.figures import figure_record
from commissions.services import metric_record, order_assign, order_record, refund_record
from core.errors import Refused
from core.periods import last_of
from nominations.services import nomination_make
from payroll.models import SettlementPeriod
from payroll.services.cash import cash_payment_take
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.balances_import import RowRefused, balance_fact
from penalties.models import Incident
from penalties.services import balances_store, incident_confirm, incident_record, incident_reverse
from people.models import Account, Department, Staff, Team
from people.services import team_get_or_create
from rules.kinds.base import FactRefused
from rules.kinds.discipline import Discipline
from rules.provisions import has_kind
from rules.selectors import timeline_of
from shifts.models import AttendanceMonth, ShiftPattern
from shifts.services import attendance_derive, attendance_month_set, attendance_record, leave_record
from shifts.services.clocked import day_clocked, pattern_make
from shifts.services.requests import overtime_ask, request_approve
from workbench.scenarios.careers import Careers
from workbench.scenarios.cast import Cast
from workbench.scenarios.complaints import WORDS, Complaints
from workbench.scenarios.document import (
    HALVES,
    as_clock,
    as_count,
    as_date,
    as_decimal,
    as_flag,
    as_month,
    optional_decimal,
)
from workbench.scenarios.facts import ScenarioFact, UnknownNumber, in_shanghai
from workbench.scenarios.statutory import Declared


class Play:
    """One scenario being played inside the caller's transaction."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.scenario = scenario
        facts = scenario.get("facts") or {}
        self._facts: Mapping[str, Any] = {key: value or [] for key, value in facts.items()}
        self.months = [as_month(m, "month") for m in scenario.get("months") or [scenario["month"]]]
        self.refused: dict[str, str] = {}
        self.periods: dict[date, list[SettlementPeriod]] = {}  # one a department
        self._incidents: dict[tuple[str, str], Incident] = {}  # by section and id
        self._days: dict[tuple[str, date], dict[str, Any]] = {}
        self._pending: list[ScenarioFact] = []

    def set_up(self) -> None:
        """The departments, their people and rules; the facts are put in the order of their dates."""
        preparer, approver = uuid.uuid4().hex[:12], uuid.uuid4().hex[:12]
        self.preparer = Account.objects.create(username=preparer)
        # Decides on everybody's requests, whichever the department.
        self.approver = Account.objects.create(username=approver, is_superuser=True)
        self.cast = Cast(self.scenario, by=self.preparer)
        self.cast.set_up()
        self.department = self.cast.department
        self.complaints = Complaints(self.department, self.cast.person)
        self.careers = Careers(self.cast, by=self.approver)
        self.declared = Declared(self.cast, self._facts, by=self.preparer)
        self._patterns = {
            (department.pk, str(row["code"])): self._pattern(department, row)
            for department in self.cast.departments
            for row in self.scenario.get("shifts") or []
        }
        self._set_coverage()
        self._pending = sorted(self._all_facts(), key=lambda fact: fact.on)

    def _pattern(self, department: Department, row: Mapping[str, Any]) -> ShiftPattern:
        code = str(row["code"])
        clock = {
            key: as_clock(row[key], f"shifts.{key}")
            for key in ("start", "end", "break_start", "break_end", "start2", "end2")
            if row.get(key) is not None
        }
        rows = (each for each in self._facts.get("attendance", []) if str(each.get("shift")) == code)
        is_split = "start2" in clock or any({"in2", "out2"} & each.keys() for each in rows)
        return pattern_make(
            department=department,
            code=code,
            name=code,
            starts_at=clock["start"],
            ends_at=clock.get("end2", clock["end"]),
            break_starts_at=clock["end"] if "end2" in clock else clock.get("break_start"),
            break_ends_at=clock.get("start2", clock.get("break_end")),
            punches=ShiftPattern.Punches.PARTS if is_split else ShiftPattern.Punches.DAY,
        )

    def _set_coverage(self) -> None:
        """Who is in `full_month` (default: everybody) was present on every day that has no row."""
        full = self._facts.get("full_month") if "full_month" in self._facts else list(self.cast.staff)
        for number, rows in self.cast.staff.items():
            whole = number in {str(each) for each in full or []}
            coverage = AttendanceMonth.Coverage.FULL if whole else AttendanceMonth.Coverage.LISTED
            for staff, month in product(rows, self.months):
                attendance_month_set(
                    staff=staff, month=month, coverage=coverage, by=self.preparer, at=timezone.now()
                )

    def settle(self, month: date, *, approve: bool) -> None:
        """Record what is dated up to the month's end and settle it; `approve` freezes it."""
        self.record_until(last_of(month))
        departments = self.cast.departments
        for department in departments if self._patterns else ():
            # A scenario may play a month to come: its shifts are over all the same.
            last = last_of(month)
            over = timezone.make_aware(datetime.combine(last + timedelta(days=2), time()))
            attendance_derive(
                department=department,
                first=month,
                last=last,
                now=over,
                by=self.preparer,
                at=timezone.now(),
            )
        periods = [period_open(department=department, month=month) for department in departments]
        if pay_on := self.declared.pay_day(month):
            SettlementPeriod.objects.filter(pk__in=[each.pk for each in periods]).update(pay_on=pay_on)
        for period in periods:
            draft_write(period=period, by=self.preparer, at=timezone.now())
        for period in periods if approve else ():
            period_approve(period=period, reason="场景", by=self.approver, at=timezone.now())
        self.periods[month] = periods

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

    def _all_facts(self) -> list[ScenarioFact]:
        found = []
        for section, make in (
            ("openings", self._opening),
            ("incidents", self._incident),
            ("awards", self._incident),
            ("duties_missed", self._incident),
            ("nominations", self._nomination),
            ("discipline", self._discipline),
            ("attendance", self._attendance),
            ("leave", self._leave),
            ("overtime", self._overtime),
            ("orders", self._order),
            ("metrics", self._metric),
            ("complaints", self.complaints.facts),
            ("grades", self.careers.grade),
            ("exams", self.careers.exam),
            ("attested", self.careers.attested),
            ("payments", self._payment),
            ("reversals", self._reversal),
        ):
            for i, row in enumerate(self._facts.get(section, [])):
                found += make(f"{section}[{i}]", row)
        return found + self.declared.facts() + self._figures()

    def _incident(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        on = as_date(row["date"], place)
        known = as_date(row["recorded_at"], place) if row.get("recorded_at") else on

        def record() -> None:
            incident = incident_record(
                staff=self.cast.person(row["number"], on),
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
            Incident.objects.filter(pk=incident.pk).update(decided_at=noon(known))
            if row.get("id"):
                what = "discipline" if place.startswith("discipline") else "incident"
                self._incidents[what, str(row["id"])] = incident

        return [ScenarioFact(place, known, record)]

    def _opening(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """What somebody brings along, as a row of the sheet that is imported on its day."""
        on = as_date(row["date"], place)

        def record() -> None:
            staff = self.cast.person(row["number"], on)
            values = {
                "staff_number": row["number"],
                "balance": row["balance"],
                "provision": str(row["provision"]) if row.get("provision") else None,
                "as_of": on,
                "value": as_decimal(row["value"], place),
                "note": str(row.get("note") or ""),
            }
            try:
                fact = balance_fact(values, staff, timeline_of(staff.department), on)
            except RowRefused as refused:
                raise FactRefused(f"{refused.args[1]}；{refused.args[2]}") from refused
            balances_store(department=staff.department, facts=[fact], by=self.preparer, at=timezone.now())

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

    def _nomination(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """Somebody put forward by a colleague, without `by` by who answers for the department."""
        at = in_shanghai(row["at"], place)
        on = timezone.localdate(at)

        def record() -> None:
            nominator = None if row.get("by") is None else self.cast.person(row["by"], on)
            nomination_make(
                staff=self.cast.person(row["number"], on),
                code=str(row["provision"]),
                reason="场景",
                nominator=nominator,
                by=self.approver if nominator is None else None,
                at=at,
            )

        return [ScenarioFact(place, on, record)]

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
            staff = self.cast.person(row["number"], on)
            figures = self._days.get((staff.number, on), {}) | given
            attendance_record(staff=staff, work_date=on, **figures, by=self.preparer, at=timezone.now())
            self._days[staff.number, on] = figures

        return [ScenarioFact(place, on, record)]

    def _clocked(self, place: str, on: date, row: Mapping[str, Any]) -> Callable[[], Any]:
        ends = [
            as_clock(row[key], place) if row.get(key) is not None else None
            for key in ("in", "out", "in2", "out2")
        ]

        def record() -> None:
            staff, code = self.cast.person(row["number"], on), str(row["shift"])
            pattern = self._patterns.get((staff.department_id, code))
            if pattern is None:
                raise UnknownNumber(f"shifts 里没有班次{code}；检查 shift")
            day_clocked(
                staff=staff,
                work_date=on,
                pattern=pattern,
                clock_in=ends[0],
                clock_out=ends[1],
                second_in=ends[2],
                second_out=ends[3],
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
                    staff=self.cast.person(row["number"], on),
                    starts_on=on,
                    days=as_decimal(row["days"], place),
                    half=HALVES[row["half"]] if row.get("half") else "",
                    type=str(row["type"]),
                    certificate=as_flag(row.get("certificate") or False, place),
                    approved=row.get("approved") is None or as_flag(row["approved"], place),
                    by=self.preparer,
                    at=timezone.now(),
                ),
            )
        ]

    def _overtime(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """Hours that were asked for and approved, in the shift in which they begin."""
        begins, ends = (in_shanghai(row[key], place) for key in ("from", "to"))
        on = timezone.localdate(begins)

        def record() -> None:
            staff = self.cast.person(row["number"], on)
            request = overtime_ask(
                staff=staff,
                starts_at=begins,
                hours=Decimal((ends - begins).total_seconds()) / 3600,
                compensation=str(row.get("compensation") or ""),
                reason=WORDS,
                by=self.preparer,
                at=ends,
            )
            request_approve(request=request, by=self.approver, at=ends)

        return [ScenarioFact(place, on, record)]

    def _order(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """An order on its payment, its refunds on their own moments; one without a moment goes with it."""
        paid_at = in_shanghai(row["paid_at"], place)
        key: dict[str, Any] = {
            "department": self._seller_department(row, paid_at),
            "order_no": str(row["order_no"]),
            "shop": str(row.get("shop") or ""),
        }

        def record() -> None:
            given: dict[str, Any] = {"by": self.preparer, "at": timezone.now()}
            amount, remark = as_decimal(row["amount"], place), str(row.get("remark") or "")
            order = order_record(**key, paid_at=paid_at, amount=amount, remark=remark, **given)
            shares = [
                (self.cast.person(number, timezone.localdate(paid_at)), as_decimal(share, f"{place}.split"))
                for number, share in (row.get("split") or {}).items()
            ]
            if shares:
                order_assign(order=order, shares=shares, **given)

        facts = [ScenarioFact(place, timezone.localdate(paid_at), record)]
        for refund in row.get("refunds") or []:
            at = in_shanghai(refund["at"], place) if refund.get("at") else paid_at
            amount = as_decimal(refund["amount"], place)
            facts.append(ScenarioFact(place, timezone.localdate(at), self._refund(key, at, amount)))
        return facts

    def _seller_department(self, row: Mapping[str, Any], paid_at: datetime) -> Department:
        """Where an order is kept: with who shares it or has the number in its remark, else in the first."""
        remark = str(row.get("remark") or "")
        found = [str(each) for each in row.get("split") or {}] or [
            number for number in self.cast.staff if number in remark
        ]
        if not found or (len(found) != 1 and not row.get("split")):
            return self.department
        return self.cast.person(found[0], timezone.localdate(paid_at)).department

    def _refund(self, key: dict[str, Any], refunded_at: Any, amount: Decimal) -> Callable[[], Any]:
        return lambda: refund_record(
            **key, refunded_at=refunded_at, amount=amount, by=self.preparer, at=timezone.now()
        )

    def _figures(self) -> list[ScenarioFact]:
        """The first department's figures of every settled month; by month where the file gives them so."""
        found = []
        for code, given in (self._facts.get("figures") or {}).items():
            place = f"figures.{code}"
            by_month = given if isinstance(given, Mapping) else dict.fromkeys(self.months, given)
            for named, value in by_month.items():
                month, figure = as_month(named, place), as_decimal(value, place)
                found.append(ScenarioFact(place, last_of(month), self._figure(code, month, figure)))
        return found

    def _figure(self, code: str, month: date, value: Decimal) -> Callable[[], Any]:
        return lambda: figure_record(
            department=self.department,
            month=month,
            code=code,
            value=value,
            as_of=last_of(month),
            source="场景",
            by=self.preparer,
            at=timezone.now(),
        )

    def _metric(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        months = [as_month(row["month"], place)] if row.get("month") else self.months
        return [ScenarioFact(place, last_of(month), self._metric_of(place, row, month)) for month in months]

    def _metric_of(self, place: str, row: Mapping[str, Any], month: date) -> Callable[[], Any]:
        def record() -> None:
            team: Team | None = None
            staff: Staff | None = None
            department = self.department
            if row.get("team"):
                team = team_get_or_create(department=department, name=str(row["team"]))
            else:
                staff = self.cast.person(row["number"], last_of(month))
                department = staff.department
            metric_record(
                department=department,
                staff=staff,
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
