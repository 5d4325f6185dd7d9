"""What somebody asked for, of every kind, the latest first; and what colleagues ask of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from people.approvals import requests_of
from people.models import Account
from shifts.models import LeaveRequest, Swap
from shifts.selectors.requests import REQUESTS

SHOWN = 50
# What can be asked for: its name, the page on which that is done.
WAYS = (
    ("请假", "me_leave"),
    ("换班", "me_swaps"),
    ("补卡", "me_corrections"),
    ("外出", "me_outings"),
    ("加班", "me_overtime"),
)
PAGES = {"correction": "me_corrections", "outing": "me_outings", "overtime": "me_overtime"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the list shows it; `url_name` is the page where it is taken back."""

    label: str
    on: date | None
    details: str
    reason: str
    answer: str
    state: str
    state_label: str
    asked_at: datetime
    url_name: str


def own_requests(account: Account) -> tuple[list[Asked], list[Swap]]:
    """The account's latest requests, and the swaps that wait for its word; a query for each kind."""
    found = [_asked(each, "请假", "me_leave") for each in _latest(LeaveRequest, account)]
    for kind, model in REQUESTS.items():
        if model is LeaveRequest:
            continue
        rows = requests_of(account, model).order_by("-asked_at")[:SHOWN]
        found += [_asked(each, str(model._meta.verbose_name), PAGES[kind]) for each in rows]
    swaps = list(
        Swap.objects.filter(Q(asker__account=account) | Q(partner__account=account))
        .select_related("asker", "partner")
        .order_by("-asked_at")[:SHOWN]
    )
    found += _swaps(swaps, account)
    found.sort(key=lambda each: each.asked_at, reverse=True)
    return found[:SHOWN], [
        swap for swap in swaps if swap.state == Swap.State.ASKED and swap.partner.account_id == account.pk
    ]


def _latest(model: Any, account: Account) -> Any:
    return model._default_manager.filter(staff__account=account).order_by("-asked_at")[:SHOWN]


def _asked(row: Any, label: str, url_name: str) -> Asked:
    return Asked(
        label=label,
        on=None if isinstance(row, LeaveRequest) else row.work_date,  # leave says its days itself
        details=row.details,
        reason=row.reason,
        answer=row.answer,
        state=row.state,
        state_label=row.get_state_display(),
        asked_at=row.asked_at,
        url_name=url_name,
    )


def _swaps(swaps: list[Swap], account: Account) -> Iterator[Asked]:
    for swap in swaps:
        if swap.asker.account_id != account.pk:
            continue
        yield Asked(
            label="换班",
            on=None,
            details=f"让出{swap.asker_date:%m-%d}，换{swap.partner.name}的{swap.partner_date:%m-%d}",
            reason=swap.reason,
            answer=swap.answer,
            state=swap.state,
            state_label=swap.get_state_display(),
            asked_at=swap.asked_at,
            url_name="me_swaps",
        )
