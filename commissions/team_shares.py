"""A team's figure, whole for everybody or divided among those whom the commission binds."""

from collections.abc import Sequence
from decimal import Decimal

from core.money import ZERO, plain, split
from people.terms import PersonMonth
from rules.kinds.sales import Commission
from rules.lines import SettlementFailure
from rules.provisions import Rule


def shared(
    person: PersonMonth, rule: Rule[Commission], mates: Sequence[PersonMonth], whole: Decimal, words: str
) -> tuple[Decimal, str]:
    """The person's part of a team's figure, and how it came about; the parts sum to the whole.

    Those of the team share whom the provision binds on their last day: equally, or by base points.
    SettlementFailure where points decide and nobody has any.
    """
    if rule.kind.split == "whole":
        return whole, words
    sharing = [each for each in mates if each.in_month and rule.binds(each.at_end.role)]
    if person.staff_id not in {each.staff_id for each in sharing}:
        return ZERO, words
    if rule.kind.split == "equal":
        weights = {each.staff_id: Decimal(1) for each in sharing}
        how = f"{len(sharing)}人平分"
    else:
        weights = {each.staff_id: each.at_end.base_points or ZERO for each in sharing}
        total = sum(weights.values(), ZERO)
        if not total:
            raise SettlementFailure(
                f"{rule.code} {rule.title}按基点分，{person.at_end.team}没有人有基点",
                "在任职条件里填写基点，或者改为平分",
            )
        how = f"按基点{plain(weights[person.staff_id])}/{plain(total)}"
    part = split(whole, weights)[person.staff_id]
    return part, f"{words}，{how}得{plain(part)}"
