"""Rows of shifts that addresses name, one of each or a lot, for tests that walk every page."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from duties.models import (
    DutyRecord,
    DutySwap,
    DutyTurn,
    HandoverEntry,
    HandoverItem,
    HandoverSignature,
    Memo,
    Suggestion,
)
from files.models import Attachment
from people.models import Department, Staff
from shifts.models import Leave, LeaveRequest, Outing, PatternHours, Roster, RosterDay, ShiftPattern, Swap

DUTY, TURN = "s000-01-01d", "s000-01-14"


def known_of(staff: Staff, other: Staff, *, at: datetime) -> dict[str, Any]:
    """One of each that belongs to a person; a swap of turns between the two."""
    day = timezone.localdate(at)
    item = HandoverItem.objects.create(
        author=staff, work_date=day, text="退款未到账", key=f"one-{staff.pk}", at=at
    )
    mine, theirs = (
        DutyTurn.objects.create(department=staff.department, code="x-turn", on=on, staff=who, at=at)
        for on, who in ((day + timedelta(days=40), staff), (day + timedelta(days=41), other))
    )
    swap = DutySwap.objects.create(
        asked_turn=mine, offered_turn=theirs, asker=staff, partner=other, asked_at=at
    )
    memo = Memo.objects.create(staff=staff, text="自动回填单号", key=f"one-{staff.pk}", at=at)
    sent = Suggestion.objects.create(memo=memo, staff=staff, text=memo.text, sent_at=at)
    record = DutyRecord.objects.create(
        staff=staff, code="x-report", due_on=day, done_at=at, text="周报", at=at
    )
    leave = LeaveRequest.objects.create(
        staff=staff, type="annual", starts_on=day, ends_on=day, days=1, reason="回家", asked_at=at
    )
    outing = Outing.objects.create(
        staff=staff, work_date=day, leaves_at=at, due_at=at + timedelta(hours=1), reason="送货", asked_at=at
    )
    pattern = ShiftPattern.objects.create(department=staff.department, code="中", name="中班")
    PatternHours.objects.create(pattern=pattern, starts_at=time(12), ends_at=time(21))
    exchange = Swap.objects.create(
        asker=staff, partner=other, asker_date=day, partner_date=day, state="agreed", asked_at=at
    )
    return {
        "pattern": pattern.pk,
        "swap": exchange.pk,
        "leave_request": leave.pk,
        "request_kind": "leave",
        "outing": outing.pk,
        "handover_item": item.pk,
        "turn": mine.pk,
        "turn_swap": swap.pk,
        "memo": memo.pk,
        "suggestion": sent.pk,
        "duty_record": record.pk,
        "duty": DUTY,
        "day": f"{day}",
    }


def shifts_fill(department: Department, people: list[Staff], *, many: int, at: datetime) -> dict[str, Any]:
    """A roster of two days, everybody's handovers, a lot of the second person's own; what addresses name."""
    today = timezone.localdate(at)
    agent, rest = people[1], people[2:]
    _roster(department, people, [today - timedelta(days=1), today], at)
    item = _handovers(agent, rest, many, at)
    _memos(agent, rest, many, at)
    turn = _turns(department, agent, rest, many, at)
    Attachment.objects.create(
        staff=agent,
        purpose="handover",
        file_name="截图.png",
        stored_name="none",
        type="image/png",
        size=1,
        at=at,
    )
    _leave(people, many, at)
    Swap.objects.bulk_create(
        Swap(asker=who, partner=agent, asker_date=today, partner_date=today, state=state, asked_at=at)
        for index, who in enumerate(rest[:many])
        for state in [("asked", "agreed")[index % 2]]
    )
    Roster.objects.bulk_create(
        Roster(department=department, month=date(2015 + index // 12, index % 12 + 1, 1))
        for index in range(many)
    )
    found = known_of(agent, people[2], at=at)
    return {**found, "handover_item": item.pk, "turn": turn.pk, "name": "none"}


def _handovers(agent: Staff, rest: list[Staff], many: int, at: datetime) -> HandoverItem:
    """An item of everybody else's day shift; the agent signed a lot. The first has a lot said of it."""
    today = timezone.localdate(at)
    items = HandoverItem.objects.bulk_create(
        HandoverItem(
            author=each,
            work_date=today - timedelta(days=1),
            shift_name="白班",
            shift_starts_at=at - timedelta(days=1),
            shift_ends_at=at - timedelta(hours=16),
            text="客户的退款还没有到账，明早复查后联系客户",
            customer="张先生",
            order_no=f"2026110300{each.number}",
            key=f"fill-{each.pk}",
            at=at - timedelta(hours=16),
        )
        for each in rest
    )
    HandoverSignature.objects.bulk_create(
        HandoverSignature(item=item, staff=agent, work_date=today, at=at) for item in items[:many]
    )
    HandoverEntry.objects.bulk_create(
        HandoverEntry(item=items[0], kind="remark", text="客户说再等等", staff=agent, at=at)
        for _ in range(many)
    )
    return items[0]


def _memos(agent: Staff, rest: list[Staff], many: int, at: datetime) -> None:
    """A memo of everybody's and many of the agent's, all sent up."""
    memos = Memo.objects.bulk_create(
        Memo(staff=who, text="快递单号可以自动回填", tags=["物流"], remind_at=at, key=f"fill-{index}", at=at)
        for index, who in enumerate([*[agent] * many, *rest])
    )
    Suggestion.objects.bulk_create(
        Suggestion(memo=memo, staff=memo.staff, text=memo.text, sent_at=at) for memo in memos
    )


def _turns(department: Department, agent: Staff, rest: list[Staff], many: int, at: datetime) -> DutyTurn:
    """Turns of the days to come; half of the others want the agent's first."""
    today = timezone.localdate(at)
    turns = DutyTurn.objects.bulk_create(
        DutyTurn(department=department, code=TURN, on=today + timedelta(days=index), staff=who, at=at)
        for index, who in enumerate([agent, *rest[: many // 2]] * 2, start=1)
    )
    DutySwap.objects.bulk_create(
        DutySwap(asked_turn=turn, offered_turn=turns[0], asker=turn.staff, partner=agent, asked_at=at)
        for turn in turns[1 : many // 2]
    )
    return turns[0]


def _leave(people: list[Staff], many: int, at: datetime) -> None:
    """Everybody is away for three days of the month and asks for more; the second person asked a lot."""
    today = timezone.localdate(at)
    Leave.objects.bulk_create(
        Leave(
            staff=each, starts_on=today - timedelta(days=3 + index % 25), days=3, type="sick", note="感冒发烧"
        )
        for index, each in enumerate(people)
    )
    asked = [*people, *[people[1]] * many]
    LeaveRequest.objects.bulk_create(
        LeaveRequest(
            staff=each, type="personal", starts_on=on, ends_on=on, days=1, reason="家里有事", asked_at=at
        )
        for index, each in enumerate(asked)
        for on in [today + timedelta(days=30 + index)]
    )


def _roster(department: Department, people: list[Staff], days: list[date], at: datetime) -> None:
    pattern = ShiftPattern.objects.create(department=department, code="白", name="白班")
    PatternHours.objects.create(pattern=pattern, starts_at=time(8, 30), ends_at=time(17, 30))
    roster = Roster.objects.create(
        department=department,
        month=days[0].replace(day=1),
        state="published",
        published_at=at - timedelta(days=9),
    )
    RosterDay.objects.bulk_create(
        RosterDay(
            roster=roster,
            staff=each,
            work_date=day,
            pattern=pattern,
            starts_at=timezone.make_aware(datetime.combine(day, time(8, 30))),
            ends_at=timezone.make_aware(datetime.combine(day, time(17, 30))),
        )
        for each in people
        for day in days
    )
