"""Pages of swaps: asking and answering on the own page, deciding on that of whoever leads both."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.paging import PAGE, page_of
from core.periods import days_between
from people.selectors import departments_where
from people.web import account_of, do, own_staff, typed
from shifts.errors import RosterRefused
from shifts.forms.rosters import SwapForm
from shifts.models import Swap
from shifts.selectors.rosters import roster_days_of
from shifts.selectors.swaps import partners_of, swaps_decidable_by, swaps_of
from shifts.services.swaps import swap_answer, swap_ask, swap_decide, swap_problems, swap_withdraw

DAYS_SHOWN = 14


@require_http_methods(["GET", "HEAD", "POST"])
def me_swaps(request: HttpRequest) -> HttpResponse:
    """The own swaps with what waits for one's answer, and the form that asks for another."""
    account, staff, now = account_of(request), own_staff(request), timezone.now()
    today = timezone.localdate(now)
    form = SwapForm(
        request.POST or None,
        partners=partners_of(staff, today),
        initial={"asker_date": request.GET.get("date")},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            swap_ask(
                asker=staff,
                partner=said["partner"],
                asker_date=said["asker_date"],
                partner_date=said["partner_date"] or said["asker_date"],
                reason=said["reason"],
                by=account,
                at=now,
            )
        except RosterRefused as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, f"已向{said['partner'].name}提出换班，等对方同意。")
            return redirect("me_swaps")
    rows = swaps_of(account)
    days = roster_days_of([staff.pk], today, today + timedelta(days=DAYS_SHOWN))
    shown = {
        "staff": staff,
        "account": account,
        "form": form,
        "days": days,
        "asked": rows.filter(partner__account=account, state=Swap.State.ASKED)[:PAGE],
        "page": page_of(request, rows),
    }
    return render(request, "shifts/me_swaps.html", shown)


@require_POST
def me_swap_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a colleague's swap, or not."""
    account = account_of(request)
    swap = get_object_or_404(swaps_of(account).filter(partner__account=account), pk=pk)
    agrees = request.POST.get("agrees") == "1"
    words = "已同意，等组长批准。" if agrees else "已回绝。"
    return do(
        request,
        lambda: swap_answer(
            swap=swap, agrees=agrees, answer=typed(request, "answer"), by=account, at=timezone.now()
        ),
        words,
        "me_swaps",
        refused_as="",
    )


@require_POST
def me_swap_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own request back."""
    account = account_of(request)
    swap = get_object_or_404(swaps_of(account).filter(asker__account=account), pk=pk)
    return do(
        request,
        lambda: swap_withdraw(swap=swap, by=account, at=timezone.now()),
        "已撤回。",
        "me_swaps",
        refused_as="",
    )


@require_safe
def swaps(request: HttpRequest) -> HttpResponse:
    """Swaps of whom the account leads: what waits first, then what was decided."""
    account = account_of(request)
    if not departments_where(account, "decide_requests").exists():
        raise Http404
    rows = swaps_decidable_by(account)
    state = request.GET.get("state", Swap.State.AGREED)
    if state in Swap.State.values:
        rows = rows.filter(state=state)
    page = page_of(request, rows)
    shown = {"page": page, "state": state, "states": [("all", "全部"), *Swap.State.choices]}
    return render(request, "shifts/swaps.html", shown)


@require_safe
def swap(request: HttpRequest, pk: int) -> HttpResponse:
    """One swap: both people's days around it, and whether it can be made as things stand."""
    row = get_object_or_404(swaps_decidable_by(account_of(request)), pk=pk)
    first, last = sorted((row.asker_date, row.partner_date))
    days = days_between(first, last) if (last - first).days < DAYS_SHOWN else [first, last]
    found = roster_days_of([row.asker_id, row.partner_id], first, last)
    known = {(each.staff_id, each.work_date): each for each in found}
    shown = {
        "swap": row,
        "days": [(day, known.get((row.asker_id, day)), known.get((row.partner_id, day))) for day in days],
        "problems": swap_problems(row, timezone.now()) if row.state == Swap.State.AGREED else [],
        "changes": row.changes.select_related("staff", "before", "after").order_by("work_date", "staff"),
    }
    return render(request, "shifts/swap.html", shown)


@require_POST
def swap_decided(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a swap, which changes the roster, or refuse it with a reason."""
    account = account_of(request)
    row = get_object_or_404(swaps_decidable_by(account), pk=pk)
    approves = request.POST.get("approves") == "1"
    words = "已批准，排班已改。" if approves else "未批准，已告知理由。"
    return do(
        request,
        lambda: swap_decide(
            swap=row, approves=approves, answer=typed(request, "answer"), by=account, at=timezone.now()
        ),
        words,
        "swaps",
        refused_as="",
    )
