"""The one flow of everything that somebody asks for and somebody else decides (people/models/approvals.py).

Nobody decides the own request, each is decided once, the same decision again changes nothing, and a refusal
takes a word. An app adds what is special about its kind: what may be asked for, what an approval sets in
motion, who is told.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from people.errors import RequestRefused
from people.models import Account
from people.models.approvals import Requested
from people.selectors import staff_where

R = TypeVar("R", bound=Requested)
State = Requested.State


def requests_of(account: Account, model: type[R]) -> QuerySet[R]:
    """An account's own requests of one kind."""
    return model._default_manager.filter(staff__account=account)


def requests_decidable_by(account: Account, model: type[R], *, on: date | None = None) -> QuerySet[R]:
    """The requests of one kind about which an account decides on a day (left out: today), never its own."""
    rows = model._default_manager.filter(staff__in=staff_where(account, model.ACTION, on=on))
    return rows.exclude(staff__account=account)


def request_locked(request: R, *related: str) -> R:
    """The request as it is now, with its person's department; whoever else decides waits until the end."""
    rows = type(request)._default_manager.select_for_update(of=("self",))
    return rows.select_related("staff__department", *related).get(pk=request.pk)


def request_decidable(request: R, *related: str, by: Account, at: datetime) -> R:
    """The same where `by` may decide it at that moment, else RequestRefused: nobody decides the own one."""
    request = request_locked(request, *related)
    if request.staff.account_id == by.pk:
        raise RequestRefused("不能审批自己的申请；请由别人审批")
    decidable = requests_decidable_by(by, type(request), on=timezone.localdate(at))
    if not decidable.filter(pk=request.pk).exists():
        raise RequestRefused("不能审批此人的申请；请由其组长、主管或经理审批")
    return request


def is_already(request: Requested, state: str, *, otherwise: str = "；刷新页面看最新的结果") -> bool:
    """Whether the request is in a state to which somebody takes it; RequestRefused where no way leads there.

    `otherwise`: what the refusal says after the request and its state.
    """
    if request.state == state:
        return True
    if state not in request.MOVES.get(request.state, ()):
        raise RequestRefused(f"{request}{request.get_state_display()}{otherwise}")
    return False


def decision_write(
    request: Requested,
    state: str,
    *,
    answer: str,
    by: Account | None,
    at: datetime,
    also: Collection[str] = (),
) -> None:
    """Write a decision that was checked, with other fields that it changed (`also`)."""
    request.state, request.answer, request.decided_by, request.decided_at = state, answer.strip(), by, at
    request.save(update_fields=["state", "answer", "decided_by", "decided_at", *also])


@transaction.atomic
def request_decide(*, request: R, state: str, answer: str = "", by: Account, at: datetime) -> tuple[R, bool]:
    """Approve or refuse: the request as it is then, and whether it was decided now, not before.

    RequestRefused for whoever may not, for another decision than the one made before, and for a refusal
    without a word.
    """
    request = request_decidable(request, by=by, at=at)
    if is_already(request, state):
        return request, False
    if state == State.REFUSED and not answer.strip():
        raise RequestRefused("不批准须写明原因；填写答复")
    decision_write(request, state, answer=answer, by=by, at=at)
    return request, True


@transaction.atomic
def request_withdraw(*, request: R, by: Account, at: datetime) -> R:
    """Take the own request back that nobody has decided; again changes nothing. RequestRefused otherwise."""
    request = request_locked(request)
    if request.staff.account_id != by.pk:
        raise RequestRefused("只能撤回自己的申请；请由本人撤回")
    if not is_already(request, State.WITHDRAWN, otherwise="，不能撤回；请找审批人"):
        decision_write(request, State.WITHDRAWN, answer="", by=by, at=at)
    return request
