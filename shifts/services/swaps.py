"""Swaps: one asks, the other agrees, whoever leads both approves; what breaks a rule of rest is refused."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from people.models import Account, Staff
from shifts.errors import RosterRefused
from shifts.models import Roster, RosterDay, Swap
from shifts.planning.checks import change_breaks
from shifts.planning.plan import Plan, collisions
from shifts.selectors.plans import plan_around
from shifts.services.notifications import swap_notify
from shifts.services.rosters import (
    cells_write,
    changes_keep,
    collision_words,
    days_changed,
    slots_after,
    version_raise,
)

State = Swap.State


@transaction.atomic
def swap_ask(
    *,
    asker: Staff,
    partner: Staff,
    asker_date: date,
    partner_date: date,
    reason: str = "",
    by: Account,
    at: datetime,
) -> Swap:
    """Ask a colleague of the same team to exchange what the roster gives both on one or two days.

    RosterRefused for days that are over or not published, people of different teams, days on which both have
    the same, two shifts at once, leave, and a rule of rest that would break.
    """
    if asker.account_id != by.pk:
        raise RosterRefused("只能为自己申请换班")
    swap = Swap(
        asker=asker,
        partner=partner,
        asker_date=asker_date,
        partner_date=partner_date,
        reason=reason.strip()[:200],
        asked_at=at,
    )
    _refuse(swap, at)
    try:
        with transaction.atomic():
            swap.save(force_insert=True)
    except IntegrityError as error:
        raise RosterRefused("已有同样的换班申请，等对方答复即可") from error
    swap_notify(swap, at=at)
    return swap


@transaction.atomic
def swap_answer(*, swap: Swap, agrees: bool, by: Account, at: datetime, answer: str = "") -> Swap:
    """The partner agrees, and the lead is asked; or does not, and that is the end."""
    swap = _locked(swap)
    if swap.partner.account_id != by.pk:
        raise RosterRefused("只有对方本人可以答复")
    _refuse_state(swap, State.ASKED)
    if agrees:
        _refuse(swap, at)
        swap.state, swap.agreed_at = State.AGREED, at
    else:
        swap.state, swap.decided_by, swap.decided_at = State.REFUSED, by, at
    swap.answer = answer.strip()[:200]
    swap.save(update_fields=["state", "agreed_at", "decided_by", "decided_at", "answer"])
    swap_notify(swap, at=at)
    return swap


@transaction.atomic
def swap_withdraw(*, swap: Swap, by: Account, at: datetime) -> Swap:
    """Take an open request back."""
    swap = _locked(swap)
    if swap.asker.account_id != by.pk:
        raise RosterRefused("只能撤回自己的申请")
    _refuse_state(swap, *Swap.OPEN)
    swap.state, swap.decided_by, swap.decided_at = State.WITHDRAWN, by, at
    swap.save(update_fields=["state", "decided_by", "decided_at"])
    return swap


@transaction.atomic
def swap_decide(*, swap: Swap, approves: bool, by: Account, at: datetime, answer: str = "") -> Swap:
    """Approve what both agreed on, which changes the roster, or refuse it.

    Everything is checked once more, since the roster may have changed meanwhile. RosterRefused as for asking,
    and for whoever takes part; a refusal needs its reason.
    """
    swap = _locked(swap)
    if by.pk in (swap.asker.account_id, swap.partner.account_id):
        raise RosterRefused("不能批准自己的换班；请由另一位负责人批准")
    _refuse_state(swap, State.AGREED)
    if approves:
        _exchange(swap, by=by, at=at)
    elif not answer.strip():
        raise RosterRefused("不批准须写明理由")
    swap.state = State.APPROVED if approves else State.REFUSED
    swap.decided_by, swap.decided_at = by, at
    swap.answer = answer.strip()[:200] or swap.answer  # the partner's, where nothing is added
    swap.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    swap_notify(swap, at=at)
    return swap


def swap_problems(swap: Swap, at: datetime) -> list[str]:
    """Why a swap cannot be made, in words; nothing where it can. Nothing is written."""
    basic = _basic_problems(swap, timezone.localdate(at))
    if basic:
        return basic
    days = _days(swap)
    rows = _rows(swap)
    for day in days:
        for staff in (swap.asker, swap.partner):
            row = rows.get((staff.pk, day))
            if row is None:
                return [f"{staff} {day:%m-%d}没有已公布的排班，不能换"]
        if rows[swap.asker.pk, day].roster_id != rows[swap.partner.pk, day].roster_id:
            return [f"{day:%m-%d}两人不在同一小组，换班限本组"]
        if rows[swap.asker.pk, day].pattern_id == rows[swap.partner.pk, day].pattern_id:
            return [f"{day:%m-%d}两人的班相同，无须换"]
    plan = plan_around([swap.asker, swap.partner], days)
    return _plan_problems(plan, plan.with_slots(slots_after(plan, _wanted(swap, plan))), days)


def _plan_problems(before: Plan, after: Plan, days: Collection[date]) -> list[str]:
    problems: list[str] = []
    for person in after.people:
        problems += [collision_words(after, person, *pair) for pair in collisions(after, person)]
        problems += [
            f"{person} {day:%m-%d}请假，不能上{shift.name}"
            for day in days
            if person.is_away(day) and (shift := after.shift(person, day)) is not None
        ]
        problems += change_breaks(before, after, person, set(days))
    return problems


def _basic_problems(swap: Swap, today: date) -> list[str]:
    if swap.asker.pk == swap.partner.pk:
        return ["不能和自己换班"]
    if swap.asker.department_id != swap.partner.department_id:
        return ["换班限同一部门、同一小组"]
    if min(_days(swap)) < today:
        return [f"{min(_days(swap)):%m-%d}已过，不能再换"]
    for staff in (swap.asker, swap.partner):
        for day in _days(swap):
            if not staff.is_employed_on(day):
                return [f"{staff} {day:%m-%d}不在职"]
    return []


def _exchange(swap: Swap, *, by: Account, at: datetime) -> None:
    rosters = {row.roster_id for row in _rows(swap).values()}
    locked = {
        each.pk: each for each in Roster.objects.select_for_update().filter(pk__in=rosters).order_by("pk")
    }
    _refuse(swap, at)
    days = _days(swap)
    plan = plan_around([swap.asker, swap.partner], days)
    wanted = _wanted(swap, plan)
    here = _rows(swap)
    cells_write(
        plan=plan,
        wanted=wanted,
        rosters={cell: locked[here[cell].roster_id] for cell in wanted},
        department=swap.asker.department,
    )
    words = f"换班：{swap.asker}与{swap.partner}" + (f"，{swap.reason}" if swap.reason else "")
    changes_keep(plan=plan, wanted=wanted, reason=words, by=by, at=at, swap=swap)
    days_changed(swap.asker.department, wanted.keys(), by=by, at=at)
    for roster in locked.values():
        version_raise(roster)


def _days(swap: Swap) -> list[date]:
    return sorted({swap.asker_date, swap.partner_date})


def _rows(swap: Swap) -> dict[tuple[int, date], RosterDay]:
    """The published days of both."""
    found = RosterDay.objects.filter(
        roster__state=Roster.State.PUBLISHED,
        staff__in=[swap.asker.pk, swap.partner.pk],
        work_date__in=_days(swap),
    )
    return {(row.staff_id, row.work_date): row for row in found}


def _wanted(swap: Swap, plan: Plan) -> dict[tuple[int, date], int | None]:
    pairs = ((swap.asker.pk, swap.partner.pk), (swap.partner.pk, swap.asker.pk))
    return {(one, day): plan.slots[other].get(day) for day in _days(swap) for one, other in pairs}


def _refuse(swap: Swap, at: datetime) -> None:
    if problems := swap_problems(swap, at):
        raise RosterRefused(f"不能换班：{'；'.join(problems)}")


def _refuse_state(swap: Swap, *states: Swap.State) -> None:
    if swap.state not in states:
        raise RosterRefused(f"这次换班{swap.get_state_display()}，不能再改")


def _locked(swap: Swap) -> Swap:
    related = Swap.objects.select_related("asker__department", "partner__department")
    return related.select_for_update(of=("self",)).get(pk=swap.pk)
