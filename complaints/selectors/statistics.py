"""What happened to the cases of a department in twelve months, read set-wise for its statistics (s000-09-27).

Everything comes from events: what a case's fields say later changes no figure of before. The number of
queries depends on neither cases nor events.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Case as Choice
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from complaints.clocks import is_late, states_of
from complaints.models import (
    Callback,
    Case,
    CaseEvent,
    Charge,
    Clock,
    ClockEvent,
    Loss,
    PartyMember,
    ResponsibleParty,
    Ruling,
)
from complaints.selectors.types import PLAIN_TITLE
from complaints.statistics import (
    CallbackMade,
    ClockEnd,
    Closing,
    Happened,
    Receipt,
    Sorts,
    Statistics,
    UnitShare,
    months_up_to,
    statistics_from,
)
from core.money import split
from core.periods import first_of, shift_months
from people.models import Department, Term

Kind = CaseEvent.Kind
CHANNELS = dict(Case.Channel.choices)
SORTS = ("case__cause", "case__product", "case__provision__title", "case__channel")
TEAMLESS = "未分组的人"
# Events of which cases are counted by the figure that they are.
COUNTED = {Kind.ACCEPTED: "accepted", Kind.DECLINED: "declined", Kind.REOPENED: "reopened"}


def statistics_of(department: Department, month: date, *, now: datetime) -> Statistics:
    """The complaint statistics of a month with the eleven before it.

    A receipt counts in its own month, everything else of a case in the month of its first closing, whatever
    becomes of the case afterwards. `now` is where a month that still runs ends.
    """
    since, until = _midnight(months_up_to(month)[0]), _midnight(shift_months(month, 1))
    events = CaseEvent.objects.filter(case__department=department, at__gte=since, at__lt=until)
    closings = _first_closings(events)
    return statistics_from(
        month,
        Happened(
            receipts=_receipts(events),
            closings=_closings(department, closings),
            counts=_counts(events),
            clocks=_clock_ends(department, since, until),
            losses=_losses(closings),
            shares=_shares(closings),
            callbacks=_callbacks(closings),
            overdue=_overdue(department, min(until, now)),
        ),
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _month(moment: datetime) -> date:
    return first_of(timezone.localdate(moment))


def _sorts(cause: str, product: str, title: str | None, channel: str) -> Sorts:
    return Sorts(cause, product, title or PLAIN_TITLE, CHANNELS.get(channel, channel))


def _receipts(events: QuerySet[CaseEvent]) -> list[Receipt]:
    rows = events.filter(kind=Kind.RECEIVED).order_by("at", "id")
    return [
        Receipt(case, number, _month(at), _sorts(*sorts), customer, state == Case.State.MERGED)
        for case, number, at, customer, state, *sorts in rows.values_list(
            "case", "case__number", "at", "case__customer_key", "case__state", *SORTS
        )
    ]


def _first_closings(events: QuerySet[CaseEvent]) -> QuerySet[CaseEvent]:
    """The first time that a case was closed; a second one after it was reopened is none of them."""
    return events.filter(~Exists(_earlier_closing()), kind=Kind.CLOSED)


def _earlier_closing() -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(kind=Kind.CLOSED, case=OuterRef("case"), id__lt=OuterRef("id"))


def _closings(department: Department, closings: QuerySet[CaseEvent]) -> list[Closing]:
    received = CaseEvent.objects.filter(case=OuterRef("case"), kind=Kind.RECEIVED).order_by("id")
    joined = _receipts_of_merged(department)
    rows = closings.annotate(received=Subquery(received.values("at")[:1]))
    return [
        Closing(
            case=case,
            month=_month(at),
            sorts=_sorts(*sorts),
            took=at - _earliest(case, own, at, joined),
            is_upheld=upheld is not False,
        )
        for case, at, own, upheld, *sorts in rows.values_list(
            "case", "at", "received", "data__upheld", *SORTS
        )
    ]


# What was merged into a case: (the other, when it came in, when it was merged).
Joined = dict[int, list[tuple[int, datetime, datetime]]]


def _receipts_of_merged(department: Department) -> Joined:
    merged = CaseEvent.objects.filter(case=OuterRef("case"), kind=Kind.MERGED).order_by("-id")
    rows = CaseEvent.objects.filter(
        case__department=department, case__state=Case.State.MERGED, kind=Kind.RECEIVED
    ).annotate(merged_at=Subquery(merged.values("at")[:1]))
    found: Joined = defaultdict(list)
    for case, into, at, merged_at in rows.values_list("case", "case__merged_into", "at", "merged_at"):
        assert into is not None  # a merged case names the other
        found[into].append((case, at, merged_at))
    return found


def _earliest(case: int, own: datetime, closed_at: datetime, joined: Joined) -> datetime:
    """The earliest receipt of a case and of what had been merged into it when it was closed."""
    return min(
        [own]
        + [
            _earliest(other, at, merged_at, joined)
            for other, at, merged_at in joined.get(case, ())
            if merged_at <= closed_at
        ]
    )


def _counts(events: QuerySet[CaseEvent]) -> Counter[tuple[str, date]]:
    """How many cases were accepted, declined, merged, reopened and closed once more, by month."""
    counted = Q(kind__in=COUNTED) | Q(kind=Kind.MERGED, case__state=Case.State.MERGED)
    again = Q(Exists(_earlier_closing()), kind=Kind.CLOSED)
    names = {**COUNTED, Kind.MERGED: "merged", Kind.CLOSED: "closed_again"}
    rows = events.filter(counted | again).order_by().annotate(month=TruncMonth("at"))
    return Counter(
        {
            (names[Kind(kind)], timezone.localdate(month)): count
            for kind, month, count in rows.values("kind", "month")
            .annotate(count=Count("case", distinct=True))
            .values_list("kind", "month", "count")
        }
    )


def _clock_ends(department: Department, since: datetime, until: datetime) -> list[ClockEnd]:
    """Clocks whose event happened, by its own time; of those that ended without it what was over by then."""
    ends = (ClockEvent.Kind.STOPPED, ClockEvent.Kind.ENDED)
    due = (
        ClockEvent.objects.filter(clock=OuterRef("clock"), due_at__isnull=False)
        .exclude(kind=ClockEvent.Kind.RANG)
        .order_by("-id")
    )
    pauses = ClockEvent.objects.filter(clock=OuterRef("clock"), kind__in=("paused", "resumed"))
    paused = pauses.order_by("-id").annotate(since=Choice(When(kind="paused", then=F("at"))))
    rows = (
        ClockEvent.objects.filter(
            clock__case__department=department, kind__in=ends, at__gte=since, at__lt=until
        )
        .annotate(due=Subquery(due.values("due_at")[:1]))
        # Of a clock that ended while it was paused time stood still since then.
        .annotate(ran_until=Coalesce(Subquery(paused.values("since")[:1]), F("at")))
        .order_by("id")
        .values_list("kind", "at", "ran_until", "due", "clock__code", "clock__title", "clock__round")
    )
    return [
        ClockEnd(_month(at), code, title, number, is_late(ran_until, due_at))
        for kind, at, ran_until, due_at, code, title, number in rows
        if kind == ClockEvent.Kind.STOPPED or is_late(ran_until, due_at)
    ]


def _overdue(department: Department, moment: datetime) -> int:
    """How many clocks had run out by then without their event."""
    over = ClockEvent.objects.filter(clock=OuterRef("pk"), kind__in=["stopped", "ended"], at__lt=moment)
    running = Clock.objects.filter(~Exists(over), case__department=department)
    told = (
        ClockEvent.objects.filter(clock__in=running, at__lt=moment)
        .order_by("clock", "id")
        .values_list("clock", "kind", "at", "due_at")
    )
    return sum(state.is_breached(moment) for _, state in states_of(told.iterator(chunk_size=5000)))


def _losses(closings: QuerySet[CaseEvent]) -> dict[int, Decimal]:
    """What closed cases cost; what moved with a merge counts where it went."""
    rows = Loss.objects.filter(case__in=closings.values("case")).exclude(case__state=Case.State.MERGED)
    return dict(rows.order_by().values("case").annotate(sum=Sum("amount")).values_list("case", "sum"))


def _shares(closings: QuerySet[CaseEvent]) -> list[UnitShare]:
    """What standing rulings hold units responsible for; a person stands for the team on the day of closing.

    Within a party of persons the charges say how much falls on each.
    """
    parties = (
        ResponsibleParty.objects.filter(
            ruling__state=Ruling.State.DECIDED, ruling__case__in=closings.values("case")
        )
        .annotate(closed_at=Subquery(closings.filter(case=OuterRef("ruling__case")).values("at")[:1]))
        .select_related("ruling__case__department", "team")
        .order_by("ruling", "id")
    )
    of_ruling: dict[Ruling, list[Any]] = defaultdict(list)
    for party in parties:
        of_ruling[party.ruling].append(party)
    persons = _persons_of([each for each in parties if each.team is None and not each.is_department])
    found = []
    for ruling, held in of_ruling.items():
        parts = split(ruling.amount, {each.pk: each.percent for each in held})
        for each in held:
            found += _by_unit(each, parts[each.pk], persons.get(each.pk, {}))
    return found


def _by_unit(party: Any, amount: Decimal, persons: dict[tuple[str, int], Decimal]) -> list[UnitShare]:
    case = party.ruling.case
    if party.team is not None or not persons:
        unit = party.team.name if party.team is not None else case.department.name
        return [UnitShare(case.pk, unit, amount)]
    return [UnitShare(case.pk, team, part) for (team, _), part in split(amount, persons).items()]


def _persons_of(parties: Sequence[Any]) -> dict[int, dict[tuple[str, int], Decimal]]:
    """Of parties of persons: (team on the day of closing, person) with the weight of each."""
    by_id = {each.pk: each for each in parties}
    members = PartyMember.objects.filter(party__in=by_id).order_by("id")
    named = list(members.values_list("party", "staff"))
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(staff__in={staff for _, staff in named}).select_related("team"):
        terms[term.staff_id].append(term)
    charges = Charge.objects.filter(ruling__in={each.ruling_id for each in parties})
    borne = {
        (ruling, staff): amount for ruling, staff, amount in charges.values_list("ruling", "staff", "amount")
    }
    found: dict[int, dict[tuple[str, int], Decimal]] = defaultdict(dict)
    for key, staff in named:
        party = by_id[key]
        day = timezone.localdate(party.closed_at)
        team = next((each.team for each in terms[staff] if _holds(each, day)), None)
        weight = borne.get((party.ruling_id, staff), Decimal(0))
        found[key][team.name if team else TEAMLESS, staff] = weight
    for persons in found.values():
        if not any(persons.values()):
            persons.update(dict.fromkeys(persons, Decimal(1)))
    return found


def _holds(term: Term, day: date) -> bool:
    first, after = term.valid.lower, term.valid.upper
    return (first is None or first <= day) and (after is None or day < after)


def _callbacks(closings: QuerySet[CaseEvent]) -> list[CallbackMade]:
    rows = Callback.objects.filter(case__in=closings.values("case")).order_by("at", "id")
    return [CallbackMade(case, score) for case, score in rows.values_list("case", "satisfaction")]
