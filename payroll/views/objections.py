"""Objections as HR and the manager see them: what waits, one of them, the answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.paging import page_of
from payroll.errors import ObjectionRefused
from payroll.forms import AnswerForm
from payroll.models import Objection
from payroll.selectors.objections import incidents_standing, objections_visible_to
from payroll.selectors.overlaps import (
    appeals_overlapping,
    claims_overlapping,
    incidents_named,
    orders_assigned_since,
)
from payroll.services.objections import objection_reject, objection_uphold
from people.models import AccessLog, Account
from people.selectors import actions_in, departments_where
from people.services import access_log
from people.web import account_of

State = Objection.State
RELATED = ("period__department", "staff", "answered_by", "manual_line__period")


@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """The objections of the departments whose pay the account sees; first what waits for an answer."""
    account = account_of(request)
    if not departments_where(account, "view_pay").exists():
        raise Http404
    state = request.GET.get("state", State.OPEN)
    rows = objections_visible_to(account).select_related(*RELATED)
    if state in State.values:
        rows = rows.filter(state=state)
    shown = {"page": page_of(request, rows), "state": state, "states": State.choices}
    return render(request, "payroll/objections.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection with what the line said; the answer, where the account may give it."""
    account = account_of(request)
    row = get_object_or_404(objections_visible_to(account).select_related(*RELATED), pk=pk)
    actions = actions_in(account, row.period.department)
    standing = incidents_standing(row).select_related("provision", "staff")
    form = AnswerForm(request.POST or None, objection=row, standing=standing)
    if request.method == "POST":
        if "answer_objections" not in actions:
            raise Http404
        if row.state != State.OPEN:
            messages.error(request, f"没有答复：这条异议已答复为“{row.get_state_display()}”。")
            return redirect("objection", pk)
        if form.is_valid() and _answered(request, row, form):
            return redirect("objection", pk)
    elif row.staff.account_id != account.pk:
        _looked_at(row, account)
    shown = {
        "objection": row,
        "form": form,
        "standing": standing,
        "claims": claims_overlapping(row),
        "assigned": orders_assigned_since(row),
        "appeals": appeals_overlapping(row, incidents_named(row)),
        "may_answer": row.state == State.OPEN and "answer_objections" in actions,
        "is_own": row.staff.account_id == account.pk,
    }
    return render(request, "payroll/objection.html", shown)


def _answered(request: HttpRequest, row: Objection, form: AnswerForm) -> bool:
    """Answer as the pressed button says; what is refused is said in the form."""
    account, now, given = account_of(request), timezone.now(), form.cleaned_data
    decision = request.POST.get("decision")
    try:
        if decision == "uphold":
            picked = given.get("incidents")
            objection_uphold(
                objection=row,
                answer=given["answer"],
                amount=given.get("amount"),
                incidents=None if picked is None else [each.pk for each in picked],
                by=account,
                at=now,
            )
        elif decision == "reject":
            objection_reject(objection=row, answer=given["answer"], by=account, at=now)
        else:
            raise Http404
    except ObjectionRefused as refused:
        form.add_error(None, f"{refused}。")
        return False
    messages.success(request, "已答复，本人在工资条上看得到。")
    return True


def _looked_at(row: Objection, account: Account) -> None:
    access_log(
        what=AccessLog.What.PAYSLIP,
        department=row.period.department,
        month=row.period.month,
        staff=row.staff,
        by=account,
        at=timezone.now(),
    )
