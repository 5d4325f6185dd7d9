"""Pages of who is called what in files, for who manages staff."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from people.alias_forms import AliasEndForm, AliasForm
from people.aliases import alias_key
from people.errors import AliasRefused
from people.models import Alias, Department
from people.selectors import departments_where, person_matches
from people.services import alias_add, alias_end
from people.web import account_of, do, sought_in
from sheets.writing import Sheet, SheetColumn, write_workbook

COLUMNS = ("别名", "店铺", "工号", "姓名", "从哪天起", "最后一天")


@require_safe
def aliases(request: HttpRequest) -> HttpResponse:
    """The departments whose staff the account manages; of one, straight to it."""
    departments = departments_where(account_of(request), "manage_staff").order_by("code")
    page = page_of(request, departments)
    if page.paginator.count == 1:
        return redirect("aliases_department", page[0].code)
    return render(request, "people/aliases_departments.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def aliases_department(request: HttpRequest, code: str) -> HttpResponse:
    """Who is called what, 50 to a page; a new alias."""
    department = _managed(request, code)
    today = timezone.localdate()
    form = AliasForm(request.POST or None, department=department, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            alias = alias_add(
                department=department, **form.cleaned_data, by=account_of(request), at=timezone.now()
            )
            messages.success(request, f"已登记“{alias}”。")
            return redirect("aliases_department", code)
        except AliasRefused as refused:
            form.add_error(None, f"{refused}。")
    page = page_of(request, _sought(request, department))
    shown = {
        "department": department,
        "form": form,
        "page": page,
        "sought": sought_in(request, "q"),
        "end_forms": {
            each.pk: AliasEndForm(initial={"last_day": f"{today}"}, auto_id=f"end_{each.pk}_%s")
            for each in page
            if each.last_day is None or each.last_day >= today
        },
    }
    return render(request, "people/aliases.html", shown)


@require_POST
def alias_finish(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The alias holds until a day."""
    department = _managed(request, code)
    alias = get_object_or_404(Alias, department=department, pk=pk)
    form = AliasEndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有结束：最后一天不是日期，请写成 2026-10-01。")
        return redirect("aliases_department", code)
    day: date = form.cleaned_data["last_day"]
    said = f"“{alias}”到 {day:%Y-%m-%d} 为止。"
    return do(
        request,
        lambda: alias_end(alias=alias, last_day=day),
        said,
        "aliases_department",
        code,
        refused_as="没有结束：",
    )


@require_safe
def aliases_xlsx(request: HttpRequest, code: str) -> FileResponse:
    """Every alias of the department as a workbook."""
    department = _managed(request, code)
    rows = (
        (
            each.text,
            each.shop or None,
            each.staff.number if each.staff else None,
            each.staff.name if each.staff else "不是本部门的人",
            each.first_day,
            each.last_day,
        )
        for each in _of(department).iterator(chunk_size=2000)
    )
    sheet = Sheet("别名", [SheetColumn(title) for title in COLUMNS], rows, heading=f"{department.name}的别名")
    name = f"别名-{department.code}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return workbook_download(name, lambda target: write_workbook(target, [sheet]))


def _of(department: Department) -> QuerySet[Alias]:
    return (
        Alias.objects.filter(department=department).select_related("staff").order_by("key", "shop", "valid")
    )


def _sought(request: HttpRequest, department: Department) -> QuerySet[Alias]:
    sought: Any = sought_in(request, "q")
    if not sought:
        return _of(department)
    return _of(department).filter(
        Q(key__contains=alias_key(sought)) | Q(shop__icontains=sought) | person_matches(sought, of="staff")
    )


def _managed(request: HttpRequest, code: str) -> Department:
    return get_object_or_404(departments_where(account_of(request), "manage_staff"), code=code)
