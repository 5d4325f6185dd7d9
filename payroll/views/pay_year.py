"""A tax year of pay: of a department's people for who sees its pay, and everybody's own."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.downloads import workbook_download
from core.paging import page_of
from payroll.models import Payslip
from payroll.pay_year_export import pay_year_export
from payroll.selectors.pay_year import (
    YearMonth,
    months_of_year,
    months_seen,
    people_of_year,
    summed,
    totals_of_year,
)
from payroll.selectors.periods import payslips_visible_to
from payroll.views.me import own_slips
from people.models import AccessLog, Staff
from people.one_person import other_rows
from people.selectors import departments_where
from people.services import access_log_months, access_log_payslips
from people.web import account_of, id_from

FIRST, LAST = 2000, 2900


@require_safe
def pay_year(request: HttpRequest, code: str) -> HttpResponseBase:
    """A department's people with what they were paid and what was taken in a year; or as a workbook."""
    account, year = account_of(request), _year(request)
    department = get_object_or_404(departments_where(account, "view_pay"), code=code)
    is_export = request.GET.get("as") == "xlsx"
    access_log_months(
        months=months_seen(department.pk, year),
        what=AccessLog.What.EXPORT if is_export else AccessLog.What.PERIOD,
        by=account,
        at=timezone.now(),
    )
    if is_export:
        name = f"全年工资-{department.name}-{year}.xlsx"
        return workbook_download(name, partial(pay_year_export, department=department, year=year))
    page = page_of(request, people_of_year(department.pk, year))
    shown = {
        "department": department,
        "year": year,
        "page": page,
        "people": summed(page.object_list, department.pk, year),
    }
    return render(request, "payroll/pay_year.html", shown)


@require_safe
def pay_year_person(request: HttpRequest, code: str, staff_id: int) -> HttpResponse:
    """A person's months of a year, in whatever departments the account sees the pay of."""
    account, year = account_of(request), _year(request)
    department = get_object_or_404(departments_where(account, "view_pay"), code=code)
    staff = get_object_or_404(Staff, pk=staff_id, department=department)
    rows = [staff.pk, *other_rows([staff.pk])]
    months = months_of_year(
        payslips_visible_to(account).filter(
            staff__in=rows, period__department__in=departments_where(account, "view_pay")
        ),
        year,
    )
    _note(request, months)
    shown = {"department": department, "staff": staff, **_months_shown(year, months)}
    return render(request, "payroll/pay_year_person.html", shown)


@require_safe
def me_pay_year(request: HttpRequest) -> HttpResponse:
    """The own months of a year."""
    year = _year(request)
    months = months_of_year(own_slips(account_of(request)), year)
    return render(request, "payroll/me/pay_year.html", _months_shown(year, months))


def _months_shown(year: int, months: list[YearMonth]) -> dict[str, Any]:
    return {"year": year, "months": months, "totals": totals_of_year(months)}


def _note(request: HttpRequest, months: list[YearMonth]) -> None:
    """That others' payslips were looked at."""
    account = account_of(request)
    slips: list[Payslip] = [each.slip for each in months if each.slip.staff.account_id != account.pk]
    access_log_payslips(
        payslips=[(each.period.department_id, each.period.month, each.staff_id, each.pk) for each in slips],
        by=account,
        at=timezone.now(),
    )


def _year(request: HttpRequest) -> int:
    """The year of the address, this one where none is given; 404 for what is none."""
    asked = request.GET.get("year", "")
    year = id_from(asked) if asked else timezone.localdate().year
    if year is None or not FIRST <= year <= LAST:
        raise Http404
    return year
