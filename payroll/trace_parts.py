"""A line's trace taken apart for the payslip page: facts, arithmetic, caps, where it came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.money import ZERO
from payroll.models import Objection, PayLine, Payslip
from payroll.selectors.objections import line_name
from payroll.slip_order import (
    Part,
    Statutory,
    TaxView,
    bases_before_tax,
    is_statutory,
    part_of,
    statutory_of,
    tax_view,
)
from payroll.traces import LABELS, UNTOLD, trace_html
from rules.kinds.labels import figure_label

Column = PayLine.Column
# What the page shows in its own words; anything else in a trace is shown as it stands.
TOLD = {
    "provision", "arithmetic", "facts", "entries", "caps", "adjustment", "lines", "manual", "carried_from",
}  # fmt: skip
# What is left after a part, where people look for it.
AFTER = {Part.GROSS: "应发", Part.BEFORE_TAX: "扣减后应发", Part.TAX: "税后工资"}


@dataclass(frozen=True, slots=True)
class TraceFact:
    """One fact: (label, value) pairs, the incident or the case that it is, whether it is somebody else's."""

    pairs: list[tuple[str, Any]]
    incident: int | None = None
    case: int | None = None
    is_others: bool = False


@dataclass(frozen=True, slots=True)
class LineView:
    """A pay line with everything that its page tells about it."""

    line: PayLine
    facts: list[TraceFact]
    arithmetic: list[str]
    entries: list[Mapping[str, Any]]
    caps: list[Mapping[str, Any]]
    adjustment: Mapping[str, Any] | None
    recomputed: list[Mapping[str, Any]]
    manual: Mapping[str, Any] | None
    carried_from: Mapping[str, Any] | None
    rest: Any
    objections: list[Objection] = field(default_factory=list)

    @property
    def is_capped(self) -> bool:
        """Whether a limit held some of it back; what became a debt was taken whole."""
        is_debt = self.line.nature == PayLine.Nature.DEBT
        return self.line.full_amount != self.line.amount and not is_debt

    @property
    def held(self) -> Decimal:
        """What waits for the next month, in yuan."""
        return self.line.amount - self.line.full_amount

    @property
    def has_orders(self) -> bool:
        return self.line.column == Column.COMMISSION and self.line.nature == PayLine.Nature.REGULAR

    @property
    def is_objected(self) -> bool:
        """An objection waits or was upheld: nobody objects twice."""
        return any(each.state != Objection.State.REJECTED for each in self.objections)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one column of the payroll sheet, or of a part that the law takes or comes after it.

    `sums` stand after the group: what the parts so far come to.
    """

    label: str
    lines: list[LineView]
    taxes: list[TaxView] = field(default_factory=list)
    sums: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((each.line.amount for each in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A payslip as its page shows it: the groups of its lines, and its parts where the law takes of it."""

    groups: list[Group]
    parts: list[tuple[str, Decimal]]
    beside: Statutory


def sheet_of(slip: Payslip, objections: Iterable[Objection]) -> Sheet:
    """The payslip's lines in their order; three queries.

    By column as in the payroll sheet; where the law takes of it, by parts in the order of `slip_order`.
    """
    by_line: dict[str, list[Objection]] = {}
    for objection in objections:
        by_line.setdefault(objection.line, []).append(objection)
    rows = slip.lines.select_related("provision__version", "origin__payslip__period").order_by("position")
    views = [line_view(row, slip, by_line.get(line_name(row), [])) for row in rows]
    beside = statutory_of(slip)
    if not is_statutory((each.line for each in views), beside):
        return Sheet(_by_column(views), [], beside)
    before_tax = bases_before_tax(beside)
    parts = {part: [each for each in views if part_of(each.line, before_tax) == part] for part in Part}
    groups = _in_order(parts, [tax_view(each) for each in beside.withholdings])
    sums = [(part.label, sum((each.line.amount for each in parts[part]), ZERO)) for part in Part]
    return Sheet(groups, [*sums, ("实发", slip.net)], beside)


def _by_column(views: Sequence[LineView]) -> list[Group]:
    groups = [
        Group(label, [view for view in views if view.line.column == column])
        for column, label in Column.choices
    ]
    return [group for group in groups if group.lines]


def _in_order(parts: Mapping[Part, list[LineView]], taxes: list[TaxView]) -> list[Group]:
    """The earnings by column, then a group a part, each with what is left after it."""
    groups, so_far = _by_column(parts[Part.GROSS]), ZERO
    if not groups:
        groups = [Group(Part.GROSS.label, [])]
    for part in Part:
        so_far += sum((each.line.amount for each in parts[part]), ZERO)
        if part != Part.GROSS:
            group = Group(part.label, parts[part], taxes if part == Part.TAX else [])
            if not (group.lines or group.taxes):
                continue
            groups.append(group)
        if part in AFTER:
            groups[-1].sums.append((AFTER[part], so_far))
    groups[-1].sums.append(("实发", so_far))
    return groups


def line_view(line: PayLine, slip: Payslip, objections: list[Objection]) -> LineView:
    """The line of a payslip with its trace taken apart."""
    trace = line.trace if isinstance(line.trace, Mapping) else {}
    facts = trace.get("facts") or []
    rest = {key: value for key, value in trace.items() if key not in TOLD | UNTOLD}
    return LineView(
        line=line,
        facts=[_fact(each, slip) for each in (facts if isinstance(facts, list) else [facts])],
        arithmetic=_steps(trace.get("arithmetic") or [], line.reason),
        entries=list(trace.get("entries") or []),
        caps=list(trace.get("caps") or []),
        adjustment=trace.get("adjustment"),
        recomputed=list(trace.get("lines") or []),
        manual=trace.get("manual"),
        carried_from=trace.get("carried_from"),
        rest=trace_html(rest) if rest else "",
        objections=objections,
    )


def _steps(arithmetic: list[str], reason: str) -> list[str]:
    """The steps, unless there is but one and the reason says it already."""
    return [] if len(arithmetic) == 1 and arithmetic[0] in reason else list(arithmetic)


def _fact(fact: Any, slip: Payslip) -> TraceFact:
    if not isinstance(fact, Mapping):
        return TraceFact([("事实", fact)])
    keys = sorted(fact, key=lambda key: list(LABELS).index(key) if key in LABELS else len(LABELS))
    pairs: list[tuple[str, Any]] = []
    for key in keys:
        value = fact[key]
        if key in ("incident", "case_id") or value is None or value == "":
            continue
        if key == "by" and isinstance(value, Mapping):
            pairs += [(figure_label(code), figure) for code, figure in value.items()]
        elif key == "measure":
            pairs.append((LABELS[key], figure_label(value)))
        elif isinstance(value, Mapping | list):
            pairs.append((_label(key), trace_html(value)))
        else:
            pairs.append((_label(key), value))
    whose = str(fact.get("staff") or slip.number).split(" ")[0]
    return TraceFact(pairs, fact.get("incident"), fact.get("case_id"), is_others=whose != slip.number)


def _label(key: str) -> str:
    return LABELS.get(key) or figure_label(key)
