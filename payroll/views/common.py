"""What the pages of pay share: finding the month, who may do what there, noting who looked."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from core.periods import first_of
from payroll.models import SettlementPeriod
from people.models import AccessLog, Account, Department
from people.selectors import actions_in
from people.services import access_log
from people.web import account_of


@dataclass(frozen=True, slots=True)
class PayMonth:
    """A department's month as an account sees it. A month that was never begun has no row yet."""

    account: Account
    period: SettlementPeriod
    actions: frozenset[str]

    @property
    def args(self) -> tuple[str, str]:
        """The arguments of the month's addresses."""
        return self.period.department.code, f"{self.period.month:%Y-%m}"

    @property
    def url(self) -> str:
        return reverse("pay_period", args=self.args)


def pay_month_of(request: HttpRequest, code: str, month: date, *, action: str = "view_pay") -> PayMonth:
    """The month where the account may see pay and do `action`; 404 elsewhere, as for a month to come."""
    account = account_of(request)
    related = "department", "prepared_by", "approved_by", "paid_by"
    found = SettlementPeriod.objects.select_related(*related).filter(department__code=code, month=month)
    period = found.first() or SettlementPeriod(
        department=get_object_or_404(Department, code=code), month=month
    )
    actions = actions_in(account, period.department)
    if not {"view_pay", action} <= actions:
        raise Http404
    if period.pk is None and month > first_of(timezone.localdate()):
        raise Http404
    return PayMonth(account, period, frozenset(actions))


def begun(pay_month: PayMonth) -> PayMonth:
    """The same, 404 where the month was never begun."""
    if pay_month.period.pk is None:
        raise Http404
    return pay_month


def looked_at_month(pay_month: PayMonth, what: str = AccessLog.What.PERIOD) -> None:
    """Note that somebody looks at everybody's pay, where there is any."""
    period = pay_month.period
    if period.facts_read_at is not None:
        access_log(
            what=what,
            department=period.department,
            month=period.month,
            by=pay_month.account,
            at=timezone.now(),
        )
