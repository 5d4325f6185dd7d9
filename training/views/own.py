"""One's own exams: what there is to sit, sitting it, its result. What is right is not told before the end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from core.errors import Refused
from core.paging import page_of
from people.web import account_of, id_from, own_staff
from training.asked import asked_of
from training.models import ExamPaper, Sitting, SittingQuestion
from training.selectors.exams import own_exams, papers_of
from training.services.sittings import (
    Answers,
    answers_save,
    sitting_begin,
    sitting_submit,
    sittings_close_due,
)


def _own(request: HttpRequest, pk: int) -> Sitting:
    """One's own sitting, of whichever employment; 404 for another's."""
    rows = Sitting.objects.filter(staff__account=account_of(request)).select_related("paper")
    return get_object_or_404(rows, pk=pk)


@require_safe
def me_exams(request: HttpRequest) -> HttpResponse:
    """The papers that there are to sit, and what was sat."""
    staff, now = own_staff(request), timezone.now()
    sittings_close_due(at=now, within=Sitting.objects.filter(staff=staff))
    page = page_of(request, papers_of(staff, timezone.localdate(now)))
    own = own_exams(staff, list(page), at=now)
    return render(request, "training/me_exams.html", {"page": page, "own": own, "now": now})


@require_POST
def me_exam_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the sitting whose number the button has, or go on with it."""
    staff = own_staff(request, unless_left=True)
    paper = get_object_or_404(ExamPaper, pk=pk, department=staff.department)
    number = id_from(request.POST.get("number", ""))
    if not number:
        raise Http404
    try:
        sitting = sitting_begin(paper=paper, staff=staff, number=number, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"没有开始：{refused}。")
        return redirect("me_exams")
    return redirect("me_sitting", sitting.pk)


@require_safe
def me_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions while there is time; then the result, with what is right once the window has ended."""
    sitting, now = _own(request, pk), timezone.now()
    sittings_close_due(at=now, within=Sitting.objects.filter(pk=pk))
    sitting.refresh_from_db()
    rows = sitting.questions.select_related("question").order_by("position")
    if not sitting.is_over(now):
        shown = {"sitting": sitting, "asked": asked_of(rows), **_clock(sitting)}
        return render(request, "training/me_sitting.html", shown)
    is_told = sitting.marked_at is not None and now >= sitting.paper.closes_at
    shown = {"sitting": sitting, "asked": asked_of(rows, with_right=is_told), "is_told": is_told}
    return render(request, "training/me_result.html", shown)


def _clock(sitting: Sitting) -> dict[str, Any]:
    """How much of a sitting's time is left, on this clock."""
    whole = (sitting.expires_at - sitting.began_at).total_seconds()
    left = max((sitting.expires_at - timezone.now()).total_seconds(), 0)
    return {"seconds_gone": round(whole - left), "seconds": round(whole), "minutes_left": int(left // 60)}


@require_safe
def me_sitting_clock(request: HttpRequest, pk: int) -> HttpResponse:
    """How much time is left; to the result when there is none."""
    sitting = _own(request, pk)
    if sitting.is_over(timezone.now()):
        return HttpResponseClientRedirect(reverse("me_sitting", args=[pk]))
    return render(request, "training/clock.html", {"sitting": sitting, **_clock(sitting)})


@require_POST
def me_sitting_answer(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Keep one answer as it is given; where that is refused the question as it is stored comes back."""
    sitting, now = _own(request, pk), timezone.now()
    trouble = ""
    try:
        answers_save(sitting=sitting, answers={position: _answer(request, position)}, at=now)
    except Refused as refused:
        trouble = f"{refused}。"
    sitting.refresh_from_db()
    if sitting.closed_at is not None:
        return HttpResponseClientRedirect(reverse("me_sitting", args=[pk]))
    rows = sitting.questions.select_related("question").filter(position=position)
    row: SittingQuestion = get_object_or_404(rows)
    shown = {"sitting": sitting, "each": asked_of([row])[0], "trouble": trouble, "saved_at": row.answered_at}
    if not trouble:
        return render(request, "training/saved.html", shown)
    response = render(request, "training/asked.html", shown)
    return reswap(retarget(response, f"#question-{position}"), "outerHTML")


@require_POST
def me_sitting_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep all answers of the page, or hand in, as the button says."""
    sitting, now = _own(request, pk), timezone.now()
    positions = list(sitting.questions.values_list("position", flat=True))
    sent = [each for each in positions if f"s{each}" in request.POST]
    answers: Answers = {each: _answer(request, each) for each in sent}
    what = request.POST.get("do", "")
    if what not in ("save", "submit"):
        raise Http404
    try:
        if what == "submit":
            sitting_submit(sitting=sitting, answers=answers, at=now)
            messages.success(request, "已交卷。")
        else:
            answers_save(sitting=sitting, answers=answers, at=now)
            messages.success(request, "已保存。")
    except Refused as refused:
        messages.error(request, f"{'没有交卷' if what == 'submit' else '没有保存'}：{refused}。")
    return redirect("me_sitting", pk)


def _answer(request: HttpRequest, position: int) -> tuple[int, list[str]]:
    """What a form says of a question: the sequence that it knows, and the answer."""
    sent = request.POST.getlist(f"a{position}")
    given = [each.replace("\x00", "").replace("\r\n", "\n").strip() for each in sent]
    return id_from(request.POST.get(f"s{position}", "")) or 0, given
