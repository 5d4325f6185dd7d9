"""Attendance and leave in settlement: days worked, and the lines and points that they bring."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from core.money import ZERO, plain, to_fen
from core.periods import shift_months, window_start
from penalties.contributions import month_openings
from penalties.openings import OpeningCounts
from penalties.services import MonthProposal
from people.terms import PersonMonth
from rules.kinds.attendance import (
    FORBIDDEN,
    UNEXCUSED,
    Absence,
    AbsenceProposal,
    Absent,
    Day,
    FullAttendance,
    Late,
    Punctuality,
)
from rules.kinds.base import Charge, Kind, PayBasis, Taken
from rules.kinds.labels import CATEGORY_LABELS
from rules.kinds.leave import LeaveFact, LeaveKind, LeaveOutcome, LeaveTerms
from rules.kinds.missing_punch import MissingPunch
from rules.kinds.overtime import OvertimeKind
from rules.kinds.pay import Allowance, ShiftWorked
from rules.leave_types import LEAVE_LABELS, LeaveType
from rules.lines import UNEARNED, Line, PointsDeducted
from rules.provisions import K, Month, Rule, Stretch
from shifts.counted import (
    Recorded,
    absences_before,
    absences_under,
    charged_with,
    counts_reached,
    days_late,
    days_told,
    missed_punches,
    of_code,
    unpunctual,
)
from shifts.days_owed import DayPart, DaysOwed
from shifts.deduction_limit import Charged, Paid, within_month_pay
from shifts.extra_hours import Extra, extra_hours
from shifts.models import AttendanceMonth
from shifts.month_rows import DAYS_BEFORE, days_owed_in, read_days, read_leaves
from shifts.selectors.shifts_named import NamedShift, shifts_named
from shifts.working_days import AttendanceOf, Worked, is_prorated, overtime_days, worked_days

# What full attendance does not mean by leave: paid annual leave is attendance (职工带薪年休假条例 2).
NO_LEAVE = {LeaveType.ANNUAL, LeaveType.COMPENSATORY, LeaveType.REST}


def load(month: Month) -> "AttendanceFacts":
    """The month's attendance and leave of everybody in it, as often for each department in which somebody
    spent a part of it; seven queries at most each, two more where somebody was away before it and two where a
    shift is paid an allowance.

    What a person brought along from another department counts on like days of before the month.
    """
    earliest = month.first - DAYS_BEFORE
    in_force = [rules for _, _, rules in month.timeline.segments(month.first, month.last)]
    for rules in in_force:
        for rule in (*rules.of_kind(Punctuality), *rules.of_kind(Absence)):
            counted_from = max(window_start(rule.window, month.first), shift_months(month.first, -120))
            earliest = min(earliest, counted_from)
    days = read_days(month, earliest)
    leaves = read_leaves(month, min(shift_months(month.first, -12), earliest))
    coverage = dict(
        AttendanceMonth.objects.filter(staff__in=list(month.people), month=month.first).values_list(
            "staff_id", "coverage"
        )
    )
    counted = month.timeline.codes_of_kind(Punctuality) | month.timeline.codes_of_kind(Absence)
    openings = month_openings(month, month.people, counted)
    named = {}
    if any(rule.kind.shifts for rules in in_force for rule in rules.of_kind(Allowance)):
        named = shifts_named(month.people, month.first, month.last)
    owed = days_owed_in(month, leaves, days)
    facts = AttendanceFacts(month, days, leaves, coverage, owed, extra_hours(month), openings, named)
    parts = {pk: load(other) for pk, other in month.elsewhere.items() if other.people}
    for each in (facts, *parts.values()):  # each part looks at all others
        each.elsewhere = {**parts, month.department_id: facts}
    return facts


class AttendanceFacts:
    """What shifts contributes to each person's month. Everything is in memory; nothing here queries."""

    def __init__(
        self,
        month: Month,
        days: dict[int, list[Day]],
        leaves: dict[int, list[LeaveFact]],
        coverage: dict[int, str],
        owed: dict[int, DaysOwed],
        extra: dict[int, list[Extra]],
        openings: OpeningCounts,
        named: Mapping[int, Mapping[date, NamedShift]],
    ) -> None:
        self.month = month
        # By department, all parts of the month of those who spent it in several.
        self.elsewhere: Mapping[int, AttendanceFacts] = {}
        self._openings = openings
        self._days = days
        self._leaves = leaves
        self._coverage = coverage
        self._owed = owed
        self._extra = extra
        self._named = named
        self._begun: dict[int, AttendanceOf] = {}
        self._read: dict[int, AttendanceOf] = {}
        self._ordinary: dict[tuple[date, date], Worked] = {}

    def of(self, person: PersonMonth) -> AttendanceOf:
        """The person's attendance, read once."""
        if person.staff_id not in self._read:
            self._read[person.staff_id] = self._read_one(person)
        return self._read[person.staff_id]

    def worked(self, person: PersonMonth) -> Worked:
        """Days due, worked and paid; nothing is paid to who was away all month, in whatever departments."""
        worked = self.of(person).worked
        assert worked is not None
        parts = [facts.of(part).worked or worked for facts, part in self.parts_of(person)]
        is_away = any(part.away for part in parts) and not any(part.there for part in parts)
        return worked.without_pay() if is_away else worked

    def parts_of(self, person: PersonMonth) -> list[tuple["AttendanceFacts", PersonMonth]]:
        """The attendance of the person's month in all departments, in the order of the days."""
        if not person.elsewhere:
            return [(self, person)]
        parts = [
            (facts, facts.month.people[part.staff_id])
            for part in person.elsewhere
            if (facts := self.elsewhere.get(part.department_id)) is not None
            and part.staff_id in facts.month.people
        ]
        return sorted([*parts, (self, person)], key=lambda part: part[1].first)

    def shifts_worked(self, person: PersonMonth) -> dict[date, ShiftWorked]:
        """The days on which the person was at work, with their shifts where something is paid by them."""
        named = self._named.get(person.staff_id, {})
        return {
            on: ShiftWorked(part, *named.get(on, ()))
            for on, part in sorted(self.worked(person).present.items())
            if part
        }

    def _read_one(self, person: PersonMonth) -> AttendanceOf:
        read = self._begin(person)
        read.is_prorated = any(is_prorated(facts._begin(part)) for facts, part in self.parts_of(person))
        read.outcomes = self._leave_outcomes(read)
        read.worked = self._worked(read)
        read.absences = self._absences(read)
        read.absences_before = absences_before(self.month, read)
        return read

    def _begin(self, person: PersonMonth) -> AttendanceOf:
        """What is known of the person's attendance before it is looked at with the month's other parts."""
        if person.staff_id not in self._begun:
            self._begun[person.staff_id] = self._begin_one(person)
        return self._begun[person.staff_id]

    def _begin_one(self, person: PersonMonth) -> AttendanceOf:
        days = self._days.get(person.staff_id, [])
        coverage = self._coverage.get(person.staff_id)
        owed = self._owed[person.staff_id]
        has_shifts = any(part and person.first <= on <= person.last for on, part in owed.rostered.items())
        ordinary = any(
            not (day.late_minutes or day.early_minutes or day.absent_days)
            for day in days
            if person.first <= day.on <= person.last
        )
        return AttendanceOf(
            person=person,
            owed=owed,
            days=days,
            leaves=self._leaves.get(person.staff_id, []),
            is_listed=coverage == AttendanceMonth.Coverage.LISTED
            or (coverage is None and (ordinary or has_shifts)),
            is_partial=coverage == AttendanceMonth.Coverage.LISTED,
            extra=self._extra.get(person.staff_id, ()),
        )

    def _worked(self, read: AttendanceOf) -> Worked:
        """The days worked; of who has nothing of the own in the month they are reckoned once for all."""
        person, owed = read.person, read.owed
        is_own = read.is_listed or read.is_prorated or read.leaves or read.days or person.others
        if is_own or owed.rostered or owed.listed:
            return worked_days(read)
        days = person.first, person.last
        if days not in self._ordinary:
            self._ordinary[days] = worked_days(read)
        return self._ordinary[days]

    def _leave_outcomes(self, read: AttendanceOf) -> list[tuple[Rule[LeaveKind], LeaveOutcome]]:
        """What every leave comes to under the provisions of its days; before the month under the first."""
        person, outcomes = read.person, []
        stretches = self.month.stretches(person, LeaveKind)
        for each in stretches:
            first = date.min if each.first == person.first else each.first
            last = date.max if each.last == person.last else each.last
            beside = [other.rule for other in stretches if other.holds(each.first)]

            def personal(rules: list[Rule[LeaveKind]] = beside) -> tuple[str, LeaveTerms] | None:
                found = (rule.kind.terms_of("personal") for rule in rules)
                return next((terms for terms in found if terms is not None), None)

            for outcome in each.rule.kind.assess(read.leaves, personal):
                if any(first <= on <= last for on, _ in read.dates_of(outcome.leave)):
                    outcomes.append((each.rule, replace(outcome, first=first, last=last)))
        return outcomes

    def _rules(self, person: PersonMonth, kind: type[K]) -> list[Rule[K]]:
        rules = self.month.rules_for(person).of_kind(kind)
        return [rule for rule in rules if rule.binds(person.at_end.role)]

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
        for each in self.month.stretches(person, Punctuality):
            for day in read.in_month():
                absent = each.rule.kind.absence(day) if each.holds(day.on) else None
                if absent is not None:
                    converted.setdefault((day.on, absent.category, type(each.rule.kind)), absent)
        found += converted.values()
        punches = self.month.stretches(person, MissingPunch)
        for here in punches:
            missed = missed_punches(read, of_code(punches, here))
            found += here.rule.kind.absences(missed, here.first, here.last)
        read.converted = {(on, kind) for on, _, kind in converted}
        for leave in read.leaves:
            if not leave.approved:
                dates = read.dates_in_month(leave)
                found += self._leave_absence(read, dates, UNEXCUSED, "请假未获批准", unpaid)
        for _, outcome in read.outcomes:
            if outcome.absence is not None:
                dates = [each for each in read.dates_in_month(outcome.leave) if outcome.holds(each[0])]
                found += self._leave_absence(read, dates, outcome.absence, outcome.words, unpaid)
        return sorted(found, key=lambda absent: absent.on)

    def _leave_absence(
        self,
        read: AttendanceOf,
        dates: Sequence[DayPart],
        category: str,
        cause: str,
        unpaid: dict[date, Decimal],
    ) -> list[Absent]:
        """A leave that counts as absence is one occurrence with the days of it that lie in the month."""
        if not dates:
            return []
        days = sum((part for _, part in dates), Decimal(0))
        lost = sum((unpaid.get(on, Decimal(0)) for on, _ in dates), Decimal(0))
        whole = tuple(on for on, part in dates if part == read.owed.to_work(on))
        return [Absent(dates[0][0], days, category, cause, lost, whole)]

    def awards(self, person: PersonMonth, recorded: Recorded) -> list[Line]:
        """The full-attendance award of who earned it. `recorded`: incidents under absence provisions.

        It is due once, in the department of the last day, or where it says so by the days in each, on what
        the month was in all of them.
        """
        due = self.month.due_once(person, FullAttendance)
        if not due or not person.is_whole_month:
            return []
        happened = {"absence"} if recorded else set()
        is_partial = False
        for facts, part in self.parts_of(person):
            read = facts.of(part)
            happened |= facts._happened(read)
            is_partial |= read.is_partial
        lines = []
        for dues in due:
            rule = dues[-1].rule
            if is_partial or happened.intersection(rule.kind.forbids):
                continue
            amount = to_fen(sum((each.of(each.rule.kind.amount or ZERO) for each in dues), ZERO))
            forbidden = "、".join(FORBIDDEN[each] for each in rule.kind.forbids)
            whole = f"{self.month.first:%Y年%m月}整月在岗{person.with_elsewhere}"
            reason = f"{rule.title}：{whole}，无{forbidden}"
            if any(each.is_part for each in dues):
                words = "＋".join(each.in_words(each.rule.kind.amount or ZERO) for each in dues)
                reason += f"；按日历天数{words}＝{amount}元"
            lines.append(self._line(rule, Charge(amount, (reason,), last_on=person.last), reason))
        return lines

    def _happened(self, read: AttendanceOf) -> set[str]:
        """What full attendance may forbid and the month has; early is as `days_late` has late."""
        stretches = self.month.stretches(read.person, Punctuality)
        happened = {"absence"} if read.absences else set()
        if days_late(read, stretches):
            happened.add("late")
        for day in read.in_month():
            kinds = [each.rule.kind for each in stretches if each.holds(day.on)]
            early = [kind for kind in kinds if not isinstance(kind, Late) or kind.with_early]
            if any(kind.occurs_early(day) for kind in early) if early else day.early_minutes:
                happened.add("early")
        types = {leave.type for leave in read.leaves if read.dates_in_month(leave)}
        return happened | types | ({"leave"} if types - NO_LEAVE else set())

    def times(self, person: PersonMonth) -> tuple[int, int] | None:
        """How often the person was late and how often absent in the month; None where nothing tells of it.

        Incidents under absence provisions are not among them.
        """
        read = self.of(person)
        is_known = person.staff_id in self._coverage or read.in_month() or read.owed.rostered
        if not is_known and not read.owed.listed:
            return None
        return len(days_late(read, self.month.stretches(person, Punctuality))), len(read.absences)

    def overtime(self, person: PersonMonth, pay: PayBasis) -> list[Line]:
        """What the overtime provisions pay for approved overtime and for duty on holidays."""
        read, lines = self.of(person), []
        for each in self.month.stretches(person, OvertimeKind):
            charge = each.rule.kind.charge(overtime_days(read, each.first, each.last), pay)
            if charge.amount:
                reason = f"{each.rule.title}：{'；'.join(charge.steps)}"
                lines.append(self._line(each.rule, charge, reason))
        return lines

    def charges(self, person: PersonMonth, pay: PayBasis, recorded: Recorded) -> list[Charged]:
        """What lateness, early leaves, missing punches, absence and leave cost, before the month's limit.

        `recorded`: incidents under absence provisions.
        """
        read = self.of(person)
        return [
            *self._punctuality(read, pay),
            *self._missing_punches(read),
            *self._absence(read, pay, recorded),
            *self._leave_charges(read, pay),
        ]

    def deductions(
        self, person: PersonMonth, priced: Sequence[tuple[PersonMonth, Worked, Sequence[Charged]]], paid: Paid
    ) -> tuple[list[Line], list[PointsDeducted]]:
        """Lines and points of the person's `charges`, as far as the month in all departments takes them.

        `priced`: each part of the month with its charges, in the order of the days; `paid`: what the whole
        month pays of an amount.
        """
        charges = within_month_pay(
            [charge for _, _, charges in priced for charge in charges],
            paid,
            due=sum((worked.due for _, worked, _ in priced), Decimal(0)),
            to_work=sum((worked.to_work for _, worked, _ in priced), Decimal(0)),
            unpaid=sum((part for _, worked, _ in priced for part in worked.unpaid.values()), Decimal(0)),
        )
        owners = [part for part, _, own in priced for _ in own]
        lines, points = [], []
        for owner, (rule, charge) in zip(owners, charges, strict=True):
            if owner is not person:
                continue
            words = "；".join(charge.steps)
            if charge.amount:
                lines.append(self._line(rule, charge, f"{rule.title}：{words}"))
            if charge.points:
                points.append(PointsDeducted(rule.code, rule.title, charge.points, words, rule.id))
        return lines, points

    def _punctuality(self, read: AttendanceOf, pay: PayBasis) -> list[tuple[Rule[Punctuality], Charge]]:
        charges = []
        stretches = self.month.stretches(read.person, Punctuality)
        for each in stretches:
            rule = each.rule
            occurrences = unpunctual(self.month, read, each, of_code(stretches, each))
            brought = self._openings.within(read.person.staff_id, rule.code, rule.window, each.last)
            charge = charged_with(brought, rule.kind, occurrences, each.first, each.last, pay)
            charges.append((rule, charge))
        return charges

    def _missing_punches(self, read: AttendanceOf) -> list[tuple[Rule[MissingPunch], Charge]]:
        charges = []
        stretches = self.month.stretches(read.person, MissingPunch)
        for each in stretches:
            missed = missed_punches(read, of_code(stretches, each))
            charges.append((each.rule, each.rule.kind.charge(missed, each.first, each.last)))
        return charges

    def _absence(
        self, read: AttendanceOf, pay: PayBasis, recorded: Recorded
    ) -> list[tuple[Rule[Absence], Charge]]:
        charges = []
        for each in self.month.stretches(read.person, Absence):
            absences = absences_under(read, each.rule, recorded)
            here = [absent for absent in absences if each.holds(absent.on)]
            reached = []
            if each.rule.kind.amount is not None:
                reached = [on for _, on, _ in self._reached(read, each, recorded)]
            charges.append((each.rule, each.rule.kind.charge(here, pay, reached)))
        return charges

    def _reached(
        self, read: AttendanceOf, here: Stretch[Absence], recorded: Recorded
    ) -> list[tuple[AbsenceProposal, date, list[Absent]]]:
        rule = here.rule
        bound = of_code(self.month.stretches(read.person, Absence), here)
        opening = self._openings.of(read.person.staff_id, rule.code, rule.window, here.last)
        return counts_reached(self.month, read, here, bound, recorded, opening)

    def _leave_charges(self, read: AttendanceOf, pay: PayBasis) -> list[tuple[Rule[LeaveKind], Charge]]:
        assert read.worked is not None
        by_rule: dict[int, tuple[Rule[LeaveKind], list[LeaveOutcome]]] = {}
        for rule, outcome in read.outcomes:
            if outcome.absence is None and (outcome.multiple or outcome.fine):
                by_rule.setdefault(rule.id, (rule, []))[1].append(outcome)
        charges = []
        for rule, outcomes in by_rule.values():
            total, taken, steps, last_on = Decimal(0), Taken(), [], read.person.first
            for outcome in outcomes:
                label = LEAVE_LABELS.get(outcome.leave.type, outcome.leave.type)
                for on, part in read.dates_in_month(outcome.leave):
                    if not outcome.holds(on):
                        continue
                    unpaid = min(read.worked.unpaid.get(on, Decimal(0)), part)
                    cost, ordinary, words = rule.kind.price_day(outcome, on, part, unpaid, pay)
                    total, taken, last_on = total + cost, taken + ordinary, max(last_on, on)
                    steps.append(f"{label}{outcome.words}{words}")
            charges.append((rule, Charge(-to_fen(total), tuple(steps), last_on=last_on, taken=taken)))
        return charges

    def _line(self, rule: Rule[Kind], charge: Charge, reason: str) -> Line:
        trace = {"provision": rule.cite(), "arithmetic": list(charge.steps)}
        if charge.taken.amount:  # of a multiple above 1 the rest is a fine
            trace[UNEARNED] = str(min(to_fen(charge.taken.amount), abs(charge.amount)))
        return Line(
            code=rule.code,
            title=rule.title,
            amount=charge.amount,
            column=rule.kind.column,
            basis=rule.basis,
            on=charge.last_on or self.month.last,
            reason=reason,
            trace=trace,
            provision_id=rule.id,
        )

    def proposals(self, person: PersonMonth, recorded: Recorded) -> list[MonthProposal]:
        """What days of absence, in a row or in the month, suggest. `recorded` as for `deductions`."""
        read = self.of(person)
        found: dict[tuple[str, str], MonthProposal] = {}
        for each in self.month.stretches(person, Absence):
            for proposal, on, counted in self._reached(read, each, recorded):
                label = CATEGORY_LABELS[each.rule.kind.category]
                until = [absent for absent in counted if absent.on <= on]
                evidence = {
                    "满足": f"{on}{proposal.count_in_words(label)}",
                    "累计天数": plain(sum((absent.days for absent in until), Decimal(0))),
                    **days_told(person, until),
                }
                for kind in proposal.proposal:
                    made = MonthProposal(person.staff_id, each.rule.code, kind, evidence)
                    found.setdefault((each.rule.code, kind), made)
        return list(found.values())
