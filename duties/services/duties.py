"""Saying that a duty is done, letting somebody off one, noting who came to a meeting."""

from collections.abc import Collection
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from duties.errors import DutyRefused
from duties.models import DutyRecord, DutyWaiver
from duties.obligations import Owed
from duties.selectors.duties import owed_between
from duties.services.missed_duties import missed_is_known
from files.models import Attachment
from files.services import attachment_add
from people.models import Account, Department, Staff

WRITTEN = ("report", "minutes")
ELSEWHERE = {"handover": "写了交接本就算完成，请到交接本写", "memo": "记了备忘就算完成，请到备忘录写"}
TEXT_LENGTH = 20_000
REASON_LENGTH = 500


def characters(text: str) -> int:
    """How long a report is: blanks and line breaks do not count."""
    return len("".join(text.split()))


@transaction.atomic
def duty_do(
    *,
    staff: Staff,
    code: str,
    due_on: date,
    text: str = "",
    file: UploadedFile | None = None,
    by: Account | None,
    at: datetime,
) -> DutyRecord:
    """A person has done a duty, now; the moment decides whether it was in time. Twice is once.

    DutyRefused where it is not owed or cannot be done yet, and for a report or minutes that are too short
    (`min_length` of the provision, s000-06-03: at least 200 characters).
    """
    each = _owed(staff, code, due_on)
    if each.record_id is not None:
        return DutyRecord.objects.get(pk=each.record_id)
    proof = each.duty.proof
    if proof in ELSEWHERE:
        raise DutyRefused(ELSEWHERE[proof])
    if timezone.localdate(at) < each.opens_on:
        raise DutyRefused(f"这一项从{each.opens_on:%m月%d日}起才能登记")
    if proof == "attendance" and at > each.due_at:
        raise DutyRefused("会已经开始，由主持的人登记到会")
    text = text.strip()
    _check_text(each, text, file)
    purpose = Attachment.Purpose.DUTY
    kept = None
    if file is not None:
        kept = attachment_add(staff=staff, purpose=purpose, content=file, by=by, at=at)
    return DutyRecord.objects.create(
        staff=staff, code=code, due_on=due_on, done_at=at, text=text, attachment=kept, by=by, at=at
    )


@transaction.atomic
def attendance_note(
    *, department: Department, code: str, due_on: date, staff_ids: Collection[int], by: Account, at: datetime
) -> int:
    """Who came to a meeting, as whoever held it says: they came in time. How many are new.

    DutyRefused before the meeting's day, for somebody who does not owe it, and for whose absence is
    recorded as an incident already.
    """
    if timezone.localdate(at) < due_on:
        raise DutyRefused(f"会在{due_on:%m月%d日}，还没有到")
    # Before anything is read: what is pressed twice, or recorded as missed meanwhile, waits here.
    list(Staff.objects.select_for_update(no_key=True).filter(pk__in=staff_ids).order_by("pk"))
    found = {
        staff.pk: (staff, each)
        for staff, each in owed_between(department, due_on, due_on, only=staff_ids)
        if each.rule.code == code and each.duty.proof == "attendance"
    }
    rows = []
    for pk in staff_ids:
        if pk not in found:
            raise DutyRefused("所选的人里有不必到会的；请刷新页面再选")
        staff, each = found[pk]
        if staff.account_id == by.pk:
            raise DutyRefused("自己的到会请在“我的职责”里登记，或请别人登记")
        if each.record_id is not None or each.is_waived:
            continue
        if missed_is_known(each):
            raise DutyRefused(f"{staff.name}的缺席已记录；确实到会的，请经理驳回或撤销那条记录")
        done_at = min(each.due_at, at)
        rows.append(DutyRecord(staff=staff, code=code, due_on=due_on, done_at=done_at, by=by, at=at))
    DutyRecord.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def duty_waive(
    *, staff: Staff, code: str, due_on: date, reason: str, by: Account, at: datetime
) -> DutyWaiver:
    """Let somebody off a duty once, with a reason; DutyRefused once the miss is recorded, and for oneself."""
    each = _owed(staff, code, due_on)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise DutyRefused(f"免除须写理由，最多{REASON_LENGTH}字")
    if staff.account_id == by.pk:
        raise DutyRefused("不能免除自己的职责；请别的主管或经理来")
    known = DutyWaiver.objects.filter(staff=staff, code=code, due_on=due_on).first()
    if known is not None:
        return known
    if missed_is_known(each):
        raise DutyRefused("已记录为未完成，等经理确认；不成立请经理驳回或撤销那条记录")
    return DutyWaiver.objects.create(staff=staff, code=code, due_on=due_on, reason=reason, by=by, at=at)


def _owed(staff: Staff, code: str, due_on: date) -> Owed:
    """The person's duty, their row locked; DutyRefused where they do not owe it."""
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    for _, each in owed_between(staff.department, due_on, due_on, only=[staff.pk]):
        if each.rule.code == code:
            return each
    raise DutyRefused(f"{staff.name}在{due_on:%Y-%m-%d}没有这项职责；请核对排班与制度")


def _check_text(each: Owed, text: str, file: UploadedFile | None) -> None:
    least, length = each.duty.min_length, characters(text)
    if length < least:
        raise DutyRefused(f"至少{least}字，现在{length}字（不算空格与换行）；请补足再交")
    if len(text) > TEXT_LENGTH:
        raise DutyRefused(f"最多{TEXT_LENGTH}字；请写短一些")
    if each.duty.proof in WRITTEN and not text and file is None:
        raise DutyRefused("请写内容，或附上图片、PDF")
