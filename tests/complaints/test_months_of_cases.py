"""Months of random events: every clock, charge, deduction and debt agrees with a plain recomputation.

The plan is played through the services; beside it a plain account of the same is kept, which knows nothing of
clock events, ledgers or payslips. Whatever a service refuses must leave the account as it is.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from complaints.clocks import state_of
from complaints.models import Alarm, Appeal, Case, ClockEvent, Ruling
from complaints.services.appeals import appeal_decide
from complaints.services.cases import case_step
from complaints.services.lifecycle import case_merge, case_pause, case_reopen, case_resume
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose, ruling_reverse
from complaints.services.sweep import sweep
from core.errors import Refused
from core.periods import last_of, shift_months
from payroll.models import PayLine
from payroll.services.appeals import charge_appeal
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from people.models import Staff
from tests import factories
from tests.complaints.opened import WEEK, Place, at, place
from tests.examples import examples

SHARE: dict[str, Any] = {
    "code": "x-share",
    "title": "损失分担",
    "kind": "loss_share",
    "params": {"cap_rate": "0.5", "appeal_days": 40},
}
PAY: dict[str, Any] = {"code": "x-text", "title": "总则", "kind": "text", "params": {}}
POINTS = (Decimal(3), Decimal(2), Decimal(1))
BONUS = Decimal("600.00")
DAYS7, MINUTE, FEN = timedelta(days=7), timedelta(minutes=1), Decimal("0.01")
FIRST = date(2026, 7, 1)


@dataclass
class Round:
    """One round of a case's clock, plainly: when it began, pauses, and how it ended."""

    start: datetime
    pauses: list[list[datetime]] = field(default_factory=list)
    stopped: datetime | None = None
    ended: datetime | None = None

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and len(self.pauses[-1]) == 1

    def due(self) -> datetime:
        due = self.start + DAYS7
        for pause in self.pauses:
            if len(pause) == 2:
                due += pause[1] - pause[0]
        return due

    def is_breached(self, now: datetime) -> bool:
        paused = self.pauses[-1][0] if self.is_paused else None
        return (paused or self.stopped or self.ended or now) >= self.due() + MINUTE


@dataclass
class Known:
    """A case as the plain account has it."""

    case: Case
    rounds: list[Round]
    losses: Decimal = Decimal(0)
    state: str = "open"
    closed: datetime | None = None


@dataclass
class Plain:
    """What is owed by whom since which day, and what months took."""

    known: list[Known] = field(default_factory=list)
    charges: dict[tuple[int, int], tuple[date, Decimal]] = field(default_factory=dict)  # ruling, person
    waiting: set[tuple[int, int]] = field(default_factory=set)
    taken: dict[int, Decimal] = field(default_factory=dict)
    month: date = FIRST

    def owed(self, person: int, until: date) -> Decimal:
        return sum(
            (
                amount
                for (ruling, who), (on, amount) in self.charges.items()
                if who == person and on <= until and (ruling, who) not in self.waiting
            ),
            Decimal(0),
        )


def largest_remainder(total: Decimal, points: list[Decimal]) -> list[Decimal]:
    """The loss by base points, plainly: rounded down, the fen left over to the largest remainders."""
    exact = [total * each / sum(points) for each in points]
    parts = [each.quantize(FEN, ROUND_DOWN) for each in exact]
    order = sorted(range(len(parts)), key=lambda i: (-(exact[i] - parts[i]), i))
    for i in order[: int((total - sum(parts)) / FEN)]:
        parts[i] += FEN
    return parts


class Game:
    """Plays actions at a moving moment, through the services and in the plain account."""

    def __init__(self) -> None:
        self.here: Place = place(WEEK | {"params": {"days": 7}}, SHARE, PAY)
        self.people: list[Staff] = [
            factories.staff(
                self.here.department,
                base_pay=Decimal("3000.00"),
                performance_bonus=BONUS,
                base_points=points,
            )
            for points in POINTS
        ]
        for each in self.people:
            factories.account("agent", staff=each)
            each.refresh_from_db()
        self.plain = Plain(taken={each.pk: Decimal(0) for each in self.people})
        self.now = at(1, month=7)
        self.other = factories.account("manager", self.here.department)

    def by(self, who: str) -> Any:
        return self.here.accounts[who]

    def act(self, name: str, which: int, hours: int, amount: int) -> None:
        self.now += timedelta(hours=hours)
        try:
            with transaction.atomic():
                getattr(self, name)(which, amount)
        except Refused:
            pass
        sweep(at=self.now)
        self.compare_clocks()

    def pick(self, which: int) -> Known | None:
        known = self.plain.known
        return known[which % len(known)] if known else None

    def open(self, which: int, amount: int) -> None:
        case = self.here.open(self.now)
        self.plain.known.append(Known(case, [Round(self.now)]))

    def pause(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            case_pause(
                case=known.case, reason="等客户", happened_at=self.now, by=self.by("supervisor"), at=self.now
            )
            known.rounds[-1].pauses.append([self.now])

    def resume(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            case_resume(case=known.case, happened_at=self.now, by=self.by("supervisor"), at=self.now)
            known.rounds[-1].pauses[-1].append(self.now)

    def close(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            case_step(
                case=known.case,
                decision="结案",
                brings={"处理结果": "补发"},
                note="办完",
                by=self.by("agent"),
                at=self.now,
            )
            known.state, known.closed, known.rounds[-1].stopped = "closed", self.now, self.now

    def reopen(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            case_reopen(case=known.case, reason="客户不认", by=self.by("supervisor"), at=self.now)
            known.state, known.closed = "open", None
            known.rounds.append(Round(self.now))

    def merge(self, which: int, amount: int) -> None:
        source, into = self.pick(which), self.pick(amount)
        if source and into:
            case_merge(
                case=source.case, into=into.case, reason="同一件", by=self.by("supervisor"), at=self.now
            )
            source.state, source.rounds[-1].ended = "merged", self.now
            into.losses, source.losses = into.losses + source.losses, Decimal(0)
            first = source.rounds[0].start
            receipt = min(first, into.rounds[0].start)
            # Only a first round runs from the receipt; what is paused or reopened keeps its own beginning.
            if len(into.rounds) == 1:
                into.rounds[0].start = receipt

    def lose(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            loss = Decimal(amount) / 100
            loss_record(case=known.case, amount=loss, basis="核价单", by=self.by("supervisor"), at=self.now)
            known.losses += loss

    def rule(self, which: int, amount: int) -> None:
        if known := self.pick(which):
            people = self.people[: 1 + amount % len(self.people)]
            ruling = ruling_propose(
                case=known.case,
                parties=[Party(Decimal(100), staff=tuple(people))],
                reason="经查",
                by=self.by("supervisor"),
                at=self.now,
            )
            ruling_decide(ruling=ruling, accept=True, by=self.by("manager"), at=self.now)
            assert known.closed is not None
            on = known.closed.astimezone(at(1).tzinfo).date()
            parts = largest_remainder(known.losses, list(POINTS[: len(people)]))
            for person, part in zip(people, parts, strict=True):
                self.plain.charges[ruling.pk, person.pk] = (on, part)

    def appeal(self, which: int, amount: int) -> None:
        standing = sorted(self.plain.charges)
        if not standing:
            return
        ruling_id, person = standing[which % len(standing)]
        ruling = Ruling.objects.get(pk=ruling_id)
        charge = ruling.charges.select_related("staff__account", "ruling__case").get(staff=person)
        charge_appeal(charge=charge, reason="不是我", by=charge.staff.account, at=self.now)
        self.plain.waiting.add((ruling_id, person))

    def answer(self, which: int, amount: int) -> None:
        waiting = sorted(self.plain.waiting)
        if not waiting:
            return
        key = waiting[which % len(waiting)]
        appeal = Appeal.objects.get(charge__ruling=key[0], charge__staff=key[1], state="asked")
        state = "approved" if amount % 2 else "refused"
        appeal_decide(appeal=appeal, state=state, answer="查过", by=self.other, at=self.now)
        self.plain.waiting.discard(key)
        if state == "approved":
            del self.plain.charges[key]

    def reverse(self, which: int, amount: int) -> None:
        rulings = sorted({ruling for ruling, _ in self.plain.charges})
        if not rulings:
            return
        pk = rulings[which % len(rulings)]
        ruling_reverse(ruling=Ruling.objects.get(pk=pk), reason="有误", by=self.by("manager"), at=self.now)
        for key in [each for each in self.plain.charges if each[0] == pk]:
            del self.plain.charges[key]
            self.plain.waiting.discard(key)

    def settle(self, which: int, amount: int) -> None:
        month = self.plain.month
        end = datetime.combine(shift_months(month, 1), datetime.min.time(), tzinfo=self.now.tzinfo)
        self.now = max(self.now, end)
        period = period_open(department=self.here.department, month=month)
        draft_write(period=period, by=self.by("hr"), at=self.now)
        period_approve(period=period, reason="测试", by=self.by("manager"), at=self.now)
        lines = PayLine.objects.filter(payslip__period=period, code="x-share")
        for person in self.people:
            own = [each for each in lines if each.payslip.staff_id == person.pk]
            debt = self.plain.owed(person.pk, last_of(month)) - self.plain.taken[person.pk]
            taken = min(debt, BONUS / 2)
            assert -sum((each.amount for each in own), Decimal(0)) == taken, (person.number, month)
            held = sum((each.amount - each.full_amount for each in own), Decimal(0))
            assert held == debt - taken, (person.number, month)
            self.plain.taken[person.pk] += taken
        self.plain.month = shift_months(month, 1)

    def compare_clocks(self) -> None:
        events = ClockEvent.objects.filter(clock__case__department=self.here.department)
        rows = events.order_by("clock__case", "clock__round", "id")
        ringing = set(Alarm.objects.values_list("clock__case", "clock__round"))
        told: dict[tuple[int, int], list[Any]] = {}
        for each in rows.values_list("clock__case", "clock__round", "clock", "kind", "at", "due_at"):
            told.setdefault(each[:2], []).append(each[2:])
        for known in self.plain.known:
            for number, plain in enumerate(known.rounds, 1):
                state = state_of(told[known.case.pk, number])
                assert state.due_at == plain.due()
                assert state.is_breached(self.now) == plain.is_breached(self.now)
                assert (state.stopped_at, state.paused_at is not None) == (plain.stopped, plain.is_paused)
                if plain.is_paused or plain.stopped or plain.ended:
                    assert (known.case.pk, number) not in ringing


ACTIONS = (
    *("open", "open", "pause", "resume", "close", "close", "reopen", "merge", "lose", "lose"),
    *("rule", "rule", "appeal", "answer", "reverse", "settle"),
)
STEPS = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 7), st.integers(1, 120), st.integers(1, 200_000))


@pytest.mark.long
@pytest.mark.django_db
# Shrinking a plan of forty steps takes longer than reading it.
@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=st.lists(STEPS, min_size=15, max_size=45))
def test_every_clock_sum_and_debt_agrees_with_a_plain_recomputation(
    steps: list[tuple[str, int, int, int]],
) -> None:
    sid = transaction.savepoint()
    try:
        game = Game()
        for step in steps:
            game.act(*step)
        for _ in range(2):
            game.act("settle", 0, 1, 0)
    finally:
        transaction.savepoint_rollback(sid)
