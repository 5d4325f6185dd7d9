"""What the page of a month shows above its fields: how it stands, who failed, what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from core.money import ZERO
from payroll.models import Payslip, SettlementPeriod, SettlementRun
from payroll.selectors.readiness import Item, open_items
from payroll.services.steps import Offer, stamp, steps_offered
from payroll.settlement.status import PeriodStatus, period_status
from people.models import Account
from people.selectors import actions_in

RELOADS = 20  # how often a page looks for a run that was queued before it gives up


@dataclass(frozen=True, slots=True)
class Panel:
    """What the page of a period shows above its fields."""

    status: PeriodStatus
    people: int
    gross: Decimal
    net: Decimal
    failures: list[Payslip]
    offers: list[Offer]
    hindering: list[Item]  # what an approval has to be reasoned in spite of
    waiting: int  # how often the page still looks for the run that was queued
    seen_run: int

    @property
    def title(self) -> str:
        return f"{self.status.period}：{self.status.period.get_state_display()}"

    @property
    def stamp(self) -> str:
        """Goes back with every step: nobody approves figures that they have not seen."""
        return stamp(self.status.period.state, self.status.period.facts_read_at)

    @property
    def export_url(self) -> str:
        return reverse("admin:payroll_settlementperiod_export", args=[self.status.period.pk])

    @property
    def payslips_url(self) -> str:
        return f"{reverse('admin:payroll_payslip_changelist')}?period={self.status.period.pk}"

    @property
    def manual_url(self) -> str:
        return f"{reverse('admin:payroll_manualline_changelist')}?period={self.status.period.pk}"

    @property
    def reload_url(self) -> str:
        """Where the page goes by itself after three seconds; empty when it stays."""
        if self.status.is_computing:
            return page_of(self.status.period)
        return _waiting(self.status.period, self.seen_run, self.waiting - 1) if self.waiting else ""


def page_of(period: SettlementPeriod) -> str:
    return reverse("admin:payroll_settlementperiod_change", args=[period.pk])


def waiting_page(period: SettlementPeriod, seen: SettlementRun | None) -> str:
    """The period's page while it waits for a run later than the one that was `seen` before."""
    return _waiting(period, seen.pk if seen else 0, RELOADS)


def _waiting(period: SettlementPeriod, seen_run: int, times: int) -> str:
    return f"{page_of(period)}?{urlencode({'seen_run': seen_run, 'waiting': times})}"


def panel_of(period: SettlementPeriod, account: Account, query: Mapping[str, str], *, at: datetime) -> Panel:
    """The panel for an account that may see the period; a run that has died is noticed here."""
    status = period_status(period, at=at)
    sums = period.payslips.aggregate(
        people=Count("pk"), gross=Coalesce(Sum("gross"), ZERO), net=Coalesce(Sum("net"), ZERO)
    )
    waiting, seen_run = (_number(query.get(name, "")) for name in ("waiting", "seen_run"))
    has_begun = status.run is not None and status.run.pk > seen_run
    return Panel(
        status=status,
        failures=list(period.payslips.exclude(failure="").order_by("number")),
        offers=steps_offered(period, account, actions_in(account, period.department)),
        hindering=[] if period.is_frozen else open_items(period, at=at),
        waiting=0 if has_begun else min(waiting, RELOADS),
        seen_run=seen_run,
        **sums,
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
