"""Pages of programmes: what comes on which day, who teaches it, and by what."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from files.views import served
from people.models import Department
from people.selectors import departments_visible_to, departments_where
from people.web import account_of, do
from rules.kinds.programme import Programme, ProgrammeStep
from rules.provisions import Rule
from training.forms.programmes import MaterialForm, TeacherForm
from training.models import Material
from training.selectors.programmes import (
    ACTION,
    materials_by_step,
    materials_visible_to,
    mentors_of,
    programmes_on,
    teachers_of,
)
from training.services import materials
from training.services import programmes as services
from training.views.common import place_of


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes of a department in force today, one of them day by day."""
    account, today = account_of(request), timezone.localdate()
    place, places = place_of(request, departments_visible_to(account))
    rules = programmes_on(place, today)
    rule = next((each for each in rules if each.code == request.GET.get("code")), next(iter(rules), None))
    shown: dict[str, Any] = {"place": place, "places": places, "rules": rules, "rule": rule}
    if rule is not None:
        shown["teachers"] = teachers_of(place, rule.code)
        shown["materials"] = materials_by_step(account, place, rule.code)
        shown["may_manage"] = _arranged(request).filter(pk=place.pk).exists()
    return render(request, "training/programmes.html", shown)


def _arranged(request: HttpRequest) -> Any:
    """Where an account arranges training for the whole department: no lead does for the own team."""
    return departments_where(account_of(request), ACTION, whole=True)


def _step_asked(request: HttpRequest) -> tuple[Department, Rule[Programme], ProgrammeStep | None]:
    """The department, programme and step of the address, where the account arranges them; else 404."""
    place = get_object_or_404(_arranged(request), code=request.GET.get("department", ""))
    rules = programmes_on(place, timezone.localdate())
    rule = next((each for each in rules if each.code == request.GET.get("code")), None)
    if rule is None:
        raise Http404
    code = request.GET.get("step", "")
    step = rule.kind.step(code)
    if step is None and code:
        raise Http404
    return place, rule, step


def _back(place: Department, code: str) -> str:
    return f"{reverse('programmes')}?department={place.code}&code={code}"


@require_http_methods(["GET", "HEAD", "POST"])
def programme_teacher(request: HttpRequest) -> HttpResponse:
    """Name who teaches a step."""
    place, rule, step = _step_asked(request)
    if step is None:
        raise Http404
    now = timezone.now()
    former = teachers_of(place, rule.code).get(step.code)
    form = TeacherForm(
        request.POST or None,
        initial={"teacher": former or ""},
        teachers=mentors_of(place, timezone.localdate(now)),
    )
    if request.method == "POST" and form.is_valid():
        return do(
            request,
            lambda: services.step_teacher_set(
                department=place,
                code=rule.code,
                step=step.code,
                staff=form.cleaned_data["teacher"],
                by=account_of(request),
                at=now,
            ),
            "由谁带已改。",
            _back(place, rule.code),
            refused_as="没有改：",
        )
    shown = {"place": place, "rule": rule, "step": step, "form": form, "title": "由谁带"}
    return render(request, "training/programme_step.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_material(request: HttpRequest) -> HttpResponse:
    """Put up material for a step, or for the whole programme."""
    place, rule, step = _step_asked(request)
    form = MaterialForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            materials.material_add(
                department=place,
                code=rule.code,
                step=step.code if step else "",
                by=account_of(request),
                at=timezone.now(),
                **form.cleaned_data,
            )
            messages.success(request, "资料已加上。")
            return redirect(_back(place, rule.code))
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    shown = {"place": place, "rule": rule, "step": step, "form": form, "title": "加资料"}
    return render(request, "training/programme_step.html", shown)


@require_safe
def material_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a material, for whoever learns or teaches by it or arranges the training."""
    row = get_object_or_404(materials_visible_to(account_of(request)).select_related("attachment"), pk=pk)
    if row.attachment is None:
        raise Http404
    return served(row.attachment)


@require_POST
def material_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take material out of use."""
    rows = Material.objects.filter(department__in=_arranged(request)).select_related("department")
    row = get_object_or_404(rows, pk=pk)
    return do(
        request,
        lambda: materials.material_retire(material=row, by=account_of(request), at=timezone.now()),
        "资料已停用。",
        _back(row.department, row.code),
    )
