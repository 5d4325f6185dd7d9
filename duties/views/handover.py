"""The handover book: the agents' own pages, and those of leads, supervisors and managers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import PAGE, page_of
from duties.forms.handover import BookFilter, HandoverForm, SayForm
from duties.models import HandoverItem, HandoverReview
from duties.models.handover import TEXT_LENGTH
from duties.selectors.handover import (
    REVIEW_DAYS,
    by_urgency,
    days_unreviewed,
    incoming_of,
    items_found,
    items_readable_by,
    items_to_sign,
    items_visible_to,
    open_items,
    outgoing_of,
    own_open_items,
    with_state,
)
from duties.services import handover as services
from duties.views.common import led_departments, place_asked
from people.selectors import departments_where
from people.web import account_of, day_from, do, id_from, own_staff, sought_in, typed

SHORT = 20
COUNTS = {"items": Count("pk"), "authors": Count("author", distinct=True)}


@require_http_methods(["GET", "HEAD", "POST"])
def me_handover(request: HttpRequest) -> HttpResponse:
    """The agent's page: what is to be signed, what is in hand, writing the next item."""
    staff, now = own_staff(request), timezone.now()
    follows = _followed(request)
    form = HandoverForm(request.POST or None, request.FILES or None, initial=_initial(request, follows))
    if request.method == "POST":
        if "nothing" in request.POST:
            return _nothing(request)
        if form.is_valid():
            try:
                given, account = dict(form.cleaned_data), account_of(request)
                given["files"] = given.pop("attached")
                services.handover_write(author=staff, follows=follows, by=account, at=now, **given)
                messages.success(request, "已写入交接本，等接班的人签收。")
                return redirect("me_handover")
            except Refused as refused:
                form.add_error(None, f"{refused}。")
    incoming = incoming_of(staff, at=now)
    to_sign = list(items_to_sign(incoming)[: SHORT + 1])
    own = list(own_open_items(staff)[: SHORT + 1])
    shown = {
        "form": form,
        "follows": follows,
        "shift": outgoing_of(staff, at=now),
        "to_sign": to_sign[:SHORT],
        "more_to_sign": len(to_sign) > SHORT,
        "own": own[:SHORT],
        "more_own": len(own) > SHORT,
        "staff": staff,
    }
    return render(request, "duties/me_handover.html", shown)


def _nothing(request: HttpRequest) -> HttpResponse:
    """No item at all; the shift has handed over all the same."""
    staff, now = own_staff(request), timezone.now()

    def write() -> None:
        key = f"nothing-{outgoing_of(staff, at=now).work_date}"
        services.handover_write(author=staff, is_nothing=True, key=key, by=account_of(request), at=now)

    return do(request, write, "已登记：本班无交接事项。", "me_handover")


def _followed(request: HttpRequest) -> HandoverItem | None:
    """The signed item that is to be passed on, where the address names one."""
    pk = id_from(request.GET.get("follows", ""))
    if pk is None:
        return None
    return get_object_or_404(own_open_items(own_staff(request)), pk=pk, signature__isnull=False)


def _initial(request: HttpRequest, item: HandoverItem | None) -> dict[str, Any]:
    """What is passed on, or what the address already says of an item."""
    if item is None:
        text = request.GET.get("text", "").replace("\x00", "")[:TEXT_LENGTH]
        return {"text": text, "order_no": sought_in(request, "order_no")}
    fields = ("text", "customer", "order_no", "urgency")
    return {name: getattr(item, name) for name in fields}


@require_POST
def me_handover_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item over."""
    staff = own_staff(request)
    item = get_object_or_404(items_readable_by(staff), pk=pk)
    return do(
        request,
        lambda: services.handover_sign(item=item, staff=staff, at=timezone.now()),
        "已签收，这一项现在归您办。",
        "me_handover",
    )


@require_safe
def me_handover_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with all that was said of it, and what this person can do with it."""
    staff, now = own_staff(request), timezone.now()
    item = get_object_or_404(with_state(items_readable_by(staff)), pk=pk)
    signature = getattr(item, "signature", None)
    is_own = (signature.staff_id if signature else item.author_id) == staff.pk
    incoming = incoming_of(staff, at=now)
    is_settled = item.is_done or item.is_passed_on
    is_judged = item.is_not_done or item.is_waived
    shown = {
        **_told(item),
        "is_own": is_own,
        "is_author": item.author_id == staff.pk,
        "refusal": "" if signature or is_settled else incoming.refusal(item),
        "may_sign": not signature and not is_settled and not incoming.refusal(item),
        "may_pass_on": is_own and signature is not None and not is_settled,
        "may_find_undone": signature is not None and not is_own and not is_settled and not is_judged,
        "is_settled": is_settled,
        "base": "me",
    }
    return render(request, "duties/handover_item.html", shown)


def _told(item: HandoverItem) -> dict[str, Any]:
    return {
        "item": item,
        "signature": getattr(item, "signature", None),
        "entries": item.entries.select_related("staff", "by")[:PAGE],
        "files": item.attachments.all()[:SHORT],
        "form": SayForm(),
    }


@require_POST
def me_handover_say(request: HttpRequest, pk: int) -> HttpResponse:
    """Remark, correction, done or not done, as the button says."""
    staff, account, now = own_staff(request), account_of(request), timezone.now()
    item = get_object_or_404(items_readable_by(staff), pk=pk)
    text, kind = typed(request, "text"), request.POST.get("kind", "")
    given: dict[str, Any] = {"item": item, "text": text, "staff": staff, "by": account, "at": now}
    ways: dict[str, tuple[Callable[[], Any], str]] = {
        "remark": (lambda: services.handover_remark(**given), "已备注。"),
        "correction": (lambda: services.handover_remark(kind="correction", **given), "已更正，原文保留。"),
        "done": (lambda: services.handover_done(**given), "已登记办完。"),
        "not_done": (lambda: services.handover_not_done(**given), "已登记未办，等经理确认。"),
    }
    if kind not in ways:
        raise Http404
    act, said = ways[kind]
    return do(request, act, said, "me_handover_item", pk)


@require_safe
def me_handover_book(request: HttpRequest) -> HttpResponse:
    """The department's book, to look something up."""
    items = items_readable_by(own_staff(request))
    return render(request, "duties/handover_book.html", {**_found(request, items), "base": "me"})


@require_safe
def handover(request: HttpRequest) -> HttpResponse:
    """The book of the people whom the account sees, of all departments where none is named: search, filter,
    print; of one of them countersigning a day."""
    account = account_of(request)
    first, places = place_asked(request)
    is_one = len(places) == 1 or first.code == request.GET.get("department")
    place = first if is_one else None
    led = led_departments(account)
    items = items_visible_to(account).filter(author__department__in=[place] if place else led)
    today = timezone.localdate()
    day = day_from(request.GET.get("day", "")) or today
    countersigned = departments_where(account, "countersign_handover")
    if place:
        countersigned = countersigned.filter(pk=place.pk)
    unreviewed = days_unreviewed(countersigned, since=today - REVIEW_DAYS, until=today)[: PAGE + 1]
    reviews = HandoverReview.objects.filter(department=place, work_date=day).select_related("by")
    shown = {
        **_found(request, items),
        "places": places,
        "place": place,
        "day": day,
        "review": reviews.first() if place else None,
        "written": items.filter(work_date=day).aggregate(**COUNTS),
        "may_review": bool(place) and countersigned.exists(),
        "unreviewed": unreviewed[:PAGE],
        "more_unreviewed": len(unreviewed) > PAGE,
        "base": "shifts",
    }
    return render(request, "duties/handover_book.html", shown)


def _found(request: HttpRequest, items: "QuerySet[HandoverItem]") -> dict[str, Any]:
    """A page of the items that fit the filter."""
    form = BookFilter(request.GET or None)
    given = form.given()
    items = items_found(items, given.get("q", "").replace("\x00", ""))
    if given.get("first"):
        items = items.filter(work_date__gte=given["first"])
    if given.get("last"):
        items = items.filter(work_date__lte=given["last"])
    state = given.get("state", "")
    rows = with_state(items) if state in ("", "not_done") else open_items(items)
    if state == "unsigned":
        rows = rows.filter(is_signed=False)
    elif state == "not_done":
        rows = rows.filter(is_not_done=True)
    rows = by_urgency(rows) if state in ("unsigned", "open") else rows.order_by("-work_date", "-id")
    return {"page": page_of(request, rows), "form": form, "is_filtered": any(given.values())}


@require_safe
def handover_item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with all that was said of it."""
    account = account_of(request)
    rows = items_visible_to(account).filter(author__department__in=led_departments(account))
    item = get_object_or_404(with_state(rows), pk=pk)
    places = departments_where(account, "countersign_handover")
    shown = {
        **_told(item),
        "may_waive": places.filter(pk=item.author.department_id).exists()
        and not (item.is_done or item.is_not_done or item.is_waived or item.is_nothing),
        "base": "shifts",
    }
    return render(request, "duties/handover_item.html", shown)


@require_POST
def handover_say(request: HttpRequest, pk: int) -> HttpResponse:
    """A manager's remark, or letting the owner off."""
    account, now = account_of(request), timezone.now()
    rows = items_visible_to(account).filter(author__department__in=led_departments(account))
    item = get_object_or_404(rows.select_related("author__department"), pk=pk)
    text, kind = typed(request, "text"), request.POST.get("kind", "")
    if kind == "waived":
        places = departments_where(account, "countersign_handover")
        if not places.filter(pk=item.author.department_id).exists():
            raise Http404
        return do(
            request,
            lambda: services.handover_waive(item=item, reason=text, by=account, at=now),
            "已免究。",
            "handover_item",
            pk,
        )
    if kind != "remark":
        raise Http404
    return do(
        request,
        lambda: services.handover_remark(item=item, text=text, staff=None, by=account, at=now),
        "已备注。",
        "handover_item",
        pk,
    )


@require_POST
def handover_review(request: HttpRequest, code: str, day: str) -> HttpResponse:
    """Countersign a day."""
    account, now = account_of(request), timezone.now()
    place = get_object_or_404(departments_where(account, "countersign_handover"), code=code)
    on = day_from(day)
    if on is None:
        raise Http404
    remark, today = typed(request, "remark"), timezone.localdate(now)
    return do(
        request,
        lambda: services.handover_review(
            department=place, work_date=on, remark=remark, by=account, today=today, at=now
        ),
        f"{on:%m月%d日}的交接已复核。",
        f"{reverse('handover')}?department={place.code}&day={on}",
        refused_as="没有复核：",
    )
