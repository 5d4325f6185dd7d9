"""The figure without which somebody's payslip could not be settled, typed in where that is shown."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone

from commissions.errors import CommissionRefused
from commissions.metrics import LARGEST, PLACES
from commissions.models import Metric
from commissions.services import metric_record
from payroll.models import Payslip, SettlementPeriod
from penalties.services.incidents import staff_lock
from people.models import Account

SOURCE = "工资页面填写"


@transaction.atomic
def missing_metric_record(*, slip: Payslip, value: Decimal, by: Account, at: datetime) -> Metric:
    """Record the metric that a failed payslip lacks, of the payslip's month; ratios are shares of one.

    The month is settled again by whoever may. The same value again changes nothing, another one replaces it.
    CommissionRefused where nothing is missing, for too large a value, and while the month is settled or
    once it is frozen.
    """
    staff_lock({slip.staff_id})
    period, code = slip.period, slip.failure_cause.get("metric", "")
    if not code:
        raise CommissionRefused(f"{slip}的工资条不缺指标；刷新页面看最新的结果")
    if period.is_frozen or period.state == SettlementPeriod.State.COMPUTING:
        raise CommissionRefused(f"{period}{period.get_state_display()}，不能在这里填；刷新页面后再看")
    if not abs(value) < LARGEST:
        raise CommissionRefused(f"{value}太大；填写小于{LARGEST:f}的数")
    today = timezone.localdate(at)
    rows = Metric.objects.filter(
        part=None, department=period.department_id, month=period.month, staff=slip.staff_id, code=code
    )
    held = rows.order_by("-as_of", "-id").first()
    stored = value.quantize(PLACES, rounding=ROUND_HALF_UP)
    if held is not None and held.value == stored:
        return held
    return metric_record(
        department=period.department,
        staff=slip.staff,
        month=period.month,
        code=code,
        value=stored,
        as_of=max(today, held.as_of) if held else today,
        source=SOURCE,
        by=by,
        at=at,
    )
