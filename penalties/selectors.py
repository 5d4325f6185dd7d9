"""Reads of incidents, ledgers and proposals."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    DecimalField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.utils import timezone

from penalties.models import (
    DisciplinaryCase,
    DisciplineAppeal,
    Incident,
    IncidentAppeal,
    IncidentSignature,
    MoneyEntry,
    PointsEntry,
    Proposal,
    SourceKind,
)
from people.approvals import requests_decidable_by
from people.models import Account, Department
from people.selectors import departments_where, staff_visible_to
from rules.kinds import KINDS
from rules.kinds.base import Kind
from rules.models import Provision
from rules.provisions import Rule, rule_from


def incidents_visible_to(account: Account) -> QuerySet[Incident]:
    """Incidents of the staff whom an account may see, and those that cost the account jointly."""
    jointly = MoneyEntry.objects.filter(
        source_kind=SourceKind.INCIDENT, staff__account=account, staff__account__is_active=True
    )
    seen = Q(staff__in=staff_visible_to(account)) | Q(pk__in=jointly.order_by().values("source_id"))
    return Incident.objects.filter(seen)


def incidents_counted(
    staff: Collection[int] | QuerySet[Any, Any],
    *,
    until: date,
    codes: Collection[str],
    since: date | None = None,
) -> list[tuple[int, date, str, int, str, str]]:
    """Confirmed, unreversed incidents of people up to a day, oldest first; one query.

    Those under `codes`, of whatever day, and those with work dates from `since` on. As staff id, day, code,
    quantity, title and basis of the provision.
    """
    wanted = Q(code__in=list(codes))
    if since is not None:
        wanted |= Q(work_date__gte=since)
    rows = Incident.objects.filter(
        wanted,
        staff__in=staff,
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
        work_date__lte=until,
    ).order_by("work_date", "id")
    fields = ("staff_id", "work_date", "code", "quantity", "provision__title")
    found = rows.values_list(*fields, "provision__kind", "provision__basis")
    return [(*row, basis or KINDS[kind].basis) for *row, kind, basis in found]


def appeal_until(incident: Incident) -> date | None:
    """The last day on which an incident can be appealed against; None where it is not confirmed."""
    if incident.state != Incident.State.CONFIRMED or incident.decided_at is None:
        return None
    return last_appeal_day(incident.staff.department, incident.decided_at)


def last_appeal_day(department: Department, confirmed_at: datetime) -> date:
    """The last day for an appeal against what was confirmed at a moment."""
    return timezone.localdate(confirmed_at) + timedelta(days=department.appeal_days)


def appeals_decidable_by(account: Account, *, on: date | None = None) -> QuerySet[IncidentAppeal]:
    """The appeals that an account decides on a day (left out: today).

    Not its own, and not those against what it recorded or confirmed.
    """
    rows = requests_decidable_by(account, IncidentAppeal, on=on)
    return rows.exclude(incident__recorded_by=account).exclude(incident__decided_by=account)


def appeals_visible_to(account: Account) -> QuerySet[IncidentAppeal]:
    """The appeals of the staff whom an account may see; a colleague who answers too sees the own alone."""
    return IncidentAppeal.objects.filter(staff__in=staff_visible_to(account))


def released_shares(incidents: Collection[int]) -> set[tuple[int, int]]:
    """The joint shares, by (incident, staff), that an appeal took back; the incident stands. One query."""
    granted = IncidentAppeal.objects.filter(incident__in=incidents, state=IncidentAppeal.State.APPROVED)
    rows = granted.exclude(staff=F("incident__staff")).order_by()
    return set(rows.values_list("incident_id", "staff_id"))


def discipline_appeals_decidable_by(
    account: Account, *, on: date | None = None
) -> QuerySet[DisciplineAppeal]:
    """The appeals against disciplinary decisions that an account decides on a day (left out: today).

    Not its own, and not those in cases that it proposed, heard or decided.
    """
    rows = requests_decidable_by(account, DisciplineAppeal, on=on)
    return rows.exclude(
        Q(case__proposed_by=account) | Q(case__heard_by=account) | Q(case__decided_by=account)
    )


def discipline_to_review(account: Account) -> QuerySet[DisciplinaryCase]:
    """Cases with an appeal that waits for the account's decision."""
    waiting = discipline_appeals_decidable_by(account).filter(state=DisciplineAppeal.State.ASKED)
    return DisciplinaryCase.objects.filter(pk__in=waiting.order_by().values("case"))


def incidents_to_decide(account: Account) -> QuerySet[Incident]:
    """Incidents with an appeal that waits for the account's decision."""
    waiting = appeals_decidable_by(account).filter(state=IncidentAppeal.State.ASKED)
    return Incident.objects.filter(pk__in=waiting.order_by().values("incident"))


def incidents_to_sign(on: date) -> QuerySet[Incident]:
    """Incidents that count, unsigned, that can still be appealed against on a day."""
    days = ExpressionWrapper(
        F("staff__department__appeal_days") * Value(timedelta(days=1)), output_field=DurationField()
    )
    midnight = timezone.make_aware(datetime.combine(on, time.min))
    return Incident.objects.filter(
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
        signature__isnull=True,
        decided_at__gte=midnight - days,
    )


def with_contest(incidents: QuerySet[Incident], *, seen_by: Account) -> QuerySet[Incident]:
    """The incidents with `is_appealed` (an appeal waits that the account sees) and `is_signed`."""
    waiting = appeals_visible_to(seen_by).filter(incident=OuterRef("pk"), state=IncidentAppeal.State.ASKED)
    signed = IncidentSignature.objects.filter(incident=OuterRef("pk"))
    return incidents.annotate(is_appealed=Exists(waiting), is_signed=Exists(signed))


def with_own_money(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """The incidents with `money`: what each came to for the person, in yuan; None without an entry."""
    own = MoneyEntry.objects.of_incident(OuterRef("pk")).filter(staff=OuterRef("staff")).order_by()
    total = own.values("source_id").annotate(total=Sum("amount")).values("total")
    return incidents.annotate(money=Subquery(total, output_field=DecimalField()))


def entries_of(incidents: Collection[int], *, seen_by: Account) -> dict[int, list[MoneyEntry | PointsEntry]]:
    """What incidents put into the ledgers, as far as an account sees the people: money, then points, by id.

    An entry may be somebody else's than the incident (a lead who answers for the team). Two queries.
    """
    seen = staff_visible_to(seen_by).order_by().values("pk")
    entries: dict[int, list[MoneyEntry | PointsEntry]] = defaultdict(list)
    for model in (MoneyEntry, PointsEntry):
        rows = model.objects.of_incidents(incidents).filter(staff__in=seen)
        for entry in rows.select_related("staff", "by", "reverses__staff").order_by("id"):
            entries[entry.source_id].append(entry)
    return entries


def proposals_visible_to(account: Account) -> QuerySet[Proposal]:
    """Proposals are as confidential as pay: shown to those who see the pay of the department."""
    return Proposal.objects.filter(
        staff__in=staff_visible_to(account), department__in=departments_where(account, "view_pay")
    )


def discipline_visible_to(account: Account) -> QuerySet[DisciplinaryCase]:
    """Disciplinary cases of departments whose pay the account sees; one's own, and those one proposed."""
    if not account.is_active:
        return DisciplinaryCase.objects.none()
    seen = Q(staff__department__in=departments_where(account, "view_pay"))
    return DisciplinaryCase.objects.filter(seen | Q(staff__account=account) | Q(proposed_by=account))


def discipline_waiting(account: Account) -> QuerySet[DisciplinaryCase]:
    """Cases that were heard and that the account may decide: not those that it proposed, nor its own."""
    dismissal = DisciplinaryCase.Level.DISMISSAL
    places = departments_where(account, "decide_discipline")
    mine = ~Q(level=dismissal) & Q(staff__department__in=places)
    mine |= Q(level=dismissal, staff__department__in=departments_where(account, "dismiss"))
    rows = DisciplinaryCase.objects.filter(mine, state=DisciplinaryCase.State.HEARD)
    return rows.exclude(proposed_by=account).exclude(staff__account=account)


def rules_of(provision_ids: Collection[int]) -> dict[int, Rule[Kind]]:
    """The provisions, of whatever version, ready to be applied; by id, one query."""
    rows = Provision.objects.filter(pk__in=provision_ids).select_related("version")
    return {row.pk: rule_from(row, version=f"第{row.version.number}版") for row in rows}
