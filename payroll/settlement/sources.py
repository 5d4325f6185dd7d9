"""Where pay lines come from, by name and in order, and one person's month put together from them."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from commissions import contributions as commissions
from commissions.after_leaving import lines_after_leaving
from commissions.order_sums import Reader
from complaints import contributions as complaints
from core.money import ZERO, plain
from payroll.models import ManualLine
from payroll.settlement.base_pay import (
    allowance_lines,
    amount_on,
    base_pay_sum,
    monthly_lines,
    pay_table,
    worked_allowance_lines,
)
from payroll.settlement.bases import bases_followed
from payroll.settlement.carry import bases_elsewhere, streaks_before
from payroll.settlement.last_month import LastMonths
from payroll.settlement.parted_pay import Part, parted_lines, whole_month
from payroll.settlement.payslip_drafts import Nature, PersonDraft
from payroll.settlement.points import PastPoints, points_proposals, set_points
from payroll.settlement.wage_rules import leave_out
from penalties import contributions as penalties
from penalties.lawful import loss_limit, loss_percent, wage_rules
from penalties.models import WageRule
from people.terms import PersonMonth
from rules.kinds.base import PayBasis
from rules.lines import Line, PointsDeducted, SettlementFailure
from rules.provisions import Month
from shifts import contributions as shifts
from shifts.deduction_limit import Paid

logger = logging.getLogger(__name__)
AmountOn = Callable[[date], Decimal | None]


@dataclass(slots=True)
class MonthFacts:
    """Everything that a month's payslips are computed from, in memory."""

    month: Month
    attendance: shifts.AttendanceFacts
    commissions: commissions.CommissionFacts
    penalties: penalties.PenaltyFacts
    complaints: complaints.CaseFacts
    manual: dict[int, list[ManualLine]]
    wage_rules: dict[str, WageRule]
    loss_percent: Decimal
    last_months: LastMonths
    waiting: dict[int, list[Line]] = field(default_factory=dict)  # bases that no commission takes up yet
    past_points: PastPoints = field(default_factory=PastPoints)


def load_facts(
    month: Month,
    *,
    carried: Mapping[tuple[int, str], Decimal],
    manual: Iterable[ManualLine],
    read_orders: Reader | None = None,
) -> MonthFacts:
    """Load the month set-wise: the number of queries depends on neither people nor orders."""
    by_staff: dict[int, list[ManualLine]] = defaultdict(list)
    for line in manual:
        by_staff[line.staff_id].append(line)
    followed, waiting = bases_followed(month, {**carried, **bases_elsewhere(month)})
    return MonthFacts(
        month=month,
        attendance=shifts.load(month),
        commissions=commissions.load(
            month, followed, read_orders, streaks_before(month), base_pay_sum=base_pay_sum
        ),
        penalties=penalties.load(month),
        complaints=complaints.load(month),
        manual=by_staff,
        wage_rules=wage_rules(month.department_id, month.first),
        loss_percent=loss_percent(loss_limit(month.department_id, month.first)),
        last_months=LastMonths(month),
        waiting=waiting,
    )


def pay(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    person = draft.person
    if person.elsewhere:
        lines = parted_lines(_parts(facts, person), person)
    else:
        lines = monthly_lines(facts.month, person, facts.attendance.worked(person))
    allowances = allowance_lines(facts.month, person)
    allowances += worked_allowance_lines(facts.month, person, facts.attendance.shifts_worked(person))
    return lines + facts.commissions.targets.gated(person, allowances)


def _parts(facts: MonthFacts, person: PersonMonth) -> list[Part]:
    """The person's month in all departments, in the order of the days."""
    return [
        Part(attendance.month, part, attendance.worked(part))
        for attendance, part in facts.attendance.parts_of(person)
    ]


def orders_and_metrics(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    person = draft.person
    return facts.commissions.lines(person) + facts.waiting.get(person.staff_id, [])


def incidents(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    return facts.penalties.ledger_lines(draft.person)


def shared_losses(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    return facts.complaints.lines(draft.person)


def full_attendance(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    parts = facts.month.parts_of(draft.person)
    recorded = [absence for _, part in parts for absence in facts.penalties.absences(part)]
    awards = facts.attendance.awards(draft.person, recorded)
    return facts.commissions.targets.gated(draft.person, awards)


def overtime(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    return facts.attendance.overtime(draft.person, basis)


def attendance(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    person = draft.person
    priced = []
    for attended, part in facts.attendance.parts_of(person):
        base_pay, bonus = _amounts(attended.month, part)
        pay = replace(basis, base_pay=base_pay, performance_bonus=bonus)
        charges = attended.charges(part, pay, recorded_absences(facts, part))
        priced.append((part, attended.worked(part), charges))
    lines, points = facts.attendance.deductions(person, priced, _paid(facts, person, basis))
    before = _points_before(facts, person, basis)
    points += facts.commissions.targets.points(person)
    set_points(facts.month, draft, [*before, *facts.penalties.points(person), *points])
    return lines


def _amounts(month: Month, person: PersonMonth) -> tuple[AmountOn, AmountOn]:
    """The monthly base pay and performance bonus in force on a day."""
    table = pay_table(month, person)
    return amount_on(person, table), amount_on(person, table, lambda span: span.performance_bonus)


def _paid(facts: MonthFacts, person: PersonMonth, basis: PayBasis) -> Paid:
    """What the month pays of an amount, in all departments together."""
    if not person.elsewhere:
        return basis.paid
    lines = whole_month(_parts(facts, person))
    columns = {"base_pay": "base", "performance_bonus": "performance"}

    def paid(of: str) -> Decimal:
        if of not in columns:
            return basis.paid(of)
        return sum((line.amount for line in lines if line.column == columns[of]), ZERO)

    return paid


def _points_before(facts: MonthFacts, person: PersonMonth, basis: PayBasis) -> list[PointsDeducted]:
    """What the month's earlier parts in other departments took, under the codes that hold here; in sums."""
    rules = facts.month.rules_for(person)
    found = []
    for attendance, part in facts.attendance.parts_of(person):
        if part.first >= person.first:
            continue
        taken: dict[str, Decimal] = defaultdict(Decimal)
        for each in facts.penalties.points(part):
            taken[each.code] += each.points
        for of, charge in attendance.charges(part, basis, recorded_absences(facts, part)):
            taken[of.code] += charge.points
        where = next(row.department for row in person.before if row.staff_id == part.staff_id)
        for code, total in taken.items():
            rule = rules.get(code)
            if rule is not None and total:
                reason = f"本月在{where}{'扣' if total > 0 else '加'}{plain(abs(total))}分"
                found.append(PointsDeducted(rule.code, rule.title, total, reason, rule.id))
    return found


def recorded_absences(facts: MonthFacts, person: PersonMonth) -> shifts.Recorded:
    """Incidents under absence, those before that its provision's window counts first: of earlier months,
    then of the month's earlier parts in other departments.
    """
    parts = [part for _, part in facts.month.parts_of(person) if part.first <= person.first]
    in_month = [absence for part in parts for absence in facts.penalties.absences(part)]
    return [*facts.penalties.absences_before(person), *in_month]


def shares_of_pay(facts: MonthFacts, draft: PersonDraft, basis: PayBasis) -> list[Line]:
    priced = facts.penalties.priced_lines(draft.person, basis)
    return priced + facts.commissions.targets.deductions(draft.person, basis)


# What refers to the gross comes after everything that may add to it.
SOURCES: tuple[Callable[[MonthFacts, PersonDraft, PayBasis], list[Line]], ...] = (
    pay,
    orders_and_metrics,
    incidents,
    shared_losses,
    full_attendance,
    overtime,
    attendance,
    shares_of_pay,
)


def settle_person(facts: MonthFacts, person: PersonMonth) -> PersonDraft:
    """The person's own lines of the month, before adjustments, carry-over and caps.

    Whatever goes wrong stays with this person: the draft then says what and how to mend it.
    """
    draft = PersonDraft(person)
    try:
        if not person.in_month:
            _settle_after_leaving(facts, draft)
            return draft
        worked = facts.attendance.worked(person)
        draft.days_due, draft.days_worked = worked.due, worked.worked
        draft.due_in_month = worked.due_in_month
        draft.add(_manual_lines(facts, person), Nature.MANUAL)
        base_pay, bonus = _amounts(facts.month, person)
        basis = PayBasis(
            base_pay=base_pay,
            performance_bonus=bonus,
            gross=lambda: draft.gross,
            performance_bonus_paid=lambda: draft.performance_bonus,
            base_pay_paid=lambda: draft.base_pay,
            minimum_wage=facts.month.minimum_wage,
        )
        for source in SOURCES:
            draft.add(source(facts, draft, basis))
        leave_out(draft.lines, facts.wage_rules)
        draft.proposals = [
            *facts.attendance.proposals(person, recorded_absences(facts, person)),
            *points_proposals(facts.month, facts.past_points, draft),
            *facts.commissions.targets.proposals(person),
        ]
    except SettlementFailure as failure:
        draft.fail(failure.reason, failure.remedy, missing=failure.missing)
    except Exception as error:
        logger.exception("settlement of staff %s failed", person.staff_id)
        draft.fail(
            f"数据有误，无法计算（{type(error).__name__}：{str(error)[:200]}）",
            "检查此人的任职条件、考勤与奖惩记录；改正后重新结算",
        )
    return draft


def _settle_after_leaving(facts: MonthFacts, draft: PersonDraft) -> None:
    """Who left before is charged and paid all the same: what no pay bears is owed."""
    person = draft.person
    draft.add(_manual_lines(facts, person), Nature.MANUAL)
    draft.add(facts.last_months.gated(person, lines_after_leaving(facts.commissions, person)))
    draft.add(facts.penalties.ledger_lines(person))
    draft.add(facts.complaints.lines(person))
    leave_out(draft.lines, facts.wage_rules)


def _manual_lines(facts: MonthFacts, person: PersonMonth) -> list[Line]:
    return [
        Line(
            code=f"manual-{row.pk}",
            title=row.title,
            amount=row.amount,
            column="other",
            basis="benefit",
            on=facts.month.last,
            reason=f"手工项目：{row.reason}",
            trace={"manual": {"by": str(row.by or ""), "at": row.at.isoformat(), "reason": row.reason}},
        )
        for row in facts.manual.get(person.staff_id, [])
    ]
