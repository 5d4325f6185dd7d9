"""What is left of each type of leave: on the own page, of a department as a table, of one person by entry."""

from datetime import date
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from people.models import Account, Staff
from people.selectors import may
from people.web import account_of, do, own_staff
from sheets.writing import Sheet, SheetColumn, write_workbook
from shifts.forms.leave_balances import BalanceFilterForm, CorrectionOfBalanceForm
from shifts.selectors.leave import departments_with_leave_shown
from shifts.selectors.leave_balances import BalanceRow, LeaveAccounts, balance_rows, balances_shown_to
from shifts.services.leave_balances import leave_correct

DAYS = ("上年结转", "今年取得", "已用", "作废", "剩余", "30天内到期", "待审批")
COLUMNS = (
    SheetColumn("工号"),
    SheetColumn("姓名"),
    SheetColumn("最后工作日", format="date"),
    SheetColumn("假别"),
    *(SheetColumn(f"{name}（天）", 12, format="number") for name in DAYS),
    SheetColumn("最早到期", format="date"),
)


@require_safe
def me_leave_balances(request: HttpRequest) -> HttpResponse:
    """The own balances with the entries that explain them."""
    staff, today = own_staff(request), timezone.localdate()
    balances = LeaveAccounts([staff.pk], today).balances(staff.pk, today)
    return render(request, "shifts/me_leave_balances.html", {"balances": balances, "today": today})


@require_safe
def leave_balances(request: HttpRequest) -> HttpResponse:
    """The balances of a department's people, and how many of their days lapse soon."""
    form, everybody, today = _listed(request)
    rows = form.rows(everybody)
    shown = {
        "form": form,
        "page": page_of(request, rows),
        "expiring": sum(bool(row.balance.expiring) for row in everybody),
        "is_filtered": any(form.given.get(name) for name in ("who", "type", "expiring")),
        "today": today,
    }
    return render(request, "shifts/leave_balances.html", shown)


@require_safe
def leave_balances_export(request: HttpRequest) -> FileResponse:
    """The same under the filter, as a workbook."""
    form, everybody, today = _listed(request)
    title = f"假期余额 {today:%Y-%m-%d}"
    sheet = Sheet(title, COLUMNS, map(_cells, form.rows(everybody)), heading=title)
    return workbook_download(f"{title}.xlsx", lambda target: write_workbook(target, [sheet]))


@require_safe
def leave_balance(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's balances by entry; who looks after the staff corrects them here."""
    account, today = account_of(request), timezone.localdate()
    staff = _shown(account, pk, today)
    rows = balance_rows([staff], today)
    shown: dict[str, Any] = {
        "staff": staff,
        "rows": rows,
        "form": None,
    }
    if rows and may(account, "manage_staff", staff.department):
        seen = staff.leave_corrections.count()
        shown["form"] = _form(rows, initial={"on": rows[0].balance.on, "seen": seen})
    return render(request, "shifts/leave_balance.html", shown)


@require_POST
def leave_balance_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Add days to somebody's balance, or take some off, with the reason."""
    account, today = account_of(request), timezone.localdate()
    staff = _shown(account, pk, today)
    if not may(account, "manage_staff", staff.department):
        raise Http404
    form = _form(balance_rows([staff], today), request.POST)
    if not form.is_valid():
        shown = {"staff": staff, "rows": balance_rows([staff], today), "form": form}
        return render(request, "shifts/leave_balance.html", shown)
    given = form.cleaned_data
    return do(
        request,
        lambda: leave_correct(staff=staff, **given, by=account, at=timezone.now()),
        "已更正。",
        "leave_balance",
        pk,
        refused_as="没有更正：",
    )


def _listed(request: HttpRequest) -> tuple[BalanceFilterForm, list[BalanceRow], date]:
    account, today = account_of(request), timezone.localdate()
    departments = departments_with_leave_shown(account)
    if not departments.exists():
        raise Http404
    form = BalanceFilterForm(request.GET, departments)
    return form, balance_rows(list(form.people(balances_shown_to(account, today))), today), today


def _shown(account: Account, pk: int, today: date) -> Staff:
    return get_object_or_404(balances_shown_to(account, today).select_related("department"), pk=pk)


def _form(rows: list[BalanceRow], *args: Any, **kwargs: Any) -> CorrectionOfBalanceForm:
    types = [(row.balance.type, row.balance.label) for row in rows]
    return CorrectionOfBalanceForm(*args, types=types, **kwargs)


def _cells(row: BalanceRow) -> tuple[Any, ...]:
    got = row.balance
    days = (got.carried, got.granted, got.used, got.expired, got.left, got.expiring, got.waiting)
    staff = row.staff
    return staff.number, staff.name, staff.left_on, got.label, *map(_plain, days), got.expires_on


def _plain(days: Any) -> Any:
    return round(days, 2)
