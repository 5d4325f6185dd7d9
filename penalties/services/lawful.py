"""Deciding whether a provision may take money from wages, and how much compensation of loss may."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.periods import last_of, shift_months
from penalties.errors import WageRuleRefused
from penalties.lawful import Ground, takes_money
from penalties.models import LossLimit, WageRule
from people.models import Account, Department, FactChange
from people.services import facts_changed, months_since
from rules.selectors import timeline_of

REASON_LENGTH = 500


@transaction.atomic
def wage_rule_set(
    *,
    department: Department,
    code: str,
    month: date,
    from_wages: bool,
    ground: str,
    reason: str,
    by: Account | None,
    at: datetime,
) -> WageRule:
    """Store what holds from `month` on; months that are frozen already are made up for by adjustments.

    What was said last of the same month is not said again.
    WageRuleRefused for a provision that takes no money then, without a reason, for a deduction without a
    ground, and for a month further away than the next.
    """
    rule = timeline_of(department).on(last_of(month)).get(code)
    if rule is None or not takes_money(rule.kind):
        raise WageRuleRefused(f"{month:%Y年%m月}没有扣钱的条款{code}", "请核对月份与条款", field="month")
    reason = _checked(month, reason, at)
    if from_wages and ground == Ground.NONE:
        raise WageRuleRefused(
            "没有依据的不能设为从工资扣", "请选定依据并写明出处，或者设为不从工资扣", field="ground"
        )
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    said = WageRule.objects.filter(department=department, code=rule.code, month=month).first()
    if said is not None and (said.from_wages, said.ground, said.reason) == (from_wages, ground, reason):
        return said
    made = WageRule.objects.create(
        department=department,
        code=rule.code,
        month=month,
        from_wages=from_wages,
        ground=ground,
        reason=reason,
        by=by,
        at=at,
    )
    facts_changed(
        department=department,
        months=months_since(month, at),
        source=FactChange.Source.WAGE_RULE,
        by=by,
        at=at,
        note=str(made),
    )
    return made


@transaction.atomic
def loss_limit_set(
    *, department: Department, month: date, percent: Decimal, reason: str, by: Account | None, at: datetime
) -> LossLimit:
    """Store how many percent of a month's wages compensation takes at most from `month` on.

    What was said last of the same month is not said again. What a frozen month took stays.
    WageRuleRefused for what is no share, more than the national limit without naming the local rule that
    allows it, without a reason, and for a month further away than the next.
    """
    reason = _checked(month, reason, at)
    if not 0 <= percent <= 100:
        raise WageRuleRefused(f"{percent}%不是比例", "请填0至100", field="percent")
    if percent > LossLimit.NATIONAL and "《" not in reason:
        raise WageRuleRefused(
            f"高于{LossLimit.NATIONAL}%的没有写出处",
            "请写明允许它的地方规定的名称（用书名号）和条号，或者改低",
            field="reason",
        )
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    said = LossLimit.objects.filter(department=department, month=month).first()
    if said is not None and (said.percent, said.reason) == (percent, reason):
        return said
    made = LossLimit.objects.create(
        department=department, month=month, percent=percent, reason=reason, by=by, at=at
    )
    facts_changed(
        department=department,
        months=months_since(month, at),
        source=FactChange.Source.WAGE_RULE,
        by=by,
        at=at,
        note=str(made),
    )
    return made


def _checked(month: date, reason: str, at: datetime) -> str:
    """The reason without blanks around it; what any decision about deductions needs is there."""
    if month > shift_months(timezone.localdate(at), 1):
        raise WageRuleRefused("月份太远", "最晚从下个月起", field="month")
    reason = reason.strip()
    if not reason:
        raise WageRuleRefused("没有写理由与出处", "请写明", field="reason")
    if len(reason) > REASON_LENGTH:
        raise WageRuleRefused(f"理由有{len(reason)}字", f"最多{REASON_LENGTH}字，请写短一些", field="reason")
    return reason
