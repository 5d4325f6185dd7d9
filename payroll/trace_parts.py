"""A line's trace taken apart for the payslip page: facts, arithmetic, caps, where it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.money import ZERO
from payroll.models import Objection, PayLine, Payslip
from payroll.selectors.objections import line_name
from payroll.traces import LABELS, trace_html
from rules.kinds.labels import figure_label

Column = PayLine.Column
# What the page shows in its own words; anything else in a trace is shown as it stands.
TOLD = {
    "provision", "arithmetic", "facts", "entries", "caps", "adjustment", "lines", "manual", "carried_from",
}  # fmt: skip


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
    """The lines of one column of the payroll sheet."""

    label: str
    lines: list[LineView]

    @property
    def total(self) -> Decimal:
        return sum((each.line.amount for each in self.lines), ZERO)


def groups_of(slip: Payslip, objections: Iterable[Objection]) -> list[Group]:
    """The payslip's lines by column, in the order of the payroll sheet; one query."""
    by_line: dict[str, list[Objection]] = {}
    for objection in objections:
        by_line.setdefault(objection.line, []).append(objection)
    rows = slip.lines.select_related("provision__version", "origin__payslip__period").order_by("position")
    views = [line_view(row, slip, by_line.get(line_name(row), [])) for row in rows]
    groups = [
        Group(label, [view for view in views if view.line.column == column])
        for column, label in Column.choices
    ]
    return [group for group in groups if group.lines]


def line_view(line: PayLine, slip: Payslip, objections: list[Objection]) -> LineView:
    """The line of a payslip with its trace taken apart."""
    trace = line.trace if isinstance(line.trace, Mapping) else {}
    facts = trace.get("facts") or []
    rest = {key: value for key, value in trace.items() if key not in TOLD}
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
