"""Which shares of losses have reached pay."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncMonth

from complaints.models import Charge
from payroll.models import SettlementPeriod


def charges_in_pay(charges: Collection[Charge]) -> set[int]:
    """Of these shares, the keys of those that a frozen month was computed with; one query.

    Its own month, or a later one that has it as an adjustment.
    """
    frozen = SettlementPeriod.objects.filter(
        department=OuterRef("ruling__case__department"),
        month__gte=TruncMonth(OuterRef("ruling__charged_on")),
        state__in=SettlementPeriod.FROZEN,
        facts_read_at__gte=OuterRef("at"),
    )
    rows = Charge.objects.filter(Exists(frozen), pk__in=[each.pk for each in charges])
    return set(rows.values_list("pk", flat=True))
