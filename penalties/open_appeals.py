"""What of a month is contested and not decided yet: what it costs stands in pay until it is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from penalties.cash_fines import cash_provisions, due_on
from penalties.models import DisciplineAppeal, Incident, IncidentAppeal
from people.models import Staff
from people.models.approvals import Requested
from rules.kinds.collection import collection_of


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An appeal that waits: whose it is, against what, since when, and the page where it is decided."""

    staff: Staff
    what: str
    asked_on: date
    url: str

    def __str__(self) -> str:
        return f"{self.staff}{self.what}"


def open_appeals(department_id: int, first: date, last: date) -> list[OpenAppeal]:
    """The appeals against what the pay of the days from `first` to `last` takes, by person; two queries.

    A fine in cash belongs to the month in which it is due. Appeals are raised in time or not at all.
    """
    asked = {"state": Requested.State.ASKED, "staff__department": department_id}
    near = Q(incident__work_date__gte=first) | Q(incident__provision__in=cash_provisions())
    contested = IncidentAppeal.objects.filter(
        near, incident__reversal__isnull=True, incident__work_date__lte=last, **asked
    ).select_related("staff", "incident__staff", "incident__provision")
    found = [_of_incident(each) for each in contested if first <= _taken_on(each.incident) <= last]
    cases = DisciplineAppeal.objects.filter(case__incident__work_date__range=(first, last), **asked)
    found += [_of_case(each) for each in cases.select_related("staff", "case")]
    return sorted(found, key=lambda each: (each.staff.number, each.asked_on, each.url))


def _taken_on(incident: Incident) -> date:
    """The day in whose month pay takes what an incident costs."""
    collection = collection_of(incident.provision.collection)
    return due_on(incident, collection) if collection.is_cash else incident.work_date


def _of_incident(appeal: IncidentAppeal) -> OpenAppeal:
    row = appeal.incident
    what = f"{row.work_date:%Y-%m-%d}{row.provision.title}"
    what += f"（对{row.staff.name}连带）" if row.staff_id != appeal.staff_id else ""
    asked_on = timezone.localdate(appeal.asked_at)
    return OpenAppeal(appeal.staff, what, asked_on, reverse("incident", args=[row.pk]))


def _of_case(appeal: DisciplineAppeal) -> OpenAppeal:
    case = appeal.case
    return OpenAppeal(
        appeal.staff,
        f"处分{case.number}（{case.get_level_display()}）",
        timezone.localdate(appeal.asked_at),
        reverse("disciplinary_case", args=[case.pk]),
    )
