"""Pages of shift patterns: the department's list, one pattern with its hours, taking over the rulebook's."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.models import Department
from people.web import account_of, do, typed
from shifts.errors import RosterRefused
from shifts.forms.rosters import HoursFormSet, PatternForm
from shifts.models import ShiftPattern
from shifts.selectors.plans import planner_of
from shifts.selectors.rosters import patterns_of
from shifts.services.patterns import pattern_retire, pattern_save, patterns_adopt, patterns_join

PARTS = (("first", "第一段"), ("second", "第二段"))


def department_of(request: HttpRequest, code: str) -> Department:
    """The department, whose patterns are changed by whoever plans all of it; 404 elsewhere."""
    planner = planner_of(account_of(request), code, on=timezone.localdate())
    if planner is None or planner.teams is not None:
        raise Http404
    return planner.department


@require_safe
def patterns(request: HttpRequest, code: str) -> HttpResponse:
    """The department's shifts with their hours."""
    department = department_of(request, code)
    shown = {"department": department, "patterns": patterns_of(department), "join_fields": PARTS}
    return render(request, "shifts/patterns.html", shown)


@require_POST
def patterns_adopted(request: HttpRequest, code: str) -> HttpResponse:
    """Make the shifts of the rulebook in force that the department does not have yet."""
    department = department_of(request, code)
    try:
        done = patterns_adopt(department=department, on=timezone.localdate())
    except RosterRefused as refused:
        messages.error(request, f"{refused}。")
    else:
        made = "、".join(each.name for each in done.made)
        kept = f"；已有、未动：{'、'.join(done.kept)}" if done.kept else ""
        messages.success(request, f"{f'带入了{made}' if made else '没有新的班次'}{kept}。")
    return redirect("patterns", code)


@require_POST
def patterns_joined(request: HttpRequest, code: str) -> HttpResponse:
    """Make one shift of two that somebody works on one day."""
    offered = {f"{each.pk}": each for each in patterns_of(department_of(request, code))}
    first, second = (offered.get(typed(request, name)) for name in ("first", "second"))
    if first is None or second is None:
        messages.error(request, "没有合成：请选两个班次。")
        return redirect("patterns", code)
    return do(
        request,
        lambda: patterns_join(first=first, second=second),
        f"已有{first.name}和{second.name}合成的班次：两段分别打卡，排班时选它。",
        "patterns",
        code,
        refused_as="没有合成：",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pattern_new(request: HttpRequest, code: str) -> HttpResponse:
    """A pattern of the department's own."""
    return _edited(request, ShiftPattern(department=department_of(request, code)))


@require_http_methods(["GET", "HEAD", "POST"])
def pattern(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change a pattern; what was rostered keeps its hours."""
    return _edited(request, _found(request, code, pk))


@require_POST
def pattern_retired(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Offer a pattern no more, or again."""
    row = _found(request, code, pk)
    pattern_retire(pattern=row, is_retired=request.POST.get("retire") == "1")
    messages.success(request, f"{row.name}已{'停用' if row.is_retired else '恢复使用'}。")
    return redirect("patterns", code)


def _found(request: HttpRequest, code: str, pk: int) -> ShiftPattern:
    rows = ShiftPattern.objects.select_related("department")
    return get_object_or_404(rows, pk=pk, department=department_of(request, code))


def _edited(request: HttpRequest, row: ShiftPattern) -> HttpResponse:
    form = PatternForm(request.POST or None, instance=row)
    # Not with what is stored when a form comes back: rows equal to it would count as empty.
    hours = (
        HoursFormSet(request.POST, prefix="hours")
        if request.method == "POST"
        else HoursFormSet(initial=_hours_of(row), prefix="hours")
    )
    if request.method == "POST" and form.is_valid() and hours.is_valid():
        kept = [each for each in hours if each not in hours.deleted_forms]
        given = [each.given() for each in kept if each.cleaned_data.get("starts_at") is not None]
        try:
            pattern_save(pattern=form.save(commit=False), hours=given)
        except RosterRefused as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, f"{row.name}已保存。已排的班仍按原来的时间。")
            return redirect("patterns", row.department.code)
    shown = {"form": form, "hours": hours, "pattern": row, "department": row.department}
    return render(request, "shifts/pattern.html", shown)


def _hours_of(row: ShiftPattern) -> list[dict[str, Any]]:
    if row.pk is None:
        return []
    return [
        {
            "from_day": f"{each.from_month:02}-{each.from_day:02}",
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "break_starts_at": each.break_starts_at,
            "break_ends_at": each.break_ends_at,
        }
        for each in row.hours.all()
    ]
