"""The pages of the fund: public to its department; whoever keeps it records, somebody else approves."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import PAGE, page_of
from penalties import services
from penalties.cash_fines import cash_fines
from penalties.fund import (
    book_lines,
    fund_balances,
    fund_readers,
    funds_kept_by,
    funds_visible_to,
    open_fines,
    total_owed,
)
from penalties.fund_export import fund_export
from penalties.fund_forms import (
    CountForm,
    ExpenseDecisionForm,
    ExpenseForm,
    MovementForm,
    WitnessForm,
    cleaned,
)
from penalties.models import FundCount, FundExpense, FundPosting, Incident
from people.models import Account, Department, Staff
from people.selectors import actions_in, employments_of, not_left
from people.web import account_of, do

TABS = (("", "账本"), ("fines", "待交罚款"), ("expenses", "支出"), ("counts", "盘点"))
Book = FundPosting.Account


@require_safe
def fund(request: HttpRequest) -> HttpResponse:
    """The balance, and one tab: the book, what is still to be paid, expenses, counts."""
    account, today = account_of(request), timezone.localdate()
    places = list(funds_visible_to(account).order_by("code")[:PAGE])
    if not places and not request.GET.get("department"):
        return render(request, "penalties/fund_none.html")
    place = _place(request, places)
    view = request.GET.get("view", "")
    view = view if view in dict(TABS) else ""
    balances = fund_balances(place)
    shown: dict[str, Any] = {
        "place": place,
        "places": places,
        "view": view,
        "tabs": TABS,
        "cash": balances[Book.CASH],
        "waiting": balances[Book.PAYROLL],
        "left": balances[Book.CASH] + balances[Book.PAYROLL],
        "actions": actions_in(account, place),
        "may_ask": _employment(account, place, today) is not None,
    }
    match view:
        case "fines":
            found = open_fines(place, on=today)
            shown |= {"page": page_of(request, found), "owed": total_owed(found)}
        case "expenses":
            asked = FundExpense.objects.filter(staff__department=place)
            shown["page"] = page_of(request, asked.select_related("staff", "decided_by"))
        case "counts":
            counts = FundCount.objects.filter(department=place).select_related("counted_by", "witness")
            shown |= {"page": page_of(request, counts), "form": _count_form(account, place)}
            shown |= {"witness_form": WitnessForm(), "account": account}
        case _:
            shown["page"] = page_of(request, book_lines(place))
            shown["form"] = MovementForm(today=today, amount=balances[Book.PAYROLL])
    return render(request, "penalties/fund.html", shown)


@require_safe
def fund_export_view(request: HttpRequest) -> FileResponse:
    """The whole book as a workbook, to everybody who may read it."""
    place = _place(request)
    write = partial(fund_export, department=place)
    return workbook_download(f"基金账-{place.name}-{timezone.localdate():%Y-%m-%d}.xlsx", write)


@require_safe
def fund_fine(request: HttpRequest, pk: int, staff_id: int) -> HttpResponse:
    """One fine that is paid in cash or of which something is to be given back, for whoever keeps the fund."""
    account, today = account_of(request), timezone.localdate()
    fine = _fine(account, pk, staff_id)
    person = get_object_or_404(Staff.objects.select_related("department"), pk=staff_id)
    owed = fine.owed(today)
    shown = {
        "fine": fine,
        "staff": person,
        "owed": owed,
        "refund": -owed,
        "form": MovementForm(today=today, amount=owed),
        "back": fund_url(person.department, "fines"),
    }
    return render(request, "penalties/fund_fine.html", shown)


@require_POST
def fund_refund(request: HttpRequest, pk: int, staff_id: int) -> HttpResponse:
    """Give back what was paid too much."""
    account = account_of(request)
    fine = _fine(account, pk, staff_id)
    person = get_object_or_404(Staff.objects.select_related("department"), pk=staff_id)
    return do(
        request,
        lambda: services.cash_refund_record(
            incident=fine.incident,
            staff=person,
            on=timezone.localdate(),
            key=f"refund:{request.POST.get('key', '')[:40]}",
            by=account,
            at=timezone.now(),
        ),
        "已退还并记账。",
        fund_url(person.department, "fines"),
    )


@require_POST
def fund_transfer(request: HttpRequest) -> HttpResponse:
    """What pay withheld came in as cash."""
    account, now = account_of(request), timezone.now()
    place = _kept(request)
    form = MovementForm(request.POST, today=timezone.localdate(now))

    def act() -> None:
        given = cleaned(form)
        services.transfer_record(
            department=place,
            amount=given["amount"],
            on=given["on"],
            key=f"transfer:{given['key']}",
            by=account,
            at=now,
        )

    return do(request, act, "已转入现金。", fund_url(place))


@require_http_methods(["GET", "POST"])
def fund_expense_new(request: HttpRequest) -> HttpResponse:
    """Ask for what was spent for the department, with receipts."""
    account, now = account_of(request), timezone.now()
    place = _place(request)
    person = _employment(account, place, timezone.localdate(now))
    if person is None:
        raise Http404
    form = ExpenseForm(request.POST or None, request.FILES or None, initial={"on": timezone.localdate(now)})
    if request.method == "POST" and form.is_valid():
        try:
            row = services.expense_request(staff=person, **form.cleaned_data, by=account, at=now)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("fund_expense", row.pk)
    return render(request, "penalties/fund_expense_new.html", {"form": form, "place": place})


@require_http_methods(["GET", "POST"])
def fund_expense(request: HttpRequest, pk: int) -> HttpResponse:
    """One expense with its receipts; its decision by whoever may approve, not by who asked."""
    account, now = account_of(request), timezone.now()
    rows = FundExpense.objects.filter(staff__department__in=funds_visible_to(account))
    row = get_object_or_404(rows.select_related("staff__department", "asked_by", "decided_by"), pk=pk)
    place = row.staff.department
    is_own = account.pk in (row.asked_by_id, row.staff.account_id)
    may_decide = "approve_fund" in actions_in(account, place)
    form = ExpenseDecisionForm(request.POST or None)
    if request.method == "POST":
        if "withdraw" in request.POST:
            return do(
                request,
                lambda: services.expense_withdraw(expense=row, by=account, at=now),
                "已撤回。",
                "fund_expense",
                pk,
            )
        if not may_decide:
            raise PermissionDenied("批准基金支出的权限在部门经理和总经理。")
        if form.is_valid():
            given = form.cleaned_data
            return do(
                request,
                lambda: services.expense_decide(expense=row, **given, by=account, at=now),
                "已记录决定。",
                "fund_expense",
                pk,
            )
    is_open = row.state == FundExpense.State.ASKED
    shown = {
        "expense": row,
        "receipts": row.receipts.all()[:PAGE],
        "form": form if is_open and may_decide and not is_own else None,
        "may_withdraw": is_open and row.staff.account_id == account.pk,
        "cash": fund_balances(place)[Book.CASH],
        "back": fund_url(place, "expenses"),
    }
    return render(request, "penalties/fund_expense.html", shown)


@require_POST
def fund_count_new(request: HttpRequest) -> HttpResponse:
    """Record what was counted."""
    account, now = account_of(request), timezone.now()
    place = _kept(request)
    form = CountForm(request.POST, witnesses=fund_readers(place))

    def act() -> None:
        given = cleaned(form)
        services.count_record(department=place, **given, by=account, at=now)

    return do(request, act, "已登记，等见证人确认。", fund_url(place, "counts"))


@require_POST
def fund_count_witness(request: HttpRequest, pk: int) -> HttpResponse:
    """The witness says whether it is so."""
    account, now = account_of(request), timezone.now()
    rows = FundCount.objects.filter(witness=account).select_related("department", "witness")
    row = get_object_or_404(rows, pk=pk)
    form = WitnessForm(request.POST)

    def act() -> None:
        given = cleaned(form)
        services.count_witness(
            count=row, agrees=given["agrees"] == "yes", word=given["word"], by=account, at=now
        )

    return do(request, act, "已记录。", fund_url(row.department, "counts"))


def fund_url(place: Department, view: str = "") -> str:
    """The address of a department's fund, or of one of its tabs."""
    return reverse("fund") + f"?department={place.code}" + (f"&view={view}" if view else "")


def _place(request: HttpRequest, places: Sequence[Department] = ()) -> Department:
    """The department of the address, else the first whose fund the account may read; 404 without one.

    `places`: the first of them by code, where they are known.
    """
    rows, code = funds_visible_to(account_of(request)).order_by("code"), request.GET.get("department", "")
    found = [each for each in places if each.code == code or not code][:1]
    place = found[0] if found else (rows.filter(code=code) if code else rows).first()
    if place is None:
        raise Http404
    return place


def _kept(request: HttpRequest) -> Department:
    """The department of the address, for whoever keeps its fund."""
    place = _place(request)
    if "keep_fund" not in actions_in(account_of(request), place):
        raise PermissionDenied("保管基金的权限在主管、部门经理和行政人事。")
    return place


def _fine(account: Account, pk: int, staff_id: int) -> Any:
    """A fine in cash of a department whose fund the account keeps; 404 for any other."""
    rows = Incident.objects.filter(pk=pk, staff__department__in=funds_kept_by(account))
    for fine in cash_fines(rows):
        if fine.staff_id == staff_id:
            return fine
    raise Http404


def _employment(account: Account, place: Department, today: date) -> Staff | None:
    """The account's own file in the department, while it works there."""
    return employments_of(account, on=today).filter(not_left(today), department=place).first()


def _count_form(account: Account, place: Department) -> CountForm:
    return CountForm(witnesses=fund_readers(place).exclude(pk=account.pk))
