"""Putting somebody forward for an award, taking that back, and what colleagues say of it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from core.periods import first_of
from files.models import Attachment
from files.services import attachment_add
from nominations.errors import NominationRefused
from nominations.models import NOTE_LENGTH, TEXT_LENGTH, AwardRound, Nomination, Voice
from nominations.services.notifications import nomination_made_notify
from people.models import Account, Department, Role, Staff, Term
from people.selectors import staff_where
from rules.kinds.labels import NOMINATOR_LABELS
from rules.kinds.nominated import NominatedAward
from rules.provisions import Rule, has_kind
from rules.selectors import role_on, timeline_of

Origin, State = Nomination.Origin, Nomination.State
MOST_FILES = 10
LEADING = (Role.LEAD, Role.SUPERVISOR, Role.MANAGER)


@transaction.atomic
def nomination_make(
    *,
    staff: Staff,
    code: str,
    reason: str,
    files: Sequence[UploadedFile] = (),
    nominator: Staff | None = None,
    by: Account | None,
    at: datetime,
) -> Nomination:
    """Put somebody forward for an award of the month of `at` (s004-02-4-01, 4-02), with facts and files.

    `nominator` is the employment of who does it, None for an account that works nowhere. NominationRefused
    for an award that is none, is inert or does not bind the person, after its last day, once the round was
    closed, by whom the award does not let nominate, a second time in the month, and without facts.
    """
    day = timezone.localdate(at)
    month = first_of(day)
    department_locked(staff.department_id)
    staff = Staff.objects.select_for_update(no_key=True).select_related("department").get(pk=staff.pk)
    rule = award_of(staff, code, day)
    _check_open(rule, staff, month, day)
    origin = _origin(rule, staff, nominator, by, day)
    facts = fitting(reason, "reason", "没有写事迹与理由", TEXT_LENGTH, "请写明何时做了什么、有什么结果")
    if len(files) > MOST_FILES:
        raise NominationRefused(f"证明材料超过{MOST_FILES}个", "请只留要紧的", field="attached")
    same = Nomination.objects.filter(staff=staff, code=rule.code, month=month)
    if same.exclude(state=State.WITHDRAWN).exists():
        raise NominationRefused(
            f"{staff}本月已经被提名“{rule.title}”", "不必再提，可以在原提名下表态", field="staff"
        )
    nomination = Nomination.objects.create(
        department=staff.department,
        month=month,
        staff=staff,
        provision_id=rule.id,
        code=rule.code,
        origin=origin,
        reason=facts,
        by=by,
        at=at,
    )
    purpose = Attachment.Purpose.AWARD
    nomination.attachments.set(
        [attachment_add(staff=staff, purpose=purpose, content=each, by=by, at=at) for each in files]
    )
    nomination_made_notify(nomination, by=by, at=at)
    return nomination


@transaction.atomic
def nomination_withdraw(*, nomination: Nomination, by: Account, at: datetime) -> Nomination:
    """Take the own nomination back while nothing is decided; again changes nothing."""
    row = nomination_locked(nomination)
    if row.by_id != by.pk:
        raise NominationRefused("只能撤回自己的提名", "请由提名人撤回")
    if row.state == State.WITHDRAWN:
        return row
    check_waiting(row)
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    return row


@transaction.atomic
def voice_give(
    *, nomination: Nomination, voter: Staff, supports: bool, comment: str = "", at: datetime
) -> Voice:
    """Say once whether one supports a nomination (s004-02-4-03), in words where one wants to.

    NominationRefused about oneself, from another department, a second time, where the award asks for no
    voices, and when the round is closed. Which account spoke is never shown.
    """
    row = nomination_locked(nomination)
    rule = award_of(row.staff, row.code, timezone.localdate(row.at))
    if row.is_placing or not rule.kind.voices:
        raise NominationRefused(f"“{rule.title}”不征集意见", "有话可以找经理说")
    check_waiting(row)
    if AwardRound.objects.filter(department=row.department, month=row.month).exists():
        raise NominationRefused(f"{row.month:%Y年%m月}的评奖已经核对，不再征集意见", "有话可以找经理说")
    if voter.department_id != row.department_id or not voter.is_employed_on(timezone.localdate(at)):
        raise NominationRefused("只有本部门在职的同事可以表态", "请由本部门的同事表态")
    if voter.pk == row.staff_id or (voter.account_id and voter.account_id == row.staff.account_id):
        raise NominationRefused("不能给自己表态", "请让同事表态")
    if row.voices.filter(staff=voter).exists():
        raise NominationRefused("您已经表过态", "每人只能表态一次，不能改")
    words = comment.strip()
    if len(words) > NOTE_LENGTH:
        raise NominationRefused(f"意见有{len(words)}字", f"最多{NOTE_LENGTH}字，请写短一些", field="comment")
    return Voice.objects.create(nomination=row, staff=voter, supports=supports, comment=words, at=at)


def award_of(staff: Staff, code: str, day: date) -> Rule[NominatedAward]:
    """The nominated award of a code on a day, filled in and binding the person; NominationRefused else."""
    rule = timeline_of(staff.department).on(day).get(code)
    if rule is None:
        raise NominationRefused(
            f"{day:%Y-%m-%d}生效的制度里没有奖项“{code}”", "请核对奖项，或先采用含此奖项的制度", field="code"
        )
    if not has_kind(rule, NominatedAward):
        raise NominationRefused(
            f"“{rule.code} {rule.title}”（{rule.kind.label}）不用提名",
            "名次奖由系统结算时评出，其他奖励直接记录",
            field="code",
        )
    if rule.is_inert:
        raise NominationRefused(
            f"奖项“{rule.code} {rule.title}”还有未填的数字（{'、'.join(rule.blanks)}）",
            "请在制度版本中填写并发布后再提名",
            field="code",
        )
    role = role_on(staff, day)
    if not rule.binds(role):
        raise NominationRefused(
            f"奖项“{rule.title}”不评{dict(Role.choices).get(role, role)}", "请选别的奖项", field="code"
        )
    return rule


def _check_open(rule: Rule[NominatedAward], staff: Staff, month: date, day: date) -> None:
    last = rule.kind.closes_on(month)
    if day > last:
        raise NominationRefused(
            f"“{rule.title}”{month:%Y年%m月}的提名已在{last:%m月%d日}截止（每月{last.day}日，含当日）",
            "请下个月再提名",
            field="code",
        )
    if not staff.is_employed_on(day):
        raise NominationRefused(f"{staff}在{day:%Y-%m-%d}不在职", "请核对被提名人", field="staff")
    if AwardRound.objects.filter(department=staff.department, month=month).exists():
        raise NominationRefused(f"{month:%Y年%m月}的评奖已经核对，不再收提名", "请下个月再提名")


def _origin(
    rule: Rule[NominatedAward], staff: Staff, nominator: Staff | None, by: Account | None, day: date
) -> str:
    """As what somebody may put the person forward for the award; NominationRefused where as nothing."""
    may = []
    if nominator is not None and nominator.pk == staff.pk:
        may = [Origin.SELF]
    elif nominator is not None and nominator.department_id == staff.department_id:
        leads = _leads(nominator, staff, day)
        may = [Origin.LEAD, Origin.PEER] if leads or _is_in_charge(by, staff, day) else [Origin.PEER]
    elif _is_in_charge(by, staff, day):
        may = [Origin.LEAD]
    if not may:
        raise NominationRefused(f"您不能提名{staff}", "请由其同部门的同事、组长或主管提名", field="staff")
    for each in may:
        if each in rule.kind.nominators:
            return each
    by_whom = "、".join(NOMINATOR_LABELS[each] for each in rule.kind.nominators)
    raise NominationRefused(f"“{rule.title}”只由{by_whom}提名", f"请告诉{by_whom}", field="code")


def _is_in_charge(by: Account | None, staff: Staff, day: date) -> bool:
    """Whether the account answers for the person: a lead for the own team, management for the department."""
    if by is None or by.pk == staff.account_id:
        return False
    return staff_where(by, "record_incidents", on=day).filter(pk=staff.pk).exists()


def _leads(nominator: Staff, staff: Staff, day: date) -> bool:
    """Whether the nominator's terms put the person under them: the lead of the team, or of no team but the
    department, or management.
    """
    terms = {
        each.staff_id: each for each in Term.objects.filter(staff__in=[nominator, staff], valid__contains=day)
    }
    own, theirs = terms.get(nominator.pk), terms.get(staff.pk)
    if own is None or own.role not in LEADING:
        return False
    if own.role != Role.LEAD or own.team_id is None:
        return True
    return theirs is not None and own.team_id == theirs.team_id


def department_locked(department_id: int) -> Department:
    """The department, whose awards nobody else writes until the end.

    It is locked before any nomination, everywhere: whoever took them in another order would wait for ever.
    """
    return Department.objects.select_for_update(no_key=True).get(pk=department_id)


def nomination_locked(nomination: Nomination) -> Nomination:
    """The nomination as it is now; whoever else writes about it, or its department's awards, waits."""
    department_locked(nomination.department_id)
    rows = Nomination.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("department", "staff__department", "provision", "incident").get(
        pk=nomination.pk
    )


def check_waiting(row: Nomination) -> None:
    if row.state != State.NOMINATED:
        raise NominationRefused(f"{row}{row.get_state_display()}，不能再改", "刷新页面看最新的结果")


def fitting(text: str, field: str, missing: str, limit: int, remedy: str = "请写明") -> str:
    """The text as it is stored; NominationRefused without one, or for one that is too long."""
    text = text.strip()
    if not text:
        raise NominationRefused(missing, remedy, field=field)
    if len(text) > limit:
        raise NominationRefused(f"写了{len(text)}字", f"最多{limit}字，请写短一些", field=field)
    return text
