"""The payroll workbook of a month, from stored payslips and lines only; nothing is recomputed."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.money import ZERO
from payroll.errors import PeriodRefused
from payroll.models import EmployerCost, PayLine, Payslip, SettlementPeriod, Withholding
from payroll.selectors.debts import debt_steps
from payroll.selectors.payslips import MONEY as AMOUNT
from payroll.selectors.reconciliation import checks
from people.models import Role, Tier
from rules.kinds.labels import FUND
from rules.kinds.sales import metric_label
from rules.models import ProvisionFields
from sheets.writing import Sheet, SheetColumn, write_workbook

PayColumn = PayLine.Column
EARNED = tuple(column for column in PayColumn if column not in PayLine.STATUTORY)
ROWS_AT_ONCE = 2000
EMPLOYER = "单位承担"  # of what is no line of the payslip
TEXT, WRAPPED, MONEY, DATE = "text", "wrapped", "money", "date"
NUMBER, NAME = SheetColumn("工号", 10), SheetColumn("姓名", 11)

PAYROLL = (
    NUMBER,
    NAME,
    SheetColumn("部门", 16),
    SheetColumn("岗位", 10),
    SheetColumn("职级", 11),
    SheetColumn("应出勤", 8, "integer"),
    SheetColumn("实出勤", 8, "integer"),
    *(SheetColumn(column.label, 11.5, MONEY) for column in EARNED),
    SheetColumn("应发", 12, MONEY),
    SheetColumn("应扣", 11.5, MONEY),
    SheetColumn("实发", 12, MONEY),
    # Behind what other programs read by its place since before the law was part of it.
    SheetColumn(PayColumn.SOCIAL.label, 11.5, MONEY),
    SheetColumn(PayColumn.FUND.label, 11.5, MONEY),
    SheetColumn("应税", 12, MONEY),
    SheetColumn(PayColumn.TAX.label, 11.5, MONEY),
    SheetColumn("单位社保", 11.5, MONEY),
    SheetColumn("单位公积金", 11.5, MONEY),
    SheetColumn("签名", 20, WRAPPED),
)
LINES = (
    NUMBER,
    NAME,
    SheetColumn("项目", 22),
    SheetColumn("条款编号", 18),
    SheetColumn("版本", 9),
    SheetColumn("来历", 14),
    SheetColumn("归属月份", 10),
    SheetColumn("日期", 11, DATE),
    SheetColumn("金额", 11.5, MONEY),
    SheetColumn("封顶前金额", 12.5, MONEY),
    SheetColumn("性质", 7),
    SheetColumn("说明", 70, WRAPPED),
)
FINES = (
    NUMBER,
    NAME,
    SheetColumn("日期", 11, DATE),
    SheetColumn("条款", 36),
    SheetColumn("金额", 12, MONEY),
    SheetColumn("说明", 80, WRAPPED),
)
COMMISSIONS = (
    NUMBER,
    NAME,
    SheetColumn("条款", 30),
    SheetColumn("付款", 13, MONEY),
    SheetColumn("退款", 12, MONEY),
    SheetColumn("净额", 13, MONEY),
    SheetColumn("订单数", 8, "integer"),
    SheetColumn("分档指标", 22),
    SheetColumn("金额", 12, MONEY),
    SheetColumn("说明", 70, WRAPPED),
)
CARRIED = (
    NUMBER,
    NAME,
    SheetColumn("类别", 10),
    SheetColumn("条款", 36),
    SheetColumn("来自月份", 10),
    SheetColumn("应扣", 12, MONEY),
    SheetColumn("已扣", 12, MONEY),
    SheetColumn("转下月", 12, MONEY),
    SheetColumn("说明", 70, WRAPPED),
)
CHECKS = (
    SheetColumn("项目", 18),
    SheetColumn("甲（来源）", 24),
    SheetColumn("甲", 16, MONEY),
    SheetColumn("乙（来源）", 24),
    SheetColumn("乙", 16, MONEY),
    SheetColumn("差额", 14, MONEY),
    SheetColumn("结论", 9),
    SheetColumn("说明", 46, WRAPPED),
)


DEBTS = (
    NUMBER,
    NAME,
    SheetColumn("部门", 16),
    SheetColumn("最后工作日", 12, DATE),
    SheetColumn("来自月份", 10),
    SheetColumn("欠款", 12, MONEY),
    SheetColumn("尚欠", 12, MONEY),
    SheetColumn("来由", 60, WRAPPED),
    SheetColumn("扣回、还款与核销", 60, WRAPPED),
)


def debts_export(debts: QuerySet[Any], *, target: str | os.PathLike[str] | BinaryIO) -> None:
    """Write debts (`debts_of_leavers`) with what became of them to a path or a binary file."""
    lines = list(debts)
    steps = debt_steps([line.pk for line in lines])
    rows = [
        (
            line.payslip.number,
            line.payslip.name,
            str(line.payslip.period.department),
            line.payslip.staff.left_on,
            f"{line.payslip.period.month:%Y-%m}",
            line.owed,
            line.rest,
            line.reason,
            "；".join(f"{each.on} {each.what}{each.amount}元 {each.note}" for each in steps.get(line.pk, ())),
        )
        for line in lines
    ]
    footer = ["合计", f"{len(rows)}笔", None, None, None, _sum(rows, 5), _sum(rows, 6), None, None]
    write_workbook(target, [Sheet("欠款", DEBTS, rows, footer, "离职及调出人员欠款")])


@transaction.atomic
def payroll_export(*, period: SettlementPeriod, target: str | os.PathLike[str] | BinaryIO) -> None:
    """Write the workbook of the period's draft or approved month to a path or a binary file.

    PeriodRefused where there is no draft, or while one is being computed. The draft cannot be replaced
    meanwhile, so that all sheets show the same one.
    """
    # Looked at before the lock, which a settlement holds until it is done.
    _exportable(period.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM payroll_settlementperiod WHERE id = %s FOR SHARE", [period.pk])
    period = _exportable(period.pk)
    write_workbook(target, payroll_sheets(period))


def _exportable(period_id: int) -> SettlementPeriod:
    """The period as it stands; PeriodRefused where it has no whole draft."""
    related = "department", "prepared_by", "approved_by"
    period = SettlementPeriod.objects.select_related(*related).get(pk=period_id)
    if period.state == SettlementPeriod.State.COMPUTING:
        raise PeriodRefused(f"{period}正在结算，不能导出", "等它完成后再导出")
    if period.facts_read_at is None:
        raise PeriodRefused(f"{period}还没有结算，没有工资可导出", "先结算")
    return period


def payroll_sheets(period: SettlementPeriod) -> Iterator[Sheet]:
    """The sheets one by one, each read when it is written; the number of queries is fixed."""
    for sheet in _sheets(period):
        yield replace(sheet, heading=f"{period} {sheet.title}")


def _sheets(period: SettlementPeriod) -> Iterator[Sheet]:
    yield _payroll(period)
    yield Sheet("明细", LINES, chain(_line_rows(period), _cost_rows(period)))
    yield _fines(period)
    yield _commissions(period)
    yield _carried(period)
    yield Sheet("核对", CHECKS, _check_rows(period))


def _payroll(period: SettlementPeriod) -> Sheet:
    """One row a payslip; the columns of amounts are the sums of its lines, and of what stands beside it."""
    columns = (*EARNED, *PayLine.STATUTORY)
    sums = {f"sum_{each}": Sum("lines__amount", filter=Q(lines__column=each)) for each in columns}
    slips = (
        Payslip.objects.filter(period=period)
        .annotate(**{name: Coalesce(total, ZERO) for name, total in sums.items()})
        .annotate(
            taxed=_beside(Withholding.objects.all(), "income"),
            employer_social=_beside(EmployerCost.objects.exclude(item=FUND), "amount"),
            employer_fund=_beside(EmployerCost.objects.filter(item=FUND), "amount"),
        )
        .order_by("number")
        .values_list(
            "number", "name", "team", "role", "tier", "days_due", "days_worked",
            *(f"sum_{each}" for each in EARNED), "gross", "deductions", "net",
            f"sum_{PayColumn.SOCIAL}", f"sum_{PayColumn.FUND}", "taxed", f"sum_{PayColumn.TAX}",
            "employer_social", "employer_fund", "failure", "remedy",
        )
    )  # fmt: skip
    roles, tiers = dict(Role.choices), dict(Tier.choices)
    rows = []
    for number, name, team, role, tier, due, worked, *amounts, failure, remedy in slips:
        place = f"{period.department} {team}".strip()
        remark = f"未能结算：{failure}。{remedy}" if failure else None
        rows.append(
            (number, name, place, roles.get(role, role), tiers.get(tier, tier), due, worked, *amounts, remark)
        )
    failed = sum(row[-1] is not None for row in rows)
    people = f"{len(rows)}人"
    note = f"合计不含未能结算的{failed}人" if failed else None
    footer: list[Any] = ["合计", people, f"{period.department} {period.month:%Y年%m月}", *[None] * 4]
    footer += [sum((row[place] for row in rows), ZERO) for place in range(7, len(PAYROLL) - 1)]
    return Sheet("工资表", PAYROLL, rows, [*footer, note])


def _beside(rows: QuerySet[Any], amount: str) -> Coalesce:
    """What rows beside a payslip come to: they do not join its lines, which would count them often."""
    of_slip = rows.filter(payslip=OuterRef("pk")).order_by().values("payslip")
    return Coalesce(Subquery(of_slip.annotate(sum=Sum(amount)).values("sum"), output_field=AMOUNT), ZERO)


def _of(period: SettlementPeriod) -> QuerySet[PayLine]:
    return PayLine.objects.filter(payslip__period=period).order_by("payslip__number", "position")


def _line_rows(period: SettlementPeriod) -> Iterator[Sequence[Any]]:
    natures, bases = dict(PayLine.Nature.choices), dict(ProvisionFields.Basis.choices)
    lines = _of(period).values_list(
        "payslip__number", "payslip__name", "title", "code", "provision__version__number", "nature",
        "for_month", "on", "amount", "full_amount", "basis", "reason",
    )  # fmt: skip
    for number, name, title, code, version, nature, month, on, amount, full, basis, reason in lines.iterator(
        chunk_size=ROWS_AT_ONCE
    ):
        yield (
            number,
            name,
            title,
            code,
            f"第{version}版" if version else None,
            natures[nature],
            f"{month:%Y-%m}",
            on,
            amount,
            full,
            bases.get(basis, basis),
            reason,
        )


def _cost_rows(period: SettlementPeriod) -> Iterator[Sequence[Any]]:
    """What the employer pays beside each payslip, behind all lines: it is no part of the pay."""
    costs = EmployerCost.objects.filter(payslip__period=period).order_by("payslip__number", "pk")
    for number, name, title, code, month, amount, trace in costs.values_list(
        "payslip__number", "payslip__name", "title", "code", "for_month", "amount", "trace"
    ).iterator(chunk_size=ROWS_AT_ONCE):
        reason = "；".join(trace.get("arithmetic") or [])
        yield (
            number, name, title, code, None, EMPLOYER, f"{month:%Y-%m}", None, amount, amount, None, reason,
        )  # fmt: skip


def _fines(period: SettlementPeriod) -> Sheet:
    lines = _of(period).filter(column__in=[PayColumn.FINE, PayColumn.LEAVE], amount__lt=0)
    rows = [
        (number, name, on, f"{code} {title}", amount, reason)
        for number, name, on, code, title, amount, reason in lines.values_list(
            "payslip__number", "payslip__name", "on", "code", "title", "amount", "reason"
        )
    ]
    return Sheet("罚款", FINES, rows, ["合计", f"{len(rows)}笔", None, None, _sum(rows, 4), None])


def _commissions(period: SettlementPeriod) -> Sheet:
    """Commission lines with the facts that they were computed from."""
    lines = _of(period).filter(column=PayColumn.COMMISSION)
    rows = []
    for number, name, code, title, amount, reason, facts in lines.values_list(
        "payslip__number", "payslip__name", "code", "title", "amount", "reason", "trace__facts"
    ):
        facts = facts if isinstance(facts, dict) else {}
        sales, refunds = _decimal(facts.get("sales")), _decimal(facts.get("refunds"))
        net = None if sales is None or refunds is None else sales - refunds
        by = "、".join(f"{metric_label(metric)} {value}" for metric, value in facts.get("by", {}).items())
        orders = _decimal(facts.get("orders"))
        rows.append(
            (number, name, f"{code} {title}", sales, refunds, net, orders, by or None, amount, reason)
        )
    footer = ["合计", f"{len(rows)}笔", *[None] * 6, _sum(rows, 8), None]
    return Sheet("提成", COMMISSIONS, rows, footer)


def _carried(period: SettlementPeriod) -> Sheet:
    """Deductions that caps held back, and commission bases below zero that the next month starts from."""
    held = Q(full_amount__lt=F("amount"))
    base = Q(state_carried__lt=0, for_month=period.month)
    rows: list[tuple[Any, ...]] = []
    for number, name, code, title, month, full, amount, carried, reason, nature in _of(period).filter(
        held | base
    ).values_list(
        "payslip__number", "payslip__name", "code", "title", "for_month", "full_amount", "amount",
        "state_carried", "reason", "nature",
    ):  # fmt: skip
        who = number, name
        what = f"{code} {title}", f"{month:%Y-%m}"
        if nature == PayLine.Nature.DEBT:
            rows.append((*who, "扣款", *what, amount, ZERO, amount, reason))
        elif full < amount:
            rows.append((*who, "扣款", *what, -full, -amount, amount - full, reason))
        if carried is not None and carried < 0 and month == period.month:
            rows.append((*who, "提成基数", *what, None, None, carried, reason))
    withheld = [row for row in rows if row[2] == "扣款"]
    footer = ["合计", None, "扣款", f"{len(withheld)}笔", None, *(_sum(withheld, i) for i in (5, 6, 7)), None]
    return Sheet("转下月", CARRIED, rows, footer)


def _check_rows(period: SettlementPeriod) -> Iterator[Sequence[Any]]:
    facts = (
        ("工资月份", str(period)),
        ("状态", period.get_state_display()),
        ("编制", str(period.prepared_by or "系统")),
        ("批准", str(period.approved_by or "")),
    )
    for title, value in facts:
        yield (title, value, *[None] * 6)
    for each in checks(period):
        verdict = "不一致" if each.difference else "一致"
        hint = each.hint if each.difference else None
        yield (
            each.title,
            each.one_source,
            each.one,
            each.other_source,
            each.other,
            each.difference,
            verdict,
            hint,
        )


def _sum(rows: Iterable[Sequence[Any]], place: int) -> Decimal:
    return sum((row[place] for row in rows), ZERO)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
