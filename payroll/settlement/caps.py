"""The limits that are applied last: how much a month may take, and what waits for the next.

Sources: the department's statutory caps (architecture, settlement 6). Compensation of loss takes at most
a share of the month's gross (a fifth where the department has set none); the net pay does not fall below the
local minimum wage. Without caps too nobody is paid less than nothing: what deductions exceed the pay by is a
debt.
"""

from collections.abc import Sequence
from decimal import Decimal

from core.money import ZERO, plain, to_fen
from core.text import listed
from payroll.settlement.loss_cap import apply_loss_caps
from payroll.settlement.payslip_drafts import DEBT, DraftLine, Nature, PersonDraft, hold
from people.models import Department
from rules.kinds.cases import LossShare
from rules.lines import Line
from rules.models import ProvisionFields
from rules.provisions import Timeline

Basis = ProvisionFields.Basis
HOLDABLE = {Basis.LOSS, Basis.PERFORMANCE, Basis.DISCIPLINE}


def apply_limits(
    draft: PersonDraft, department: Department, timeline: Timeline, loss_percent: Decimal
) -> None:
    """The limits of what rules take, in place: each loss_share's own, and the department's.

    They look at the gross less deductions, before what the law takes: 工资支付暂行规定 16, 最低工资规定 3, 6.
    `loss_percent`: what the department has set for compensation of loss.
    """
    apply_loss_caps(draft.lines, timeline.latest_of_kind(LossShare, draft.person.last))
    if department.caps and department.minimum_wage is not None:
        apply_caps(draft.lines, minimum_of(department.minimum_wage, draft), loss_percent)


def minimum_of(wage: Decimal, draft: PersonDraft) -> Decimal:
    """The minimum wage of a month, of who was employed in a part of it by the days owed in that part.

    Who was transferred within the month has of it in each department the share of the calendar days there.
    """
    person = draft.person
    if not person.in_month:
        return ZERO
    if person.elsewhere:
        days = (person.last - person.first).days + 1
        return to_fen(wage * days / person.month_last.day)
    if draft.days_due == draft.due_in_month:
        return wage
    return to_fen(wage * draft.days_due / draft.due_in_month)


def apply_floor(draft: PersonDraft) -> None:
    """Nobody is paid less than nothing, in place: earlier debts wait first, the rest becomes a new one.

    The month's own lines stay as charged; a line of nature `debt` brings the net pay to zero.
    """
    hold(_debts(draft.lines), -draft.net, "实发不低于0元")
    owed = -draft.net
    if owed <= 0:
        return
    taken = [each.line for each in draft.lines if each.line.amount < 0]
    words = f"应扣{draft.deductions}元（{listed([line.title for line in taken], 3)}）超过应发{draft.gross}元"
    line = Line(
        code=DEBT,
        title="转为欠款",
        amount=owed,
        column="other",
        basis=Basis.BENEFIT,
        on=draft.person.month_last,
        reason=f"{words}，{owed}元转为欠款，以后从工资扣回",
        trace={"arithmetic": [f"{draft.deductions}－{draft.gross}＝{owed}"]},
    )
    draft.lines.append(DraftLine(line, Nature.DEBT, draft.person.month_first, ZERO))


def _debts(lines: Sequence[DraftLine]) -> list[DraftLine]:
    """What is taken of earlier debts, newest first."""
    debts = [each for each in lines if each.nature == Nature.CARRY and each.line.code == DEBT]
    return sorted(debts, key=lambda each: each.line.on)[::-1]


def apply_caps(lines: Sequence[DraftLine], minimum_wage: Decimal, loss_percent: Decimal) -> None:
    """Hold back what exceeds the limits, in place: reduces the lines' amounts and says so in their reasons.

    First losses above `loss_percent` of the gross; then, while the net is below `minimum_wage` (yuan a
    month), earlier debts, losses and after them performance and discipline, newest first. What is held back
    is the difference to `full_amount` and is carried to the next month.
    """
    gross = sum((each.line.amount for each in lines if each.line.amount > 0), Decimal(0))
    holdable = [each for each in lines if each.line.amount < 0 and each.line.basis in HOLDABLE]
    # Of one day the line recorded last is the newest.
    newest_first = sorted(holdable, key=lambda each: each.line.on)[::-1]
    losses = [each for each in newest_first if each.line.basis == Basis.LOSS]
    limit = to_fen(gross * loss_percent / 100)
    excess = -sum((each.line.amount for each in losses), Decimal(0)) - limit
    hold(losses, excess, f"赔偿每月不超过应发{gross}元的{plain(loss_percent)}%即{limit}元")

    net = sum((each.line.amount for each in lines), Decimal(0))
    others = [each for each in newest_first if each.line.basis != Basis.LOSS]
    hold([*_debts(lines), *losses, *others], minimum_wage - net, f"扣后实发不低于最低工资{minimum_wage}元")
