"""Pages of the bank, for who sets exams."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import ManyRefused, Refused
from core.paging import page_of
from people.models import Department
from people.selectors import departments_where
from people.web import account_of, do
from training.forms.questions import BankFilter, QuestionForm, QuestionsForm, RetireForm
from training.models import Question
from training.pasting import questions_read
from training.selectors.questions import (
    STATES,
    bank_of,
    questions_on,
    questions_set_by,
    topics_of,
    wordings_of,
)
from training.services import questions as services
from training.views.common import place_of
from training.wording import answer_in_words

WORDINGS = 20


def _place(request: HttpRequest) -> tuple[Department, list[Department]]:
    return place_of(request, departments_where(account_of(request), "set_exams"))


def _bank(place: Department) -> str:
    return f"{reverse('questions')}?department={place.code}"


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """The bank of a department, what has to be reviewed among it."""
    place, places = _place(request)
    topics = topics_of(place)
    form = BankFilter(request.GET, topics=topics)
    page = page_of(request, bank_of(place, timezone.localdate(), **form.given()))
    shown = {"place": place, "places": places, "form": form, "page": page, "states": STATES}
    return render(request, "training/questions.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def question_new(request: HttpRequest) -> HttpResponse:
    """One more question."""
    place, _ = _place(request)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.question_add(
                department=place, fact=form.fact(), by=account_of(request), at=timezone.now()
            )
            messages.success(request, "已加入题库。")
            return redirect(_bank(place))
        except Refused as refused:
            _refuse(form, refused)
    shown = {"place": place, "form": form, "topics": topics_of(place)}
    return render(request, "training/question_new.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def questions_many(request: HttpRequest) -> HttpResponse:
    """Many questions at once, copied out of a spreadsheet; all or none."""
    place, _ = _place(request)
    form = QuestionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            facts = questions_read(form.cleaned_data["rows"])
            made = services.questions_add(
                department=place, facts=facts, by=account_of(request), at=timezone.now()
            )
            messages.success(request, f"已加入题库：{len(made)}题。")
            return redirect(_bank(place))
        except ManyRefused as refused:
            form.add_error("rows", str(refused).splitlines())
        except Refused as refused:
            form.add_error("rows", f"{refused}。")
    return render(request, "training/questions_many.html", {"place": place, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """A question with its provision as it was and its wordings; another wording of it."""
    account, now = account_of(request), timezone.now()
    rows = questions_on(timezone.localdate(now)).filter(pk__in=questions_set_by(account).values("pk"))
    row: Any = get_object_or_404(rows.select_related("department", "provision__version", "by"), pk=pk)
    form = QuestionForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.question_change(question=row, fact=form.fact(), by=account, at=now)
            messages.success(request, "已保存。" if made.pk != row.pk else "没有改动。")
            return redirect("question", made.pk)
        except Refused as refused:
            _refuse(form, refused)
    shown = {
        "row": row,
        "state": STATES[row.state],
        "form": form,
        "topics": topics_of(row.department),
        "wordings": [(each, answer_in_words(each, each.correct)) for each in wordings_of(row)[:WORDINGS]],
        "bank": _bank(row.department),
        "retire_form": RetireForm(auto_id="retire_%s"),
    }
    return render(request, "training/question.html", shown)


@require_POST
def question_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question out of the bank."""
    account = account_of(request)
    row: Question = get_object_or_404(questions_set_by(account).select_related("department"), pk=pk)
    return do(
        request,
        lambda: services.question_retire(
            question=row, why=request.POST.get("why", ""), by=account, at=timezone.now()
        ),
        "已停用，不再抽。",
        "question",
        pk,
        refused_as="没有停用：",
    )


def _refuse(form: Form, refused: Refused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
