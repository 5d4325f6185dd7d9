"""Clocking in and out on the page."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from people.models import Account, Staff
from shifts.models import OfficeNetwork, Punch
from shifts.services.common import check_employed

# A press so soon after another is worth a word; it is kept all the same.
SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Punched:
    """A punch, the one just before it if that is only minutes ago, and whether it was there already."""

    punch: Punch
    before: Punch | None
    is_repeated: bool


@transaction.atomic
def punch_record(*, staff: Staff, ip: str | None, by: Account | None, at: datetime) -> Punched:
    """Note that somebody clocks in or out now; derivation finds which, and of which shift.

    Twice in a minute is one punch: days are read to the minute. NotEmployed outside the employment.
    """
    today = timezone.localdate(at)
    # Who has left may still clock out of the last night shift.
    if not staff.is_employed_on(today - timedelta(days=1)):
        check_employed(staff, today)
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    minute = at.replace(second=0, microsecond=0)
    earlier = Punch.objects.filter(
        staff=staff, source=Punch.Source.PAGE, at__gte=minute - SOON, at__lt=minute + timedelta(minutes=1)
    )
    before = earlier.order_by("-at").first()
    if before is not None and before.at >= minute:
        return Punched(before, None, True)
    punch = Punch.objects.create(staff=staff, at=at, ip=ip, in_office=in_office(staff.department_id, ip))
    return Punched(punch, before, False)


def in_office(department_id: int, ip: str | None) -> bool | None:
    """Whether an address is of the department's office networks; None where it has none."""
    networks = OfficeNetwork.objects.filter(department=department_id).values_list("network", flat=True)
    known = [ipaddress.ip_network(network, strict=False) for network in networks]
    if not known:
        return None
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return False
    return any(address in network for network in known)
