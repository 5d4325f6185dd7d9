"""What is done with a case from its page: its step, notes, who holds it, its clocks, its end and after."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

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
from complaints.models import Case
from complaints.selectors.cases import step_of
from complaints.selectors.powers import Powers, powers_of
from complaints.services import cases as services
from complaints.services import lifecycle
from complaints.views.page import case_asked, case_page
from core.errors import Refused
from people.web import account_of, do

Given = dict[str, Any]


def case_and_powers(request: HttpRequest, pk: int) -> tuple[Case, Powers]:
    """The case of the address with what the account may do with it; 404 for who does not see it."""
    case = case_asked(request, pk)
    return case, powers_of(account_of(request), case, timezone.localdate())


def take(
    request: HttpRequest,
    case: Case,
    name: str,
    form: StepForm | WorkForm,
    act: Callable[[], object],
    said: str,
) -> HttpResponse:
    """Do what a form says and go back to the page; refused, the page again with the form as it was sent."""
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(form.field_of(refused.field), f"{refused}。")
        else:
            messages.success(request, said)
            return redirect("case", case.pk)
    messages.error(request, "没有办成：请看标红的地方。")
    _lead_to_fault(form)
    return case_page(request, case, refused={name: form})


def _lead_to_fault(form: StepForm | WorkForm) -> None:
    """The page is long: the browser begins at the first field that is wrong, else at the form's first."""
    parts = [*getattr(form, "rows", ()), form]
    wrong = [field for part in parts for field in part.visible_fields() if field.errors]
    found = wrong or [field for part in parts for field in part.visible_fields()]
    found[0].field.widget.attrs["autofocus"] = True


@require_POST
def case_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the present step; the button says with which decision."""
    case, powers = case_and_powers(request, pk)
    if not (powers.takes_step or powers.barred_as):
        return _gone_on(request, case, powers)
    account, now = account_of(request), timezone.now()
    if not case.is_open:
        return _gone_on(request, case, powers)
    form = StepForm(request.POST, step=step_of(case), now=now)
    decision = request.POST.get("decision", "")

    def act() -> None:
        services.case_step(case=case, decision=decision, by=account, at=now, **form.given())

    if request.POST.get("step", "") != case.step:
        return _gone_on(request, case, powers)
    return take(request, case, "step", form, act, f"已办理：{decision}。")


def _gone_on(request: HttpRequest, case: Case, powers: Powers) -> HttpResponse:
    """The step that was sent is over: whoever works on the case is told, others see nothing of it."""
    if not (powers.works or powers.takes_step):
        raise Http404
    messages.warning(request, "没有再办：这一步已经办过了，请看后面的经过。")
    return redirect("case", case.pk)


@require_POST
def case_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what was done or happened."""
    case, powers = case_and_powers(request, pk)
    if not powers.works:
        raise Http404
    account, now = account_of(request), timezone.now()
    form = EventForm(request.POST, request.FILES, case=case, now=now)

    def act() -> None:
        given: Given = dict(form.cleaned_data)
        given["files"] = given.pop("attached")
        services.event_record(case=case, by=account, at=now, **given)

    return take(request, case, "event", form, act, "已记下。")


@require_POST
def case_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case to somebody."""
    case, powers = case_and_powers(request, pk)
    if not powers.steers:
        raise Http404
    now = timezone.now()
    form = AssignForm(request.POST, case=case, now=now)

    def act() -> None:
        holder = form.cleaned_data["holder"]
        lifecycle.case_assign(case=case, holder=holder, by=account_of(request), at=now)

    return take(request, case, "assign", form, act, "已指定承办人。")


@require_POST
def case_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case that nobody holds."""
    case, powers = case_and_powers(request, pk)
    own, account = powers.takes_as, account_of(request)
    if own is None:
        if case.holder is not None and case.holder.account_id == account.pk:
            return redirect("case", case.pk)
        raise Http404
    return do(
        request,
        lambda: lifecycle.case_assign(case=case, holder=own, by=account, at=timezone.now()),
        "已由您承办。",
        "case",
        case.pk,
        refused_as="没有领取：",
    )


def _steered(
    request: HttpRequest,
    pk: int,
    name: str,
    kind: type[WorkForm],
    service: Callable[..., object],
    said: str,
) -> HttpResponse:
    """What only who steers cases may do, with the fields of the form as the service takes them."""
    case, powers = case_and_powers(request, pk)
    if not powers.steers:
        raise Http404
    now = timezone.now()
    form = kind(request.POST, case=case, now=now)

    def act() -> None:
        service(case=case, by=account_of(request), at=now, **form.cleaned_data)

    return take(request, case, name, form, act, said)


@require_POST
def case_pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _steered(request, pk, "pause", PauseForm, lifecycle.case_pause, "已暂停计时。")


@require_POST
def case_resume(request: HttpRequest, pk: int) -> HttpResponse:
    said = "已恢复计时，期限按暂停的时间顺延。"
    return _steered(request, pk, "resume", ResumeForm, lifecycle.case_resume, said)


@require_POST
def case_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    said = "已重新打开，时限重新起算；以前的时限与结案仍在统计里。"
    return _steered(request, pk, "reopen", ReopenForm, lifecycle.case_reopen, said)


@require_POST
def case_merge(request: HttpRequest, pk: int) -> HttpResponse:
    return _steered(request, pk, "merge", MergeForm, lifecycle.case_merge, "已并案，以后在并入的那件上办理。")


@require_POST
def case_callback(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how content the customer is."""
    case, powers = case_and_powers(request, pk)
    if not powers.works:
        raise Http404
    now = timezone.now()
    form = CallbackForm(request.POST, case=case, now=now)

    def act() -> None:
        lifecycle.callback_record(case=case, by=account_of(request), at=now, **form.given())

    return take(request, case, "callback", form, act, "已记下回访。")


@require_POST
def case_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phone in full, this once; that it was looked at is noted on the case."""
    case, powers = case_and_powers(request, pk)
    if not powers.works:
        raise Http404
    try:
        phone = lifecycle.phone_show(case=case, by=account_of(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, f"没有显示：{refused}。")
        return redirect("case", case.pk)
    return case_page(request, case, phone=phone)
