"""Disciplinary action: proposed with evidence, heard, decided by another, and what follows for pay."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from core.locks import form_lock
from core.text import shortened
from files.models import Attachment
from files.services import attachment_add
from penalties.errors import DisciplineRefused, IncidentRefused, IncidentsRefused
from penalties.judgement import IncidentFact
from penalties.models import DisciplineAppeal, Incident, Proposal, Reversal
from penalties.models.discipline import REASON_LENGTH, TEXT_LENGTH, DisciplinaryCase
from penalties.services.discipline_notices import (
    discipline_decided_notify,
    discipline_heard_notify,
    discipline_proposed_notify,
    discipline_reversed_notify,
)
from penalties.services.incidents import ANSWER_LENGTH, incident_reverse, incidents_record
from penalties.services.proposals import proposal_decide
from people.models import Account, Department, Staff
from people.selectors import departments_where, staff_where
from rules.kinds.discipline import Discipline
from rules.provisions import Rule, has_kind
from rules.selectors import role_on, timeline_of

Level, State = DisciplinaryCase.Level, DisciplinaryCase.State


@transaction.atomic
def discipline_propose(
    *,
    staff: Staff,
    level: str,
    grounds: str,
    source: str = "",
    proposal: Proposal | None = None,
    files: Sequence[UploadedFile] = (),
    key: str | None = None,
    by: Account,
    at: datetime,
) -> DisciplinaryCase:
    """Propose an action against a person, on facts; the person is asked to speak. Nothing else follows yet.

    `source` is the number of a case or record that it rests on, `proposal` what a count suggested. A `key`
    that is known already gives the case that was proposed under it and changes nothing.
    DisciplineRefused about oneself, about whom one may not propose it, without facts, for another person's
    key, and where the suggestion is another person's, withdrawn, declined or taken up already.
    """
    form_lock(key)
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    known = DisciplinaryCase.objects.filter(key=key).first() if key else None
    if known is not None and known.staff_id != staff.pk:
        raise DisciplineRefused("这个页面已经用过", "请重新打开页面再填")
    if known is not None:
        return known
    if level not in Level.values:
        raise DisciplineRefused("没有写哪一种处分", "请选警告、记小过、记大过或解除劳动合同", field="level")
    _check_not_own(staff, by)
    if not staff_where(by, "propose_discipline", on=timezone.localdate(at)).filter(pk=staff.pk).exists():
        raise DisciplineRefused("您不能对此人提出处分", "请由其组长、主管、人事或经理提出", field="staff")
    grounds = _fitting(grounds, "grounds", "没有写事实与依据", TEXT_LENGTH)
    if len(source.strip()) > 64:
        raise DisciplineRefused("所据案件太长", "最多64字，只写编号", field="source")
    if proposal is not None:
        _check_suggested(proposal, staff)
    case = DisciplinaryCase.objects.create(
        staff=staff,
        level=level,
        grounds=grounds,
        source=source.strip(),
        proposal=proposal,
        key=key,
        proposed_by=by,
        proposed_at=at,
    )
    purpose = Attachment.Purpose.DISCIPLINE
    case.evidence.set(
        [attachment_add(staff=staff, purpose=purpose, content=each, by=by, at=at) for each in files]
    )
    discipline_proposed_notify(case, at=at)
    return case


@transaction.atomic
def discipline_hear(
    *, case: DisciplinaryCase, statement: str, heard_at: datetime, by: Account, at: datetime
) -> DisciplinaryCase:
    """Record what the person said, or that they said nothing; by the person, or by who may propose or decide.

    DisciplineRefused for a hearing that is still to come, a second one, and without a word.
    """
    row = case_locked(case)
    is_own = row.staff.account_id == by.pk
    asked = staff_where(by, "propose_discipline", on=timezone.localdate(at)).filter(pk=row.staff_id)
    if not (is_own or asked.exists() or _decides(by, row)):
        raise DisciplineRefused("您不能登记此人的陈述", "请由本人、提出人或决定人登记")
    if row.state != State.PROPOSED:
        raise DisciplineRefused(f"{row}{row.get_state_display()}，不能再登记陈述", "刷新页面看最新的情况")
    if heard_at > at:
        raise DisciplineRefused("陈述的时间还没有到", "请核对时间", field="heard_at")
    missing = "没有写本人怎么说"
    row.statement = _fitting(statement, "statement", missing, TEXT_LENGTH, "请如实写；放弃陈述的写明放弃")
    row.state, row.heard_at, row.heard_by = State.HEARD, heard_at, by
    row.save(update_fields=["state", "statement", "heard_at", "heard_by"])
    discipline_heard_notify(row, by=by, at=at)
    return row


@transaction.atomic
def discipline_decide(
    *, case: DisciplinaryCase, accept: bool, decision: str, code: str = "", by: Account, at: datetime
) -> DisciplinaryCase:
    """Decide a case that was heard, or drop one; for good, by another than who proposed it.

    What it takes from pay is recorded as an incident of the day under the department's `discipline`
    provision of the level (s000-09-24; `code`: which, where there are several). Without one, or where its
    figure is blank, the decision stands and `effect` says that it takes nothing. A dismissal takes nothing
    and ends no employment. DisciplineRefused for who proposed it, for the person, without the right (a
    dismissal needs `dismiss`), before the hearing, for one that is over, and where its basis was withdrawn.
    """
    row = case_locked(case)
    _check_decider(row, by)
    if row.state not in DisciplinaryCase.OPEN:
        raise DisciplineRefused(f"{row}{row.get_state_display()}，不能再决定", "刷新页面看最新的结果")
    if accept and row.state == State.PROPOSED:
        raise DisciplineRefused("还没有听取本人陈述", "请先登记陈述，再决定")
    if accept and row.proposal is not None and row.proposal.state == Proposal.State.WITHDRAWN:
        raise DisciplineRefused(
            "所据的建议已因记录撤销而失去依据", "请不予处分；另有依据的重新提出", field="proposal"
        )
    row.decision = _fitting(decision, "decision", "没有写决定的理由", REASON_LENGTH)
    row.decided_by, row.decided_at = by, at
    row.state = State.DECIDED if accept else State.DROPPED
    if accept:
        row.number = _number(row.staff.department, at)
        _take_from_pay(row, code)
    row.save(update_fields=["state", "decision", "decided_by", "decided_at", "number", "effect", "incident"])
    if row.proposal is not None and row.proposal.state == Proposal.State.OPEN:
        words = f"处分{row.number}：{row.decision}" if accept else f"不予处分：{row.decision}"
        proposal_decide(
            proposal=row.proposal, accepted=accept, decision=shortened(words, REASON_LENGTH), by=by, at=at
        )
    discipline_decided_notify(row, at=at)
    return row


@transaction.atomic
def discipline_reverse(*, case: DisciplinaryCase, reason: str, by: Account, at: datetime) -> DisciplinaryCase:
    """Take a decided case back, once, and with it what it took from pay; the letter's number stays.

    DisciplineRefused without a reason, without the right to decide it, and unless it stands.
    """
    row = case_locked(case)
    _check_not_own(row.staff, by)
    if not _decides(by, row):
        raise DisciplineRefused("您不能撤销这一处分", "请由有权决定的人撤销")
    if row.state != State.DECIDED:
        raise DisciplineRefused(f"{row}{row.get_state_display()}，不能撤销", "只有已决定的处分可以撤销")
    decision_take_back(row, _fitting(reason, "reason", "没有写撤销的理由", REASON_LENGTH), by=by, at=at)
    return row


def decision_take_back(row: DisciplinaryCase, reason: str, *, by: Account | None, at: datetime) -> None:
    """Take a decided, locked case back, with what it took from pay; an appeal that waits is granted."""
    row.reversal = reason
    row.state, row.reversed_by, row.reversed_at = State.REVERSED, by, at
    row.save(update_fields=["state", "reversal", "reversed_by", "reversed_at"])
    row.appeals.filter(state=DisciplineAppeal.State.ASKED).update(
        state=DisciplineAppeal.State.APPROVED,
        answer=shortened(f"处分已撤销：{reason}", ANSWER_LENGTH),
        decided_by=by,
        decided_at=at,
    )
    incident = row.incident
    if incident is not None and not Reversal.objects.filter(incident=incident).exists():
        words = shortened(f"处分{row.number}撤销：{row.reversal}", REASON_LENGTH)
        incident_reverse(incident=incident, on=timezone.localdate(at), reason=words, by=by, at=at)
    discipline_reversed_notify(row, at=at)


def discipline_rules(case: DisciplinaryCase, at: datetime) -> list[Rule[Discipline]]:
    """The provisions by which the department takes something for the level today, blank ones among them."""
    day = timezone.localdate(at)
    role = role_on(case.staff, day)
    rules = (rule for rule in timeline_of(case.staff.department).on(day) if has_kind(rule, Discipline))
    return [rule for rule in rules if rule.kind.level == case.level and rule.binds(role)]


def _take_from_pay(row: DisciplinaryCase, code: str) -> None:
    """Record what a decision takes, or say why it takes nothing; `row` is decided but not yet stored."""
    assert row.decided_by is not None and row.decided_at is not None
    if row.level == Level.DISMISSAL:
        row.effect = "不另扣款，也不会自动办理离职：最后工作日由人事登记"
        return
    rules = discipline_rules(row, row.decided_at)
    if code:
        rules = [rule for rule in rules if rule.code == code]
        if not rules:
            raise DisciplineRefused(f"没有条款“{code}”可据以扣款", "请从列出的条款里选", field="code")
    filled = [rule for rule in rules if not rule.is_inert]
    if not filled:
        row.effect = (
            f"条款{rules[0].code}的比例还没有填，不扣款"
            if rules
            else f"部门的制度里没有{row.get_level_display()}扣款的条款，不扣款"
        )
        return
    if len(filled) > 1:
        codes = "、".join(rule.code for rule in filled)
        raise DisciplineRefused(f"这一处分有不止一条扣款条款（{codes}）", "请选依据哪一条", field="code")
    rule = filled[0]
    row.effect = f"按{rule.code}：{rule.kind.in_words()}"
    row.incident = _incident(row, rule)


def _incident(row: DisciplinaryCase, rule: Rule[Discipline]) -> Incident:
    assert row.decided_by is not None and row.decided_at is not None
    fact = IncidentFact(
        staff=row.staff,
        code=rule.code,
        work_date=timezone.localdate(row.decided_at),
        note=f"处分{row.number}：{row.grounds}",
        key=f"discipline:{row.pk}",
    )
    try:
        return incidents_record(
            department=row.staff.department, facts=[fact], confirm=True, by=row.decided_by, at=row.decided_at
        )[0]
    except IncidentsRefused as error:
        refused = error.refusals[0]
        assert isinstance(refused, IncidentRefused)
        raise DisciplineRefused(refused.reason, refused.remedy, field=refused.field) from error


def _check_suggested(proposal: Proposal, staff: Staff) -> None:
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if row.staff_id != staff.pk:
        raise DisciplineRefused("所据的建议是别人的", "请从此人的建议发起", field="proposal")
    if row.state in (Proposal.State.WITHDRAWN, Proposal.State.DECLINED):
        raise DisciplineRefused(
            f"所据的建议{row.get_state_display()}", "请另写依据，或不提出", field="proposal"
        )
    over = (State.DROPPED, State.REVERSED)
    if DisciplinaryCase.objects.filter(proposal=row).exclude(state__in=over).exists():
        raise DisciplineRefused("这项建议已经发起过处分", "请看已有的处分", field="proposal")


def _check_decider(row: DisciplinaryCase, by: Account) -> None:
    _check_not_own(row.staff, by)
    if row.level == Level.DISMISSAL and not _decides(by, row):
        raise DisciplineRefused("解除劳动合同只能由总经理决定", "请提交总经理")
    if not _decides(by, row):
        raise DisciplineRefused("您不能决定此人的处分", "请由部门经理或总经理决定")
    if by.pk == row.proposed_by_id:
        raise DisciplineRefused("提出处分的人不能决定", "请由另一位经理或总经理决定")


def _check_not_own(staff: Staff, by: Account) -> None:
    if staff.account_id == by.pk:
        raise DisciplineRefused("不能处理自己的处分", "请由别人办理")


def _decides(by: Account, row: DisciplinaryCase) -> bool:
    return departments_where(by, row.action).filter(pk=row.staff.department_id).exists()


def case_locked(case: DisciplinaryCase) -> DisciplinaryCase:
    """The case as it is now; whoever else decides it waits until the end."""
    rows = DisciplinaryCase.objects.select_for_update(of=("self",))
    return rows.select_related("staff__department", "proposal", "incident").get(pk=case.pk)


def _number(department: Department, at: datetime) -> str:
    """The next number of the department's letters in the year; others that decide there wait."""
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    start = f"CF-{department.code}-{timezone.localdate(at).year}-"
    issued = DisciplinaryCase.objects.filter(number__startswith=start).count()
    return f"{start}{issued + 1:03}"


def _fitting(text: str, field: str, missing: str, limit: int, remedy: str = "请写明") -> str:
    """The text as it is stored; DisciplineRefused without one, or for one that is too long."""
    text = text.strip()
    if not text:
        raise DisciplineRefused(missing, remedy, field=field)
    if len(text) > limit:
        raise DisciplineRefused(f"写了{len(text)}字", f"最多{limit}字，请写短一些", field=field)
    return text
