"""Pages of changes of grade: the list, proposing one, its decision and letter, appeals against it.

The decisions and the reversal are sent to payroll, which knows the months that are paid
(payroll/views/grade_changes.py).
"""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import pdf_shown
from core.errors import Refused
from core.paging import page_of
from penalties.selectors import last_appeal_day
from people.approvals import requests_of
from people.models import Account, Term
from people.selectors import departments_where, person_matches
from people.web import account_of, do, sought_in
from promotions import services
from promotions.forms import AnswerForm, AppealForm, DecideForm, ProposeForm, ReverseForm
from promotions.letters import change_letter
from promotions.models import GradeAppeal, GradeChange
from promotions.selectors.ballots import results
from promotions.selectors.changes import (
    changes_to_review,
    changes_visible_to,
    changes_waiting,
    grade_appeals_decidable_by,
)
from promotions.selectors.rounds import candidates_visible_to, with_scores

State = GradeChange.State
AppealState = GradeAppeal.State
WAITING, APPEALED = "waiting", "appealed"


@require_safe
def grade_changes(request: HttpRequest) -> HttpResponse:
    """The changes that the account sees, 50 to a page, the newest first."""
    account = account_of(request)
    rows = changes_visible_to(account).select_related("staff__department", "decided_by")
    state, who = request.GET.get("state", ""), sought_in(request, "who")
    if state in State.values:
        rows = rows.filter(state=state)
    elif state == WAITING:
        rows = rows.filter(pk__in=changes_waiting(account).order_by().values("pk"))
    elif state == APPEALED:
        rows = rows.filter(pk__in=changes_to_review(account).order_by().values("pk"))
    if who:
        rows = rows.filter(person_matches(who, of="staff"))
    shown = {
        "page": page_of(request, rows.order_by("-id")),
        "states": [(WAITING, "等我决定"), *State.choices, (APPEALED, "申诉待我决定")],
        "state": state,
        "who": who,
        "may_propose": departments_where(account, "propose_grades").exists(),
    }
    return render(request, "promotions/changes.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def grade_change_new(request: HttpRequest) -> HttpResponse:
    """Propose a promotion or a demotion outside of a review; `who` may be in the address."""
    account = account_of(request)
    if not departments_where(account, "propose_grades").exists():
        raise Http404
    form = ProposeForm(request.POST or None, account=account, who=sought_in(request, "who"))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = services.change_propose(
                staff=given["who"],
                to_tier=given["to_tier"],
                reason=given["reason"],
                key=given["key"],
                by=account,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        else:
            return redirect("grade_change", row.pk)
    return render(request, "promotions/change_new.html", {"form": form})


@require_safe
def grade_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: reasons, decision, appeal, and what the account may do next."""
    return page_of_change(request, change_of(request, pk))


@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter of a decided change to print; 404 before."""
    row = change_of(request, pk)
    if row.number is None:
        raise Http404
    return pdf_shown(f"{row.number}.pdf", change_letter(row, at=timezone.now()))


@require_POST
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Appeal against the own demotion."""
    account, row = account_of(request), change_of(request, pk)
    if row.staff.account_id != account.pk:
        raise Http404
    form = AppealForm(request.POST)
    if not form.is_valid():
        return page_of_change(request, row, {"appeal": form})
    return do(
        request,
        lambda: services.grade_appeal(
            change=row, reason=form.cleaned_data["reason"], by=account, at=timezone.now()
        ),
        "申诉已提出，由没有提出也没有决定这次降级的人决定。",
        "grade_change",
        pk,
        refused_as="没有提出申诉：",
    )


@require_POST
def appeal_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own appeal back."""
    account = account_of(request)
    row = _appeal_among(requests_of(account, GradeAppeal), pk)
    return do(
        request,
        lambda: services.grade_appeal_withdraw(appeal=row, by=account, at=timezone.now()),
        "申诉已撤回。",
        "grade_change",
        pk,
        refused_as="没有撤回：",
    )


def page_of_change(
    request: HttpRequest, row: GradeChange, sent: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page of a change; `sent`: forms that did not fit, by what they ask."""
    account, now = account_of(request), timezone.now()
    is_own = row.staff.account_id == account.pk
    appeal = row.appeals.exclude(state=AppealState.WITHDRAWN).select_related("decided_by").first()
    is_appealed = appeal is not None and appeal.state == AppealState.ASKED
    made: dict[str, forms.Form] = {}
    if row.state == State.PROPOSED and changes_waiting(account).filter(pk=row.pk).exists():
        made["decide"] = DecideForm()
    if services.change_reverse_hindrance(row, by=account) is None:
        made["reverse"] = ReverseForm()
    if services.grade_appeal_hindrance(row, by=account, at=now) is None:
        made["appeal"] = AppealForm()
    if is_appealed and grade_appeals_decidable_by(account).filter(change=row).exists():
        made["answer"] = AnswerForm()
    # To the person the decision is told, not how the review went.
    reviews = with_scores(candidates_visible_to(account).filter(changes=row))
    candidate = None if is_own else reviews.select_related("round").first()
    shown: dict[str, Any] = {
        "change": row,
        "is_own": is_own,
        "appeal": appeal,
        "is_appealed": is_appealed,
        "appeal_until": row.decided_at and last_appeal_day(row.staff.department, row.decided_at),
        "candidate": candidate,
        "result": results([candidate]).get(candidate.pk) if candidate else None,
        "has_own_pay": "decide" in made and _has_own_pay(row),
        "forms": {**made, **(sent or {})},
    }
    return render(request, "promotions/change.html", shown)


def change_of(request: HttpRequest, pk: int) -> GradeChange:
    """The change of an address, where the account sees it; else 404."""
    rows = changes_visible_to(account_of(request)).select_related(
        "staff__department", "proposed_by", "decided_by", "reversed_by", "candidate__round"
    )
    return get_object_or_404(rows, pk=pk)


def appeal_to_decide(account: Account, change: int) -> GradeAppeal:
    """The appeal against a change that the account may decide, or has decided; else 404."""
    return _appeal_among(grade_appeals_decidable_by(account), change)


def _has_own_pay(row: GradeChange) -> bool:
    """Whether an own pay agreement wins over the table of tiers, today or later."""
    terms = Term.objects.filter(staff=row.staff_id, base_pay__isnull=False)
    return terms.filter(valid__endswith__isnull=True).exists()


def _appeal_among(rows: "QuerySet[GradeAppeal]", change: int) -> GradeAppeal:
    waiting = rows.filter(change=change).exclude(state=AppealState.WITHDRAWN)
    return get_object_or_404(waiting.select_related("change__staff__department", "change__candidate__round"))
