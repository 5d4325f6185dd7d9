"""The demonstration's fund and what is contested, as they stand at the moment of loading.

A fine that was paid in cash and one that is overdue, the cash counted before a witness, an incident that its
person appeals against, and a warning that was heard and waits to be decided.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from payroll.services.cash import cash_payment_take
from penalties.fund import fund_balances
from penalties.models import FundPosting, Incident
from penalties.services import (
    count_record,
    count_witness,
    discipline_hear,
    discipline_propose,
    incident_appeal,
    incident_confirm,
    incident_record,
)
from people.models import Department
from workbench.demonstration.complaints import Cast, cast_of

SPOT_CHECK, COMPLAINT = "demo-14", "s000-06-06"
SPOT_CHECK_COSTS = Decimal("20.00")
PAYS, OWES, APPEALS, WARNED = "8104", "8105", "8103", "8304"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@transaction.atomic
def fund_load(*, department: Department, now: datetime) -> None:
    """Put fund, appeal and disciplinary case on top of the department's demonstration; once."""
    cast = cast_of(department, now.replace(second=0, microsecond=0))
    _cash(cast)
    _count(cast)
    _contested(cast)
    _discipline(cast)


def _fined(cast: Cast, number: str, code: str, note: str, *, ago: timedelta) -> Incident:
    """Recorded by the supervisor, confirmed by the manager an hour later."""
    at = cast.now - ago
    row = incident_record(
        staff=cast.staff[number],
        code=code,
        work_date=timezone.localdate(at),
        note=note,
        by=cast.by("supervisor"),
        at=at,
    )
    return incident_confirm(incident=row, by=cast.by("manager"), at=at + HOUR)


def _cash(cast: Cast) -> None:
    paid = _fined(cast, PAYS, SPOT_CHECK, "工位没有收拾，抽查照片在群里", ago=5 * DAY)
    at = cast.now - 3 * DAY
    cash_payment_take(
        incident=paid,
        staff=cast.staff[PAYS],
        amount=SPOT_CHECK_COSTS,
        on=timezone.localdate(at),
        key="demo-paid",
        by=cast.by("supervisor"),
        at=at,
    )
    _fined(cast, OWES, SPOT_CHECK, "没有佩戴工牌", ago=9 * DAY)


def _count(cast: Cast) -> None:
    cash = fund_balances(cast.department)[FundPosting.Account.CASH]
    counted = count_record(
        department=cast.department,
        counted=cash,
        witness=cast.by("lead"),
        by=cast.by("supervisor"),
        at=cast.now - 2 * DAY,
    )
    count_witness(
        count=counted, agrees=True, word="一起点的", by=cast.by("lead"), at=cast.now - 2 * DAY + HOUR
    )


def _contested(cast: Cast) -> None:
    incident = _fined(cast, APPEALS, COMPLAINT, "买家投诉答非所问，聊天记录已截图", ago=2 * DAY)
    incident_appeal(
        incident=incident,
        reason="买家问的是另一件，我当时已经更正",
        by=cast.by("agent"),
        at=cast.now - DAY,
    )


def _discipline(cast: Cast) -> None:
    hr, at = cast.by("hr"), cast.now - DAY
    case = discipline_propose(
        staff=cast.staff[WARNED],
        level="warning",
        grounds="本月两次未经同意换班，交接没有写",
        key="demo-warning",
        by=hr,
        at=at,
    )
    discipline_hear(case=case, statement="换班和同事说好了，忘了报批", heard_at=at, by=hr, at=at + HOUR)
