"""Memos on the own pages; suggestions to be answered by managers."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import page_of
from duties.forms.memos import AnswerForm, MemoForm
from duties.models import Suggestion
from duties.selectors.memos import awards_for, memos_due, memos_found, memos_of, suggestions_visible_to
from duties.services import memos as services
from people.selectors import departments_where
from people.web import account_of, do, own_staff, sought_in

SHORT = 10


@require_http_methods(["GET", "HEAD", "POST"])
def me_memos(request: HttpRequest) -> HttpResponse:
    """The own memos: noting one, those due, searching."""
    account, staff, now = account_of(request), own_staff(request), timezone.now()
    form = MemoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.memo_add(staff=staff, at=now, **form.given())
            messages.success(request, "已记下。")
            return redirect("me_memos")
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    sought, tag = sought_in(request, "q"), sought_in(request, "tag")
    shown = {
        "form": form,
        "due": memos_due(account, at=now)[:SHORT],
        "page": page_of(request, memos_found(memos_of(account), sought, tag)),
        "sought": sought,
        "tag": tag,
    }
    return render(request, "duties/me_memos.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def me_memo(request: HttpRequest, pk: int) -> HttpResponse:
    """One memo: changing it, sending it up, settling it."""
    memo = get_object_or_404(memos_of(account_of(request)), pk=pk)
    remind_at = timezone.localtime(memo.remind_at) if memo.remind_at else None
    initial = {"text": memo.text, "tags": " ".join(memo.tags), "remind_at": remind_at}
    form = MemoForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.given()
        del given["key"]
        try:
            services.memo_change(memo=memo, **given)
            messages.success(request, "已改好。")
            return redirect("me_memo", pk)
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    shown = {"memo": memo, "form": form, "suggestion": getattr(memo, "suggestion", None)}
    return render(request, "duties/me_memo.html", shown)


@require_POST
def me_memo_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a memo, or send it up as a suggestion, as the button says."""
    memo = get_object_or_404(memos_of(account_of(request)).select_related("staff"), pk=pk)
    now, what = timezone.now(), request.POST.get("do", "")
    if what == "settle":
        return do(request, lambda: services.memo_settle(memo=memo, at=now), "已了结，不再提醒。", "me_memos")
    if what == "send":
        return do(
            request,
            lambda: services.suggestion_send(memo=memo, at=now),
            "已提交，等经理答复。",
            "me_memo",
            pk,
        )
    raise Http404


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Suggestions to answer, first what waits."""
    account = account_of(request)
    if not departments_where(account, "decide_suggestions").exists():
        raise Http404
    state = request.GET.get("state", Suggestion.State.SENT)
    rows = suggestions_visible_to(account)
    if state in Suggestion.State.values:
        rows = rows.filter(state=state)
    shown = {"page": page_of(request, rows), "state": state, "states": Suggestion.State.choices}
    return render(request, "duties/suggestions.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion: adopting it with an award, or declining it."""
    account, now = account_of(request), timezone.now()
    row = get_object_or_404(suggestions_visible_to(account), pk=pk)
    waits = row.state == Suggestion.State.SENT
    rules = awards_for(row.staff, timezone.localdate(now)) if waits or request.method == "POST" else []
    form = AnswerForm(rules, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, decision = form.cleaned_data, request.POST.get("decision", "")
        if decision not in ("adopt", "decline"):
            raise Http404
        try:
            if decision == "adopt":
                services.suggestion_adopt(suggestion=row, by=account, at=now, **given)
                messages.success(request, "已采纳。")
            else:
                services.suggestion_decline(suggestion=row, answer=given["answer"], by=account, at=now)
                messages.success(request, "已答复。")
            return redirect("suggestions")
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    adopted = Count("pk", filter=Q(state=Suggestion.State.ADOPTED))
    counts = Suggestion.objects.filter(staff=row.staff).aggregate(sent=Count("pk"), adopted=adopted)
    shown = {"row": row, "waits": waits, "form": form, **counts}
    return render(request, "duties/suggestion.html", shown)
