"""The list of cases: which clocks end when, found in the database; how a page of cases stands, set-wise."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from complaints.clocks import A_MINUTE, ClockState, states_of
from complaints.models import Case, Clock, ClockEvent
from people.models import Staff

SOON = timedelta(hours=24)
_SETS_DUE = ("started", "resumed", "moved")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case or a clock stands at a moment: in words, with its badge's tone; `title`: of which clock."""

    words: str
    tone: str = ""
    title: str = ""
    due_at: datetime | None = None
    is_overdue: bool = False


def clocks_running() -> QuerySet[Any]:
    """The clocks of each case's present round that run, but paused ones, with their deadline as `due`."""
    told = ClockEvent.objects.filter(clock=OuterRef("pk"))
    due = told.filter(kind__in=_SETS_DUE).order_by("-id").values("due_at")[:1]
    last = told.filter(kind__in=("started", "paused", "resumed")).order_by("-id").values("kind")[:1]
    is_over = Exists(told.filter(kind__in=("stopped", "ended")))
    has_later_round = Exists(Clock.objects.filter(case=OuterRef("case"), round__gt=OuterRef("round")))
    rows: Any = Clock.objects.filter(~is_over, ~has_later_round).annotate(due=Subquery(due))
    running: QuerySet[Any] = rows.alias(last=Subquery(last)).exclude(last="paused").filter(due__isnull=False)
    return running


def is_overdue(now: datetime) -> Q:
    """Cases with a clock that still runs after its end."""
    return Q(Exists(clocks_running().filter(case=OuterRef("pk"), due__lte=now - A_MINUTE)))


def is_due_soon(now: datetime) -> Q:
    """Cases with a clock that ends within a day."""
    ends = clocks_running().filter(case=OuterRef("pk"), due__gt=now - A_MINUTE, due__lte=now + SOON)
    return Q(Exists(ends))


def first_due() -> Subquery:
    """When the first of a case's clocks ends; None where none runs."""
    return Subquery(clocks_running().filter(case=OuterRef("pk")).order_by("due").values("due")[:1])


def cases_held(staff: Staff) -> QuerySet[Case]:
    """The open cases that a person holds, what ends first on top."""
    rows = (
        Case.objects.select_related("order")
        .filter(holder=staff, state=Case.State.OPEN)
        .annotate(ends_at=first_due())
    )
    return rows.order_by(F("ends_at").asc(nulls_last=True), "received_at", "id")


def standings_of(cases: Collection[Case], now: datetime) -> dict[int, Standing]:
    """How each case stands, by its key; one query for any number of them."""
    rows = list(
        ClockEvent.objects.filter(clock__case__in=[case.pk for case in cases])
        .order_by("clock_id", "id")
        .values_list("clock_id", "kind", "at", "due_at", "clock__case_id", "clock__round", "clock__title")
    )
    of_clock = {row[0]: row[4:] for row in rows}
    found: dict[int, list[tuple[int, str, ClockState]]] = {case.pk: [] for case in cases}
    for clock, state in states_of((row[0], row[1], row[2], row[3]) for row in rows):
        case, number, title = of_clock[clock]
        found[case].append((number, title, state))
    return {case.pk: _standing(found[case.pk], now) for case in cases}


def standing_of(state: ClockState, title: str, now: datetime) -> Standing:
    """How one clock stands."""
    due_at = state.due_at
    if due_at is None:
        return Standing("还没有起算", title=title)
    if state.stopped_at is not None:
        late = state.is_breached(now)
        words = f"逾期{span(state.stopped_at - due_at)}办到" if late else "按时办到"
        return Standing(words, "bad" if late else "good", title, due_at)
    if state.is_ended:
        late = state.is_breached(now)
        return Standing("逾期，不再计时" if late else "不再计时", "bad" if late else "", title, due_at)
    if state.paused_at is not None:
        return Standing("已暂停计时", "info", title, due_at)
    if state.is_breached(now):
        return Standing(f"逾期{span(now - due_at)}", "bad", title, due_at, is_overdue=True)
    left = max(due_at - now, timedelta())
    words = f"剩{span(left)}"
    return Standing(
        f"将到期，{words}" if left <= SOON else words, "warn" if left <= SOON else "", title, due_at
    )


def span(length: timedelta) -> str:
    """A length of time in two units at most: 2天3小时, 5小时20分, 12分."""
    minutes = max(int(length.total_seconds() // 60), 0)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    return f"{minutes}分钟" if minutes else "不到1分钟"


def _standing(clocks: list[tuple[int, str, ClockState]], now: datetime) -> Standing:
    """Of the clocks that run the one that ends first; where none does, whether one was missed."""
    if not clocks:
        return Standing("没有时限")
    last = max(number for number, _, _ in clocks)
    present = [(title, state) for number, title, state in clocks if number == last]
    running = [
        (state.due_at, title, state) for title, state in present if state.is_running and not state.paused_at
    ]
    if running:
        _, title, state = min(running, key=lambda each: (each[0] is None, each[0]))
        return standing_of(state, title, now)
    if any(state.is_running for _, state in present):
        return Standing("已暂停计时", "info")
    if all(state.is_ended or not state.due_at for _, state in present):
        return Standing("不再计时")
    missed = [title for title, state in present if state.is_breached(now)]
    return Standing("逾期办结", "bad", missed[0]) if missed else Standing("在期限内", "good")


def rows_of(cases: Collection[Case], now: datetime) -> Iterator[tuple[Case, Standing]]:
    """Cases with how they stand, in their order."""
    standings = standings_of(cases, now)
    for case in cases:
        yield case, standings[case.pk]
