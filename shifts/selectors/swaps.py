"""Whose swaps an account sees: the own ones, and those that it decides."""

from datetime import date

from django.db.models import Q, QuerySet

from people.models import Account, Staff, Term
from people.selectors import not_left, staff_where
from shifts.models import Swap


def swaps_of(account: Account) -> QuerySet[Swap]:
    """Swaps that an account asked for or is asked for, the latest first."""
    own = Q(asker__account=account) | Q(partner__account=account)
    return Swap.objects.filter(own).select_related("asker", "partner", "decided_by").order_by("-id")


def swaps_decidable_by(account: Account) -> QuerySet[Swap]:
    """Swaps of people whom an account leads, both of them; never its own."""
    led = staff_where(account, "decide_requests")
    rows = Swap.objects.filter(asker__in=led, partner__in=led)
    rows = rows.exclude(Q(asker__account=account) | Q(partner__account=account))
    return rows.select_related("asker__department", "partner", "decided_by").order_by("-id")


def partners_of(staff: Staff, day: date) -> QuerySet[Staff]:
    """With whom somebody may swap on a day: colleagues of the same team, by number."""
    team = Term.objects.filter(staff=staff, valid__contains=day).values_list("team_id", flat=True).first()
    mates = Term.objects.filter(valid__contains=day, team_id=team) if team else Term.objects.filter(
        valid__contains=day, team__isnull=True
    )  # fmt: skip
    rows = Staff.objects.filter(
        not_left(day), department=staff.department_id, joined_on__lte=day, pk__in=mates.values("staff")
    )
    return rows.exclude(pk=staff.pk).order_by("number")
