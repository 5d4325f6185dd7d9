"""The rota of turns: given out evenly, changed by hand, exchanged by two people (s000-06-13, s000-06-13b)."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.periods import days_between
from duties.errors import TurnRefused
from duties.models import DutySwap, DutyTurn
from duties.selectors.duties import duty_timeline, people_owing
from duties.selectors.turns import fitting, turn_rule, turn_takers
from duties.services.notifications import turn_given_notify, turn_swap_notify
from people.models import Account, Department, Staff
from rules.kinds.work import Duty

DAY = timedelta(days=1)
COUNTED = timedelta(days=92)
MOST_DAYS = 92


@transaction.atomic
def turns_generate(
    *, department: Department, code: str, first: date, last: date, by: Account | None, at: datetime
) -> list[DutyTurn]:
    """Give every due day to come from `first` to `last` that has no turn yet to somebody who works then.

    It goes round: to whose last turn is longest ago, then to who had the fewest, then by number; who is new
    has one turn and then waits like everybody. A day on which nobody works stays without. Nobody is given a
    turn of today or of the past, which would be missed already. TurnRefused for what is no rota.
    """
    if not first <= last or (last - first).days >= MOST_DAYS:
        raise TurnRefused(f"起止日期应先后有序，一次最多{MOST_DAYS}天")
    first = max(first, timezone.localdate(at) + DAY)
    if last < first:
        raise TurnRefused("今天和以前的值日不能再排；把日期改到明天以后")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    timeline = duty_timeline(department)
    people, rows, rostered = people_owing(department, first, last)
    known = list(DutyTurn.objects.filter(department=department, code=code, on__range=(first - COUNTED, last)))
    taken = {turn.on for turn in known}
    count = Counter(turn.staff_id for turn in known)
    latest = {turn.staff_id: turn.on for turn in sorted(known, key=lambda turn: turn.on)}
    made = []
    for day in days_between(first, last):
        rule = turn_rule(timeline.on(day).get(code))
        duty = rule.kind if rule else None
        if rule is None or not isinstance(duty, Duty) or day in taken or not duty.due_days(day, day):
            continue
        takers = fitting(rule, day, people, rostered)
        if not takers:
            continue
        chosen = min(takers, key=lambda pk: (latest.get(pk, date.min), count[pk], rows[pk].number))
        count[chosen] += 1
        latest[chosen] = max(day, latest.get(chosen, day))
        made.append(DutyTurn(department=department, code=code, on=day, staff=rows[chosen], by=by, at=at))
    if not made and not known:
        raise TurnRefused("没有可排的值日：制度里没有这项轮值，或者这些天没有人上班")
    return DutyTurn.objects.bulk_create(made)


@transaction.atomic
def turn_give(*, turn: DutyTurn, staff: Staff, by: Account, at: datetime) -> DutyTurn:
    """Give a turn that has not come yet to somebody else who works then. The same again changes nothing."""
    rows = DutyTurn.objects.select_for_update(of=("self",)).select_related("department", "staff")
    row = rows.get(pk=turn.pk)
    if row.staff_id == staff.pk:
        return row
    _check_ahead(row, at)
    if staff not in turn_takers(row):
        raise TurnRefused(f"{staff.name}在{row.on:%m月%d日}不当值日的班；改排当天上班的人")
    former = row.staff
    row.staff, row.by, row.at = staff, by, at
    row.save(update_fields=["staff", "by", "at"])
    turn_given_notify(row, former, at=at)
    return row


@transaction.atomic
def swap_ask(*, turn: DutyTurn, offered: DutyTurn, staff: Staff, at: datetime) -> DutySwap:
    """Ask a colleague to exchange turns, before either has come; asking twice is asking once."""
    mine, theirs = _locked(turn, offered)
    if mine.staff_id != staff.pk:
        raise TurnRefused("这不是您的值日")
    if theirs.staff_id == staff.pk or theirs.department_id != mine.department_id:
        raise TurnRefused("请选同部门别人的值日")
    for each in (mine, theirs):
        _check_ahead(each, at)
    _check_free(mine, theirs)
    row, _ = DutySwap.objects.get_or_create(
        asked_turn=mine,
        offered_turn=theirs,
        state=DutySwap.State.ASKED,
        defaults={"asker": staff, "partner": theirs.staff, "asked_at": at},
    )
    turn_swap_notify(row, at=at)
    return row


@transaction.atomic
def swap_answer(*, swap: DutySwap, staff: Staff, agree: bool, at: datetime) -> DutySwap:
    """The colleague agrees, and the turns are exchanged at once, or does not; TurnRefused when too late."""
    row = _open(swap)
    if row.partner_id != staff.pk:
        raise TurnRefused("这是问别人的换班")
    if agree:
        mine, theirs = _locked(row.asked_turn, row.offered_turn)
        if (mine.staff_id, theirs.staff_id) != (row.asker_id, row.partner_id):
            raise TurnRefused("值日已经改过，这个换班不再有效；请重新商量")
        for each in (mine, theirs):
            _check_ahead(each, at)
        _check_free(mine, theirs)
        mine.staff_id, theirs.staff_id = theirs.staff_id, mine.staff_id
        for each in (mine, theirs):
            each.save(update_fields=["staff"])
    row = _close(row, DutySwap.State.AGREED if agree else DutySwap.State.REFUSED, at)
    turn_swap_notify(row, at=at)
    return row


@transaction.atomic
def swap_withdraw(*, swap: DutySwap, staff: Staff, at: datetime) -> DutySwap:
    """Whoever asked asks no more."""
    row = _open(swap)
    if row.asker_id != staff.pk:
        raise TurnRefused("只有申请的人可以撤回")
    return _close(row, DutySwap.State.WITHDRAWN, at)


def _open(swap: DutySwap) -> DutySwap:
    row = DutySwap.objects.select_for_update().get(pk=swap.pk)
    if row.state != DutySwap.State.ASKED:
        raise TurnRefused(f"这个换班{row.get_state_display()}，不能再改")
    return row


def _close(row: DutySwap, state: str, at: datetime) -> DutySwap:
    row.state, row.decided_at = state, at
    row.save(update_fields=["state", "decided_at"])
    return row


def _locked(*turns: DutyTurn) -> list[DutyTurn]:
    rows = DutyTurn.objects.select_for_update(of=("self",)).select_related("staff")
    found = {row.pk: row for row in rows.filter(pk__in=[turn.pk for turn in turns]).order_by("pk")}
    return [found[turn.pk] for turn in turns]


def _check_ahead(turn: DutyTurn, at: datetime) -> None:
    if turn.on <= timezone.localdate(at):
        raise TurnRefused(f"{turn.on:%m月%d日}的值日已经到了，须在前一天以前换好")


def _check_free(mine: DutyTurn, theirs: DutyTurn) -> None:
    """Nobody may end up with the same turn twice on a day of both, nor take one without working then."""
    people, rows, has_roster = people_owing(
        mine.department,
        min(mine.on, theirs.on),
        max(mine.on, theirs.on),
        only=[mine.staff_id, theirs.staff_id],
    )
    by_id = {person.staff_id: person for person in people}
    for turn, taker in ((mine, theirs.staff_id), (theirs, mine.staff_id)):
        person = by_id.get(taker)
        if person is None or not person.is_employed_on(turn.on) or turn.on in person.away:
            raise TurnRefused(f"对换以后{turn.on:%m月%d日}的人不在，不能换")
        if has_roster and turn.on not in person.works:
            raise TurnRefused(f"{rows[taker].name}在{turn.on:%m月%d日}没有班，不能换这一天")
