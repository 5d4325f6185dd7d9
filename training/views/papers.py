"""Pages of papers and their results, for leads and who sets exams."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import page_of
from people.selectors import departments_where, numbered, staff_visible_to
from people.web import account_of, do
from sheets.writing import Sheet, SheetColumn, write_workbook
from training.forms.papers import PaperForm, TimeForm
from training.forms.results import PaperResultForm
from training.models import ExamPaper, Sitting
from training.selectors.exams import (
    exams_overseen_by,
    extendable_by,
    papers_set_by,
    papers_visible_to,
    results_of,
    sittings_to_mark,
)
from training.selectors.questions import topics_drawable
from training.selectors.results import results_enterable_by, results_entered
from training.services import exam_result_enter
from training.services import papers as services
from training.services.sittings import sittings_close_due, time_give
from training.views.common import place_of

COLUMNS = (
    SheetColumn("工号"),
    SheetColumn("姓名"),
    SheetColumn("第几次", format="integer"),
    SheetColumn("开始", format="datetime"),
    SheetColumn("结束", format="datetime"),
    SheetColumn("怎样结束"),
    SheetColumn("得分", format="number"),
    SheetColumn("结果"),
)


@require_safe
def exams(request: HttpRequest) -> HttpResponse:
    """The papers of a department, the newest first."""
    account = account_of(request)
    place, places = place_of(request, exams_overseen_by(account))
    rows = papers_visible_to(account).filter(department=place)
    rows = rows.annotate(
        sat=Count("sittings__staff", distinct=True),
        waiting=Count("sittings", filter=Q(sittings__closed_at__isnull=False, sittings__marked_at=None)),
    )
    shown = {
        "place": place,
        "places": places,
        "page": page_of(request, rows.order_by("-opens_at", "-pk")),
        "now": timezone.now(),
        "may_set": departments_where(account, "set_exams").filter(pk=place.pk).exists(),
        "to_mark": sittings_to_mark(account).count(),
    }
    return render(request, "training/exams.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def exam_new(request: HttpRequest) -> HttpResponse:
    """One more paper."""
    account, now = account_of(request), timezone.now()
    place, _ = place_of(request, departments_where(account, "set_exams"))
    topics = topics_drawable(place, timezone.localdate(now))
    form = PaperForm(request.POST or None, department=place, topics=topics, at=now)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            paper = services.paper_add(department=place, fact=form.fact(), key=key, by=account, at=now)
            messages.success(request, "已出卷，开放时通知考生。")
            return redirect("exam", paper.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
    return render(request, "training/exam_form.html", {"place": place, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def exam_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper that nobody has begun, set anew."""
    account, now = account_of(request), timezone.now()
    paper = get_object_or_404(papers_set_by(account), pk=pk)
    topics = topics_drawable(paper.department, timezone.localdate(now))
    form = PaperForm(request.POST or None, department=paper.department, topics=topics, at=now, paper=paper)
    if request.method == "POST" and form.is_valid():
        try:
            services.paper_change(paper=paper, fact=form.fact(), at=now)
            messages.success(request, "已保存。")
            return redirect("exam", pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
    shown = {"place": paper.department, "form": form, "paper": paper}
    return render(request, "training/exam_form.html", shown)


@require_safe
def exam(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper and what people reached in it, as far as the account sees them."""
    paper = get_object_or_404(papers_visible_to(account_of(request)), pk=pk)
    return _page(request, paper)


def _page(request: HttpRequest, paper: ExamPaper, **forms: Any) -> HttpResponse:
    account, now = account_of(request), timezone.now()
    sittings_close_due(at=now, within=paper.sittings.all())
    may_set = papers_set_by(account).filter(pk=paper.pk).exists()
    enterable = results_enterable_by(account).filter(department=paper.department)
    may_enter = enterable.exists()
    items = list(paper.items.select_related("question").order_by("position"))
    there = topics_drawable(paper.department, timezone.localdate(now)) if may_set else {}
    shown = {
        "paper": paper,
        "items": items,
        "lacking": [
            each.topic for each in items if may_set and each.topic and there.get(each.topic, 0) < each.count
        ],
        "whole": sum(each.count for each in items),
        "page": page_of(request, results_of(paper, account, at=now)),
        "now": now,
        "may_set": may_set,
        "time_form": TimeForm() if extendable_by(account).exists() else None,
        "extensions": _extensions(paper, request),
        "result_form": PaperResultForm() if may_enter else None,
        "exams": {paper.code: paper.title},
        "results": list(results_entered(enterable, [paper.code])[:20]) if may_enter else [],
    }
    return render(request, "training/exam.html", {**shown, **forms})


def _extensions(paper: ExamPaper, request: HttpRequest) -> list[Any]:
    """The last extensions of the paper, of whom the account may give more time."""
    rows = paper.extensions.filter(staff__in=extendable_by(account_of(request)))
    return list(rows.select_related("staff", "by")[:20])


@require_POST
def exam_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody begins the paper any more."""
    paper = get_object_or_404(papers_set_by(account_of(request)), pk=pk)
    return do(
        request,
        lambda: services.paper_withdraw(paper=paper, at=timezone.now()),
        "已停考；正在考的人考完为止。",
        "exam",
        pk,
    )


@require_POST
def exam_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """More time for one person."""
    account, now = account_of(request), timezone.now()
    paper = get_object_or_404(papers_visible_to(account), pk=pk)
    if not extendable_by(account).filter(department=paper.department).exists():
        raise Http404
    form = TimeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有加时：工号、分钟和原因都要填，一次最多240分钟。")
        return redirect("exam", pk)
    number, given = form.cleaned_data["number"], form.cleaned_data
    staff = numbered(extendable_by(account), paper.department, number, timezone.localdate(now))
    if staff is None:
        messages.error(request, f"没有加时：工号 {number} 不是您能加时的人；请核对工号。")
        return redirect("exam", pk)
    return do(
        request,
        lambda: time_give(
            paper=paper, staff=staff, minutes=given["minutes"], reason=given["reason"], key=given["key"],
            by=account, at=now,
        ),
        f"已给{staff.name}加{given['minutes']}分钟，不超过考试截止的时间。",
        "exam",
        pk,
        refused_as="没有加时：",
    )  # fmt: skip


@require_POST
def exam_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what somebody reached in the exam outside the browser, or correct it."""
    account, now = account_of(request), timezone.now()
    paper = get_object_or_404(papers_visible_to(account), pk=pk)
    if not results_enterable_by(account).filter(department=paper.department).exists():
        raise Http404
    form = PaperResultForm(request.POST)
    if not form.is_valid():
        return _page(request, paper, result_form=form)
    given = dict(form.cleaned_data)
    number = given.pop("number")
    staff = numbered(staff_visible_to(account), paper.department, number, given["on"])
    if staff is None:
        form.add_error("number", f"没有工号 {number}；请核对工号。")
        return _page(request, paper, result_form=form)
    return do(
        request,
        lambda: exam_result_enter(staff=staff, code=paper.code, **given, by=account, at=now),
        f"{staff.name}的成绩已登记。",
        "exam",
        pk,
        refused_as="没有登记：",
    )


@require_safe
def exam_export(request: HttpRequest, pk: int) -> FileResponse:
    """What people reached in a paper, as a workbook: a row for each sitting, and who has not sat it."""
    account, now = account_of(request), timezone.now()
    paper = get_object_or_404(papers_visible_to(account), pk=pk)
    sittings_close_due(at=now, within=paper.sittings.all())
    people = results_of(paper, account, at=now)
    rows = (row for each in people.iterator(chunk_size=2000) for row in _rows(each))
    sheet = Sheet("成绩", COLUMNS, rows, heading=f"{paper.department.name} {paper.title}")
    name = f"考试成绩-{paper.code}-{timezone.localdate(now):%Y-%m-%d}.xlsx"
    return workbook_download(name, lambda target: write_workbook(target, [sheet]))


def _rows(staff: Any) -> Iterator[tuple[Any, ...]]:
    for each in staff.sat:
        yield (
            staff.number,
            staff.name,
            each.number,
            timezone.make_naive(each.began_at),
            timezone.make_naive(each.closed_at) if each.closed_at else None,
            each.get_ending_display() or "正在考",
            each.score,
            outcome(each),
        )
    if not staff.sat:
        yield (staff.number, staff.name, None, None, None, None, None, "没有考")


def outcome(sitting: Sitting) -> str:
    """What came of a sitting, in words."""
    if sitting.marked_at is not None:
        return "及格" if sitting.passed else "不及格"
    return "待阅卷" if sitting.closed_at else "正在考"
