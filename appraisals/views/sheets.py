"""One person's month for who scores and decides: parts, marks, what was said, taking back."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from appraisals.board import DRAFT, Appraisal, board_of
from appraisals.forms import MarksForm, WordsForm
from appraisals.models import Sheet, SheetEvent
from appraisals.services import item_score, sheet_answer, sheet_take_back
from appraisals.views.common import act, told_errors
from people.models import Account, Staff
from people.selectors import staff_visible_to, staff_where
from people.web import account_of


@require_safe
def sheet(request: HttpRequest, month: date, pk: int) -> HttpResponse:
    """The sheet; with forms for the marks while it is a draft, for who may give them."""
    account = account_of(request)
    staff = _staff(account, pk)
    found = appraisal_of(staff, month)
    is_own = staff.account_id == account.pk
    scores = not is_own and staff_where(account, "score_appraisals").filter(pk=pk).exists()
    closes = not is_own and staff_where(account, "close_appraisals").filter(pk=pk).exists()
    shown: dict[str, Any] = {
        "staff": staff,
        "month": month,
        "found": found,
        "events": events_of(found),
        "forms": {},
        "is_draft": found is None or found.state == DRAFT,
        "may_score": scores,
        "may_close": closes,
        "words": WordsForm(),
    }
    if found is not None and shown["is_draft"] and scores:
        shown["forms"] = {part.item: MarksForm(part=part) for part in found.parts if part.is_supervised}
    shown["may_back"] = not shown["is_draft"] and (
        closes or (scores and found is not None and found.state != Sheet.State.CLOSED)
    )
    shown["may_answer"] = scores and found is not None and found.state not in (DRAFT, Sheet.State.CLOSED)
    return render(request, "appraisals/sheet.html", shown)


@require_POST
def sheet_scored(request: HttpRequest, month: date, pk: int) -> HttpResponse:
    """Give marks in one item."""
    account, now = account_of(request), timezone.now()
    staff = _staff_where(account, pk, "score_appraisals")
    form = MarksForm(request.POST)
    if not form.is_valid():
        return _refused(request, form, month, pk)
    given = {name: form.cleaned_data[name] for name in ("item", "score", "reason")}
    return act(
        request,
        lambda: item_score(staff=staff, month=month, **given, by=account, at=now),
        lambda row: f"已评“{row.item}”。",
        _url(month, pk),
    )


@require_POST
def sheet_answered(request: HttpRequest, month: date, pk: int) -> HttpResponse:
    """Answer what the person said."""
    _staff_where(account_of(request), pk, "score_appraisals")
    return _said(request, month, pk, sheet_answer, "text", "已答复，本人会收到通知。")


@require_POST
def sheet_back(request: HttpRequest, month: date, pk: int) -> HttpResponse:
    """Make it a draft again."""
    _staff_where(account_of(request), pk, "score_appraisals", "close_appraisals")
    return _said(request, month, pk, sheet_take_back, "reason", "已退回；改正后重新公布。")


def _said(request: HttpRequest, month: date, pk: int, do: Any, name: str, done: str) -> HttpResponse:
    account, now = account_of(request), timezone.now()
    row = get_object_or_404(Sheet, staff=pk, month=month)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _refused(request, form, month, pk)
    said = {name: form.cleaned_data["text"]}
    return act(request, lambda: do(sheet=row, **said, by=account, at=now), lambda _: done, _url(month, pk))


def appraisal_of(staff: Staff, month: date) -> Appraisal | None:
    """A person's month; None where no scheme binds them. Places are not told of one alone."""
    return next(iter(board_of(staff.department, month, only=[staff.pk])), None)


def events_of(found: Appraisal | None) -> list[SheetEvent]:
    """What happened to the sheet, in order."""
    if found is None or found.sheet is None:
        return []
    return list(SheetEvent.objects.filter(sheet=found.sheet).select_related("by").order_by("id"))


def _staff(account: Account, pk: int) -> Staff:
    return get_object_or_404(staff_visible_to(account).select_related("department"), pk=pk)


def _staff_where(account: Account, pk: int, *actions: str) -> Staff:
    """The person, for who may do one of the actions about them; 404 for others."""
    if not any(staff_where(account, action).filter(pk=pk).exists() for action in actions):
        raise Http404
    return _staff(account, pk)


def _url(month: date, pk: int) -> str:
    return reverse("appraisal_sheet", args=[month, pk])


def _refused(request: HttpRequest, form: Any, month: date, pk: int) -> HttpResponse:
    """Say what the form lacks, field by field."""
    told_errors(request, form)
    return redirect(_url(month, pk))
