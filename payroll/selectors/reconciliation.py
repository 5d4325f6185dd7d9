"""The control totals of a month: stored sums against the ledgers and orders they came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, DecimalField, Exists, F, Func, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat

from commissions.order_sums import EVENTS, events_between, sum_columns
from complaints.selectors.parties import charges_waiting
from core.money import ZERO
from core.periods import last_of, shift_months
from core.text import listed
from payroll.models import (
    PAY_ON,
    EmployerCost,
    ManualLine,
    PayLine,
    Payslip,
    SettledOrders,
    SettlementPeriod,
    Withholding,
)
from payroll.selectors.payslips import MONEY
from penalties.cash_fines import cash_provisions
from penalties.models import MoneyEntry, SourceKind
from rules.kinds.labels import FUND
from rules.kinds.sales import Commission
from rules.selectors import timeline_of

Nature = PayLine.Nature
NOT_EARNED = Q(nature=Nature.DEBT) | Q(column__in=PayLine.STATUTORY)  # no part of the gross where positive
EARNED = "明细中为正的（不含转为欠款、退回的社保与个税）"
LATER_FACTS = "结算后有变更：未批准的月份请重新结算，已批准的由以后月份调整"
NAMES_SHOWN = 10
RECOMPUTE = "月中调来的人，在原部门补缴的也并入个税；其余的请重新结算"
FAILED_PEOPLE = "有人未能结算，其数字不在工资明细内"


@dataclass(frozen=True, slots=True)
class Check:
    """Two sums from different sources that must agree, in yuan or a count; `hint` says why they may not."""

    title: str
    one_source: str
    one: Decimal
    other_source: str
    other: Decimal
    hint: str = ""

    @property
    def difference(self) -> Decimal:
        return self.one - self.other


def checks(period: SettlementPeriod) -> list[Check]:
    """Every control total of the period's stored draft; fourteen queries, nothing is recomputed."""
    slips = Payslip.objects.filter(period=period).aggregate(
        gross=Coalesce(Sum("gross"), ZERO),
        deductions=Coalesce(Sum("deductions"), ZERO),
        net=Coalesce(Sum("net"), ZERO),
        failed=Count("pk", filter=~Q(failure="")),
    )
    lines = line_sums(period)
    return [
        *_payslip_checks(slips, lines),
        *_ledger_checks(period, lines, failed=bool(slips["failed"])),
        *_order_checks(period),
        *_commission_checks(period),
        *_statutory_checks(period, lines),
    ]


def line_sums(period: SettlementPeriod) -> dict[str, Decimal]:
    """Sums of the period's pay lines in yuan: positive, negative, by column, by source; one query."""
    amount = {f"column_{column}": Q(column=column) for column in PayLine.Column.values}
    amount |= {
        "positive": Q(amount__gt=0) & ~NOT_EARNED,
        "negative": Q(amount__lt=0) | NOT_EARNED,
        "manual": Q(nature=Nature.MANUAL),
    }
    from_ledger = Q(nature=Nature.REGULAR, trace__has_key="entries")
    let_go = Cast(KeyTextTransform("let_go", "trace"), DecimalField(max_digits=12, decimal_places=2))
    return PayLine.objects.filter(payslip__period=period).aggregate(
        total=Coalesce(Sum("amount"), ZERO),
        ledger=Coalesce(Sum(F("full_amount") - Coalesce(let_go, ZERO), filter=from_ledger), ZERO),
        **{name: Coalesce(Sum("amount", filter=condition), ZERO) for name, condition in amount.items()},
    )


def _payslip_checks(slips: Mapping[str, Decimal], lines: Mapping[str, Decimal]) -> Iterator[Check]:
    yield Check(
        "应发合计",
        "工资条",
        slips["gross"],
        EARNED,
        lines["positive"],
    )
    yield Check("应扣合计", "工资条", slips["deductions"], "明细中为负的，减去转为欠款", -lines["negative"])
    yield Check("实发合计", "工资条", slips["net"], "全部明细", lines["total"])
    columns = sum((lines[f"column_{column}"] for column in PayLine.Column.values), ZERO)
    yield Check("各栏合计", "工资表各栏", columns, "工资条实发", slips["net"])
    yield Check(
        "未能结算人数", "工资条", Decimal(slips["failed"]), "应为", ZERO, "按工资条上的补救办法处理后重新结算"
    )


def _ledger_checks(
    period: SettlementPeriod, lines: Mapping[str, Decimal], *, failed: bool
) -> Iterator[Check]:
    entries = MoneyEntry.objects.filter(
        staff__department=period.department_id, work_date__range=(period.month, last_of(period.month))
    )
    entries = entries.exclude(provision__in=cash_provisions())  # in pay only if they are not paid in cash
    if period.facts_read_at is not None:
        entries = entries.exclude(
            source_kind=SourceKind.CASE_SHARE, source_id__in=charges_waiting(period.facts_read_at)
        )
    if period.is_frozen:  # what came later is an adjustment of a later month
        entries = entries.filter(at__lte=period.facts_read_at)
    ledger = entries.aggregate(total=Coalesce(Sum("amount"), ZERO))["total"]
    manual = ManualLine.objects.filter(period=period, withdrawn_at__isnull=True).aggregate(
        total=Coalesce(Sum("amount"), ZERO)
    )["total"]
    hint = FAILED_PEOPLE if failed else LATER_FACTS
    yield Check("奖惩金额", "金额台账（本月日期）", ledger, "工资明细（封顶前）", lines["ledger"], hint)
    without_slip = entries.exclude(staff__in=Payslip.objects.filter(period=period).values("staff"))
    yield _entries_of_nobody("没有工资条的人的奖惩", without_slip)
    after = entries.filter(staff__left_on__lt=F("work_date"), source_kind=SourceKind.INCIDENT)
    yield _entries_of_nobody("最后工作日以后的奖惩", after)
    yield Check("手工项目", "手工项目登记", manual, "工资明细", lines["manual"], hint)


def _order_checks(period: SettlementPeriod) -> Iterator[Check]:
    """Orders as settlement read them, as it stored them by person, and as they stand now."""
    control = {key: Decimal(value) for key, value in period.control.items() if key != PAY_ON}
    now, stored = _orders_now(period), _orders_stored(period)
    for owner, words in (("attributed", "有归属"), ("unattributed", "无归属")):
        for name, label in (("sales", "付款"), ("refunds", "退款"), ("orders", "订单数")):
            key = f"{owner}_{name}"
            read = control.get(key, ZERO)
            yield Check(f"{words}{label}", "结算取数时", read, "订单表现有", now[key], LATER_FACTS)
    net = control.get("attributed_sales", ZERO) - control.get("attributed_refunds", ZERO)
    yield Check("有归属净额", "结算取数时", net, "结算订单", stored["plus"] + stored["minus"])
    for name, label in (("plus", "收入"), ("minus", "支出"), ("count", "笔数")):
        yield Check(f"结算订单{label}", "结算订单", stored[name], "订单表现有", now[name], LATER_FACTS)


def _commission_checks(period: SettlementPeriod) -> Iterator[Check]:
    """Orders that came to nobody's pay: of people without a payslip, or without a line of commission.

    No line has, by the rules, whom no commission binds on the last day of the month.
    """
    slips = Payslip.objects.filter(period=period, staff=OuterRef("staff"))
    lines = PayLine.objects.filter(
        payslip__period=period, payslip__staff=OuterRef("staff"), column=PayLine.Column.COMMISSION
    )
    total = "(SELECT sum(each) FROM unnest(%(expressions)s) each)"
    rows = list(
        SettledOrders.objects.filter(period=period)
        .annotate(net=Func(F("amounts"), template=total, output_field=MONEY))
        .annotate(has_slip=Exists(slips), has_line=Exists(lines), role=slips.values("role")[:1])
        .order_by("staff__number")
        .select_related("staff")
    )
    without_slip = [each for each in rows if not each.has_slip]
    names = [str(each.staff) for each in without_slip]
    yield _of_nobody("没有工资条的人的订单净额", "结算订单", _net(without_slip), names)
    if any(each.has_line for each in rows):
        rules = timeline_of(period.department).on(last_of(period.month)).of_kind(Commission)
        without_line = [each for each in rows if each.has_slip and not each.has_line]
        unbound = [
            each for each in rows if each.has_slip and not any(rule.binds(each.role) for rule in rules)
        ]
        hint = f"{listed([str(each.staff) for each in without_line], NAMES_SHOWN)}没有提成；核对条款与指标"
        yield Check(
            "没有提成的人的订单净额",
            "没有提成明细的",
            _net(without_line),
            "条款不适用的岗位",
            _net(unbound),
            hint if without_line else "",
        )


def _statutory_checks(period: SettlementPeriod, lines: Mapping[str, Decimal]) -> Iterator[Check]:
    """What the law takes against the tax records and the employer's part; none where it takes nothing."""
    of_period = {"payslip__period": period}
    taxed = Withholding.objects.filter(**of_period).aggregate(
        rows=Count("pk"), **{name: Coalesce(Sum(name), ZERO) for name in PayLine.STATUTORY}
    )
    if taxed["rows"]:
        for name in PayLine.STATUTORY:
            label = PayLine.Column(name).label
            yield Check(label, "个税预扣记录", taxed[name], "工资条明细", -lines[f"column_{name}"], RECOMPUTE)
    people = Count("payslip", distinct=True)
    own = PayLine.objects.filter(**of_period, column=PayLine.Column.FUND).aggregate(people=people)["people"]
    theirs = EmployerCost.objects.filter(**of_period, item=FUND).aggregate(people=people)["people"]
    if own or theirs:
        hint = "公积金由个人与单位共同缴存；核对公积金条款的两个比例"
        yield Check("公积金人数", "工资条明细", Decimal(own), "单位承担", Decimal(theirs), hint)


def _net(rows: Iterable[Any]) -> Decimal:
    return sum((each.net for each in rows), ZERO)


def _entries_of_nobody(title: str, entries: QuerySet[MoneyEntry]) -> Check:
    found = entries.order_by().aggregate(
        total=Coalesce(Sum("amount"), ZERO),
        names=ArrayAgg(Concat("staff__number", Value(" "), "staff__name"), distinct=True, default=[]),
    )
    return _of_nobody(title, "金额台账（本月日期）", found["total"], found["names"])


def _of_nobody(title: str, source: str, amount: Decimal, names: Sequence[str]) -> Check:
    shown = listed(sorted(names), NAMES_SHOWN)
    hint = f"{shown}；核对其最后工作日、岗位与条款，更正后重新结算" if names else ""
    return Check(title, source, amount, "应为", ZERO, hint)


def _orders_now(period: SettlementPeriod) -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT agent_id IS NOT NULL, {", ".join(sum_columns())},
                coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
                coalesce(sum(amount) FILTER (WHERE amount < 0), 0),
                count(*)
            FROM ({EVENTS}) events GROUP BY 1
            """,
            events_between(period.department_id, period.month, shift_months(period.month, 1)),
        )
        found = {is_attributed: list(map(Decimal, sums)) for is_attributed, *sums in cursor.fetchall()}
    totals: dict[str, Decimal] = {}
    for owner, is_attributed in (("attributed", True), ("unattributed", False)):
        sums = found.get(is_attributed, [ZERO] * 6)
        names = (f"{owner}_sales", f"{owner}_refunds", f"{owner}_orders")
        totals |= dict(zip(names, sums[:3], strict=True))
        if is_attributed:
            totals |= dict(zip(("plus", "minus", "count"), sums[3:], strict=True))
    return totals


def _orders_stored(period: SettlementPeriod) -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
                coalesce(sum(amount) FILTER (WHERE amount < 0), 0),
                count(*)
            FROM payroll_settledorders s, unnest(s.amounts) AS amount WHERE s.period_id = %s
            """,
            [period.pk],
        )
        return dict(zip(("plus", "minus", "count"), map(Decimal, cursor.fetchone()), strict=True))
