"""Reads of objections: who sees which, until when one is raised, what it is about and how it is mended."""

from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.periods import shift_months
from payroll.models import Objection, PayLine, SettlementPeriod
from penalties.models import Incident
from people.models import Account, Department
from people.selectors import departments_where


def objections_visible_to(account: Account) -> QuerySet[Objection]:
    """The objections of the departments whose pay an account may see."""
    return Objection.objects.filter(period__department__in=departments_where(account, "view_pay"))


def objections_of(account: Account) -> QuerySet[Objection]:
    """The account's own objections."""
    return Objection.objects.filter(staff__account=account)


def line_name(line: PayLine) -> str:
    """What a line is called in every draft of its month: nature, code, month, its one incident or charge."""
    facts = line.trace.get("facts")
    incident = facts.get("incident") if isinstance(facts, dict) else None
    charge = facts.get("charge") if isinstance(facts, dict) else None
    own = [str(incident)] if incident else [f"charge-{charge}"] if charge else []
    parts = [line.nature, line.code, f"{line.for_month:%Y-%m}", *own]
    return "/".join(parts)


def incidents_in(line: PayLine) -> list[int]:
    """The incidents of this month whose reversal would take a deduction back.

    None for an adjustment, which follows another month's, or an award: reversing it would take it away.
    """
    if line.nature != PayLine.Nature.REGULAR or line.full_amount >= 0:
        return []
    facts = line.trace.get("facts")
    found = facts if isinstance(facts, list) else [facts]
    return [each["incident"] for each in found if isinstance(each, dict) and each.get("incident")]


def objection_deadline(period: SettlementPeriod) -> date | None:
    """The last day on which the month's lines can be objected to; None while it is not approved."""
    if not period.is_frozen or period.approved_at is None:
        return None
    return timezone.localdate(period.approved_at) + timedelta(days=period.department.objection_days)


def incidents_standing(objection: Objection) -> QuerySet[Incident]:
    """The objection's incidents that still count."""
    return Incident.objects.filter(
        pk__in=objection.incidents, state=Incident.State.CONFIRMED, reversal__isnull=True
    ).order_by("work_date", "id")


def month_to_mend(department: Department, since: date) -> date:
    """The first month from `since` on that is not frozen; one query."""
    frozen = set(
        SettlementPeriod.objects.filter(
            department=department, month__gte=since, state__in=SettlementPeriod.FROZEN
        ).values_list("month", flat=True)
    )
    while since in frozen:
        since = shift_months(since, 1)
    return since
