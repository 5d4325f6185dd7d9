"""The awards of a department as its rules have them."""

from collections.abc import Collection
from datetime import date

from nominations.models import Nomination
from penalties.selectors import rules_of
from people.models import Department
from rules.kinds.nominated import NominatedAward
from rules.provisions import Rule, has_kind
from rules.selectors import timeline_of


def award_rules(department: Department, day: date) -> list[Rule[NominatedAward]]:
    """The awards of a day that people can be nominated for; those with an open figure are left out."""
    return timeline_of(department).on(day).of_kind(NominatedAward)


def rules_at_nomination(rows: Collection[Nomination]) -> dict[int, Rule[NominatedAward]]:
    """The awards of nominations as they were on their day, by provision; placings have none. One query."""
    found = rules_of({each.provision_id for each in rows if not each.is_placing})
    return {pk: rule for pk, rule in found.items() if has_kind(rule, NominatedAward)}
