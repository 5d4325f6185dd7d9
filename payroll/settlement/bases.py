"""Commission bases below zero: each goes to the next commission on the same measure, or waits."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from core.money import ZERO, plain
from people.terms import PersonMonth
from rules.kinds.sales import Commission, metric_label
from rules.lines import Line
from rules.provisions import Month, Rule

Bases = Mapping[tuple[int, str], Decimal]


def bases_followed(month: Month, bases: Bases) -> tuple[Bases, dict[int, list[Line]]]:
    """The bases by the codes under which this month takes them up, and by staff a line for each that waits.

    A base stays under its code while that binds the person; else it goes to a commission on the same measure
    that does. Where there is none it waits, in a line of nothing, so that no month forgets it. Bases of who
    has left stay as they are: they are settled in money.
    """
    followed: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    waiting: dict[int, list[Line]] = defaultdict(list)
    known = month.timeline.latest_of_kind(Commission, month.last)
    for (staff_id, code), base in bases.items():
        person = month.people.get(staff_id)
        if person is None or not person.in_month:
            followed[staff_id, code] += base
            continue
        measure = known[code].measure if code in known else ""
        target = _target(month, person, code, measure)
        if target is not None:
            followed[staff_id, target.code] += base
        elif base:
            waiting[staff_id].append(_waiting_line(month, code, measure, base))
    return followed, waiting


def _target(month: Month, person: PersonMonth, code: str, measure: str) -> Rule[Commission] | None:
    rules = [rule for rule in month.rules_for(person).of_kind(Commission) if rule.binds(person.at_end.role)]
    same = [rule for rule in rules if rule.kind.measure == measure]
    return next((rule for rule in rules if rule.code == code), next(iter(same), None))


def _waiting_line(month: Month, code: str, measure: str, base: Decimal) -> Line:
    words = f"按{metric_label(measure)}计的提成" if measure else f"条款{code}"
    return Line(
        code=code,
        title="提成基数结转",
        amount=ZERO,
        column=Commission.column,
        basis=Commission.basis,
        on=month.last,
        reason=f"本月没有适用于本人的{words}，上月结转的{plain(base)}转下月",
        trace={"facts": {"measure": measure, "carried": plain(base)}},
        carried=base,
    )
