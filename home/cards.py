"""What the first page shows: each card is a function of who looks, and returns what its template needs.

A card counts rows that its link shows. None of them queries per person or department.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from complaints.models import Case
from complaints.selectors.board import is_overdue
from complaints.selectors.cases import cases_visible_to
from complaints.selectors.waiting import cases_appealed, cases_awaiting, cases_to_rule
from core.periods import shift_months
from core.templatetags.ui import Bar
from duties.selectors.handover import items_visible_to, open_items
from home.tiles import ROWS_SHOWN, TILES, Tile, Viewer, counted
from imports.models import Upload
from imports.selectors import batches_visible_to, uploads_visible_to
from payroll.models import Payslip, SettlementPeriod
from payroll.selectors.readiness import stale_periods
from penalties.fund import counts_to_witness, expenses_to_approve, funds_uncounted
from penalties.models import Incident, MoneyEntry
from people.counting import counts_of
from people.models import Department
from people.selectors import departments_where, not_left, staff_visible_to
from rules.models import Version
from shifts.selectors.on_shift import LATE, MISSING, ON, STATES, shifts_begun
from shifts.selectors.requests import all_waiting

REPORT_DAY = 10  # of the next month, itself still in time (s000-09-27)
MONTHS_SHOWN, IMPORTS_SHOWN, BARS_SHOWN = 2, 5, 8
PeriodState = SettlementPeriod.State


@dataclass(frozen=True)
class Card:
    """A part of the page: the template that draws it, and what that needs."""

    template: str
    shown: dict[str, Any] = field(default_factory=dict)


def waiting(viewer: Viewer) -> Card | None:
    """What waits for a decision, nought included: it says that nothing does; one query."""
    tiles = [tile for make in TILES if (tile := make(viewer)) is not None]
    return Card("home/waiting.html", {"tiles": counted(viewer, tiles)}) if tiles else None


def on_shift(viewer: Viewer) -> Card | None:
    """Who works now, late or not at all, what people ask for and what shifts left open; one query."""
    if not departments_where(viewer.account, "plan_rosters").exists():
        return None
    account = viewer.account
    begun = shifts_begun(account, at=viewer.now)
    opened: Any = open_items(items_visible_to(account))
    unsigned = opened.filter(is_signed=False, author__department__in=viewer.where("plan_rosters"))
    tiles = [
        *(
            Tile(label, begun.filter(STATES[state]), f"{reverse('shift_now')}?state={state}")
            for state, label in ((ON, "人当班"), (LATE, "人今天迟到"), (MISSING, "人没有打卡"))
        ),
        Tile("项申请待审批", all_waiting(account), reverse("shift_requests")),
        Tile("项交接没有签收", unsigned, f"{reverse('handover')}?state=unsigned"),
        Tile("次职责没有做到，待确认", _missed_duties(viewer), f"{reverse('incidents')}?source=duty"),
    ]
    return Card("home/on_shift.html", {"tiles": counted(viewer, tiles)})


def _missed_duties(viewer: Viewer) -> QuerySet[Any, Any]:
    own = Incident.objects.filter(staff__in=staff_visible_to(viewer.account))
    return own.filter(key__startswith="duty:", state=Incident.State.RECORDED)


def complaints(viewer: Viewer) -> Card | None:
    """Cases that are over their time, that one holds, that wait for one's step or decision; four queries."""
    if not (viewer.may("view_cases") or viewer.where("record_cases").exists()):
        return None
    account, url = viewer.account, reverse("cases")
    opened = cases_visible_to(account).filter(state="open")
    tiles = [Tile("件投诉逾期", opened.filter(is_overdue(viewer.now)), f"{url}?due=over")]
    if not viewer.groups & {"auditor"}:
        tiles += [
            Tile("件投诉我承办", opened.filter(holder__account=account), f"{url}?whose=mine"),
            Tile("件投诉等我办理", cases_awaiting(account), f"{url}?whose=step"),
        ]
    if viewer.may("decide_cases"):
        tiles.append(Tile("件归责待裁定", cases_to_rule(account), f"{url}?state=all&whose=ruling"))
    if viewer.may("decide_appeals"):
        tiles.append(Tile("件责任申诉待决定", cases_appealed(account), f"{url}?state=all&whose=appeal"))
    return Card("home/complaints.html", {"tiles": counted(viewer, tiles)})


@dataclass(frozen=True)
class MonthRow:
    """One month of a department: where it stands, what to do next, and the page where that is done."""

    period: SettlementPeriod | None
    department: Department
    month: date
    failed: int = 0
    next_step: str = ""
    url: str = ""


def fund(viewer: Viewer) -> Card | None:
    """What waits of funds: expenses to approve, counts to witness, cash nobody counted; four queries at most.

    A link leads to the first of the departments where it waits: a fund has a page of its own.
    """
    account = viewer.account
    kinds: tuple[tuple[str, QuerySet[Any, Any], str, str], ...] = (
        ("项基金支出待批准", expenses_to_approve(account), "expenses", "staff__department__code"),
        ("次基金盘点等我见证", counts_to_witness(account), "counts", "department__code"),
        ("个基金上月没有盘点", funds_uncounted(account, on=viewer.today), "counts", "code"),
    )
    figures = counts_of(account, [rows for _, rows, _, _ in kinds])
    tiles = []
    for (label, rows, view, code), figure in zip(kinds, figures, strict=True):
        if figure:
            place = rows.order_by(code).values_list(code, flat=True).first()
            url = f"{reverse('fund')}?{urlencode({'department': str(place), 'view': view})}"
            tiles.append(Tile(label, rows, url, figure))
    return Card("home/fund.html", {"tiles": tiles}) if tiles else None


def months(viewer: Viewer) -> Card | None:
    """The last months of every department whose pay the account sees; three queries."""
    if not viewer.may("view_pay"):
        return None
    last = shift_months(viewer.month, -1)
    first = shift_months(viewer.month, -MONTHS_SHOWN)
    failed = Count("payslips", filter=~Q(payslips__failure=""))
    stored: dict[int, list[Any]] = defaultdict(list)
    for period in (
        SettlementPeriod.objects.filter(month__gte=first, department__in=viewer.pay_departments)
        .annotate(failed=failed)
        .select_related("prepared_by", "approved_by")
        .order_by("-month")
    ):
        stored[period.department_id].append(period)
    stale = stale_periods(period for periods in stored.values() for period in periods)
    rows = []
    for department in viewer.pay_departments:
        periods = stored[department.pk]
        if not any(period.month == last for period in periods):
            rows.append(
                MonthRow(None, department, last, next_step="开始结算", url=_pay_url(department, last))
            )
        for period in periods:
            step = "先补救未能结算的人" if period.failed else NEXT_STEPS[period.state]
            if period.pk in stale:
                step = "草稿以后有变更，重新结算"
            url = _pay_url(department, period.month)
            rows.append(MonthRow(period, department, period.month, period.failed, step, url))
    return Card("home/months.html", {"rows": rows[:ROWS_SHOWN]})


NEXT_STEPS = {
    PeriodState.OPEN: "开始结算",
    PeriodState.COMPUTING: "等待算完",
    PeriodState.COMPUTED: "由第二人批准",
    PeriodState.APPROVED: "发放并登记",
    PeriodState.PAID: "",
}


def _pay_url(department: Department, month: date) -> str:
    return _url("pay_period", department.code, f"{month:%Y-%m}")


def case_reports(viewer: Viewer) -> Card | None:
    """Until the tenth: the complaint statistics of last month, of departments with cases; one query."""
    if viewer.today.day > REPORT_DAY or not viewer.may("view_cases"):
        return None
    has_cases = Exists(Case.objects.filter(department=OuterRef("pk")))
    rows = list(viewer.where("view_cases").filter(has_cases).order_by("code")[:ROWS_SHOWN])
    month = shift_months(viewer.month, -1)
    due_on = viewer.today.replace(day=REPORT_DAY)
    return Card("home/case_reports.html", {"rows": rows, "month": month, "due_on": due_on}) if rows else None


def failures(viewer: Viewer) -> Card | None:
    """Who could not be settled in months not yet approved, with what to mend; one query."""
    if not viewer.may("settle_pay"):
        return None
    rows = (
        Payslip.objects.filter(period__department__in=viewer.where("view_pay"))
        .exclude(failure="")
        .exclude(period__state__in=SettlementPeriod.FROZEN)
        .select_related("period__department")
        .order_by("-period__month", "number")
    )
    found = list(rows[: IMPORTS_SHOWN + 1])
    if not found:
        return None
    return Card("home/failures.html", {"rows": found[:IMPORTS_SHOWN], "is_more": len(found) > IMPORTS_SHOWN})


def imports(viewer: Viewer) -> Card | None:
    """The last files that went in, with what became of them, and those left half-way; two queries."""
    if not viewer.may("import_data"):
        return None
    unfinished = uploads_visible_to(viewer.account).exclude(state__in=Upload.CLOSED)
    shown = {
        "rows": list(batches_visible_to(viewer.account)[:IMPORTS_SHOWN]),
        "unfinished": list(unfinished[:IMPORTS_SHOWN]),
        "url": reverse("imports"),
    }
    return Card("home/imports.html", shown)


def fines_and_awards(viewer: Viewer) -> Card:
    """This month's money of the ledger against last month's, by provision; one query.

    A reversing entry counts on its own day's month against what it reverses. Managers see their
    departments, a lead the own team.
    """
    before = shift_months(viewer.month, -1)
    own = staff_visible_to(viewer.account)
    sums = (
        MoneyEntry.objects.filter(
            staff__in=own, work_date__gte=before, work_date__lt=shift_months(viewer.month, 1)
        )
        .order_by()
        .values("provision__code", "provision__title")
        .annotate(
            now=Coalesce(Sum("amount", filter=Q(work_date__gte=viewer.month)), Decimal(0)),
            before=Coalesce(Sum("amount", filter=Q(work_date__lt=viewer.month)), Decimal(0)),
        )
    )
    fines: list[Bar] = []
    awards: list[Bar] = []
    for row in sums:
        bar = Bar(row["provision__title"], row["now"], row["before"], _incidents_of(row["provision__code"]))
        (fines if row["now"] + row["before"] < 0 else awards).append(bar)
    return Card(
        "home/fines.html",
        {
            "charts": [_chart("罚款", fines), _chart("奖励", awards)],
            "is_empty": not fines and not awards,
            "url": reverse("incident_new"),
        },
    )


def _chart(title: str, bars: list[Bar]) -> dict[str, Any]:
    bars.sort(key=lambda bar: (-abs(bar.value), -abs(bar.before or Decimal(0)), bar.label))
    total = sum((bar.value for bar in bars), Decimal(0))
    before = sum((bar.before or Decimal(0) for bar in bars), Decimal(0))
    return {
        "title": title,
        "bars": bars[:BARS_SHOWN],
        "total": total,
        "before": before,
        "left_out": max(len(bars) - BARS_SHOWN, 0),
    }


def _incidents_of(code: str) -> str:
    return f"{reverse('incidents')}?{urlencode({'state': '', 'what': code})}"


def commissions(viewer: Viewer) -> Card | None:
    """The place of the commission chart; it is read by a request of its own, department by department."""
    if not viewer.may("view_pay") or viewer.groups & {"auditor"}:
        return None
    if not viewer.pay_departments:
        return None
    return Card("home/commissions.html", {"departments": viewer.pay_departments})


def versions(viewer: Viewer) -> Card | None:
    """Versions of the rules that begin after today, and drafts that nobody has published; one query."""
    if not viewer.may("record_incidents") and not viewer.may("view_pay"):
        return None
    rows = Version.objects.filter(
        Q(effective_on__gt=viewer.today) | Q(published_at__isnull=True), department__in=viewer.departments
    ).select_related("department", "published_by")
    found = list(rows.order_by("effective_on", "department")[:IMPORTS_SHOWN])
    return Card("home/versions.html", {"rows": found}) if found else None


def overview(viewer: Viewer) -> Card | None:
    """All departments at a glance: people, incidents that wait, the latest month; one query."""
    if not viewer.groups & {"gm", "auditor"}:
        return None
    employed = not_left(viewer.today, of="staff")
    recorded = Q(staff__incidents__state=Incident.State.RECORDED)
    rows = viewer.departments.annotate(
        people=Count("staff", filter=employed, distinct=True),
        waiting=Count("staff__incidents", filter=recorded, distinct=True),
    ).order_by("code")
    return Card("home/overview.html", {"rows": list(rows[:ROWS_SHOWN])})


def _url(name: str, *args: Any) -> str:
    """The address of a page by its URL name, or nothing where the site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


HR = (months, failures, waiting, fund, complaints, case_reports, imports, versions)
MANAGER = (on_shift, waiting, fund, complaints, months, failures, fines_and_awards, commissions, versions)
OVERVIEW = (overview, waiting, fund, complaints, months, fines_and_awards, versions)
TEAM = (on_shift, fund, complaints, fines_and_awards)

# The first group that fits decides.
BY_GROUP: tuple[tuple[str, tuple[Callable[[Viewer], Card | None], ...]], ...] = (
    ("gm", OVERVIEW),
    ("auditor", OVERVIEW),
    ("manager", MANAGER),
    ("hr", HR),
    ("supervisor", (on_shift, waiting, fund, complaints, fines_and_awards, imports, versions)),
    ("lead", TEAM),
)


def cards_of(viewer: Viewer) -> list[Card]:
    """The cards of the account's first group, in order."""
    for group, makers in BY_GROUP:
        if group in viewer.groups:
            return [card for make in makers if (card := make(viewer)) is not None]
    return []
