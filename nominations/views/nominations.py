"""Putting somebody forward, one nomination with all that is said of it, and its certificate."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import pdf_shown
from core.errors import Refused
from nominations import services
from nominations.forms import AttestForm, DecideForm, NominateForm, RevokeForm, VoiceForm
from nominations.letters import certificate, prize_in_words
from nominations.models import Nomination
from nominations.selectors.nominations import (
    award_places,
    nominations_visible_to,
    staff_looked_into,
    voices_of,
)
from nominations.selectors.rules import award_rules, rules_at_nomination
from people.models import Account, Department
from people.selectors import employment_of, may, staff_where
from people.web import account_of, do

State = Nomination.State
FIELDS = {"staff": "who"}
VOICES_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def nomination_new(request: HttpRequest) -> HttpResponse:
    """Put somebody forward; in the address the department (`department`), and `who`, `code` to begin with."""
    account, today = account_of(request), timezone.localdate()
    place = _place(request, account)
    own = employment_of(account, on=today, unless_left=True)
    works_here = own is not None and own.department_id == place.pk
    if not works_here and not may(account, "record_incidents", place):
        raise Http404
    rules = award_rules(place, today)
    form = NominateForm(
        request.POST or None,
        request.FILES or None,
        department=place,
        rules=rules,
        on=today,
        begun={name: request.GET.get(name, "")[:64] for name in ("who", "code")},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.nomination_make(
                staff=given["who"],
                code=given["code"],
                reason=given["reason"],
                files=given["attached"],
                nominator=own if works_here else None,
                by=account,
                at=timezone.now(),
            )
        except Refused as refused:
            name = FIELDS.get(refused.field, refused.field)
            form.add_error(name if name in form.fields else None, f"{refused}。")
        else:
            messages.success(request, "提名已收到。")
            return redirect("nomination", made.pk)
    shown = {"form": form, "place": place, "rules": rules}
    return render(request, "nominations/new.html", shown)


@require_safe
def nomination(request: HttpRequest, pk: int) -> HttpResponse:
    """One nomination: facts, criteria, voices, the decision, and what the account may do next."""
    return _page(request, _nomination(request, pk))


@require_POST
def nomination_voice(request: HttpRequest, pk: int) -> HttpResponse:
    """Say once whether one supports it, as the button says."""
    row, now = _nomination(request, pk), timezone.now()
    own = employment_of(account_of(request), on=timezone.localdate(now), unless_left=True)
    if "voice" not in _open_to(request, row) or own is None:
        raise Http404
    form = VoiceForm(request.POST)

    def act() -> None:
        services.voice_give(
            nomination=row,
            voter=own,
            supports=request.POST.get("verdict") != "against",
            comment=form.cleaned_data["comment"],
            at=now,
        )

    return _take(request, row, "voice", form, act, "已记下，不会显示是谁。")


@require_POST
def nomination_attest(request: HttpRequest, pk: int) -> HttpResponse:
    """Certify one of the conditions that no figure tells."""
    row = _nomination(request, pk)
    if "attest" not in _open_to(request, row):
        raise Http404
    form = AttestForm(request.POST, criteria=_to_attest(row))

    def act() -> None:
        services.criterion_attest(
            nomination=row,
            criterion=form.cleaned_data["criterion"],
            holds=request.POST.get("verdict") != "no",
            note=form.cleaned_data["note"],
            by=account_of(request),
            at=timezone.now(),
        )

    return _take(request, row, "attest", form, act, "认定已登记。")


@require_POST
def nomination_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide it, as the button says."""
    row, verdict = _nomination(request, pk), request.POST.get("verdict", "")
    if "decide" not in _open_to(request, row) or verdict not in ("win", "decline"):
        raise Http404
    form = DecideForm(request.POST, has_gift=_has_gift(row))

    def act() -> None:
        services.nomination_decide(
            nomination=row,
            wins=verdict == "win",
            decision=form.cleaned_data["decision"],
            as_gift=form.cleaned_data.get("as_gift", False),
            by=account_of(request),
            at=timezone.now(),
        )

    said = "已决定得奖，证书可以打印。" if verdict == "win" else "已记下未得奖。"
    return _take(request, row, "decide", form, act, said)


@require_POST
def nomination_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an award back, with what it paid."""
    row = _nomination(request, pk)
    if "revoke" not in _open_to(request, row):
        raise Http404
    form = RevokeForm(request.POST)

    def act() -> None:
        services.award_revoke(
            nomination=row, reason=form.cleaned_data["reason"], by=account_of(request), at=timezone.now()
        )

    return _take(request, row, "revoke", form, act, "奖项已撤销。")


@require_POST
def nomination_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own nomination back."""
    row = _nomination(request, pk)
    if "withdraw" not in _open_to(request, row):
        raise Http404
    return do(
        request,
        lambda: services.nomination_withdraw(nomination=row, by=account_of(request), at=timezone.now()),
        "提名已撤回。",
        "nomination",
        row.pk,
    )


@require_safe
def nomination_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate to print, for the person and whoever sees the person; 404 before the award."""
    row = _nomination(request, pk)
    if row.number is None or not staff_looked_into(account_of(request), [row]):
        raise Http404
    return pdf_shown(f"{row.number}.pdf", certificate(row, at=timezone.now()))


def _page(request: HttpRequest, row: Nomination, sent: dict[str, forms.Form] | None = None) -> HttpResponse:
    """The page of a nomination; `sent`: forms that did not fit, by what they ask."""
    account, actions = account_of(request), _open_to(request, row)
    looks_in = bool(staff_looked_into(account, [row]))
    made: dict[str, forms.Form] = {}
    if "voice" in actions:
        made["voice"] = VoiceForm()
    if "attest" in actions:
        made["attest"] = AttestForm(criteria=_to_attest(row))
    if "decide" in actions:
        made["decide"] = DecideForm(has_gift=_has_gift(row))
    if "revoke" in actions:
        made["revoke"] = RevokeForm()
    voices = list(voices_of(row)[:VOICES_SHOWN])
    shown: dict[str, Any] = {
        "row": row,
        "looks_in": looks_in,
        "attachments": row.attachments.order_by("id") if looks_in or row.by_id == account.pk else [],
        "voices": voices,
        "supporting": row.voices.filter(supports=True).count(),
        "opposing": row.voices.filter(supports=False).count(),
        "prize": prize_in_words(row),
        "actions": actions,
        "forms": {**made, **(sent or {})},
    }
    return render(request, "nominations/nomination.html", shown)


def _open_to(request: HttpRequest, row: Nomination) -> set[str]:
    """What the page offers; whether it may be done is the services' word."""
    account, today = account_of(request), timezone.localdate()
    is_own = row.staff.account_id == account.pk
    found = {"withdraw"} if row.is_waiting and row.by_id == account.pk else set()
    if may(account, "decide_awards", row.department) and not is_own and row.by_id != account.pk:
        found |= {"decide"} if row.is_waiting else {"revoke"} if row.state == State.WON else set()
    if not row.is_waiting or row.is_placing or is_own:
        return found
    if row.checked_at is None:
        own = employment_of(account, on=today, unless_left=True)
        if own is not None and own.department_id == row.department_id:
            found |= set() if row.voices.filter(staff=own).exists() else {"voice"}
    in_charge = staff_where(account, "record_incidents", on=today).filter(pk=row.staff_id)
    if row.by_id != account.pk and in_charge.exists() and _to_attest(row):
        found.add("attest")
    return found


def _to_attest(row: Nomination) -> list[str]:
    rule = rules_at_nomination([row]).get(row.provision_id)
    return [] if rule is None else rule.kind.to_attest


def _has_gift(row: Nomination) -> bool:
    rule = rules_at_nomination([row]).get(row.provision_id)
    return rule is not None and rule.kind.gift


def _take(
    request: HttpRequest, row: Nomination, name: str, form: forms.Form, act: Callable[[], None], said: str
) -> HttpResponse:
    """Do what a form asks and say so; a form that does not fit is shown again with what was typed."""
    if not form.is_valid():
        return _page(request, row, {name: form})
    return do(request, act, said, "nomination", row.pk, refused_as="没有办成：")


def _nomination(request: HttpRequest, pk: int) -> Nomination:
    """The nomination of an address, where the account sees it; else 404."""
    rows = nominations_visible_to(account_of(request)).select_related(
        "staff__account", "department", "by", "decided_by", "revoked_by"
    )
    return get_object_or_404(rows, pk=pk)


def _place(request: HttpRequest, account: Account) -> Department:
    """The department of the address, else that of the own work; 404 where there is none."""
    places = award_places(account).order_by("code")
    asked = request.GET.get("department", "")
    if asked:
        return get_object_or_404(places, code=asked)
    own = employment_of(account, on=timezone.localdate(), unless_left=True)
    found = (places.filter(pk=own.department_id).first() if own else None) or places.first()
    if found is None:
        raise Http404
    return found
