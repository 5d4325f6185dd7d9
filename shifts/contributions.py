"""Attendance and leave in settlement: days worked, and the lines and points that they bring."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from core.money import plain, to_fen
from core.periods import shift_months, window_start
from penalties.openings import OpeningCounts, opening_counts
from penalties.services import MonthProposal
from people.terms import PersonMonth
from rules.kinds.attendance import (
    FORBIDDEN,
    UNEXCUSED,
    Absence,
    Absent,
    Day,
    FullAttendance,
    Late,
    Punctuality,
)
from rules.kinds.base import Charge, Kind, Occurrence, PayBasis, Taken
from rules.kinds.labels import CATEGORY_LABELS
from rules.kinds.leave import LeaveFact, LeaveKind, LeaveOutcome, LeaveTerms
from rules.kinds.overtime import OvertimeKind
from rules.leave_types import LEAVE_LABELS, LeaveType
from rules.lines import Line, PointsDeducted
from rules.provisions import K, Month, Rule
from shifts.days_owed import DAY, DaysOwed
from shifts.deduction_limit import within_month_pay
from shifts.models import Attendance, AttendanceMonth, Leave
from shifts.selectors.days_owed import days_owed_of
from shifts.working_days import AttendanceOf, Worked, is_prorated, overtime_days, runs_of, worked_days

# A run of absence that ends in the month may have begun before it.
DAYS_BEFORE = timedelta(days=31)
# What full attendance does not mean by leave: paid annual leave is attendance (职工带薪年休假条例 2).
NO_LEAVE = {LeaveType.ANNUAL, LeaveType.COMPENSATORY, LeaveType.REST}


def load(month: Month) -> "AttendanceFacts":
    """The month's attendance and leave of everybody in it; six queries, eight where somebody was away."""
    earliest = month.first - DAYS_BEFORE
    for _, _, rules in month.timeline.segments(month.first, month.last):
        for rule in rules.of_kind(Punctuality):
            counted_from = max(window_start(rule.window, month.first), shift_months(month.first, -120))
            earliest = min(earliest, counted_from)
    days: dict[int, list[Day]] = defaultdict(list)
    overtime: dict[int, dict[date, int]] = defaultdict(dict)
    rows = Attendance.objects.filter(
        staff__in=list(month.people), work_date__gte=earliest, work_date__lte=month.last
    ).order_by("work_date")
    for staff_id, on, late, early, absent, minutes, shift_name, source in rows.values_list(
        *("staff_id", "work_date", "late_minutes", "early_minutes", "absent_days"),
        *("overtime_minutes", "shift_name", "source"),
    ):
        if minutes:
            overtime[staff_id][on] = minutes
        # A day without a shift that has a derived row has it for its overtime; it was no day of work.
        if shift_name or source != Attendance.Source.DERIVED:
            days[staff_id].append(Day(on, late, early, absent))
    leaves: dict[int, list[LeaveFact]] = defaultdict(list)
    began = Leave.objects.filter(
        staff__in=list(month.people),
        starts_on__gte=shift_months(month.first, -12),
        starts_on__lte=month.last,
    ).order_by("starts_on", "id")
    for staff_id, pk, starts_on, length, type_, certificate, approved, natural in began.values_list(
        *("staff_id", "id", "starts_on", "days", "type", "certificate", "approved", "natural")
    ):
        leaves[staff_id].append(LeaveFact(pk, starts_on, length, type_, certificate, approved, natural))
    coverage = dict(
        AttendanceMonth.objects.filter(staff__in=list(month.people), month=month.first).values_list(
            "staff_id", "coverage"
        )
    )
    openings = opening_counts(month.people, month.timeline.codes_of_kind(Punctuality))
    return AttendanceFacts(month, days, leaves, coverage, _owed(month, leaves, days), overtime, openings)


def _owed(
    month: Month, leaves: dict[int, list[LeaveFact]], days: dict[int, list[Day]]
) -> dict[int, DaysOwed]:
    """Which days everybody owes in the month; of who was away before, since then."""
    since = month.first - DAYS_BEFORE
    early: dict[int, date] = {}
    for staff_id, taken in leaves.items():
        begun = [each.on for each in taken if each.on + 2 * int(each.days + 1) * DAY >= since]
        if begun and min(begun) < month.first:
            early[staff_id] = min(begun)
    for staff_id, listed in days.items():
        absent = [day.on for day in listed if day.absent_days and since <= day.on < month.first]
        if absent:
            early[staff_id] = min([early.get(staff_id, month.first), *absent])
    owed = days_owed_of(month.people, month.first, month.last)
    if early:
        owed |= days_owed_of(early, min(early.values()), month.last)
    return owed


class AttendanceFacts:
    """What shifts contributes to each person's month. Everything is in memory; nothing here queries."""

    def __init__(
        self,
        month: Month,
        days: dict[int, list[Day]],
        leaves: dict[int, list[LeaveFact]],
        coverage: dict[int, str],
        owed: dict[int, DaysOwed],
        overtime: dict[int, dict[date, int]],
        openings: OpeningCounts,
    ) -> None:
        self.month = month
        self._openings = openings
        self._days = days
        self._leaves = leaves
        self._coverage = coverage
        self._owed = owed
        self._overtime = overtime
        self._read: dict[int, AttendanceOf] = {}

    def of(self, person: PersonMonth) -> AttendanceOf:
        """The person's attendance, read once."""
        if person.staff_id not in self._read:
            self._read[person.staff_id] = self._read_one(person)
        return self._read[person.staff_id]

    def worked(self, person: PersonMonth) -> Worked:
        worked = self.of(person).worked
        assert worked is not None
        return worked

    def _read_one(self, person: PersonMonth) -> AttendanceOf:
        days = self._days.get(person.staff_id, [])
        coverage = self._coverage.get(person.staff_id)
        owed = self._owed[person.staff_id]
        has_shifts = any(part and person.first <= on <= person.last for on, part in owed.rostered.items())
        ordinary = any(
            not (day.late_minutes or day.early_minutes or day.absent_days)
            for day in days
            if person.first <= day.on <= person.last
        )
        read = AttendanceOf(
            person=person,
            owed=owed,
            days=days,
            leaves=self._leaves.get(person.staff_id, []),
            is_listed=coverage == AttendanceMonth.Coverage.LISTED
            or (coverage is None and (ordinary or has_shifts)),
            is_partial=coverage == AttendanceMonth.Coverage.LISTED,
            overtime=self._overtime.get(person.staff_id, {}),
        )
        read.is_prorated = is_prorated(read)
        read.outcomes = self._leave_outcomes(read)
        read.worked = worked_days(read)
        read.absences = self._absences(read)
        return read

    def _leave_outcomes(self, read: AttendanceOf) -> list[tuple[Rule[LeaveKind], LeaveOutcome]]:
        rules = self._rules(read.person, LeaveKind)

        def personal() -> tuple[str, LeaveTerms] | None:
            found = (rule.kind.terms_of("personal") for rule in rules)
            return next((terms for terms in found if terms is not None), None)

        outcomes = []
        for rule in rules:
            for outcome in rule.kind.assess(read.leaves, personal):
                outcomes.append((rule, outcome))
        return outcomes

    def _rules(self, person: PersonMonth, kind: type[K]) -> list[Rule[K]]:
        rules = self.month.rules_for(person).of_kind(kind)
        return [rule for rule in rules if rule.binds(person.at_end.role)]

    def _segments(self, person: PersonMonth, kind: type[K]) -> list[tuple[date, date, Rule[K]]]:
        """The rules of a kind that bind the person, each with the days of the month on which it does."""
        found = []
        for first, last, rules in self.month.timeline.segments(person.first, person.last):
            role = person.on(last).role
            found += [(first, last, rule) for rule in rules.of_kind(kind) if rule.binds(role)]
        return found

    def _absences(self, read: AttendanceOf) -> list[Absent]:
        """Every absence of the month: days absent, lateness and leave that count as absence."""
        person = read.person
        assert read.worked is not None
        unpaid = read.worked.unpaid
        found = [
            Absent(day.on, day.absent_days, UNEXCUSED, "旷工", unpaid.get(day.on, Decimal(0)))
            for day in read.in_month()
            if day.absent_days
        ]
        # Two provisions may both turn a late arrival into absence; it is one absence all the same.
        converted: dict[tuple[date, str, type], Absent] = {}
        for first, last, rule in self._segments(person, Punctuality):
            for day in read.in_month():
                absent = rule.kind.absence(day) if first <= day.on <= last else None
                if absent is not None:
                    converted.setdefault((day.on, absent.category, type(rule.kind)), absent)
        found += converted.values()
        read.converted = {(on, kind) for on, _, kind in converted}
        for leave in read.leaves:
            if not leave.approved:
                found += self._leave_absence(read, leave, UNEXCUSED, "请假未获批准", unpaid)
        for _, outcome in read.outcomes:
            if outcome.absence is not None:
                found += self._leave_absence(read, outcome.leave, outcome.absence, outcome.words, unpaid)
        return sorted(found, key=lambda absent: absent.on)

    def _leave_absence(
        self, read: AttendanceOf, leave: LeaveFact, category: str, cause: str, unpaid: dict[date, Decimal]
    ) -> list[Absent]:
        """A leave that counts as absence is one occurrence with the days of it that lie in the month."""
        dates = read.dates_in_month(leave)
        if not dates:
            return []
        days = sum((part for _, part in dates), Decimal(0))
        lost = sum((unpaid.get(on, Decimal(0)) for on, _ in dates), Decimal(0))
        whole = tuple(on for on, part in dates if part == read.owed.to_work(on))
        return [Absent(dates[0][0], days, category, cause, lost, whole)]

    def awards(self, person: PersonMonth, recorded: Sequence[tuple[Rule[Absence], Occurrence]]) -> list[Line]:
        """The full-attendance award of who earned it. `recorded`: incidents under absence provisions."""
        read = self.of(person)
        happened = self._happened(read) | ({"absence"} if recorded else set())
        lines = []
        for rule in self._rules(person, FullAttendance):
            if not person.is_whole_month or read.is_partial or happened.intersection(rule.kind.forbids):
                continue
            amount = rule.kind.amount or Decimal(0)
            forbidden = "、".join(FORBIDDEN[each] for each in rule.kind.forbids)
            reason = f"{rule.title}：{self.month.first:%Y年%m月}整月在岗，无{forbidden}"
            lines.append(self._line(rule, Charge(amount, (reason,), last_on=person.last), reason))
        return lines

    def _happened(self, read: AttendanceOf) -> set[str]:
        """What full attendance may forbid and the month has.

        Late and early is what a provision calls so: beyond its grace, and no absence instead. Where none
        speaks of it every minute counts.
        """
        rules = self._rules(read.person, Punctuality)
        kinds = [rule.kind for rule in rules]
        late = [kind for kind in kinds if isinstance(kind, Late)]
        early = [kind for kind in kinds if not isinstance(kind, Late) or kind.with_early]
        happened = {"absence"} if read.absences else set()
        for day in read.in_month():
            if any(kind.occurs(day) for kind in late) if late else day.late_minutes:
                happened.add("late")
            if any(kind.occurs_early(day) for kind in early) if early else day.early_minutes:
                happened.add("early")
        types = {leave.type for leave in read.leaves if read.dates_in_month(leave)}
        return happened | types | ({"leave"} if types - NO_LEAVE else set())

    def overtime(self, person: PersonMonth, pay: PayBasis) -> list[Line]:
        """What the overtime provisions pay for approved overtime."""
        read, lines = self.of(person), []
        for first, last, rule in self._segments(person, OvertimeKind):
            charge = rule.kind.charge(overtime_days(read, first, last), pay)
            if charge.amount:
                lines.append(self._line(rule, charge, f"{rule.title}：{'；'.join(charge.steps)}"))
        return lines

    def deductions(
        self, person: PersonMonth, pay: PayBasis, recorded: Sequence[tuple[Rule[Absence], Occurrence]]
    ) -> tuple[list[Line], list[PointsDeducted]]:
        """Lines and points for lateness, early leaves, absence and leave.

        `recorded`: incidents under absence provisions.
        """
        read = self.of(person)
        assert read.worked is not None
        charges: list[tuple[Rule[Kind], Charge]] = [
            *self._punctuality(read, pay),
            *self._absence(read, pay, recorded),
            *self._leave_charges(read, pay),
        ]
        charges = within_month_pay(
            charges,
            pay,
            due=read.worked.due,
            to_work=read.worked.to_work,
            unpaid=sum(read.worked.unpaid.values(), Decimal(0)),
        )
        lines, points = [], []
        for rule, charge in charges:
            if charge.amount:
                lines.append(self._line(rule, charge, f"{rule.title}：{'；'.join(charge.steps)}"))
            if charge.points:
                points.append(
                    PointsDeducted(rule.code, rule.title, charge.points, "；".join(charge.steps), rule.id)
                )
        return lines, points

    def _punctuality(self, read: AttendanceOf, pay: PayBasis) -> list[tuple[Rule[Punctuality], Charge]]:
        charges = []
        for first, last, rule in self._segments(read.person, Punctuality):
            kind = rule.kind
            start = window_start(rule.window, self.month.first)
            occurrences = []
            for day in read.days:
                if not start <= day.on <= last:
                    continue
                # What one provision takes for absence is no late arrival under another either.
                if kind.occurs(day) and (day.on, type(kind)) not in read.converted:
                    occurrences.append((day.on, f"{day.on:%m-%d}{kind.label}{kind.minutes(day)}分钟"))
                if isinstance(kind, Late) and kind.occurs_early(day):
                    occurrences.append((day.on, f"{day.on:%m-%d}早退{day.early_minutes}分钟"))
            opening = self._openings.of(read.person.staff_id, rule.code, rule.window, last)
            before = [opening.on] * opening.count if opening else []
            charge = kind.charge(occurrences, first, last, pay, before)
            if opening is not None and charge.steps:
                charge = replace(charge, steps=(*charge.steps, opening.counted_in_words))
            charges.append((rule, charge))
        return charges

    def _absence(
        self, read: AttendanceOf, pay: PayBasis, recorded: Sequence[tuple[Rule[Absence], Occurrence]]
    ) -> list[tuple[Rule[Absence], Charge]]:
        charges = []
        for first, last, rule in self._segments(read.person, Absence):
            absences = self._absences_under(read, rule, recorded)
            here = [absent for absent in absences if first <= absent.on <= last]
            reached = [on for on in self._reached(read, rule.kind, absences) if first <= on <= last]
            charges.append((rule, rule.kind.charge(here, pay, reached)))
        return charges

    def _reached(self, read: AttendanceOf, kind: Absence, absences: Sequence[Absent]) -> list[date]:
        """The days of the month on which a count that the provision fines was reached."""
        if kind.amount is None:
            return []
        runs = runs_of(read, kind.category, absences)
        return [on for each in kind.proposal for on in each.reached_on(runs, absences)]

    def _absences_under(
        self, read: AttendanceOf, rule: Rule[Absence], recorded: Sequence[tuple[Rule[Absence], Occurrence]]
    ) -> list[Absent]:
        category = rule.kind.category
        found = [absent for absent in read.absences if absent.category == category]
        found += [
            rule.kind.recorded(each, f"记录的{CATEGORY_LABELS[category]}")
            for of, each in recorded
            if of.code == rule.code
            for _ in range(each.quantity)
        ]
        return sorted(found, key=lambda absent: absent.on)

    def _leave_charges(self, read: AttendanceOf, pay: PayBasis) -> list[tuple[Rule[LeaveKind], Charge]]:
        assert read.worked is not None
        by_rule: dict[str, tuple[Rule[LeaveKind], list[LeaveOutcome]]] = {}
        for rule, outcome in read.outcomes:
            if outcome.absence is None and (outcome.multiple or outcome.fine):
                by_rule.setdefault(rule.code, (rule, []))[1].append(outcome)
        charges = []
        for rule, outcomes in by_rule.values():
            total, taken, steps, last_on = Decimal(0), Taken(), [], read.person.first
            for outcome in outcomes:
                label = LEAVE_LABELS.get(outcome.leave.type, outcome.leave.type)
                for on, part in read.dates_in_month(outcome.leave):
                    unpaid = min(read.worked.unpaid.get(on, Decimal(0)), part)
                    cost, ordinary, words = rule.kind.price_day(outcome, on, part, unpaid, pay)
                    total, taken, last_on = total + cost, taken + ordinary, max(last_on, on)
                    steps.append(f"{label}{outcome.words}{words}")
            charges.append((rule, Charge(-to_fen(total), tuple(steps), last_on=last_on, taken=taken)))
        return charges

    def _line(self, rule: Rule[Kind], charge: Charge, reason: str) -> Line:
        return Line(
            code=rule.code,
            title=rule.title,
            amount=charge.amount,
            column=rule.kind.column,
            basis=rule.basis,
            on=charge.last_on or self.month.last,
            reason=reason,
            trace={"provision": rule.cite(), "arithmetic": list(charge.steps)},
            provision_id=rule.id,
        )

    def proposals(
        self, person: PersonMonth, recorded: Sequence[tuple[Rule[Absence], Occurrence]]
    ) -> list[MonthProposal]:
        """What days of absence, in a row or in the month, suggest. `recorded` as for `deductions`."""
        read = self.of(person)
        found = []
        for rule in self._rules(person, Absence):
            here = self._absences_under(read, rule, recorded)
            in_month = sum((absent.days for absent in here), Decimal(0))
            runs = runs_of(read, rule.kind.category, here)
            run = Decimal(max((length for _, length in runs), default=0))
            for each in rule.kind.proposal:
                if each.is_reached(run, in_month):
                    evidence = {
                        "连续天数": plain(run),
                        "当月天数": plain(in_month),
                        "日期": [str(absent.on) for absent in here],
                    }
                    found += [
                        MonthProposal(person.staff_id, rule.code, kind, evidence) for kind in each.proposal
                    ]
        return found
