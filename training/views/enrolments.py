"""Pages of enrolments: who is where in which programme, one newcomer's plan, what is recorded of it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import PAGE, page_of
from people.models import Staff
from people.selectors import departments_visible_to
from people.web import account_of, do
from sheets.writing import Sheet, SheetColumn, write_workbook
from training.forms.programmes import EndForm, EnrolmentFilter, EnrolmentForm, MentorForm, StepForm
from training.forms.results import PlanResultForm
from training.models import Enrolment
from training.plan import Plan
from training.selectors.programmes import (
    departments_trained_by,
    enrolments_managed_by,
    enrolments_visible_to,
    manages,
    materials_by_step,
    mentors_of,
    newcomers_of,
    plan_on,
    plans_of,
    programme_rule,
    programmes_on,
    steps_recordable,
)
from training.selectors.results import results_enterable_by, results_entered
from training.services import exam_result_enter
from training.services import programmes as services
from training.views.common import place_of

RESULTS_SHOWN = 20
RELATED = ("staff", "mentor", "provision", "department")
COLUMNS = (
    SheetColumn("工号"),
    SheetColumn("姓名"),
    SheetColumn("培训计划", 24),
    SheetColumn("批次"),
    SheetColumn("师傅", 16),
    SheetColumn("第1天", format="date"),
    SheetColumn("完成步数", format="integer"),
    SheetColumn("总步数", format="integer"),
    SheetColumn("过期", 40, "wrapped"),
    SheetColumn("下一步", 30),
    SheetColumn("下一步日期", format="date"),
    SheetColumn("可转正自", format="date"),
    SheetColumn("结束日期", format="date"),
    SheetColumn("结束说明", 24),
)


@require_safe
def enrolments(request: HttpRequest) -> HttpResponse:
    """Who goes through which programme: how far, what is late, what comes next."""
    account, today = account_of(request), timezone.localdate()
    form = _filter(request)
    rows = form.apply(enrolments_visible_to(account))
    if form.is_ended:
        page = page_of(request, rows)
        plans = plans_of(list(page.object_list), today)
    else:
        page = page_of(request, form.plans(plans_of(list(rows), today), today))
        plans = list(page.object_list)
    shown = {
        "form": form,
        "page": page,
        "plans": plans,
        "today": today,
        "may_manage": departments_trained_by(account).exists(),
    }
    return render(request, "training/enrolments.html", shown)


@require_safe
def enrolments_export(request: HttpRequest) -> FileResponse:
    """The same under the filter, as a workbook."""
    account, today = account_of(request), timezone.localdate()
    form = _filter(request)
    plans = form.plans(plans_of(list(form.apply(enrolments_visible_to(account))), today), today)
    title = f"培训进度 {today:%Y-%m-%d}"
    sheet = Sheet(title, COLUMNS, _cells(plans), heading=title)
    return workbook_download(f"{title}.xlsx", lambda target: write_workbook(target, [sheet]))


def _filter(request: HttpRequest) -> EnrolmentFilter:
    departments = list(departments_visible_to(account_of(request)).order_by("code")[:PAGE])
    if not departments:
        raise Http404
    return EnrolmentFilter(request.GET, departments)


def _cells(plans: list[Plan]) -> Iterator[list[Any]]:
    for plan in plans:
        row, coming = plan.enrolment, plan.next_step
        yield [
            row.staff.number,
            row.staff.name,
            plan.title,
            row.batch,
            str(row.mentor) if row.mentor else None,
            row.starts_on,
            plan.over_count,
            len(plan.steps),
            "；".join(f"{each.on:%m-%d} {each.step.title}" for each in plan.late) or None,
            coming.step.title if coming else None,
            coming.next_on if coming else None,
            plan.confirmable_from,
            row.ended_on,
            row.ended_why or None,
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_new(request: HttpRequest) -> HttpResponse:
    """Let a newcomer begin a programme."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    place, places = place_of(request, departments_trained_by(account))
    given = {"newcomers": newcomers_of(account, place, today), "mentors": mentors_of(place, today)}
    programmes = programmes_on(place, today)
    form = EnrolmentForm(request.POST or None, initial={"starts_on": today}, programmes=programmes, **given)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.enrolment_create(**form.cleaned_data, by=account, at=now)
            messages.success(request, f"{row.staff.name}的培训已登记。")
            return redirect("enrolment", row.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
    shown = {"form": form, "place": place, "places": places, "programmes": programmes}
    return render(request, "training/enrolment_new.html", shown)


@require_safe
def enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """One newcomer's plan; who teaches or arranges it records here who took part."""
    return _page(request, _visible(request, pk))


def _visible(request: HttpRequest, pk: int) -> Enrolment:
    rows = enrolments_visible_to(account_of(request)).select_related(*RELATED)
    return get_object_or_404(rows, pk=pk)


def _managed(request: HttpRequest, pk: int) -> Enrolment:
    rows = enrolments_managed_by(account_of(request)).select_related(*RELATED)
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, row: Enrolment, **forms: Any) -> HttpResponse:
    account, today = account_of(request), timezone.localdate()
    plan = plan_on(row, today)
    managing = manages(account, row)
    recordable = steps_recordable(plan, account, managing=managing, on=today) if row.is_open else set()
    asked = plan.step(request.GET.get("step", ""))
    shown: dict[str, Any] = {
        "plan": plan,
        "row": row,
        "today": today,
        "recordable": {
            each.step.code
            for each in plan.steps
            if each.step.code in recordable and each.step.exam is None and each.on <= today
        },
        "materials": materials_by_step(account, row.department, row.code),
        "may_manage": row.is_open and managing,
    }
    if asked is not None and asked.step.code in shown["recordable"]:
        initial = {"on": asked.on, "kind": asked.record.kind if asked.record else None}
        shown |= {"asked": asked, "step_form": StepForm(initial=initial)}
    if shown["may_manage"]:
        mentors = mentors_of(row.department, today)
        shown["mentor_form"] = MentorForm(initial={"mentor": row.mentor or ""}, mentors=mentors)
        shown["end_form"] = EndForm(initial={"on": today})
    if results_enterable_by(account).filter(pk=row.staff_id).exists():
        exams = plan.programme.exam_names
        shown["exams"] = exams
        shown["result_form"] = PlanResultForm(exams=exams) if exams else None
        of_staff = Staff.objects.filter(pk=row.staff_id)
        shown["results"] = list(results_entered(of_staff, list(exams))[:RESULTS_SHOWN])
    return render(request, "training/enrolment.html", {**shown, **forms})


@require_POST
def enrolment_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Record whether the newcomer took part in a step."""
    row, account = _visible(request, pk), account_of(request)
    form, step = StepForm(request.POST), request.POST.get("step", "")
    today = timezone.localdate()
    plan = plan_on(row, today)
    is_own = row.staff.account_id == account.pk  # which the service refuses in words
    if not is_own and not steps_recordable(plan, account, managing=manages(account, row), on=today):
        raise Http404
    if not form.is_valid():
        return _page(request, row, asked=plan.step(step), step_form=form)
    back = "me_newcomers" if request.POST.get("back") == "newcomers" else "enrolment"
    return do(
        request,
        lambda: services.step_record(
            enrolment=row, step=step, by=account, at=timezone.now(), **form.cleaned_data
        ),
        "已登记。",
        back,
        *([pk] if back == "enrolment" else []),
    )


@require_POST
def enrolment_mentor(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the newcomer another mentor."""
    row, account = _managed(request, pk), account_of(request)
    form = MentorForm(request.POST, mentors=mentors_of(row.department, timezone.localdate()))
    if not form.is_valid():
        return _page(request, row, mentor_form=form)
    return do(
        request,
        lambda: services.enrolment_mentor_set(
            enrolment=row, mentor=form.cleaned_data["mentor"], by=account, at=timezone.now()
        ),
        "师傅已改。",
        "enrolment",
        pk,
        refused_as="没有改：",
    )


@require_POST
def enrolment_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what the newcomer reached in an exam outside the browser, or correct it."""
    row, account = _visible(request, pk), account_of(request)
    is_own = row.staff.account_id == account.pk  # which the service refuses in words
    if not is_own and not results_enterable_by(account).filter(pk=row.staff_id).exists():
        raise Http404
    form = PlanResultForm(request.POST, exams=programme_rule(row).kind.exam_names)
    if not form.is_valid():
        return _page(request, row, result_form=form)
    return do(
        request,
        lambda: exam_result_enter(staff=row.staff, **form.cleaned_data, by=account, at=timezone.now()),
        "成绩已登记。",
        "enrolment",
        pk,
        refused_as="没有登记：",
    )


@require_POST
def enrolment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the programme."""
    row, account = _managed(request, pk), account_of(request)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, row, end_form=form)
    return do(
        request,
        lambda: services.enrolment_end(enrolment=row, **form.cleaned_data, by=account, at=timezone.now()),
        "培训已结束。",
        "enrolment",
        pk,
        refused_as="没有结束：",
    )
