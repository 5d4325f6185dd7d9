"""What newcomers make of their mentors' month: the metrics of the mentors' award (s000-01-15b)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from commissions.order_sums import OrderFacts
from core.money import ZERO
from rules.kinds.sales import RankedAward
from rules.provisions import Month
from training.selectors.places import mentor_places, newcomers_by_mentor

PLACE, ORDERS = "onboarding_rank", "newcomer_orders"
Metrics = Mapping[date, Mapping[tuple[int, str], Decimal]]


def with_mentors(month: Month, metrics: Metrics, orders: OrderFacts) -> Metrics:
    """The metrics with those of mentors that a ranked award of the month asks for; what was brought wins.

    The place is the best of a mentor's newcomers; their orders are those of the whole month of everybody who
    was in a programme in it, for the mentor of its last day. One query each, none where no award asks.
    """
    segments = month.timeline.segments(month.first, month.last)
    asked = {rule.kind.metric for _, _, rules in segments for rule in rules.of_kind(RankedAward)}
    found: dict[tuple[int, str], Decimal] = {}
    if PLACE in asked:
        places = mentor_places(month.department_id, month.first, month.last)
        found |= {(mentor, PLACE): Decimal(place) for (_, mentor), place in places.items()}
    if ORDERS in asked:
        for mentor, newcomers in newcomers_by_mentor(month.department_id, month.first, month.last).items():
            each = (orders.of(newcomer, ()).value("orders") or ZERO for newcomer in newcomers)
            found[mentor, ORDERS] = sum(each, ZERO)
    return {**metrics, month.first: {**found, **metrics.get(month.first, {})}} if found else metrics
