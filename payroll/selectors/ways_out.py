"""What a page offers for a payslip that could not be settled: the figure as a field, the place as a link."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from commissions.models import Metric
from core.money import percent, plain
from payroll.models import Payslip, SettlementPeriod
from rules.kinds.sales import RATIOS, metric_label
from sheets.loading import SHEET_KINDS


@dataclass(frozen=True, slots=True)
class WayOut:
    """A failed payslip and what helps: `metric` can be typed in, `recorded` was typed in since the draft."""

    slip: Payslip
    metric: str = ""
    recorded: Decimal | None = None
    links: tuple[tuple[str, str], ...] = ()

    @property
    def recorded_text(self) -> str:
        """The figure as people write it, a ratio with %."""
        if self.recorded is None:
            return ""
        return percent(self.recorded) if self.metric in RATIOS else plain(self.recorded)

    @property
    def label(self) -> str:
        return metric_label(self.metric)


def ways_out(period: SettlementPeriod, slips: Sequence[Payslip], actions: Collection[str]) -> list[WayOut]:
    """One for each of these failed payslips of a month, for who may do `actions` there; one query."""
    missing = {slip.staff_id: slip.failure_cause["metric"] for slip in slips if _lacks_metric(slip)}
    rows = Metric.objects.filter(
        part=None,
        department=period.department_id,
        month=period.month,
        staff__in=missing,
        code__in=set(missing.values()),
    ).order_by("as_of", "id")
    held = {(row.staff_id, row.code): row.value for row in rows} if missing else {}
    return [
        WayOut(
            slip=slip,
            metric=slip.failure_cause.get("metric", "") if "import_data" in actions else "",
            recorded=held.get((slip.staff_id, slip.failure_cause.get("metric", ""))),
            links=tuple(_links(period, slip, actions)),
        )
        for slip in slips
    ]


def _lacks_metric(slip: Payslip) -> bool:
    return bool(slip.failure_cause.get("metric"))


def _links(period: SettlementPeriod, slip: Payslip, actions: Collection[str]) -> list[tuple[str, str]]:
    """Where else it is mended: the person's terms, the import of what is missing."""
    kind = "metrics" if _lacks_metric(slip) else "staff" if slip.failure_cause.get("terms") else ""
    if slip.failure_cause.get("figure") and "import_data" in actions:
        return [("填部门数字", reverse("figures", args=[period.department.code]))]
    links = []
    if "manage_staff" in actions and kind != "metrics":
        links.append(("看此人的任职条件", reverse("admin:people_staff_change", args=[slip.staff_id])))
    if "import_data" in actions:
        chosen: dict[str, Any] = {"department": period.department.code} | ({"kind": kind} if kind else {})
        links.append((f"导入{SHEET_KINDS.get(kind, '')}", f"{reverse('imports')}?{urlencode(chosen)}"))
    return links
