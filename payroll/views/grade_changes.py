"""Deciding a change of grade on its page, taking it back, granting an appeal: what paid months make of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import Refused
from payroll.services.grade_changes import grade_change_appeal_decide as grade_appeal_decide
from payroll.services.grade_changes import grade_change_decide as grade_decide
from payroll.services.grade_changes import grade_change_reverse as grade_reverse
from people.selectors import may
from people.web import account_of
from promotions.forms import AnswerForm, DecideForm, ReverseForm
from promotions.models import GradeAppeal, GradeChange
from promotions.views.changes import appeal_to_decide, change_of, page_of_change

VERDICTS = ("accept", "decline")
State = GradeAppeal.State
APPEALS = {
    State.APPROVED: "申诉已批准，降级已撤销，自生效日起恢复原职级。",
    State.REFUSED: "申诉已答复：不批准。",
}


@require_POST
def grade_change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide or decline, as the button says; a day in an approved month is told before anything is saved."""
    account, row = account_of(request), change_of(request, pk)
    verdict = request.POST.get("verdict", "")
    is_own = row.staff.account_id == account.pk
    if verdict not in VERDICTS or is_own or not may(account, "decide_grades", row.staff.department):
        raise Http404

    def decide(**values: Any) -> str:
        decided = grade_decide(
            change=row, accept=verdict == "accept", **values, by=account, at=timezone.now()
        )
        return f"{decided.staff}：{decided.tiers}，{decided.get_state_display()}。"

    return _sent(request, row, "decide", DecideForm(request.POST), decide, refused_as="没有决定：")


@require_POST
def grade_change_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decided change back; a day in an approved month is told before anything is saved."""
    account, row = account_of(request), change_of(request, pk)
    if row.staff.account_id == account.pk or not may(account, row.action, row.staff.department):
        raise Http404

    def reverse(**values: Any) -> str:
        grade_reverse(change=row, **values, by=account, at=timezone.now())
        return "已撤销，自生效日起恢复原职级。"

    return _sent(request, row, "reverse", ReverseForm(request.POST), reverse, refused_as="没有撤销：")


@require_POST
def grade_change_appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse the appeal against a demotion; a day in an approved month is told before."""
    account, decision = account_of(request), request.POST.get("decision", "")
    appeal = appeal_to_decide(account, pk)
    if decision not in APPEALS:
        raise Http404

    def answer(**values: Any) -> str:
        grade_appeal_decide(appeal=appeal, state=decision, **values, by=account, at=timezone.now())
        return APPEALS[State(decision)]

    row = change_of(request, pk)
    return _sent(request, row, "answer", AnswerForm(request.POST), answer, refused_as="没有办成：")


def _sent(
    request: HttpRequest,
    row: GradeChange,
    name: str,
    form: forms.Form,
    act: Callable[..., str],
    *,
    refused_as: str,
) -> HttpResponse:
    """Do what a form of the page asks; the page again with what was typed where a field is wrong."""
    if form.is_valid():
        try:
            messages.success(request, act(**form.cleaned_data))
        except Refused as refused:
            if refused.field not in form.fields:
                messages.error(request, f"{refused_as}{refused}。")
                return redirect("grade_change", row.pk)
            form.add_error(refused.field, f"{refused}。")
        else:
            return redirect("grade_change", row.pk)
    return page_of_change(request, row, {name: form})
