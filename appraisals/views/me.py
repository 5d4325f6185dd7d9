"""The own appraisals: every month's sheet, what one says of it, the signature, grades of quarters."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from appraisals.board import DRAFT
from appraisals.forms import SignForm, WordsForm
from appraisals.models import QuarterGrade, Sheet
from appraisals.services import sheet_comment, sheet_sign
from appraisals.views.common import act, told_errors
from appraisals.views.sheets import appraisal_of, events_of
from core.paging import page_of
from core.periods import first_of, last_of
from people.models import Staff
from people.selectors import employment_of, employments_of
from people.web import account_of, own_staff


@require_safe
def me_appraisals(request: HttpRequest) -> HttpResponse:
    """The own sheets, the latest first, and the grades of quarters that were confirmed."""
    account, today = account_of(request), timezone.localdate()
    staff = employment_of(account, on=today)
    if staff is None:
        return render(request, "home/me/nobody.html")
    own = employments_of(account, on=today).order_by().values("pk")
    sheets = Sheet.objects.filter(staff__in=own).exclude(state=DRAFT).order_by("-month", "-id")
    grades: dict[date, QuarterGrade] = {}
    for grade in QuarterGrade.objects.filter(staff__in=own).order_by("quarter", "id"):
        grades[grade.quarter] = grade
    shown = {
        "page": page_of(request, sheets),
        "month": first_of(today),
        "grades": list(reversed(grades.values()))[:12],
    }
    return render(request, "appraisals/me.html", shown)


@require_safe
def me_appraisal(request: HttpRequest, month: date) -> HttpResponse:
    """One month: its parts, what is missing, what was said, and signing it."""
    staff = _staff(request, month)
    found = appraisal_of(staff, month)
    edition = found.sheet.edition if found is not None and found.sheet is not None else 0
    shown = {
        "staff": staff,
        "month": month,
        "found": found,
        "events": events_of(found),
        "is_draft": found is None or found.state == DRAFT,
        "may_say": found is not None and found.state != Sheet.State.CLOSED and month <= timezone.localdate(),
        "may_sign": found is not None and found.state in (Sheet.State.PUBLISHED, Sheet.State.COMMENTED),
        "words": WordsForm(),
        "sign": SignForm(initial={"edition": edition}),
    }
    return render(request, "appraisals/me_sheet.html", shown)


@require_POST
def me_appraisal_comment(request: HttpRequest, month: date) -> HttpResponse:
    """Say something: a self-assessment of a draft, a comment on what was published."""
    account, now = account_of(request), timezone.now()
    staff = _staff(request, month)
    form = WordsForm(request.POST)
    if not form.is_valid():
        told_errors(request, form)
        return redirect("me_appraisal", month)
    return act(
        request,
        lambda: sheet_comment(staff=staff, month=month, text=form.cleaned_data["text"], by=account, at=now),
        lambda _: "已提交。",
        reverse("me_appraisal", args=[month]),
    )


@require_POST
def me_appraisal_sign(request: HttpRequest, month: date) -> HttpResponse:
    """Sign what was published."""
    account, now = account_of(request), timezone.now()
    sheet = get_object_or_404(Sheet, staff=_staff(request, month), month=month)
    form = SignForm(request.POST)
    if not form.is_valid():
        told_errors(request, form)
        return redirect("me_appraisal", month)
    return act(
        request,
        lambda: sheet_sign(sheet=sheet, **form.cleaned_data, by=account, at=now),
        lambda _: "已签字。",
        reverse("me_appraisal", args=[month]),
    )


def _staff(request: HttpRequest, month: date) -> Staff:
    """The own employment of the month's last day; 404 for who has none."""
    today = timezone.localdate()
    staff = employment_of(account_of(request), on=min(last_of(month), today))
    return staff if staff is not None else own_staff(request)
