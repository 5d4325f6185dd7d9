"""Reads of the handover book: what is open and whose it is, who may sign, whether a day was countersigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from duties.models import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from people.models import Account, Department, Staff
from people.selectors import staff_visible_to
from shifts.models import Roster, RosterDay
from shifts.selectors.leave import DAY, days_worked

Kind = HandoverEntry.Kind
REVIEW_DAYS = timedelta(days=14)  # that a countersigner is reminded of
LATEST = timedelta(hours=24)  # after its end that a shift's handover is still written under it


@dataclass(frozen=True, slots=True)
class OnShift:
    """A rostered shift as the handover book keeps it; without hours where there is no roster."""

    work_date: date
    name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where somebody stands who may take over: the shift that runs or comes next, by the published roster.

    `has_roster`: the department has a published roster for these days; without one, any colleague signs.
    """

    staff: Staff
    shift: OnShift | None
    has_roster: bool

    def refusal(self, item: HandoverItem) -> str:
        """Why this person cannot sign an item; empty if they can."""
        if item.author.department_id != self.staff.department_id:
            return "这是别的部门的交接事项，不能签收"
        if item.is_nothing:
            return "无交接事项，不用签收"
        if item.author_id == self.staff.pk or _same_account(item.author, self.staff):
            return "这是您自己写的交接事项，要由接班的人签收"
        if not self.has_roster:
            return ""
        if self.shift is None:
            return "按排班您今明两天没有班，要由接班的人签收"
        if (
            item.shift_starts_at is not None
            and self.shift.starts_at is not None
            and self.shift.starts_at <= item.shift_starts_at
        ):
            return f"您的{self.shift.name}不在交出的{item.shift_name}之后，要由接班的人签收"
        return ""


def _same_account(one: Staff, other: Staff) -> bool:
    return one.account_id is not None and one.account_id == other.account_id


def incoming_of(staff: Staff, *, at: datetime) -> Incoming:
    """The shift for which somebody would take over at a moment; one query. Days of leave are no shifts."""
    today = timezone.localdate(at)
    coming = _worked(OuterRef("pk"), today - DAY, today + DAY).filter(ends_at__gt=at).order_by("starts_at")
    days = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED,
        staff__department=OuterRef("department"),
        work_date__range=(today - DAY, today + DAY),
        pattern__isnull=False,
    )
    row: Any = (
        Staff.objects.filter(pk=staff.pk).annotate(coming=_shifts(coming), has_roster=Exists(days)).get()
    )
    return Incoming(staff, _shift(row.coming[0]) if row.coming else None, row.has_roster)


def outgoing_of(staff: Staff, *, at: datetime) -> OnShift:
    """The shift whose handover somebody writes at a moment; one query.

    The one that runs; else the last one that is over, for a day after its end, unless it was handed over
    already: then what is added on another day is of that day.
    """
    today = timezone.localdate(at)
    written = HandoverItem.objects.filter(author=staff, work_date=OuterRef("work_date"))
    rows = _worked(staff.pk, today - 2 * DAY, today).filter(Q(ends_at__gte=at - LATEST) | Q(work_date=today))
    shifts = list(rows.annotate(is_handed=Exists(written)).select_related("pattern").order_by("-starts_at"))
    for is_its in (_is_on, _is_owed, _ended_today, _is_of_today):
        for row in shifts:
            if is_its(row, at):
                return OnShift(row.work_date, str(row.pattern), row.starts_at, row.ends_at)
    return OnShift(today)


def _is_on(row: Any, at: datetime) -> bool:
    return bool(row.starts_at <= at < row.ends_at)


def _is_owed(row: Any, at: datetime) -> bool:
    return bool(row.ends_at <= at and not row.is_handed)


def _ended_today(row: Any, at: datetime) -> bool:
    return bool(row.ends_at <= at and timezone.localdate(row.ends_at) == timezone.localdate(at))


def _is_of_today(row: Any, at: datetime) -> bool:
    return bool(row.work_date == timezone.localdate(at))


def _worked(staff: Any, first: date, last: date) -> QuerySet[RosterDay]:
    """The published shifts of somebody who is not on leave for the day."""
    return days_worked(RosterDay.objects.filter(staff=staff, work_date__range=(first, last)))


def _shifts(rows: QuerySet[RosterDay]) -> ArraySubquery:
    fields = {
        "work_date": "work_date",
        "name": "pattern__name",
        "starts_at": "starts_at",
        "ends_at": "ends_at",
    }
    return ArraySubquery(rows.values(json=JSONObject(**fields))[:1])


def _shift(found: dict[str, Any]) -> OnShift:
    return OnShift(
        date.fromisoformat(found["work_date"]),
        found["name"],
        timezone.localtime(datetime.fromisoformat(found["starts_at"])),
        timezone.localtime(datetime.fromisoformat(found["ends_at"])),
    )


def with_state(items: QuerySet[HandoverItem]) -> QuerySet[Any]:
    """With `is_signed`, `is_done`, `is_not_done`, `is_waived`, `is_passed_on`, the ids of the `files`; the
    people are at hand."""

    def said(kind: str) -> Exists:
        return Exists(HandoverEntry.objects.filter(item=OuterRef("pk"), kind=kind))

    files = HandoverItem.attachments.through.objects.filter(handoveritem=OuterRef("pk"))
    return items.annotate(
        is_signed=Exists(HandoverSignature.objects.filter(item=OuterRef("pk"))),
        is_done=said(Kind.DONE),
        is_not_done=said(Kind.NOT_DONE),
        is_waived=said(Kind.WAIVED),
        is_passed_on=Exists(HandoverItem.objects.filter(follows=OuterRef("pk"))),
        files=ArraySubquery(files.values("attachment")),
    ).select_related("author__department", "signature__staff")


def open_items(items: QuerySet[HandoverItem]) -> QuerySet[Any]:
    """Those that still are to be done by somebody: neither done nor passed on to the next shift."""
    return with_state(items).filter(is_nothing=False, is_done=False, is_passed_on=False)


def items_of_department(department: Department) -> QuerySet[HandoverItem]:
    return HandoverItem.objects.filter(author__department=department)


def items_visible_to(account: Account) -> QuerySet[HandoverItem]:
    """The handovers of the people whom an account may see."""
    return HandoverItem.objects.filter(author__in=staff_visible_to(account))


def items_readable_by(staff: Staff) -> QuerySet[HandoverItem]:
    """The book lies open to everybody who works in the department."""
    return HandoverItem.objects.filter(author__department=staff.department_id)


def items_to_sign(incoming: Incoming) -> QuerySet[Any]:
    """What waits for this person's signature, unsigned items of earlier days included; one query.

    With `incoming_of` two queries, for the agent's page of the day.
    """
    staff, shift = incoming.staff, incoming.shift
    rows = open_items(items_readable_by(staff)).filter(is_signed=False).exclude(author=staff)
    if staff.account_id is not None:
        rows = rows.exclude(author__account=staff.account_id)
    if incoming.has_roster:
        if shift is None:
            return rows.none()
        rows = rows.filter(Q(shift_starts_at__isnull=True) | Q(shift_starts_at__lt=shift.starts_at))
    return by_urgency(rows)


def own_open_items(staff: Staff) -> QuerySet[Any]:
    """What is this person's to do: signed by them, or written by them and signed by nobody; one query."""
    own = Q(signature__staff=staff) | Q(author=staff, signature__isnull=True)
    return by_urgency(open_items(HandoverItem.objects.filter(own)))


def by_urgency(items: QuerySet[HandoverItem]) -> QuerySet[Any]:
    """The urgent ones first, then as they were written."""
    # The codes happen to sort the other way round: urgent, today, normal.
    return items.order_by("-urgency", "id")


def days_unreviewed(
    departments: QuerySet[Department] | Sequence[Department], *, since: date, until: date
) -> QuerySet[Any, Any]:
    """Department (`code`, `name`) and day of the handovers that nobody countersigned, the latest first."""
    reviewed = HandoverReview.objects.filter(
        department=OuterRef("author__department"), work_date=OuterRef("work_date")
    )
    items = HandoverItem.objects.filter(
        ~Exists(reviewed), author__department__in=departments, work_date__range=(since, until)
    )
    where = "author__department__"
    days = items.values("work_date", code=F(f"{where}code"), name=F(f"{where}name")).annotate(
        items=Count("pk")
    )
    return days.order_by("-work_date", f"{where}code")


def items_found(items: QuerySet[HandoverItem], words: str) -> QuerySet[HandoverItem]:
    """Where the words are in the text, what was said beside it, the customer, the order or a name."""
    if not words:
        return items
    beside = HandoverEntry.objects.filter(item=OuterRef("pk"), text__icontains=words)
    found = Q(text__icontains=words) | Q(customer__icontains=words) | Q(order_no__icontains=words)
    people = (
        Q(author__name__icontains=words)
        | Q(author__number=words)
        | Q(signature__staff__name__icontains=words)
    )
    return items.filter(found | people | Exists(beside))
