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
    rows = Charge.objects.filter(pk__in=[each.pk for each in charges])
    frozen = SettlementPeriod.objects.filter(
        department=OuterRef("ruling__case__department"),
        month__gte=OuterRef("month"),
        state__in=SettlementPeriod.FROZEN,
        facts_read_at__gte=OuterRef("at"),
    )
    found = rows.annotate(month=TruncMonth("ruling__charged_on")).filter(Exists(frozen))
    return set(found.values_list("pk", flat=True))
