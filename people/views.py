"""Pages on which a department's accounts are opened and first passwords handed out."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.paging import page_of
from people.errors import PeopleError
from people.models import Department, Staff
from people.selectors import departments_where, not_left, person_matches
from people.services.first_passwords import (
    Slip,
    account_reset,
    accounts_create,
    is_resettable,
    staff_without_account,
)
from people.two_step import RemovalForm, has_two_step, rank_of, removals_in, two_step_remove
from people.web import account_of, sought_in

REMOVALS = 10


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The departments whose staff the account manages; of one, straight to it."""
    departments = departments_where(account_of(request), "manage_staff").order_by("code")
    page = page_of(request, departments)
    if page.paginator.count == 1:
        return redirect("accounts_department", page[0].code)
    return render(request, "people/accounts_departments.html", {"page": page})


@require_safe
def accounts_department(request: HttpRequest, code: str) -> HttpResponse:
    """Who can sign in, who not yet, 50 to a page; found by number, name or pinyin."""
    department = _managed(request, code)
    today = timezone.localdate()
    staff = Staff.objects.filter(not_left(today), department=department)
    sought = sought_in(request, "q")
    if sought:
        staff = staff.filter(person_matches(sought))
    rows: Any = staff.select_related("account").prefetch_related("account__groups").order_by("number")
    rows = rows.annotate(has_two_step=has_two_step())
    page = page_of(request, rows)
    own_rank = rank_of(account_of(request), unknown=0)
    shown = {
        "department": department,
        "page": page,
        "resettable": {each.pk for each in page if each.account and is_resettable(each.account)},
        "two_step_forms": {
            each.pk: RemovalForm(auto_id=f"two_step_{each.pk}_%s")
            for each in page
            if each.has_two_step and each.account and rank_of(each.account) < own_rank
        },
        "removals": removals_in(department)[:REMOVALS],
        "sought": sought,
        "missing": staff_without_account(department, on=today).count(),
    }
    return render(request, "people/accounts.html", shown)


@never_cache
@require_POST
def accounts_open(request: HttpRequest, code: str) -> HttpResponse:
    """Open the missing accounts and show the slips, this once."""
    department = _managed(request, code)
    slips = accounts_create(department=department, on=timezone.localdate())
    if not slips:
        messages.info(request, "人人都有账号了，没有新开。口令条丢了就逐个重置口令。")
        return redirect("accounts_department", code)
    return _slips(request, department, slips)


@never_cache
@require_POST
def accounts_reset(request: HttpRequest, code: str, staff_id: int) -> HttpResponse:
    """A new first password for one person, shown this once."""
    department = _managed(request, code)
    staff = get_object_or_404(Staff.objects.select_related("account"), department=department, pk=staff_id)
    try:
        slip = account_reset(staff=staff, departments=departments_where(account_of(request), "manage_staff"))
    except PeopleError as refused:
        messages.error(request, str(refused))
        return redirect("accounts_department", code)
    return _slips(request, department, [slip])


@require_POST
def accounts_two_step(request: HttpRequest, code: str, staff_id: int) -> HttpResponse:
    """Take the second step away from somebody who lost the phone, with a reason."""
    department = _managed(request, code)
    staff = get_object_or_404(Staff.objects.select_related("account"), department=department, pk=staff_id)
    by = account_of(request)
    try:
        two_step_remove(
            staff=staff,
            reason=request.POST.get("reason", ""),
            departments=departments_where(by, "manage_staff"),
            by=by,
            at=timezone.now(),
        )
        messages.success(request, f"已解除{staff}的两步验证，下次登录只须口令；请其用新手机重新打开。")
    except PeopleError as refused:
        messages.error(request, str(refused))
    return redirect("accounts_department", code)


def _managed(request: HttpRequest, code: str) -> Department:
    return get_object_or_404(departments_where(account_of(request), "manage_staff"), code=code)


def _slips(request: HttpRequest, department: Department, slips: list[Slip]) -> HttpResponse:
    return render(request, "people/slips.html", {"department": department, "slips": slips})
