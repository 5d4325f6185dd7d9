"""The demonstration's shifts: unlike its pay these are of the month in which it is loaded, up to the moment.

A roster for every team, punches with a late arrival and a forgotten one, handovers of the last days, requests
that wait, turns, memos and a suggestion. Next month's roster of the first team is a draft.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.periods import first_of, last_of, shift_months
from duties.models import DutyRecord, HandoverItem
from duties.selectors.duties import owed_between
from duties.services.handover import handover_done, handover_sign, handover_write
from duties.services.memos import memo_add, suggestion_send
from duties.services.turns import turns_generate
from people.models import Account, Department, Staff, Team
from shifts.models import Punch, Roster, RosterDay
from shifts.planning.rotation import cycle_read, rotated
from shifts.selectors.plans import plan_of
from shifts.services import attendance_derive, leave_record
from shifts.services.leave_requests import leave_ask
from shifts.services.patterns import patterns_adopt
from shifts.services.requests import correction_ask, overtime_ask
from shifts.services.rosters import roster_fill, roster_open, roster_publish

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
CYCLE = "白*4 晚*2 休"
CLEANING = "s000-06-13.2"
AGENT, LATE, FORGETFUL, AWAY = "8103", "8102", "8104", "8105"
OPEN_ITEMS = (
    ("客户要改收货地址，仓库还没有回复，请在发货前确认", "urgent", "tb-晴天", "D2611-0031"),
    ("退款卡在平台审核，客户明早会再来问", "today", "tb-小鹿", "D2611-0018"),
    ("尺码表已发，等客户量好回复再推荐", "normal", "tb-木棉", ""),
)
REPORT = "本周接待咨询与成交、未成交的原因、差评与处理、下周打算改进的地方，逐项写明。" * 6
MEMOS = (
    ("客户总问洗衣机适不适合，把水洗标照片放进快捷短语", ("话术", "建议"), None),
    ("周五之前把本周的差评原因整理好", ("周报",), timedelta(hours=-1)),
)


@dataclass(frozen=True)
class Scene:
    """What every step of the story needs."""

    department: Department
    staff: dict[str, Staff]
    manager: Account
    agent: Account
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


@transaction.atomic
def demo_shifts_load(*, department: Department, now: datetime) -> None:
    """Put the department's shifts of this month on top of its demonstration; once."""
    scene = Scene(
        department=department,
        staff={each.number: each for each in department.staff.select_related("department")},
        manager=Account.objects.get(username="demo-manager"),
        agent=Account.objects.get(username="demo-agent"),
        now=now,
    )
    patterns_adopt(department=department, on=scene.today)
    teams = list(Team.objects.filter(department=department).order_by("name"))
    for team in teams:
        _publish(scene, _roster(scene, team, scene.today))
    _roster(scene, teams[0], shift_months(first_of(scene.today), 1))
    _away(scene)
    _punches(scene)
    attendance_derive(
        department=department, first=first_of(scene.today), last=scene.today, now=now, by=None, at=now
    )
    _handovers(scene)
    _reports(scene)
    _requests(scene)
    turns_generate(
        department=department,
        code=CLEANING,
        first=scene.today,
        last=min(scene.today + 14 * DAY, last_of(scene.today)),
        by=scene.manager,
        at=now - DAY,  # nobody is given a turn of the same day
    )
    _memos(scene)


def _roster(scene: Scene, team: Team, month: date) -> Roster:
    """A month in which everybody goes round the cycle."""
    roster = roster_open(department=scene.department, team=team, month=month)
    plan = plan_of(roster)
    slots = rotated(plan, cycle_read(CYCLE, plan.shifts.values()))
    return roster_fill(roster=roster, slots=slots, by=scene.manager, at=scene.now, seen=plan)[0]


def _publish(scene: Scene, roster: Roster) -> None:
    """Published only yesterday, so that nobody is said to have missed what nobody had been told of."""
    roster_publish(roster=roster, version=roster.version, by=scene.manager, at=scene.now - 20 * 60 * MINUTE)


def _away(scene: Scene) -> None:
    """Two days of sick leave from the next shift on."""
    days = _shifts(scene, AWAY, scene.today + DAY, last_of(scene.today))
    if days:
        leave_record(
            staff=scene.staff[AWAY],
            starts_on=days[0].work_date,
            days=Decimal(1),
            type="sick",
            certificate=True,
            by=scene.manager,
            at=scene.now,
        )


def _punches(scene: Scene) -> None:
    """Everybody clocks in and out in time, but for one who came late and one who forgot to clock out."""
    shifts = list(_shifts(scene, "", first_of(scene.today), scene.today))
    last: dict[str, date] = {}
    for row in shifts:
        if row.ends_at is not None and row.ends_at <= scene.now:
            last[row.staff.number] = row.work_date
    made = []
    for row in shifts:
        assert row.starts_at is not None and row.ends_at is not None
        number = row.staff.number
        is_last = last.get(number) == row.work_date
        came = row.starts_at + (12 if is_last and number == LATE else -3) * MINUTE
        went = row.ends_at + 4 * MINUTE
        ends = [came] if is_last and number == FORGETFUL else [came, went]
        made += [Punch(staff=row.staff, at=at) for at in ends if at <= scene.now]
    Punch.objects.bulk_create(made)


def _shifts(scene: Scene, number: str, first: date, last: date) -> list[RosterDay]:
    """The published shifts of one person, of everybody without a number, as they begin."""
    rows = RosterDay.objects.filter(
        roster__department=scene.department,
        roster__state=Roster.State.PUBLISHED,
        pattern__isnull=False,
        work_date__range=(first, last),
    )
    if number:
        rows = rows.filter(staff__number=number)
    return list(rows.select_related("staff", "pattern").order_by("starts_at", "staff__number"))


def _handovers(scene: Scene) -> None:
    """Whoever's shift has ended wrote a handover; the evening signed and settled those of the days before."""
    ended = [
        row
        for row in _shifts(scene, "", scene.today - 2 * DAY, scene.today)
        if row.ends_at is not None and row.ends_at <= scene.now
    ]
    latest = max((row.ends_at for row in ended if row.ends_at), default=None)
    texts = 0
    for row in ended:
        assert row.ends_at is not None
        at, key = row.ends_at - 10 * MINUTE, f"demo-{row.pk}"
        has_item = row.staff.number in (AGENT, LATE, "8203")
        item = _written(row.staff, texts if has_item else None, key, at)
        texts += has_item
        if has_item and row.ends_at != latest:
            _settled(item, _taking_over(scene, row), at + 5 * MINUTE)


def _written(author: Staff, text: int | None, key: str, at: datetime) -> HandoverItem:
    if text is None:
        return handover_write(author=author, is_nothing=True, key=key, by=None, at=at)
    words, urgency, customer, order_no = OPEN_ITEMS[text % len(OPEN_ITEMS)]
    return handover_write(
        author=author,
        text=words,
        urgency=urgency,
        customer=customer,
        order_no=order_no,
        key=key,
        by=None,
        at=at,
    )


def _taking_over(scene: Scene, row: RosterDay) -> Iterable[RosterDay]:
    """Who is on a later shift that begins within the day after."""
    return [
        each
        for each in _shifts(scene, "", row.work_date, row.work_date + DAY)
        if each.starts_at and row.starts_at and row.ends_at
        if row.starts_at < each.starts_at <= row.ends_at and each.staff_id != row.staff_id
    ]


def _settled(item: HandoverItem, candidates: Iterable[RosterDay], at: datetime) -> None:
    """Signed by the first who may, and done an hour later; where nobody takes over it stays open."""
    for row in candidates:
        handover_sign(item=item, staff=row.staff, at=at)
        handover_done(item=item, text="已回复客户", staff=row.staff, by=None, at=at + 60 * MINUTE)
        return


def _reports(scene: Scene) -> None:
    """Everybody has handed in last week's report but the agent."""
    saturday = scene.today - timedelta(days=(scene.today.weekday() + 2) % 7)
    DutyRecord.objects.bulk_create(
        DutyRecord(
            staff=staff, code=each.rule.code, due_on=each.due_on, done_at=at, text=REPORT, by=None, at=at
        )
        for staff, each in owed_between(scene.department, saturday, saturday)
        for at in [each.due_at - 60 * MINUTE]
        if each.duty.proof == "report" and staff.number != AGENT and at <= scene.now
    )


def _requests(scene: Scene) -> None:
    """The agent asks for leave, a correction and overtime; all of it waits for the lead."""
    agent = scene.staff[AGENT]
    given: dict[str, Any] = {"by": scene.agent, "at": scene.now}
    ahead = _shifts(scene, AGENT, scene.today + DAY, last_of(scene.today))
    if ahead:
        on = ahead[-1].work_date
        leave_ask(staff=agent, type="personal", starts_on=on, days=Decimal(1), reason="回老家办证件", **given)
    past = [row for row in _shifts(scene, AGENT, first_of(scene.today), scene.today - DAY) if row.starts_at]
    if past:
        correction_ask(
            staff=agent,
            work_date=past[-1].work_date,
            clock_in=past[-1].starts_at,
            clock_out=None,
            reason="门口网络断了，晚打了几分钟",
            **given,
        )
        overtime_ask(
            staff=agent,
            work_date=past[-1].work_date,
            hours=Decimal(1),
            reason="大促订单核对到下班以后",
            **given,
        )


def _memos(scene: Scene) -> None:
    """Two memos; the first went up as a suggestion."""
    for place, (text, tags, remind) in enumerate(MEMOS):
        memo = memo_add(
            staff=scene.staff[AGENT],
            text=text,
            tags=tags,
            remind_at=scene.now + remind if remind else None,
            key=f"demo-memo-{place}",
            at=scene.now,
        )
        if not place:
            suggestion_send(memo=memo, at=scene.now)
