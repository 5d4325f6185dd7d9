"""A change of grade: proposed, decided by another, written into the person's terms, taken back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.locks import form_lock
from core.text import shortened
from people.models import Account, Department, Staff, Term, Tier
from people.one_person import SamePerson
from people.selectors import departments_where, staff_where
from people.services import staff_terms_change
from people.two_step import HIGHEST, rank_of
from promotions.errors import GradeRefused, RoundRefused
from promotions.models import Candidate, GradeAppeal, GradeChange, ReviewRound
from promotions.models.changes import REASON_LENGTH
from promotions.selectors.changes import change_after, rows_since
from promotions.services.notifications import (
    change_decided_notify,
    change_proposed_notify,
    change_reversed_notify,
)
from promotions.services.rounds import check_no_other, round_locked, staff_locked
from promotions.tiers import direction_of, steps_between

State = GradeChange.State
ANSWER_LENGTH = 200  # of an appeal (people/models/approvals.py)


@transaction.atomic
def change_propose(
    *, staff: Staff, to_tier: str, reason: str, key: str | None = None, by: Account, at: datetime
) -> GradeChange:
    """Propose that somebody be of another tier than today's, up or down, outside of any review.

    A `key` that is known already gives the change that was proposed under it. GradeRefused about oneself,
    about whom one may not propose it, without a reason, from or to no tier of the ladder, for who stands
    in a review that has not ended or has an open change, and for another person's key.
    """
    form_lock(key)
    staff = staff_locked(staff)
    known = GradeChange.objects.filter(key=key).first() if key else None
    if known is not None and known.staff_id != staff.pk:
        raise GradeRefused("这个页面已经用过", "请重新打开页面再填")
    if known is not None:
        return known
    try:
        check_no_other(staff)
    except RoundRefused as refused:
        raise GradeRefused(refused.reason, refused.remedy, field=refused.field) from refused
    from_tier = _tier_on(staff, timezone.localdate(at))
    return _propose(staff, from_tier, to_tier, reason, candidate=None, key=key, by=by, at=at)


@transaction.atomic
def candidate_nominate(*, candidate: Candidate, reason: str, by: Account, at: datetime) -> GradeChange:
    """Nominate a candidate for the tier of the round, as the head of whom it is about.

    Again, by whomever, gives the change that stands. GradeRefused as `change_propose`, and once the round
    has ended.
    """
    round = round_locked(candidate.round)
    known = candidate.changes.exclude(state=State.DECLINED).first()
    if known is not None:
        return known
    if round.state == ReviewRound.State.CLOSED:
        raise GradeRefused("评审已经结束", "请在下一轮推举")
    staff = staff_locked(candidate.staff)
    return _propose(
        staff, round.from_tier, round.to_tier, reason, candidate=candidate, key=None, by=by, at=at
    )


def _propose(
    staff: Staff,
    from_tier: str,
    to_tier: str,
    reason: str,
    *,
    candidate: Candidate | None,
    key: str | None,
    by: Account,
    at: datetime,
) -> GradeChange:
    _check_not_own(staff, by)
    if not staff_where(by, "propose_grades", on=timezone.localdate(at)).filter(pk=staff.pk).exists():
        raise GradeRefused("您不能推举此人或对其提出降级", "请由其组长、主管或经理提出", field="who")
    change = GradeChange.objects.create(
        staff=staff,
        direction=direction_of(from_tier, to_tier),
        from_tier=from_tier,
        to_tier=to_tier,
        steps=abs(steps_between(from_tier, to_tier)),
        candidate=candidate,
        reason=_fitting(reason, "reason", "没有写理由"),
        key=key,
        proposed_by=by,
        proposed_at=at,
    )
    change_proposed_notify(change, at=at)
    return change


@transaction.atomic
def change_decide(
    *,
    change: GradeChange,
    accept: bool,
    decision: str,
    effective_on: date | None = None,
    by: Account,
    at: datetime,
) -> GradeChange:
    """Decide a change, or decline it, with the reason, for good; by another than who proposed it.

    Accepted, the person is of the new tier from `effective_on` until a later change: pay by the table of
    tiers follows from that day, and in approved months as an adjustment (docs/adr/0003). More than one tier
    takes `skip_tiers`. GradeRefused for who proposed it, for the person, without the right, before the
    ballot of its round is closed or the panel has scored, from a day on which the person is not of the
    former tier, is transferred away, not employed or has a later change.
    """
    row = change_locked(change)
    rows = _rows_locked(row.staff)
    row.staff = rows[0]
    _check_decider(row, by)
    if row.state != State.PROPOSED:
        raise GradeRefused(f"{row}{row.get_state_display()}，不能再决定", "刷新页面看最新的结果")
    row.decision = _fitting(decision, "decision", "没有写决定的理由")
    row.decided_by, row.decided_at = by, at
    if not accept:
        row.state = State.DECLINED
        row.save(update_fields=["state", "decision", "decided_by", "decided_at"])
        change_decided_notify(row, at=at)
        return row
    if effective_on is None:
        raise GradeRefused("没有写生效日期", "请填写", field="effective_on")
    _check_ripe(row)
    _check_day(row, effective_on)
    row.state, row.effective_on = State.DECIDED, effective_on
    row.number = _number(row.staff.department, at)
    row.written_until = _tier_write(row, rows, row.from_tier, row.to_tier, by=by, at=at)
    row.save(
        update_fields=[
            "state", "decision", "decided_by", "decided_at", "effective_on", "written_until", "number",
        ]
    )  # fmt: skip
    change_decided_notify(row, at=at)
    return row


def change_reverse_hindrance(change: GradeChange, *, by: Account) -> GradeRefused | None:
    """Why an account cannot take a change back; None where it can. It takes as much as deciding it took."""
    if change.staff.account_id == by.pk:
        return GradeRefused("不能办理自己的职级", "请由别人办理")
    if change.state != State.DECIDED or change.decided_by is None:
        return GradeRefused(f"{change}{change.get_state_display()}，不能撤销", "只有已决定的可以撤销")
    if not _decides(by, change):
        return GradeRefused("您不能撤销这一项", "请由有权决定的人撤销")
    if by.pk == change.proposed_by_id:
        return GradeRefused("提出的人不能撤销", "请由决定的人或其上级撤销")
    if rank_of(by, unknown=0) < min(rank_of(change.decided_by, unknown=0), HIGHEST):
        return GradeRefused("这是职位更高的人决定的", "请由决定的人或其上级撤销")
    return None


@transaction.atomic
def change_reverse(*, change: GradeChange, reason: str, by: Account, at: datetime) -> GradeChange:
    """Take a decided change back, once: the former tier holds from its day; the letter's number stays.

    GradeRefused as `change_reverse_hindrance` says, without a reason, while a later change builds on it, and
    where the terms no longer have the tier on that day.
    """
    row = change_locked(change)
    if hindrance := change_reverse_hindrance(row, by=by):
        raise hindrance
    decision_take_back(row, _fitting(reason, "reason", "没有写撤销的理由"), by=by, at=at)
    return row


def decision_take_back(row: GradeChange, reason: str, *, by: Account, at: datetime) -> None:
    """Take a decided, locked change back with the tier that it gave; an appeal that waits is granted.

    Where the person was transferred since, the other department's terms too.
    """
    rows = _rows_locked(row.staff)
    later = change_after(row)
    if later is not None:
        raise GradeRefused(
            f"{row.staff}自{later.effective_on:%Y-%m-%d}起又有{later.get_direction_display()}",
            f"请先撤销{later.number}",
        )
    row.state, row.reversal, row.reversed_by, row.reversed_at = State.REVERSED, reason, by, at
    row.save(update_fields=["state", "reversal", "reversed_by", "reversed_at"])
    row.appeals.filter(state=GradeAppeal.State.ASKED).update(
        state=GradeAppeal.State.APPROVED,
        answer=shortened(f"降级已撤销：{reason}", ANSWER_LENGTH),
        decided_by=by,
        decided_at=at,
    )
    _tier_write(row, rows, row.to_tier, row.from_tier, by=by, at=at)
    change_reversed_notify(row, at=at)


def change_locked(change: GradeChange) -> GradeChange:
    """The change as it is now, after its round; whoever else decides it waits until the end."""
    if change.candidate is not None:
        round_locked(change.candidate.round)
    rows = GradeChange.objects.select_for_update(of=("self",))
    return rows.select_related("staff__department", "candidate__round", "decided_by").get(pk=change.pk)


def _rows_locked(staff: Staff) -> list[Staff]:
    """The person's row and those of transfers after it; whoever else writes in them waits until the end."""
    return list(rows_since(staff).select_for_update(of=("self",), no_key=True))


def _tier_write(
    row: GradeChange, rows: Sequence[Staff], former: str, tier: str, *, by: Account, at: datetime
) -> date | None:
    """Write the tier into the terms from the change's day on, as long as they have the former one.

    A pay agreement or another team that is entered ahead has terms of its own, which would end the tier; a
    tier that somebody entered otherwise stays, and when it is taken back all that the decision did not write
    (`written_until`). Returns the day from which on nothing was written, None without an end. GradeRefused
    where the first of these days has another tier than the former.
    """
    day, until = row.effective_on, row.written_until or date.max
    assert day is not None
    end, is_written = None, False
    for staff, term, first in _terms_from(rows, day):
        if first >= until or term.tier != former:
            break
        staff_terms_change(staff=staff, on=first, tier=tier, by=by, at=at)
        end, is_written = term.valid.upper, True
        if until < (end or date.max) and until <= (staff.left_on or date.max):
            staff_terms_change(staff=staff, on=until, tier=former, by=by, at=at)
    found = next(_terms_from(rows, day), None)
    if not is_written and found is not None:  # who has left before that day has nothing to write
        words = found[1].get_tier_display() or "没有职级"
        raise GradeRefused(
            f"{row.staff}{day:%Y-%m-%d}起已是{words}，不是{dict(Tier.choices)[former]}",
            "请人事先核对任职条件",
        )
    return end


def _terms_from(rows: Sequence[Staff], day: date) -> Iterator[tuple[Staff, Term, date]]:
    """The terms of a day and after it while the person works, in whichever department, with the first day."""
    for staff in rows:
        terms = Term.objects.filter(Q(valid__contains=day) | Q(valid__startswith__gt=day), staff=staff)
        for term in list(terms.order_by("valid")):
            first = max(day, term.valid.lower or day)
            if first <= (staff.left_on or date.max):
                yield staff, term, first


def _check_ripe(row: GradeChange) -> None:
    candidate = row.candidate
    if candidate is None:
        return
    if not candidate.round.is_ripe:
        raise GradeRefused("匿名投票还没有结束", "请先结束投票，再决定")
    if candidate.round.panel.exists() and not candidate.scores.exists():
        raise GradeRefused("评委还没有评分", "请等答辩评分，再决定")


def _check_day(row: GradeChange, day: date) -> None:
    staff = row.staff
    moved = Staff.objects.filter(moved_from=staff).select_related("department").first()
    if moved is not None:
        raise GradeRefused(
            f"{staff}自{moved.joined_on:%Y-%m-%d}起调往{moved.department}", "请不通过，由那里另行提出"
        )
    same = SamePerson([staff.pk]).rows
    later = GradeChange.objects.filter(staff__in=same, state=State.DECIDED, effective_on__gte=day).first()
    if later is not None:
        raise GradeRefused(
            f"{staff}自{later.effective_on:%Y-%m-%d}起已有{later.get_direction_display()}",
            "生效日期须在这一天以后",
            field="effective_on",
        )
    if not staff.is_employed_on(day):
        raise GradeRefused(f"{staff}{day:%Y-%m-%d}不在职", "请把生效日期改到在职期间", field="effective_on")
    if (tier := _tier_on(staff, day)) != row.from_tier:
        words = dict(Tier.choices).get(tier, tier) or "没有职级"
        raise GradeRefused(
            f"{staff}{day:%Y-%m-%d}{words}，不是{row.get_from_tier_display()}",
            "请改生效日期，或不通过后另行提出",
            field="effective_on",
        )


def _tier_on(staff: Staff, day: date) -> str:
    term = Term.objects.filter(staff=staff, valid__contains=day).first()
    return term.tier if term is not None else ""


def _check_decider(row: GradeChange, by: Account) -> None:
    _check_not_own(row.staff, by)
    if not _decides(by, row):
        if row.steps > 1:
            raise GradeRefused("越级只能由总经理决定", "请提交总经理")
        raise GradeRefused("您不能决定此人的职级", "请由部门经理或总经理决定")
    if by.pk == row.proposed_by_id:
        raise GradeRefused("提出的人不能决定", "请由另一位经理或总经理决定")


def _check_not_own(staff: Staff, by: Account) -> None:
    if staff.account_id == by.pk:
        raise GradeRefused("不能办理自己的职级", "请由别人办理")


def _decides(by: Account, row: GradeChange) -> bool:
    return departments_where(by, row.action).filter(pk=row.staff.department_id).exists()


def _number(department: Department, at: datetime) -> str:
    """The next number of the department's letters in the year; others that decide there wait."""
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    start = f"ZJ-{department.code}-{timezone.localdate(at).year}-"
    issued = GradeChange.objects.filter(number__startswith=start).count()
    return f"{start}{issued + 1:03}"


def _fitting(text: str, field: str, missing: str) -> str:
    """The text as it is stored; GradeRefused without one, or for one that is too long."""
    text = text.strip()
    if not text:
        raise GradeRefused(missing, "请写明", field=field)
    if len(text) > REASON_LENGTH:
        raise GradeRefused(f"写了{len(text)}字", f"最多{REASON_LENGTH}字，请写短一些", field=field)
    return text
