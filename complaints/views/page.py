"""The page of one case, also with a form on it that was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from complaints.forms.work import (
    AssignForm,
    CallbackForm,
    EventForm,
    MergeForm,
    PauseForm,
    ReopenForm,
    ResumeForm,
    StepForm,
    WorkForm,
)
from complaints.models import Case, Clock
from complaints.selectors.board import Standing, standing_of
from complaints.selectors.cases import (
    attachments_of,
    cases_beside,
    cases_visible_to,
    in_order,
    path_of,
    step_of,
)
from complaints.selectors.orders import orders_told
from complaints.selectors.powers import Powers, powers_of
from complaints.selectors.story import story_of
from complaints.selectors.types import PLAIN_TITLE
from complaints.services.clocks import arithmetic_of, clocks_of
from complaints.views.losses_shown import losses_shown
from complaints.working_time import Due
from core.paging import page_of
from people.models import Account, Staff
from people.selectors import not_left
from people.web import account_of
from rules.kinds.cases import HOLDER, STEP_TAKERS, CaseStep

FILES_SHOWN, ALIKE_SHOWN = 50, 10


@dataclass(frozen=True, slots=True)
class ClockShown:
    """A clock of the present round: how it stands and how its deadline comes about."""

    clock: Clock
    standing: Standing
    due: Due | None


def case_asked(request: HttpRequest, pk: int) -> Case:
    """The case of the address, where the account sees it; else 404."""
    rows = cases_visible_to(account_of(request)).select_related(
        "department",
        "provision",
        "about",
        "holder__account",
        "complainant",
        "merged_into",
        "order__agent",
        "recorded_by",
        "handover_item",
    )
    return get_object_or_404(rows, pk=pk)


def case_page(
    request: HttpRequest, case: Case, *, refused: Mapping[str, forms.Form] | None = None, phone: str = ""
) -> HttpResponse:
    """The whole page. `refused`: forms that were sent and not taken, by name; `phone`: in full, once."""
    account, now = account_of(request), timezone.now()
    powers = powers_of(account, case, timezone.localdate(now))
    running = clocks_of(case)
    step = step_of(case) if case.is_open else None
    clocks = [
        ClockShown(each.clock, standing_of(each.state, each.clock.title, now), arithmetic_of(case, each))
        for each in running
    ]
    shown = {
        "case": case,
        "powers": powers,
        "plain_title": PLAIN_TITLE,
        "card": in_order(case.card, path_of(case).fields),
        "step": step,
        "takers": _takers(case, step) if step else "",
        "clocks": clocks,
        "is_overdue": any(each.standing.is_overdue for each in clocks),
        "story": page_of(request, story_of(case, whole=powers.sees_whole)),
        "files": attachments_of(case, account)[:FILES_SHOWN],
        "order": orders_told().get(pk=case.order_id) if case.order_id else None,
        "forms": {**_forms(case, powers, running, now), **(refused or {})},
        "phone": phone,
        "alike": _alike(account, case),
        "handover_url": _handover_url(account, case, timezone.localdate(now)),
        **losses_shown(case, powers, account, now),
    }
    response = render(request, "complaints/case.html", shown)
    if phone:
        response["Cache-Control"] = "no-store"
    return response


def _forms(case: Case, powers: Powers, running: list[Any], now: datetime) -> dict[str, forms.Form]:
    """The forms that are offered, by name: what the account may do as the case stands."""
    kinds: dict[str, type[WorkForm]] = {}
    found: dict[str, forms.Form] = {}
    is_over = case.state in (Case.State.CLOSED, Case.State.DECLINED)
    if case.is_open and powers.takes_step:
        found["step"] = StepForm(step=step_of(case), now=now)
    if powers.works:
        kinds["event"] = EventForm
        if is_over:
            kinds["callback"] = CallbackForm
    if powers.steers and case.is_open:
        kinds |= {"assign": AssignForm, "merge": MergeForm}
        own = [each.state for each in running if each.deadline is not None and each.state.is_running]
        if any(state.paused_at for state in own):
            kinds["resume"] = ResumeForm
        elif any(not state.is_breached(now) for state in own):
            kinds["pause"] = PauseForm
    if powers.steers and is_over:
        kinds["reopen"] = ReopenForm
    return found | {name: kind(case=case, now=now) for name, kind in kinds.items()}


def _takers(case: Case, step: CaseStep) -> str:
    """Who takes a step, in words."""
    held = f"承办人{case.holder.name}" if case.holder else "承办人（还没有指定）"
    return "、".join(held if each == HOLDER else STEP_TAKERS[each] for each in step.by)


def _alike(account: Account, case: Case) -> list[Case]:
    """Other cases of the same customer or order that the account sees as well."""
    rows = cases_visible_to(account).filter(pk__in=cases_beside(case).order_by().values("pk"))
    return list(rows[:ALIKE_SHOWN])


def _handover_url(account: Account, case: Case, on: date) -> str:
    """Where the case is written into the handover book, for who works in its department; else nothing."""
    works_there = Staff.objects.filter(not_left(on), account=account, department=case.department_id).exists()
    return handover_url(case) if works_there else ""


def handover_url(case: Case) -> str:
    """The page of the handover book on which a case is already written down."""
    given = {"text": f"投诉{case.number}：{case.title}"}
    if case.order:
        given["order_no"] = case.order.order_no
    return f"{reverse('me_handover')}?{urlencode(given)}#write"
