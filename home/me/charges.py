"""One's own shares of losses of cases: why, how they come about, what can be said against them until when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from complaints.models import Appeal, Charge, Ruling
from complaints.selectors.charges import appeals_of, charges_of
from complaints.services.appeals import appeal_withdraw
from core.errors import Refused
from core.paging import page_of
from payroll.selectors.charges import charges_in_pay
from payroll.services.appeals import charge_appeal
from people.web import account_of, do


class AppealForm(forms.Form):
    """What somebody says against the own share of a loss."""

    reason = forms.CharField(label="申诉理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


@dataclass(frozen=True, slots=True)
class ChargeShown:
    """A share with the appeal against it, and the form of one that can still be made."""

    charge: Charge
    appeal: Appeal | None
    is_reversed: bool
    form: AppealForm | None


@require_safe
def me_charges(request: HttpRequest) -> HttpResponse:
    """All of them, the latest first; eight queries."""
    return _page(request)


@require_POST
def me_charge_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Appeal against one of them."""
    account = account_of(request)
    charge = get_object_or_404(charges_of(account), pk=pk)
    form = _form(charge, request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            charge_appeal(charge=charge, reason=reason, by=account, at=timezone.now())
        except Refused as refused:
            form.add_error(None, f"{refused}。")
            messages.error(request, f"没有提出申诉：{refused}。")
        else:
            messages.success(request, "申诉已提出；答复以前这一笔不扣。")
            return redirect("me_charges")
    else:
        messages.error(request, "没有提出申诉：请看标红的地方。")
    return _page(request, {charge.pk: form})


@require_POST
def me_appeal_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own appeal back."""
    account = account_of(request)
    appeal = get_object_or_404(appeals_of(account), pk=pk)
    return do(
        request,
        lambda: appeal_withdraw(appeal=appeal, by=account, at=timezone.now()),
        "申诉已撤回，这一笔照扣。",
        "me_charges",
        refused_as="没有撤回：",
    )


def _page(request: HttpRequest, refused: dict[int, AppealForm] | None = None) -> HttpResponse:
    account, today = account_of(request), timezone.localdate()
    page = page_of(request, charges_of(account))
    in_pay = charges_in_pay(list(page.object_list))
    sent = refused or {}
    rows = [_shown(each, today, sent.get(each.pk), is_in_pay=each.pk in in_pay) for each in page.object_list]
    return render(request, "home/me/charges.html", {"page": page, "rows": rows})


def _form(charge: Charge, data: Any = None) -> AppealForm:
    """Several stand on one page, each with ids of its own."""
    return AppealForm(data, auto_id=f"charge-{charge.pk}-%s")


def _shown(charge: Charge, today: date, sent: AppealForm | None, *, is_in_pay: bool) -> ChargeShown:
    appeals = list(charge.appeals.all())
    standing = next((each for each in appeals if each.state != Appeal.State.WITHDRAWN), None)
    is_reversed = charge.ruling.state == Ruling.State.REVERSED
    is_open = standing is None and not is_reversed and not is_in_pay and today <= charge.appeal_until
    return ChargeShown(charge, standing, is_reversed, sent or _form(charge) if is_open else sent)
