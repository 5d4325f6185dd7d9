"""How a month stands: its state and its latest run, a run that has died noticed first."""

from dataclasses import dataclass
from datetime import datetime

from payroll.models import SettlementPeriod, SettlementRun
from payroll.settlement.runner import runs_check

RunState = SettlementRun.State


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
