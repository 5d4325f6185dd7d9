"""What is declared beside what was paid: figures of the year before kefu kept the pay, annual bonuses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from payroll.selectors.bonus_choices import bonus_choice
from payroll.services.annual_bonuses import annual_bonus_record, declared_withdraw
from payroll.services.tax_openings import tax_opening_record
from people.web import account_of, do
from statutory.forms import BonusForm, OpeningForm
from statutory.models import AnnualBonus
from statutory.selectors.declared import NOUNS
from statutory.views.declaring import form_of, saved
from statutory.views.lists import declaration_asked, person_shown


@require_http_methods(["GET", "HEAD", "POST"])
def declaration_opening_new(request: HttpRequest) -> HttpResponse:
    """Record the year's figures of one person up to a month; `who` may be in the address."""
    form = form_of(request, OpeningForm)
    if request.method == "POST" and form.is_valid() and (made := saved(request, form, tax_opening_record)):
        return made
    return render(request, "statutory/new.html", {"form": form, "noun": NOUNS["opening"]})


@require_http_methods(["GET", "HEAD", "POST"])
def declaration_bonus_new(request: HttpRequest) -> HttpResponse:
    """Record a bonus of the year: first both ways of taxing it, then the one that is chosen (`method`)."""
    form = form_of(request, BonusForm)
    choice = None
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)  # a refusal takes its field out of the form's own
        method = request.POST.get("method", "")
        if method in AnnualBonus.Method.values:
            form.cleaned_data["method"] = method
            if made := saved(request, form, annual_bonus_record):
                return made
        choice = bonus_choice(
            staff=given["who"], paid_on=given["paid_on"], amount=given["amount"], expected=given["expected"]
        )
    shown = {"form": form, "noun": NOUNS["bonus"], "choice": choice}
    return render(request, "statutory/bonus_new.html", shown)


@require_POST
def declaration_withdraw(request: HttpRequest, noun: str, pk: int) -> HttpResponse:
    """Take back what was wrong from the start."""
    row = declaration_asked(request, noun, pk)
    return do(
        request,
        lambda: declared_withdraw(declaration=row, by=account_of(request), at=timezone.now()),
        f"{row.staff}：已撤回。",
        "declarations_person",
        person_shown(request, row),
        refused_as="没有撤回：",
    )
