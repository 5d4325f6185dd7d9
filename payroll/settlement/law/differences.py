"""What contributions of a month come to against what frozen payslips hold of them: the rest, either way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from core.money import ZERO
from core.periods import last_of
from payroll.models import EmployerCost, PayLine, SettlementPeriod
from payroll.settlement.payslip_drafts import CostDraft, DraftLine
from rules.kinds.labels import FUND
from rules.kinds.statutory import Contributed, Contribution
from rules.lines import Line
from rules.provisions import Rule

CONTRIBUTED = (PayLine.Column.SOCIAL, PayLine.Column.FUND)


@dataclass(frozen=True, slots=True)
class Due:
    """A month's contribution of a person under one provision, and where its base is from."""

    rule: Rule[Contribution]
    money: Contributed
    source: str

    @property
    def trace(self) -> dict[str, Any]:
        base, person, employer = self.money.steps
        return {"provision": self.rule.cite(), "arithmetic": [f"{base}（{self.source}）", person, employer]}


class Part(NamedTuple):
    """What is held under a code: its title, its column or item, yuan as it is stored."""

    title: str
    where: str
    amount: Decimal


Parts = dict[str, Part]  # by provision code


@dataclass(frozen=True, slots=True)
class Held:
    """What frozen payslips hold of a month by row of staff, back payments included: lines, employer costs."""

    lines: Mapping[int, Parts]
    costs: Mapping[int, Parts]

    def of(self, staff: Iterable[int]) -> tuple[Parts, Parts]:
        """Lines and costs of some rows of one person together."""
        rows = list(staff)
        return _together(self.lines, rows), _together(self.costs, rows)

    @property
    def staff(self) -> set[int]:
        return {*self.lines, *self.costs}


NOTHING = Held({}, {})


def held_of(slips: Q, month: date) -> Held:
    """What frozen payslips hold for a month; `slips`: which, as a condition on their lines; two queries."""
    frozen = Q(payslip__period__state__in=SettlementPeriod.FROZEN, for_month=month) & slips
    lines = PayLine.objects.filter(frozen, column__in=CONTRIBUTED)
    by_line = lines.values_list("payslip__staff_id", "code", "title", "column").annotate(
        total=Sum("full_amount")
    )
    costs = EmployerCost.objects.filter(frozen)
    by_cost = costs.values_list("payslip__staff_id", "code", "title", "item").annotate(total=Sum("amount"))
    return Held(_by_staff(by_line), _by_staff(by_cost))


def _by_staff(rows: QuerySet[Any, Any]) -> Mapping[int, Parts]:
    found: dict[int, Parts] = defaultdict(dict)
    for staff_id, code, *part in rows.order_by("payslip__staff_id", "code"):
        _add(found[staff_id], code, Part(*part))
    return found


def _together(parts: Mapping[int, Parts], rows: Iterable[int]) -> Parts:
    found: Parts = {}
    for row in rows:
        for code, part in parts.get(row, {}).items():
            _add(found, code, part)
    return found


def _add(parts: Parts, code: str, part: Part) -> None:
    before = parts.get(code)
    parts[code] = part._replace(amount=part.amount + before.amount) if before else part


def rest_of(
    month: date, dues: Mapping[str, Due], held: tuple[Parts, Parts], nature: str
) -> tuple[list[DraftLine], list[CostDraft]]:
    """What a person and the employer still owe or get back of a month, given what is held; by code."""
    lines, costs = held
    codes = sorted({*dues, *lines, *costs})
    found = [_line_of_rest(month, code, dues.get(code), lines.get(code), nature) for code in codes]
    beside = [_cost_of_rest(month, code, dues.get(code), costs.get(code)) for code in codes]
    return [each for each in found if each], [each for each in beside if each]


def _line_of_rest(
    month: date, code: str, due: Due | None, held: Part | None, nature: str
) -> DraftLine | None:
    """What a person still owes or gets back of a month; None where it is settled."""
    after = due.money.person if due else ZERO
    before = -held.amount if held else ZERO
    if after == before:
        return None
    title = due.rule.title if due else held.title if held else code
    line = Line(
        code=code,
        title=title,
        amount=before - after,
        column=due.rule.kind.line_column if due else held.where if held else PayLine.Column.SOCIAL,
        basis="benefit",
        on=last_of(month),
        reason=_in_words(month, title, before, after, due),
        trace=_trace(month, before, after, due),
        provision_id=due.rule.id if due else None,
    )
    return DraftLine(line, nature, month, line.amount)


def _cost_of_rest(month: date, code: str, due: Due | None, held: Part | None) -> CostDraft | None:
    """The same of the employer."""
    after = due.money.employer if due else ZERO
    before = held.amount if held else ZERO
    if after == before:
        return None
    title = due.rule.title if due else held.title if held else code
    item = due.rule.kind.item if due else held.where if held else FUND
    return CostDraft(item, code, title, month, after - before, _trace(month, before, after, due))


def _in_words(month: date, title: str, before: Decimal, after: Decimal, due: Due | None) -> str:
    how = "补缴" if after > before else "退回"
    why = f"（{due.source}：{due.money.steps[1]}）" if due else "（不再缴纳）"
    return f"{month:%Y年%m月}“{title}”重算为{after}元，原为{before}元，{how}{abs(after - before)}元{why}"


def _trace(month: date, before: Decimal, after: Decimal, due: Due | None) -> dict[str, Any]:
    adjustment = {"month": f"{month:%Y-%m}", "before": str(-before), "after": str(-after), "sources": "缴费"}
    return {**(due.trace if due else {}), "adjustment": adjustment}
