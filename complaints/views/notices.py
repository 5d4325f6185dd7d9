"""What is printed of rulings and charges, and the month's charges to review until the tenth (s000-09-19)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from complaints.letters import charge_letter
from complaints.selectors.notices import announced_in, charges_of_month, charges_seen_by, standing_of
from complaints.views.months import place_and_month
from core.downloads import pdf_shown
from core.paging import page_of
from core.periods import first_of, shift_months
from people.web import account_of
from rules.provisions import rule_from

CHARGES = "charges"


@require_safe
def case_notices(request: HttpRequest) -> HttpResponse:
    """A month's announcement to print, or with `view=charges` its charges and how each stands."""
    account, now = account_of(request), timezone.now()
    place, places, month = place_and_month(request, now)
    today = timezone.localdate(now)
    shown: dict[str, Any] = {
        "place": place,
        "places": places,
        "month": month,
        "previous": shift_months(month, -1),
        "next": shift_months(month, 1),
        "is_running": month >= first_of(today),
        "due_on": shift_months(month, 1).replace(day=10),
        "view": CHARGES if request.GET.get("view") == CHARGES else "",
    }
    if shown["view"]:
        page = page_of(request, charges_of_month(charges_seen_by(account), place, month))
        shown["rows"] = [(each, standing_of(each, today)) for each in page]
    else:
        page = page_of(request, announced_in(place, month))
    return render(request, "complaints/notices.html", {**shown, "page": page, "today": today})


@require_safe
def charge_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person is told of a charge, on paper, with the lines to sign."""
    charge = get_object_or_404(charges_seen_by(account_of(request)), pk=pk)
    rule = rule_from(charge.ruling.provision, version="")
    shown = {
        "terms": rule.kind.in_words(),
        "charge": charge,
        "ruling": charge.ruling,
        "case": charge.ruling.case,
        "standing": standing_of(charge, timezone.localdate()),
    }
    return render(request, "complaints/charge_notice.html", shown)


@require_safe
def charge_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a PDF."""
    charge = get_object_or_404(charges_seen_by(account_of(request)), pk=pk)
    name = f"奖罚通知单-{charge.ruling.case.number}-{charge.pk}.pdf"
    return pdf_shown(name, charge_letter(charge, at=timezone.now()))
