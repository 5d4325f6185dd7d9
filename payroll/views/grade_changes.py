"""Deciding a change of grade on its page, taking it back, granting an appeal: what paid months make of it."""

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
from promotions.models import GradeAppeal
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
    form = DecideForm(request.POST)
    if not form.is_valid():
        return page_of_change(request, row, {"decide": form})
    try:
        decided = grade_decide(
            change=row, accept=verdict == "accept", **form.cleaned_data, by=account, at=timezone.now()
        )
    except Refused as refused:
        if refused.field in form.fields:
            form.add_error(refused.field, f"{refused}。")
            return page_of_change(request, row, {"decide": form})
        messages.error(request, f"没有决定：{refused}。")
    else:
        messages.success(request, f"{decided.staff}：{decided.tiers}，{decided.get_state_display()}。")
    return redirect("grade_change", pk)


@require_POST
def grade_change_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decided change back; a day in an approved month is told before anything is saved."""
    account, row = account_of(request), change_of(request, pk)
    if row.staff.account_id == account.pk or not may(account, row.action, row.staff.department):
        raise Http404
    form = ReverseForm(request.POST)
    if not form.is_valid():
        return page_of_change(request, row, {"reverse": form})
    try:
        grade_reverse(change=row, **form.cleaned_data, by=account, at=timezone.now())
    except Refused as refused:
        if refused.field in form.fields:
            form.add_error(refused.field, f"{refused}。")
            return page_of_change(request, row, {"reverse": form})
        messages.error(request, f"没有撤销：{refused}。")
    else:
        messages.success(request, "已撤销，自生效日起恢复原职级。")
    return redirect("grade_change", pk)


@require_POST
def grade_change_appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse the appeal against a demotion; a day in an approved month is told before."""
    account, decision = account_of(request), request.POST.get("decision", "")
    appeal = appeal_to_decide(account, pk)
    if decision not in APPEALS:
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return page_of_change(request, change_of(request, pk), {"answer": form})
    try:
        grade_appeal_decide(appeal=appeal, state=decision, **form.cleaned_data, by=account, at=timezone.now())
    except Refused as refused:
        if refused.field in form.fields:
            form.add_error(refused.field, f"{refused}。")
            return page_of_change(request, change_of(request, pk), {"answer": form})
        messages.error(request, f"没有办成：{refused}。")
    else:
        messages.success(request, APPEALS[State(decision)])
    return redirect("grade_change", pk)
