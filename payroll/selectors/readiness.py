"""What a month's pay stands on, and what of it is missing or has changed since the draft read it.

Nothing here hinders settling: a draft may be made of whatever is there. What is open has to be dealt with, or
waived by name and with a reason, before the draft is approved (`payroll.services.periods`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from commissions.figures import read_figures
from commissions.models import Metric, Order, OrderClaim
from commissions.order_sums import moment
from commissions.targets import BASE_PAY_SUM
from commissions.unowned import unowned_words
from core.money import ZERO, plain
from core.periods import last_of, shift_months
from core.text import listed
from payroll.models import Objection, Payslip, SettlementPeriod, Withholding
from payroll.selectors.appeals import appeals_of_month
from payroll.selectors.fact_changes import OVERLAP, people_changed
from payroll.selectors.overlaps import paid_beside
from payroll.settlement.law.employments import departments_of_employer
from penalties.models import Incident
from people.approvals import State as RequestState
from people.models import FactChange, Staff
from people.selectors import not_left
from rules.kinds.labels import METRIC_LABELS, figure_label
from rules.kinds.sales import (
    COMPUTED,
    WHOLE_DEPARTMENT,
    Commission,
    RankedAward,
    ScoreAward,
    StreakAward,
    metric_label,
)
from rules.kinds.statutory import IncomeTax
from rules.kinds.target import Target
from rules.provisions import Timeline
from rules.selectors import timeline_of
from shifts.models import Attendance, AttendanceMonth, Roster, RosterDay
from shifts.selectors.requests import REQUESTS
from statutory.selectors.openings import lacking_openings

NAMED = 10  # people who are named; the others are counted


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list: what is there in words; `is_open` where something is missing or undecided."""

    key: str
    title: str
    words: str
    is_open: bool = False
    url: str = ""


def readiness(period: SettlementPeriod, *, at: datetime) -> list[Item]:
    """The month's list, in the order in which it is dealt with; the period may be unsaved.

    The number of queries depends on neither people nor orders.
    """
    timeline = timeline_of(period.department)
    return [
        *_changes(period),
        _month_over(period, at),
        *_attendance(period),
        _requests(period),
        _incidents(period),
        _appeals(period),
        *_orders(period, timeline),
        *_metrics(period, timeline),
        *_figures(period, timeline),
        *_claims(period),
        *_paid_twice(period),
        *_tax_openings(period, timeline),
        _blanks(period, timeline),
    ]


def open_items(period: SettlementPeriod, *, at: datetime) -> list[Item]:
    """What has to be dealt with or waived before the draft is approved."""
    return [each for each in readiness(period, at=at) if each.is_open]


def changes_since(period: SettlementPeriod) -> list[FactChange]:
    """What changed, in this month or an earlier one, since the draft read its facts; one query."""
    if period.pk is None or period.facts_read_at is None:
        return []
    later = FactChange.objects.filter(
        department=period.department_id, month__lte=period.month, at__gt=period.facts_read_at - OVERLAP
    )
    return list(later.exclude(pk__in=period.facts_seen).select_related("by").order_by("id"))


def stale_periods(periods: Iterable[SettlementPeriod]) -> set[int]:
    """The keys of those computed months whose facts have changed since; one query at most."""
    computed = [
        (each, each.facts_read_at - OVERLAP)
        for each in periods
        if each.state == SettlementPeriod.State.COMPUTED and each.facts_read_at is not None
    ]
    if not computed:
        return set()
    changed: dict[int, list[tuple[int, date, datetime]]] = defaultdict(list)
    rows = FactChange.objects.filter(
        department__in={each.department_id for each, _ in computed},
        at__gt=min(since for _, since in computed),
    )
    for department, pk, month, at in rows.values_list("department", "pk", "month", "at"):
        changed[department].append((pk, month, at))
    return {
        each.pk
        for each, since in computed
        for pk, month, at in changed[each.department_id]
        if month <= each.month and at > since and pk not in each.facts_seen
    }


def facts_seen(period: SettlementPeriod, at: datetime) -> list[int]:
    """The changes that a draft computed now has read, as far as later looks need to know; one query."""
    recent = FactChange.objects.filter(
        department=period.department_id, month__lte=period.month, at__gt=at - OVERLAP
    )
    return list(recent.order_by("id").values_list("pk", flat=True))


def _changes(period: SettlementPeriod) -> Iterator[Item]:
    changes = changes_since(period)
    if period.facts_read_at is None:
        return
    if not changes:
        yield Item("changes", "结算以后的变更", "没有，草稿是最新的")
        return
    people = people_changed(period.department_id, changes, until=period.month)
    parts = []
    for source in dict.fromkeys(each.source for each in changes):
        rows = [each for each in changes if each.source == source]
        told = sorted(people[source].values()) or list(dict.fromkeys(each.note for each in rows if each.note))
        parts.append(rows[0].get_source_display() + (f"（{listed(told, NAMED)}）" if told else ""))
    yield Item(
        "changes",
        "结算以后的变更",
        f"草稿取数以后有变更：{'；'.join(parts)}。重新结算后才会计入",
        is_open=True,
    )


def _month_over(period: SettlementPeriod, at: datetime) -> Item:
    today, last = timezone.localdate(at), last_of(period.month)
    if today > last:
        return Item("month", "月份", f"{last:%m月%d日}已过，整月都在内")
    return Item("month", "月份", f"今天是{today:%m月%d日}，这个月还没有过完", is_open=True)


def _attendance(period: SettlementPeriod) -> Iterator[Item]:
    """Who has neither attendance nor a roster of the month, and who has missing punches; three queries."""
    first, last = period.month, last_of(period.month)
    of_month = {"staff": OuterRef("pk"), "work_date__range": (first, last)}
    people = Staff.objects.filter(not_left(first), department=period.department_id, joined_on__lte=last)
    without = people.exclude(
        Exists(Attendance.objects.filter(**of_month))
        | Exists(RosterDay.objects.filter(**of_month, roster__state=Roster.State.PUBLISHED))
        | Exists(AttendanceMonth.objects.filter(staff=OuterRef("pk"), month=first))
    )
    total, names = people.count(), _named(without)
    url = _url("imports", department=period.department.code)
    words = f"{total}人在职，{total - len(names)}人有考勤或排班"
    if names:
        words += f"；没有的{len(names)}人按全勤计：{listed(names, NAMED)}"
    yield Item("attendance", "考勤", words, is_open=bool(names), url=url)
    rows = Attendance.objects.filter(
        staff__department=period.department_id, work_date__range=(first, last), missing_punches__gt=0
    )
    counts = rows.order_by("staff__number").values_list("staff__number", "staff__name")
    punches = [
        f"{number} {name} {times}次" for number, name, times in counts.annotate(Sum("missing_punches"))
    ]
    yield Item(
        "punches",
        "缺卡",
        f"{len(punches)}人：{listed(punches, NAMED)}" if punches else "没有",
        is_open=bool(punches),
        url=reverse("shift_requests"),
    )


def _requests(period: SettlementPeriod) -> Item:
    """Leave, corrections, outings and overtime of the month that nobody has decided on; four queries."""
    counts = []
    for model in REQUESTS.values():
        day = "starts_on" if hasattr(model, "starts_on") else "work_date"
        rows = model.objects.filter(
            **{f"{day}__range": (period.month, last_of(period.month))},
            staff__department=period.department_id,
            state=RequestState.ASKED,
        )
        counts.append((model._meta.verbose_name, rows.count()))
    waiting = [f"{name}{count}件" for name, count in counts if count]
    return Item(
        "requests",
        "请假、补卡、外出与加班的申请",
        f"待审批：{'、'.join(waiting)}" if waiting else "都已审批",
        is_open=bool(waiting),
        url=reverse("shift_requests"),
    )


def _incidents(period: SettlementPeriod) -> Item:
    rows = Incident.objects.filter(
        staff__department=period.department_id,
        work_date__range=(period.month, last_of(period.month)),
        state=Incident.State.RECORDED,
    )
    names = _named(Staff.objects.filter(pk__in=rows.values("staff")))
    return Item(
        "incidents",
        "奖惩记录",
        f"{rows.count()}条还没有确认：{listed(names, NAMED)}" if names else "都已确认",
        is_open=bool(names),
        url=reverse("incidents"),
    )


def _appeals(period: SettlementPeriod) -> Item:
    """Appeals against what the month takes: until they are decided it stands in pay; two queries."""
    waiting = [str(each) for each in appeals_of_month(period)]
    return Item(
        "appeals",
        "申诉",
        f"{len(waiting)}条没有决定：{listed(waiting, NAMED)}。扣款照扣，批准申诉以后退还"
        if waiting
        else "没有待决定的",
        is_open=bool(waiting),
        url=reverse("pay_checks", args=[period.department.code, f"{period.month:%Y-%m}"]),
    )


def _orders(period: SettlementPeriod, timeline: Timeline) -> Iterator[Item]:
    """Orders, and those that nobody has, by reason; where no provision pays for orders nothing is said.

    Two queries.
    """
    if not any(
        rule.kind.measure in COMPUTED and rule.kind.requires_attribution
        for rule in _rules(period, timeline, Commission)
    ):
        return
    begin, end = moment(period.month), moment(shift_months(period.month, 1))
    found = Order.objects.filter(
        department=period.department_id, paid_at__gte=begin, paid_at__lt=end
    ).aggregate(orders=Count("pk"), paid=Coalesce(Sum("amount"), ZERO))
    url = _url("imports", department=period.department.code)
    words = (
        f"{found['orders']}单，付款{plain(found['paid'])}元" if found["orders"] else "没有订单，提成按零计"
    )
    yield Item("orders", "订单", words, is_open=not found["orders"], url=url)
    if found["orders"]:
        words = unowned_words(period.department_id, period.month)
        yield Item("unowned", "没有归属的订单", words or "没有", is_open=bool(words), url=reverse("claims"))


def _metrics(period: SettlementPeriod, timeline: Timeline) -> Iterator[Item]:
    """The metrics that the rules pay by and orders do not give; one query."""
    needed: set[str] = set()
    for rule in _rules(period, timeline, Commission):
        measure = None if rule.kind.of == WHOLE_DEPARTMENT else rule.kind.measure
        needed |= {code for code in (measure, rule.kind.needs()) if code}
    ranked = [rule.kind for rule in _rules(period, timeline, RankedAward)]
    needed |= {kind.metric for kind in ranked} | {each.metric for kind in ranked for each in kind.requires}
    needed |= {rule.kind.metric for rule in _rules(period, timeline, StreakAward)}
    needed |= {rule.kind.by for rule in _rules(period, timeline, ScoreAward)}
    needed -= set(COMPUTED)
    if not needed:
        return
    rows = Metric.objects.filter(
        part=None, department=period.department_id, month=period.month, code__in=needed
    )
    counts = dict(rows.order_by().values_list("code").annotate(Count("staff", distinct=True)))
    parts = [f"{metric_label(code)}{counts.get(code, 0)}人" for code in sorted(needed)]
    yield Item(
        "metrics",
        "指标",
        "、".join(parts),
        is_open=any(not counts.get(code) for code in needed),
        url=_url("imports", department=period.department.code),
    )


def _figures(period: SettlementPeriod, timeline: Timeline) -> Iterator[Item]:
    """The department's figures that targets and commissions read; one query where there are any.

    The base pay sum is reckoned where nobody gives it; a measure may be a metric of each person instead.
    """
    targets = [rule.kind for rule in _rules(period, timeline, Target)]
    read = {code for kind in targets for code in kind.figures} - {BASE_PAY_SUM}
    measured = {kind.measure for kind in targets if kind.measure} - METRIC_LABELS.keys() - {BASE_PAY_SUM}
    common = [rule.kind for rule in _rules(period, timeline, Commission)]
    measured |= {kind.measure for kind in common if kind.of == WHOLE_DEPARTMENT} - set(COMPUTED)
    needed = sorted(read | measured)
    if not needed:
        return
    held = read_figures(period.department_id, period.month)
    missing = [code for code in needed if code not in held]
    words = "、".join(
        f"{figure_label(code)}{plain(held[code]) if code in held else '没有填'}" for code in needed
    )
    url = reverse("figures", args=[period.department.code])
    yield Item("figures", "部门数字", words, is_open=bool(missing), url=url)


def _claims(period: SettlementPeriod) -> Iterator[Item]:
    """Claims of the month's orders and objections to earlier months that wait for an answer; two queries."""
    begin, end = moment(period.month), moment(shift_months(period.month, 1))
    claims = OrderClaim.objects.filter(
        state=OrderClaim.State.OPEN,
        order__department=period.department_id,
        order__paid_at__gte=begin,
        order__paid_at__lt=end,
    )
    names = [f"{who}（{order}）" for who, order in claims.values_list("staff__name", "order__order_no")]
    yield Item(
        "claims",
        "订单认领",
        f"{len(names)}件待决定：{listed(names, NAMED)}" if names else "没有待决定的",
        is_open=bool(names),
        url=reverse("claims"),
    )
    objections = Objection.objects.filter(
        state=Objection.State.OPEN, period__department=period.department_id, period__month__lt=period.month
    )
    names = [f"{who}（{title}）" for who, title in objections.values_list("staff__name", "title")]
    yield Item(
        "objections",
        "对以前月份的异议",
        f"{len(names)}件待答复：{listed(names, NAMED)}" if names else "没有待答复的",
        is_open=bool(names),
        url=reverse("objections"),
    )


def _paid_twice(period: SettlementPeriod) -> Iterator[Item]:
    if period.facts_read_at is None:
        return
    names = paid_beside(period)
    yield Item(
        "twice",
        "已由异议补过的调整",
        f"{listed(names, NAMED)}。同一笔的请撤回手工项目，已批准的另加手工项目扣回" if names else "没有",
        is_open=bool(names),
        url=reverse("pay_manual", args=[period.department.code, f"{period.month:%Y-%m}"]),
    )


def _tax_openings(period: SettlementPeriod, timeline: Timeline) -> Iterator[Item]:
    """Who worked here before in the year without tax records or figures of it; nothing where no tax is taken.

    In the first tax month of a year nobody lacks any. Up to four queries.
    """
    year = period.pays_on.year
    if period.pays_on.month == 1 or not _rules(period, timeline, IncomeTax):
        return
    people = Staff.objects.filter(
        not_left(period.month),
        department=period.department_id,
        joined_on__lte=last_of(period.month),
        hired_on__lt=period.month,
    )
    departments = departments_of_employer(period.department)
    paid = Payslip.objects.filter(
        Exists(
            Withholding.objects.filter(
                payslip=OuterRef("pk"), kind=Withholding.Kind.WAGES, paid_on__year=year
            ).order_by()
        ),
        period__department__in=departments,
        period__state__in=SettlementPeriod.FROZEN,
        period__month__lt=period.month,
    )
    lacking = lacking_openings(people, year=year, paid=paid, departments=departments)
    names = [str(each) for each in lacking]
    without = f"{year}年前几个月没有预扣个税的工资条也没有个税期初"
    words = f"{len(names)}人{without}，累计从零算起：{listed(names, NAMED)}"
    url = _url("declarations_openings", department=period.department.code)
    yield Item("tax_openings", "个税期初", words if names else "都有", is_open=bool(names), url=url)


def _blanks(period: SettlementPeriod, timeline: Timeline) -> Item:
    blank = [rule for rule in timeline.on(last_of(period.month)) if rule.is_inert]
    words = f"{len(blank)}条有数字没有填，不起作用：{listed([rule.title for rule in blank], NAMED)}"
    return Item(
        "blanks",
        "制度",
        words if blank else "数字都已填",
        url=reverse("rules_department", args=[period.department.code]),
    )


def _rules(period: SettlementPeriod, timeline: Timeline, kind: Any) -> list[Any]:
    """The provisions of a kind that hold on a day of the month."""
    segments = timeline.segments(period.month, last_of(period.month))
    return [rule for _, _, rules in segments for rule in rules.of_kind(kind)]


def _named(staff: "QuerySet[Staff]") -> list[str]:
    return [f"{number} {name}" for number, name in staff.order_by("number").values_list("number", "name")]


def _url(name: str, **query: str) -> str:
    return f"{reverse(name)}?{urlencode(query)}"
