"""Pages of disciplinary cases: the list, proposing one, its hearing, its decision, its letter."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import pdf_shown
from core.errors import Refused
from core.paging import page_of
from penalties import services
from penalties.discipline_forms import DecideForm, HearForm, OwnHearForm, ProposeForm
from penalties.forms import AppealAnswerForm, DisciplineAppealForm, ReasonForm
from penalties.letters import discipline_letter
from penalties.models import DisciplineAppeal, Proposal
from penalties.models.discipline import DisciplinaryCase
from penalties.selectors import (
    discipline_appeals_decidable_by,
    discipline_to_review,
    discipline_visible_to,
    last_appeal_day,
    proposals_visible_to,
)
from penalties.services.discipline import discipline_rules
from people.selectors import departments_where, may, person_matches, staff_where
from people.web import account_of, do, id_from, sought_in

State = DisciplinaryCase.State
FIELDS = {"staff": "who"}
APPEALED = "appealed"


@require_safe
def discipline(request: HttpRequest) -> HttpResponse:
    """The cases that the account sees, 50 to a page, the newest first."""
    account = account_of(request)
    rows = discipline_visible_to(account).select_related(
        "staff__department", "proposed_by", "incident__reversal"
    )
    state, who = request.GET.get("state", ""), sought_in(request, "who")
    if state in State.values:
        rows = rows.filter(state=state)
    elif state == APPEALED:
        rows = rows.filter(pk__in=discipline_to_review(account).order_by().values("pk"))
    if who:
        rows = rows.filter(person_matches(who, of="staff"))
    shown = {
        "page": page_of(request, rows.order_by("-id")),
        "states": [*State.choices, (APPEALED, "申诉待我决定")],
        "state": state,
        "who": who,
        "may_propose": departments_where(account, "propose_discipline").exists(),
    }
    return render(request, "penalties/discipline.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def discipline_new(request: HttpRequest) -> HttpResponse:
    """Propose an action; in the address the suggestion that it takes up (`proposal`), or `who`, `source`."""
    account = account_of(request)
    if not departments_where(account, "propose_discipline").exists():
        raise Http404
    form = ProposeForm(
        request.POST or None,
        request.FILES or None,
        account=account,
        proposal=_suggestion(request),
        begun={name: sought_in(request, name) for name in ("who", "source")},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            case = services.discipline_propose(
                staff=given["who"],
                level=given["level"],
                grounds=given["grounds"],
                source=given["source"],
                proposal=form.proposal,
                files=given["attached"],
                key=given["key"],
                by=account,
                at=timezone.now(),
            )
        except Refused as refused:
            name = FIELDS.get(refused.field, refused.field)
            form.add_error(name if name in form.fields else None, f"{refused}。")
        else:
            return do(request, lambda: None, "已提出，等本人陈述。", "disciplinary_case", case.pk)
    return render(request, "penalties/discipline_new.html", {"form": form})


@require_safe
def disciplinary_case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: facts, evidence, what the person said, the decision, and what the account may do next."""
    return page_of_case(request, case_of(request, pk))


@require_POST
def discipline_hear(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the person said; the person writes it themself."""
    case, now, account = case_of(request, pk), timezone.now(), account_of(request)
    if "hear" not in _open_to(request, case):
        raise Http404
    is_own = case.staff.account_id == account.pk
    form = OwnHearForm(request.POST) if is_own else HearForm(request.POST, now=now)

    def act() -> None:
        given = form.cleaned_data
        services.discipline_hear(
            case=case,
            statement=given["statement"],
            heard_at=given.get("heard_at", now),
            by=account,
            at=now,
        )

    return _take(request, case, "hear", form, act, "陈述已登记，等决定。")


@require_POST
def discipline_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide, or drop the case, as the button says."""
    case, now = case_of(request, pk), timezone.now()
    verdict = request.POST.get("verdict", "")
    if "decide" not in _open_to(request, case) or verdict not in ("accept", "drop"):
        raise Http404
    form = DecideForm(request.POST, rules=discipline_rules(case, now))

    def act() -> None:
        services.discipline_decide(
            case=case,
            accept=verdict == "accept",
            decision=form.cleaned_data["decision"],
            code=form.cleaned_data.get("code", ""),
            by=account_of(request),
            at=now,
        )

    said = "处分已决定，通知书可以打印。" if verdict == "accept" else "已记下不予处分。"
    return _take(request, case, "decide", form, act, said)


@require_POST
def discipline_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decided case back, with what it took from pay."""
    case = case_of(request, pk)
    if "reverse" not in _open_to(request, case):
        raise Http404
    form = ReasonForm(request.POST)

    def act() -> None:
        services.discipline_reverse(
            case=case, reason=form.cleaned_data["reason"], by=account_of(request), at=timezone.now()
        )

    return _take(request, case, "reverse", form, act, "处分已撤销，扣款记录随之撤销。")


@require_safe
def discipline_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of a decided case to print; 404 before."""
    case = case_of(request, pk)
    if case.number is None:
        raise Http404
    return pdf_shown(f"{case.number}.pdf", discipline_letter(case, at=timezone.now()))


def page_of_case(
    request: HttpRequest, case: DisciplinaryCase, sent: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page of a case; `sent`: forms that did not fit, by what they ask."""
    now, account = timezone.now(), account_of(request)
    actions = _open_to(request, case)
    is_own = case.staff.account_id == account.pk
    made: dict[str, forms.Form] = {}
    if "hear" in actions:
        made["hear"] = OwnHearForm() if is_own else HearForm(now=now)
    rules = discipline_rules(case, now) if "decide" in actions else []
    if "decide" in actions:
        made["decide"] = DecideForm(rules=rules)
    if "reverse" in actions:
        made["reverse"] = ReasonForm()
    appeal = case.appeals.exclude(state=DisciplineAppeal.State.WITHDRAWN).select_related("decided_by").first()
    is_appealed = appeal is not None and appeal.state == DisciplineAppeal.State.ASKED
    if services.discipline_appeal_hindrance(case, by=account, at=now) is None:
        made["appeal"] = DisciplineAppealForm()
    if is_appealed and discipline_appeals_decidable_by(account).filter(case=case).exists():
        made["answer"] = AppealAnswerForm()
    shown: dict[str, Any] = {
        "case": case,
        "is_own": is_own,
        "appeal": appeal,
        "is_appealed": is_appealed,
        "appeal_until": case.decided_at and last_appeal_day(case.staff.department, case.decided_at),
        "evidence": case.evidence.order_by("id"),
        "forms": {**made, **(sent or {})},
        "rules": rules,
        "shows_proposal": case.proposal_id is not None
        and proposals_visible_to(account).filter(pk=case.proposal_id).exists(),
    }
    return render(request, "penalties/disciplinary_case.html", shown)


def _open_to(request: HttpRequest, case: DisciplinaryCase) -> set[str]:
    """What the page offers; whether it may be done is the services' word."""
    account = account_of(request)
    is_own = case.staff.account_id == account.pk
    decides = not is_own and may(account, case.action, case.staff.department)
    found = set()
    if case.state == State.PROPOSED:
        proposes = staff_where(account, "propose_discipline").filter(pk=case.staff_id)
        if is_own or decides or proposes.exists():
            found.add("hear")
    if decides and case.state in DisciplinaryCase.OPEN and case.proposed_by_id != account.pk:
        found.add("decide")
    if decides and case.state == State.DECIDED:
        found.add("reverse")
    return found


def _take(
    request: HttpRequest,
    case: DisciplinaryCase,
    name: str,
    form: forms.Form,
    act: Callable[[], None],
    said: str,
) -> HttpResponse:
    """Do what a form asks and say so; a form that does not fit is shown again with what was typed."""
    if not form.is_valid():
        return page_of_case(request, case, {name: form})
    return do(request, act, said, "disciplinary_case", case.pk, refused_as="没有办成：")


def case_of(request: HttpRequest, pk: int) -> DisciplinaryCase:
    """The case of an address, where the account sees it; else 404."""
    rows = discipline_visible_to(account_of(request)).select_related(
        "staff__department", "staff__account", "proposed_by", "heard_by", "decided_by", "reversed_by",
        "proposal", "incident__provision__version", "incident__reversal",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _suggestion(request: HttpRequest) -> Proposal | None:
    """The suggestion of the address; 404 for one that the account does not see."""
    given = request.GET.get("proposal", "")
    if not given:
        return None
    rows = proposals_visible_to(account_of(request)).select_related("staff__department")
    return get_object_or_404(rows, pk=id_from(given))
