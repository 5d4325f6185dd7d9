"""Pages of marking: what waits, and one sitting with its answers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.paging import page_of
from people.selectors import staff_where
from people.web import account_of
from training.asked import asked_of
from training.forms.papers import MarksForm
from training.models import Question
from training.selectors.exams import papers_set_by, sittings_to_mark, sittings_visible_to
from training.services.marks import sitting_mark
from training.services.sittings import sittings_close_due


@require_safe
def marking(request: HttpRequest) -> HttpResponse:
    """What waits to be marked by the account, the oldest first."""
    page = page_of(request, sittings_to_mark(account_of(request)))
    return render(request, "training/marking.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """A sitting that has ended, with its answers; marking the texts of it.

    Questions and what is right are shown to who sets the exam, and when the window has ended to others, who
    may still have to sit it themselves; until then they are shown the texts that they have to mark.
    """
    account, now = account_of(request), timezone.now()
    rows = sittings_visible_to(account).exclude(staff__account=account)
    sittings_close_due(at=now, within=rows.filter(pk=pk))
    row = get_object_or_404(rows.filter(closed_at__isnull=False), pk=pk)
    asked = list(row.questions.select_related("question").order_by("position"))
    may_mark = sittings_to_mark(account).filter(pk=pk).exists()
    texts = [each for each in asked if each.question.kind == Question.Kind.FREE]
    if request.method == "POST" and not staff_where(account, "mark_exams").filter(pk=row.staff_id).exists():
        raise Http404
    form = MarksForm(texts, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sitting_mark(sitting=row, by=account, at=now, **form.given())
            messages.success(request, f"{row.staff.name}的试卷已评完。")
            return redirect("marking")
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    is_told = now >= row.paper.closes_at or papers_set_by(account).filter(pk=row.paper_id).exists()
    shown = {
        "row": row,
        "asked": asked_of(asked, with_right=True) if is_told else [],
        "is_told": is_told,
        "texts": {each.position: each.question.correct for each in texts} if may_mark else {},
        "form": form if may_mark or form.is_bound else None,
    }
    return render(request, "training/sitting.html", shown)
