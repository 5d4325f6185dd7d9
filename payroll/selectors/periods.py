"""Reads of periods and payslips: who may see which, how a run stands, which orders a line was settled on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from commissions.models import Order
from payroll.models import PayLine, Payslip, SettledOrders, SettlementPeriod, SettlementRun
from payroll.settlement.runner import runs_check
from people.models import Account
from people.selectors import departments_where, pay_visible_to

RunState = SettlementRun.State


def periods_visible_to(account: Account) -> QuerySet[SettlementPeriod]:
    """The months of the departments whose pay an account may see."""
    return SettlementPeriod.objects.filter(department__in=departments_where(account, "view_pay"))


def payslips_visible_to(account: Account) -> QuerySet[Payslip]:
    """The payslips of whose pay an account may see; its own only once the month is approved."""
    settled = Q(period__state__in=SettlementPeriod.FROZEN)
    drafts = Q(period__department__in=departments_where(account, "view_pay"))
    return Payslip.objects.filter(settled | drafts, staff__in=pay_visible_to(account))


@dataclass(frozen=True, slots=True)
class PeriodStatus:
    """How a period stands: its state, and its latest run where there was one."""

    period: SettlementPeriod
    run: SettlementRun | None

    @property
    def is_computing(self) -> bool:
        """Also where a run began after the period was read: the two are read one after the other."""
        has_run = self.run is not None and self.run.state == RunState.RUNNING
        return has_run or self.period.state == SettlementPeriod.State.COMPUTING

    @property
    def has_died(self) -> bool:
        """The latest run was cut off: what stands is the draft from before it, if any."""
        return self.run is not None and self.run.state == RunState.DIED

    @property
    def percent(self) -> int:
        """People settled so far, of a hundred."""
        if self.run is None or not self.run.total:
            return 0
        return self.run.done * 100 // self.run.total


def period_status(period: SettlementPeriod, *, at: datetime) -> PeriodStatus:
    """The period's state as it really is: a run whose worker has died is noticed and marked first."""
    runs_check(period, at=at)
    return PeriodStatus(period, period.runs.select_related("by").first())


def settled_orders_of(line: PayLine, *, limit: int) -> tuple[list[tuple[str, Decimal]], int]:
    """The first orders (number, yuan; refunds negative) of the line's payslip, and how many there are."""
    stored = SettledOrders.objects.filter(period=line.payslip.period_id, staff=line.payslip.staff_id).first()
    if stored is None:
        return [], 0
    ids = stored.order_ids[:limit]
    numbers = dict(Order.objects.filter(pk__in=ids).values_list("pk", "order_no"))
    pairs = zip(ids, stored.amounts[:limit], strict=True)
    return [(numbers.get(pk, str(pk)), amount) for pk, amount in pairs], len(stored.order_ids)
