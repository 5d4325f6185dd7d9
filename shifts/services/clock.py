"""Clocking in and out on the page."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from people.models import Account, Staff
from shifts.models import OfficeNetwork, Punch
from shifts.selectors.clock import SOON
from shifts.services.common import check_employed


@dataclass(frozen=True, slots=True)
class Punched:
    """The punch of a press, or the one that was there already and is to be left at that.

    `is_repeated`: within its minute; `asks`: only minutes later, so that whoever pressed is asked.
    """

    punch: Punch
    is_repeated: bool = False
    asks: bool = False


@transaction.atomic
def punch_record(
    *, staff: Staff, ip: str | None, is_meant: bool = False, by: Account | None, at: datetime
) -> Punched:
    """Note that somebody clocks in or out now; derivation finds which, and of which shift.

    Twice in a minute is one punch: days are read to the minute. Another within ten minutes is none either
    unless it `is_meant`, so that a second tap clocks nobody out. NotEmployed outside the employment.
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
        return Punched(before, is_repeated=True)
    if before is not None and not is_meant:
        return Punched(before, asks=True)
    return Punched(
        Punch.objects.create(staff=staff, at=at, ip=ip, in_office=in_office(staff.department_id, ip))
    )


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
