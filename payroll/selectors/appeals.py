"""What people contest of a month's pay and nobody has decided yet."""

from core.periods import last_of
from payroll.models import SettlementPeriod
from penalties.open_appeals import OpenAppeal, open_appeals


def appeals_of_month(period: SettlementPeriod) -> list[OpenAppeal]:
    """The appeals that wait against what the pay of a month takes, by person; two queries."""
    return open_appeals(period.department_id, period.month, last_of(period.month))
