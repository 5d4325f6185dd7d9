"""Writing cases: opening, walking their path, what happens on them; clocks follow from it (clocks.py)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from commissions.models import Order
from complaints.errors import CaseRefused
from complaints.models import Case, CaseEvent, CasePart, Complainant
from complaints.selectors.cases import customer_key, is_against, step_of, takes_step, works_on
from complaints.services.case_notices import case_given_notify, step_waits_notify
from complaints.services.clocks import alarms_lock, clocks_end, clocks_make, clocks_of, clocks_tell
from complaints.services.written import read_fields, written
from duties.models import HandoverItem, Memo
from files.models import Attachment
from files.services import attachment_add
from people.models import Account, Department, Staff
from people.selectors import may
from rules.kinds.base import Kind as RuleKind
from rules.kinds.cases import CLOSE, DECLINE, PLAIN_CASE, CaseDeadline, CaseType
from rules.provisions import Rule, Rules, has_kind
from rules.selectors import timeline_of

Kind = CaseEvent.Kind
State = Case.State
SOON = timedelta(minutes=5)  # clocks of devices differ
TITLE_LENGTH, TEXT_LENGTH = 200, 2000
MOST_FILES = 9
# What people note by themselves; the other events come with steps and services.
NOTED = (
    Kind.MESSAGED,
    Kind.PHONED,
    Kind.REPLIED,
    Kind.INVALID,
    Kind.SERVED,
    Kind.REVISITED,
    Kind.SHIPPED,
    Kind.NOTE,
)


@transaction.atomic
def case_open(
    *,
    department: Department,
    title: str,
    received_at: datetime,
    provision_code: str = "",
    channel: str = Case.Channel.PHONE,
    cause: str = "",
    product: str = "",
    complainant: str = "",
    phone: str = "",
    order: Order | None = None,
    about: Staff | None = None,
    holder: Staff | None = None,
    card: Mapping[str, Any] | None = None,
    handover_item: HandoverItem | None = None,
    memo: Memo | None = None,
    files: Sequence[UploadedFile] = (),
    deadlines: Collection[str] | None = None,
    platform_due_at: datetime | None = None,
    key: str,
    by: Account | None,
    at: datetime,
) -> Case:
    """Record a complaint (s000-09-15, s000-09-16b) and set its clocks going.

    `provision_code`: a case type in force on the day of receipt, the plain path without one. `deadlines`: the
    codes of the only clocks that run, left out all that are for the type. The same `key` again gives the case
    opened under it. CaseRefused for what does not fit.
    """
    check_may(by, "record_cases", department)
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    former = Case.objects.filter(key=key).select_related("department").first()
    if former is not None:
        return former
    received_at = received_at.replace(second=0, microsecond=0)
    check_moment(received_at, at, field="received_at")
    title = written(title, "事项", most=TITLE_LENGTH, field="title", missing="没有写事项")
    _check_people(department, about, holder, timezone.localdate(at))
    _check_origin(department, order, handover_item, memo, by)
    if platform_due_at is not None and platform_due_at <= received_at:
        raise CaseRefused("平台时限早于接到时间", "请核对平台时限", field="platform_due_at")
    if channel not in Case.Channel.values:
        raise CaseRefused(f"没有来源“{channel}”", "请从列表中选", field="channel")
    rules = timeline_of(department).on(timezone.localdate(received_at))
    rule = _type_of(rules, provision_code, timezone.localdate(received_at))
    path = rule.kind if rule else PLAIN_CASE
    case = Case.objects.create(
        department=department,
        number=_number(department, timezone.localdate(at)),
        provision_id=rule.id if rule else None,
        type_code=rule.code if rule else "",
        title=title,
        received_at=received_at,
        channel=channel,
        cause=written(cause, "事由", most=100, field="cause"),
        product=written(product, "产品", most=100, field="product"),
        customer_key=customer_key(name=complainant, phone=phone),
        order=order,
        about=about,
        holder=holder,
        card=read_fields(path.fields, card or {}),
        handover_item=handover_item,
        memo=memo,
        step=path.steps[0].code,
        key=key,
        recorded_by=by,
        recorded_at=at,
    )
    _complainant_add(case, complainant, phone)
    files_add(case, files, by=by, at=at)
    if by is not None:
        CasePart.objects.create(case=case, part="recorder", account=by, at=at)
    clocks_make(
        case=case,
        rules=_deadlines(rules, rule, deadlines),
        platform_due_at=platform_due_at,
        by=by,
        at=at,
    )
    event_add(case, Kind.RECEIVED, received_at, by=by, at=at)
    case_given_notify(case, by=by, at=at)
    return case


@transaction.atomic
def case_step(
    *,
    case: Case,
    decision: str,
    brings: Mapping[str, Any] | None = None,
    note: str = "",
    upheld: bool = True,
    happened_at: datetime | None = None,
    seen: str = "",
    by: Account | None,
    at: datetime,
) -> Case:
    """Take the present step with one of its decisions; the case goes where that leads, or ends.

    `upheld`: whether a case that is closed proved right. `happened_at`: when it was done, left out now.
    `seen`: the step that whoever decides has before them, so that a press too many takes no further one.
    CaseRefused for who may not take it, for a step that is over, without what the step must bring, and for
    an end after its time without a word why.
    """
    case = case_locked(case.pk)
    check_open(case)
    step = step_of(case)
    if seen and seen != step.code:
        raise CaseRefused(
            f"案件已到“{step.label}”这一步", "这一步已经有人办了，请看后面的经过", field="decision"
        )
    if by is not None and not takes_step(by, case):
        raise CaseRefused(
            f"“{step.label}”这一步不由您办理", "请由这一步的经办人办理，或请主管调度", field="decision"
        )
    chosen = next((each for each in step.decisions if each.label == decision), None)
    if chosen is None:
        labels = "、".join(each.label for each in step.decisions)
        raise CaseRefused(
            f"“{step.label}”没有“{decision}”这个决定",
            f"案件可能已往前走，请刷新；可选：{labels}",
            field="decision",
        )
    moment = (happened_at or at).replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    _check_after_receipt(case, moment)
    given = read_fields(step.brings, brings or {})
    if step.part is not None and by is not None:
        _take_part(case, step.part, by=by, at=at)
    event_add(
        case,
        Kind.DECIDED,
        moment,
        step=step.label,
        decision=chosen.label,
        data=given,
        note=written(note, "说明", most=TEXT_LENGTH, field="note"),
        by=by,
        at=at,
    )
    if chosen.event is not None and chosen.event != CLOSE:
        event_add(case, Kind(chosen.event), moment, by=by, at=at)
    if chosen.to == CLOSE:
        _close(case, upheld, moment, note, by=by, at=at)
    elif chosen.to == DECLINE:
        _decline(case, moment, note, by=by, at=at)
    else:
        case.step = chosen.to
        case.save(update_fields=["step"])
        step_waits_notify(case, by=by, at=at)
    return case


@transaction.atomic
def event_record(
    *,
    case: Case,
    kind: str,
    happened_at: datetime,
    note: str = "",
    files: Sequence[UploadedFile] = (),
    by: Account | None,
    at: datetime,
) -> CaseEvent:
    """Note that something was done or happened: a message, a call, an answer with its text (s000-09-14).

    Clocks that begin or end with it follow its own time, not that of the note. The same by the same person
    again is noted once. CaseRefused for who does not work on the case.
    """
    case = case_locked(case.pk)
    check_works_on(by, case)
    if kind not in NOTED:
        raise CaseRefused("不能这样登记这件事", "请从列表中选", field="kind")
    if kind != Kind.REVISITED and kind != Kind.NOTE:
        check_open(case)
    moment = happened_at.replace(second=0, microsecond=0)
    check_moment(moment, at, field="happened_at")
    _check_after_receipt(case, moment)
    text = written(note, "说明", most=TEXT_LENGTH, field="note")
    if kind in (Kind.NOTE, Kind.REPLIED) and not text:
        raise CaseRefused("没有写内容", "请写明说了什么", field="note")
    former = case.events.filter(kind=kind, at=moment, note=text, by=by).first() if by else None
    if former is not None:
        return former
    files_add(case, files, by=by, at=at)
    return event_add(case, Kind(kind), moment, note=text, by=by, at=at)


# What the other services of cases use as well


def event_add(
    case: Case,
    kind: CaseEvent.Kind,
    happened_at: datetime,
    *,
    step: str = "",
    decision: str = "",
    data: Mapping[str, Any] | None = None,
    note: str = "",
    by: Account | None,
    at: datetime,
) -> CaseEvent:
    """Store the event and tell the clocks; the case is locked."""
    event = CaseEvent.objects.create(
        case=case,
        kind=kind,
        at=happened_at,
        step=step,
        decision=decision,
        data=dict(data or {}),
        note=note,
        by=by,
        recorded_at=at,
    )
    clocks_tell(case=case, kind=kind, happened_at=happened_at, by=by, at=at)
    return event


def case_locked(pk: int) -> Case:
    """The case as it is now; whoever else writes to it waits until the end of the transaction.

    With its alarms, before anything else is locked: a sweep that is at them, and may wait for people's
    ledgers, is waited for here and not later.
    """
    rows = Case.objects.select_for_update(of=("self",))
    case = rows.select_related("department", "provision", "about", "holder__account").get(pk=pk)
    alarms_lock(case)
    return case


def check_open(case: Case) -> None:
    if not case.is_open:
        raise CaseRefused(
            f"投诉{case.number}{case.get_state_display()}，不能再处理",
            "需要继续的，请先重新打开",
            field="case",
        )


def check_works_on(by: Account | None, case: Case) -> None:
    if by is not None and not works_on(by, case):
        raise CaseRefused("您不经办这件投诉", "请由承办人、登记人或主管登记", field="case")


def check_moment(moment: datetime, at: datetime, *, field: str) -> None:
    if moment > at + SOON:
        raise CaseRefused("时间在将来", "请写已经发生的时间", field=field)


def files_add(
    case: Case, files: Sequence[UploadedFile], *, by: Account | None, at: datetime
) -> list[Attachment]:
    """Keep what was attached to the case; FileRefused for what is no picture or PDF, or too large."""
    if len(files) > MOST_FILES:
        raise CaseRefused(f"一次最多{MOST_FILES}个附件", "请分几次上传", field="files")
    rows = [
        attachment_add(staff=None, purpose=Attachment.Purpose.CASE, content=each, by=by, at=at)
        for each in files
    ]
    case.attachments.add(*rows)
    return rows


def check_may(by: Account | None, action: str, department: Department) -> None:
    """CaseRefused for who may not do an action of people/permissions.py; commands have nobody to ask."""
    if by is not None and not may(by, action, department):
        raise CaseRefused(f"您不能在{department}办理此事", "请由有此权限的人办理", field="case")


def check_steers(by: Account | None, case: Case) -> None:
    """CaseRefused for who may not steer the case: without the permission, or since it is about oneself."""
    check_may(by, "steer_cases", case.department)
    if by is not None and is_against(by, case):
        raise CaseRefused("被投诉的人不能调度自己的投诉", "请由别的主管办理", field="case")


def _check_people(department: Department, about: Staff | None, holder: Staff | None, on: date) -> None:
    for person, field in ((about, "about"), (holder, "holder")):
        if person is not None and person.department_id != department.pk:
            raise CaseRefused(f"工号{person.number}不属于{department}", "请核对人员", field=field)
    check_holder(holder, about, on)


def _complainant_add(case: Case, name: str, phone: str) -> None:
    name = written(name, "投诉人", most=64, field="complainant")
    phone = written(phone, "电话", most=32, field="phone")
    if name or phone:
        Complainant.objects.create(case=case, name=name, phone=phone)


def _check_origin(
    department: Department,
    order: Order | None,
    item: HandoverItem | None,
    memo: Memo | None,
    by: Account | None,
) -> None:
    """CaseRefused for what is another department's, or another's own."""
    if order is not None and order.department_id != department.pk:
        raise CaseRefused(f"订单{order.order_no}不属于{department}", "请核对订单号", field="order_no")
    if item is not None and item.author.department_id != department.pk:
        raise CaseRefused(f"这条交接不属于{department}", "请在它的部门登记", field="handover_item")
    if memo is not None and by is not None and memo.staff.account_id != by.pk:
        raise CaseRefused("备忘是别人的", "请由写它的人登记", field="memo")


def check_holder(holder: Staff | None, about: Staff | None, on: date) -> None:
    """CaseRefused for a holder who has left or whom the case is about."""
    if holder is None:
        return
    if about is not None and holder.pk == about.pk:
        raise CaseRefused("被投诉的人不能承办自己的投诉", "请指定别人承办", field="holder")
    if not holder.is_employed_on(on):
        raise CaseRefused(f"{holder}当天不在职", "请指定在职的人承办", field="holder")


def _type_of(rules: Rules, code: str, on: date) -> Rule[CaseType] | None:
    if not code:
        return None
    rule: Rule[RuleKind] | None = rules.get(code)
    if rule is None or not has_kind(rule, CaseType) or rule.is_inert:
        raise CaseRefused(
            f"{on}生效的制度里没有案件类型“{code}”", "请核对类型，或先采用含它的制度", field="type"
        )
    return rule


def _deadlines(
    rules: Rules, type_rule: Rule[CaseType] | None, wanted: Collection[str] | None
) -> list[Rule[CaseDeadline]]:
    names = {type_rule.code, *type_rule.covers} if type_rule else set()
    found = [
        rule for rule in rules.of_kind(CaseDeadline) if not rule.kind.types or names & set(rule.kind.types)
    ]
    if wanted is None:
        return found
    named = []
    for code in wanted:
        rule = rules.get(code)
        if rule is None or not has_kind(rule, CaseDeadline) or rule.is_inert:
            raise CaseRefused(f"生效的制度里没有时限“{code}”", "请核对条款编号", field="deadline")
        named.append(rule)
    return named


def _number(department: Department, on: date) -> str:
    """The next of the day; the department is locked."""
    day = f"{on:%Y%m%d}"
    last = (
        Case.objects.filter(department=department, number__startswith=f"{day}-")
        .order_by("-id")
        .values_list("number", flat=True)
        .first()
    )
    return f"{day}-{int(last.rpartition('-')[2]) + 1 if last else 1:03}"


def _take_part(case: Case, part: str, *, by: Account, at: datetime) -> None:
    """The account has that part in the case from now on; the database refuses a second one."""
    if CasePart.objects.filter(case=case, part=part, account=by).exists():
        return
    try:
        with transaction.atomic():
            CasePart.objects.create(case=case, part=part, account=by, at=at)
    except IntegrityError:
        has = CasePart.PARTS[CasePart.objects.get(case=case, account=by).part]
        raise CaseRefused(
            f"您已是本案的{has}人，不能再{CasePart.PARTS[part]}",
            "登记、调查与裁定须由不同的人担任，请由别人办理",
            field="decision",
        ) from None


def _close(
    case: Case, upheld: bool, moment: datetime, note: str, *, by: Account | None, at: datetime
) -> None:
    late = [
        each.clock
        for each in clocks_of(case)
        if each.until == CLOSE and each.state.is_running and each.state.is_breached(moment)
    ]
    if late and not note.strip() and by is not None:
        raise CaseRefused(f"“{late[0]}”已逾期", "请在说明里写明延误的原因", field="note")
    case.state, case.is_upheld, case.closed_at = State.CLOSED, upheld, moment
    case.save(update_fields=["state", "is_upheld", "closed_at"])
    event_add(case, Kind.CLOSED, moment, data={"upheld": upheld}, by=by, at=at)


def _decline(case: Case, moment: datetime, note: str, *, by: Account | None, at: datetime) -> None:
    if not note.strip() and by is not None:
        raise CaseRefused("没有写不受理的理由", "请在说明里写明理由", field="note")
    case.state, case.is_upheld, case.closed_at = State.DECLINED, False, moment
    case.save(update_fields=["state", "is_upheld", "closed_at"])
    event_add(case, Kind.DECLINED, moment, by=by, at=at)
    clocks_end(case=case, reason="不受理", happened_at=moment, by=by, at=at)


def _check_after_receipt(case: Case, moment: datetime) -> None:
    if moment < case.received_at:
        received = f"{timezone.localtime(case.received_at):%Y-%m-%d %H:%M}"
        raise CaseRefused(f"时间早于接到投诉的时间（{received}）", "请核对时间", field="happened_at")
