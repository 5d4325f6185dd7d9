"""Review rounds: opened, filled with candidates, scored, closed."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.locks import form_lock
from people.models import Account, Department, Staff, Term
from people.selectors import departments_where, staff_where
from promotions.errors import RoundRefused
from promotions.models import Candidate, GradeChange, PanelScore, ReviewRound
from promotions.models.rounds import HIGHEST_SCORE
from promotions.services.notifications import panel_asked_notify
from promotions.tiers import steps_between

State = ReviewRound.State
NOTE_LENGTH = 500


@transaction.atomic
def round_open(
    *,
    department: Department,
    kind: str,
    on: date,
    from_tier: str,
    to_tier: str,
    has_ballot: bool = False,
    panel: Collection[Account] = (),
    key: str | None = None,
    by: Account,
    at: datetime,
) -> ReviewRound:
    """Open a review of a department: who is of one tier is considered for another on a day.

    `panel`: who scores the defence. A `key` that is known already gives the round that was opened under it.
    RoundRefused without hold_rounds there, for a panel of whom somebody cannot sign in or does not work here
    any more, and for another department's key; GradeRefused for tiers between which there is no way.
    """
    form_lock(key)
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    known = ReviewRound.objects.filter(key=key).first() if key else None
    if known is not None and known.department_id != department.pk:
        raise RoundRefused("这个页面已经用过", "请重新打开页面再填")
    if known is not None:
        return known
    if not departments_where(by, "hold_rounds").filter(pk=department.pk).exists():
        raise RoundRefused("您不能在这个部门发起评审", "请由部门经理、主管或人事发起", field="department")
    if kind not in ReviewRound.Kind.values:
        raise RoundRefused("没有写是哪一种评审", "请选转正、月度或季度", field="kind")
    steps_between(from_tier, to_tier)
    _check_panel(panel, timezone.localdate(at))
    row = ReviewRound.objects.create(
        department=department,
        kind=kind,
        on=on,
        from_tier=from_tier,
        to_tier=to_tier,
        has_ballot=has_ballot,
        key=key,
        created_by=by,
        created_at=at,
    )
    row.panel.set(panel)
    panel_asked_notify(row, at=at)
    return row


def _check_panel(panel: Collection[Account], day: date) -> None:
    closed = next((each for each in panel if not each.is_active), None)
    if closed is not None:
        raise RoundRefused(f"{closed}的账号已停用", "请另选评委", field="panel")
    rows = list(Staff.objects.filter(account__in=panel))
    works = {each.account_id for each in rows if each.is_employed_on(day)}
    gone = next((each for each in rows if each.account_id not in works), None)
    if gone is not None:
        raise RoundRefused(f"{gone}{day:%Y-%m-%d}不在职", "请另选评委", field="panel")


@transaction.atomic
def candidate_add(
    *,
    round: ReviewRound,
    staff: Staff,
    evidence: Collection[dict[str, Any]] = (),
    by: Account,
    at: datetime,
) -> Candidate:
    """Put somebody into a round, with what speaks for it (`evidence_of`); again gives who is in it.

    Nobody stands in two rounds that are not closed, nor in one beside an open change of grade: one review
    has one outcome. RoundRefused for that, for a round that votes or has ended, for whom one may not
    propose, for who does not work there in the round's tier on its day, and for who alone is its panel.
    """
    round = round_locked(round)
    known = Candidate.objects.filter(round=round, staff=staff).first()
    if known is not None:
        return known
    if round.state != State.OPEN:
        raise RoundRefused(f"{round}{round.get_state_display()}，不能再加候选人", "请加入下一轮", field="who")
    staff = staff_locked(staff)
    if staff.account_id == by.pk:
        raise RoundRefused("不能把自己列为候选人", "请由别人列入", field="who")
    may_add = departments_where(by, "hold_rounds").filter(pk=round.department_id).exists()
    if not may_add and not staff_where(by, "propose_grades", on=timezone.localdate(at)).filter(pk=staff.pk):
        raise RoundRefused("您不能把此人列为候选人", "请由其组长、主管或经理列入", field="who")
    _check_fits(round, staff)
    return Candidate.objects.create(
        round=round, staff=staff, evidence=list(evidence), added_by=by, added_at=at
    )


def _check_fits(round: ReviewRound, staff: Staff) -> None:
    if staff.department_id != round.department_id or not staff.is_employed_on(round.on):
        raise RoundRefused(
            f"{staff}{round.on:%Y-%m-%d}不在{round.department}", "请核对人和评审日期", field="who"
        )
    term = Term.objects.filter(staff=staff, valid__contains=round.on).first()
    if term is None or term.tier != round.from_tier:
        tier = term.get_tier_display() if term and term.tier else "没有职级"
        raise RoundRefused(
            f"{staff}{round.on:%Y-%m-%d}{tier}，这一轮评的是{round.get_from_tier_display()}",
            "请核对职级或加入别的评审",
            field="who",
        )
    panel = set(round.panel.values_list("pk", flat=True))
    if panel and panel == {staff.account_id}:
        raise RoundRefused(
            f"{round}的评委只有本人，没有别人可以评分", "请另开一轮，加上别的评委", field="who"
        )
    check_no_other(staff, but=round)


def check_no_other(staff: Staff, *, but: ReviewRound | None = None) -> None:
    """RoundRefused for who stands in another review that has not ended, or has a change to be decided."""
    other = Candidate.objects.filter(staff=staff).exclude(round__state=State.CLOSED).exclude(round=but)
    found = other.select_related("round").first()
    if found is not None:
        raise RoundRefused(
            f"{staff}在{found.round}中，一人一轮只有一个结果", "请等那一轮结束，或在那里办", field="who"
        )
    change = GradeChange.objects.filter(staff=staff, state=GradeChange.State.PROPOSED).first()
    if change is not None:
        raise RoundRefused(
            f"{staff}已有待决定的{change.get_direction_display()}（{change.tiers}）",
            "请先决定那一项",
            field="who",
        )


@transaction.atomic
def candidate_score(
    *, candidate: Candidate, score: Decimal, note: str = "", by: Account, at: datetime
) -> PanelScore:
    """Give a candidate's defence points of 100, as a member of the panel; again corrects the own ones.

    RoundRefused for who does not sit on the panel, about oneself, for points beyond 100, once the round has
    ended or the candidate's change is decided.
    """
    round = round_locked(candidate.round)
    if not round.panel.filter(pk=by.pk).exists():
        raise RoundRefused("您不是这一轮的评委", "请由评委评分")
    if candidate.staff.account_id == by.pk:
        raise RoundRefused("不能给自己评分", "请由其他评委评分")
    if not 0 <= score <= HIGHEST_SCORE:
        raise RoundRefused(f"评分{score}不在0到{HIGHEST_SCORE}之间", "请重写", field="score")
    if len(note) > NOTE_LENGTH:
        raise RoundRefused(f"评语写了{len(note)}字", f"最多{NOTE_LENGTH}字，请写短一些", field="note")
    over = candidate.changes.filter(state__in=(GradeChange.State.DECIDED, GradeChange.State.REVERSED))
    if round.state == State.CLOSED or over.exists():
        raise RoundRefused("这位候选人已有结果，不能再评分", "刷新页面看最新的结果")
    given = {"score": score, "note": note.strip(), "at": at}
    return PanelScore.objects.update_or_create(candidate=candidate, by=by, defaults=given)[0]


@transaction.atomic
def round_close(*, round: ReviewRound, by: Account, at: datetime) -> ReviewRound:
    """End a round; again changes nothing. Whoever was not nominated stays as they were.

    RoundRefused without hold_rounds, with a ballot under way, and while a change of it waits for a decision.
    """
    round = round_locked(round)
    check_holds(round, by)
    if round.state == State.CLOSED:
        return round
    if round.state == State.VOTING:
        raise RoundRefused("正在投票，不能结束评审", "请先结束投票")
    waiting = GradeChange.objects.filter(candidate__round=round, state=GradeChange.State.PROPOSED).count()
    if waiting:
        raise RoundRefused(f"还有{waiting}人的结果没有决定", "请先决定，再结束评审")
    round.state = State.CLOSED
    round.save(update_fields=["state"])
    return round


def round_locked(round: ReviewRound) -> ReviewRound:
    """The round as it is now; whoever else writes in it waits until the end."""
    rows = ReviewRound.objects.select_for_update(of=("self",))
    return rows.select_related("department").get(pk=round.pk)


def staff_locked(staff: Staff) -> Staff:
    """The person; whoever else begins something about their grade waits until the end."""
    rows = Staff.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("department").get(pk=staff.pk)


def check_holds(round: ReviewRound, by: Account) -> None:
    """RoundRefused for who does not run the round's department's reviews."""
    if not departments_where(by, "hold_rounds").filter(pk=round.department_id).exists():
        raise RoundRefused("您不能办理这一轮评审", "请由部门经理、主管或人事办理")
