"""The pages of one's own notices: what one was told, and where else one wants to be told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.paging import page_of
from notices.forms import NoticeChoiceForm
from notices.models import NoticeChoice, NoticeDelivery
from notices.selectors import deliveries_of, notices_of
from notices.services import choice_save, notice_read, notice_try, notices_read_all
from people.errors import PeopleError
from people.web import account_of

DELIVERIES = 10


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The own notices, the newest first, 50 to a page."""
    rows = notices_of(account_of(request))
    is_unread = request.GET.get("state") == "unread"
    if is_unread:
        rows = rows.filter(read_at__isnull=True)
    page = page_of(request, rows)
    return render(request, "notices/notices.html", {"page": page, "is_unread": is_unread})


@never_cache
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a notice: it is read, and its page follows."""
    found = notice_read(notice=get_object_or_404(notices_of(account_of(request)), pk=pk), at=timezone.now())
    return redirect(found.url if url_has_allowed_host_and_scheme(found.url, None) else "notices")


@require_POST
def notice_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and stay with the list."""
    notice_read(notice=get_object_or_404(notices_of(account_of(request)), pk=pk), at=timezone.now())
    return redirect("notices")


@require_POST
def notices_mark(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that the page showed or that was older."""
    until = request.POST.get("until", "")
    if until.isascii() and until.isdigit() and len(until) < 19:
        count = notices_read_all(account=account_of(request), until=int(until), at=timezone.now())
        messages.success(request, f"{count}条通知已标为已读。")
    return redirect("notices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Where the account wants to be told besides the page, and how the last messages fared."""
    account = account_of(request)
    stored = NoticeChoice.objects.filter(account=account).first()
    choice = stored or NoticeChoice(account=account, email=account.email)
    form = NoticeChoiceForm(request.POST or None, instance=choice)
    if request.method == "POST" and form.is_valid():
        choice_save(choice=form.save(commit=False))
        messages.success(request, "通知设置已保存。")
        return redirect("notice_choices")
    deliveries = list(deliveries_of(account)[:DELIVERIES])
    return render(
        request,
        "notices/choices.html",
        {"form": form, "is_stored": stored is not None, **_shown(deliveries)},
    )


@never_cache
@require_safe
def notice_deliveries(request: HttpRequest) -> HttpResponse:
    """The last messages as they are now, for the page that waits for them."""
    deliveries = list(deliveries_of(account_of(request))[:DELIVERIES])
    return render(request, "notices/deliveries.html", _shown(deliveries))


@require_POST
def notice_trial(request: HttpRequest) -> HttpResponse:
    """Send a trial through every channel that is set up."""
    try:
        notice_try(account=account_of(request), url=reverse("notice_choices"), at=timezone.now())
        messages.success(request, "试发的通知已交给发送进程，结果见下面的“最近的发送”。")
    except PeopleError as refused:
        messages.error(request, str(refused))
    return redirect("notice_choices")


def _shown(deliveries: list[NoticeDelivery]) -> dict[str, object]:
    """The rows, and whether one of them is on its way at this moment."""
    now = timezone.now()
    waiting = NoticeDelivery.State.WAITING
    is_busy = any(each.state == waiting and not each.error and each.due_at <= now for each in deliveries)
    return {"deliveries": deliveries, "is_busy": is_busy}
