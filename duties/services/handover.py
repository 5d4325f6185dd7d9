"""Writing, signing and settling handovers. Nothing is rewritten: what is said later stands beside it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from duties.errors import HandoverRefused
from duties.models import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from duties.models.handover import TEXT_LENGTH
from duties.selectors.handover import incoming_of, outgoing_of
from duties.services.missed_duties import undone_record
from files.models import Attachment
from files.services import attachment_add
from people.models import Account, Department, Staff
from shifts.services.common import check_employed

Kind = HandoverEntry.Kind
MOST_FILES = 6


@transaction.atomic
def handover_write(
    *,
    author: Staff,
    text: str = "",
    is_nothing: bool = False,
    customer: str = "",
    order_no: str = "",
    urgency: str = HandoverItem.Urgency.NORMAL,
    follows: HandoverItem | None = None,
    files: Sequence[UploadedFile] = (),
    key: str,
    by: Account | None,
    at: datetime,
) -> HandoverItem:
    """Write one item for the next shift, or that there is nothing (s000-03-01e, s000-06-01e).

    The shift is the author's that runs, or that is not handed over yet (`outgoing_of`). The same `key` again
    gives the item written under it. With `follows` an item that the author had signed goes on to the next
    shift. HandoverRefused for what does not fit.
    """
    _lock(author)
    key = f"{author.pk}:{key}"
    former = HandoverItem.objects.filter(key=key).first()
    if former is not None:
        return former
    shift = outgoing_of(author, at=at)
    check_employed(author, shift.work_date)
    text = "" if is_nothing else text.strip()
    if is_nothing and shift.starts_at is not None and at < shift.starts_at:
        raise HandoverRefused(f"您的{shift.name}{_clock(shift.starts_at)}才开始；下班前再登记“无交接事项”")
    _check_text(author, shift.work_date, text, is_nothing)
    if len(files) > MOST_FILES:
        raise HandoverRefused(f"一项最多{MOST_FILES}个附件；请分成几项写")
    if follows is not None:
        _check_own(follows, author)
    item = HandoverItem.objects.create(
        author=author,
        work_date=shift.work_date,
        shift_name=shift.name,
        shift_starts_at=shift.starts_at,
        shift_ends_at=shift.ends_at,
        is_nothing=is_nothing,
        customer=customer.strip(),
        order_no=order_no.strip(),
        text=text,
        urgency=urgency,
        follows=follows,
        key=key,
        by=by,
        at=at,
    )
    purpose = Attachment.Purpose.HANDOVER
    item.attachments.set(
        [attachment_add(staff=author, purpose=purpose, content=file, by=by, at=at) for file in files]
    )
    return item


@transaction.atomic
def handover_sign(*, item: HandoverItem, staff: Staff, at: datetime) -> HandoverSignature:
    """Take an item over, once; from then on it is the signer's. Signing twice gives the one signature.

    HandoverRefused for whoever is not on a shift that takes over, and where somebody else has signed: then
    nothing changes.
    """
    row = _locked(item)
    signed = HandoverSignature.objects.filter(item=row).select_related("staff").first()
    if signed is not None and signed.staff_id == staff.pk:
        return signed
    if signed is not None:
        raise HandoverRefused(f"{signed.staff.name}已在{_clock(signed.at)}签收，不用再签")
    today = timezone.localdate(at)
    check_employed(staff, today)
    incoming = incoming_of(staff, at=at)
    refusal = incoming.refusal(row)
    if refusal:
        raise HandoverRefused(refusal)
    if _is_settled(row):
        raise HandoverRefused("这一项已经办完或转交，不用签收")
    shift = incoming.shift
    return HandoverSignature.objects.create(
        item=row,
        staff=staff,
        work_date=shift.work_date if shift else today,
        shift_name=shift.name if shift else "",
        shift_starts_at=shift.starts_at if shift else None,
        shift_ends_at=shift.ends_at if shift else None,
        at=at,
    )


@transaction.atomic
def handover_remark(
    *,
    item: HandoverItem,
    kind: str = Kind.REMARK,
    text: str,
    staff: Staff | None,
    by: Account | None,
    at: datetime,
) -> HandoverEntry:
    """Add a remark, or the author's correction, beside an item; the item itself stays as it was written."""
    text = _checked(text)
    if kind not in (Kind.REMARK, Kind.CORRECTION):
        raise HandoverRefused("只能备注或更正")
    if kind == Kind.CORRECTION and (staff is None or staff.pk != item.author_id):
        raise HandoverRefused("更正由写的人自己来；您可以备注")
    return HandoverEntry.objects.create(item=item, kind=kind, text=text, staff=staff, by=by, at=at)


@transaction.atomic
def handover_done(
    *, item: HandoverItem, text: str = "", staff: Staff, by: Account | None, at: datetime
) -> HandoverEntry:
    """The item is dealt with, says whoever it belongs to; twice is once. HandoverRefused for anybody else."""
    row = _locked(item)
    if row.is_nothing:
        raise HandoverRefused("无交接事项，没有要办的")
    known = row.entries.filter(kind=Kind.DONE).first()
    if known is not None:
        return known
    owner = owner_of(row)
    if owner.pk != staff.pk:
        raise HandoverRefused(f"这一项现在归{owner.name}，由其登记已办；您可以备注")
    return HandoverEntry.objects.create(
        item=row, kind=Kind.DONE, text=text.strip()[:500], staff=staff, by=by, at=at
    )


@transaction.atomic
def handover_not_done(
    *, item: HandoverItem, text: str, staff: Staff, by: Account | None, at: datetime
) -> HandoverEntry:
    """The next shift finds a signed item undone: recorded at once against the signer, under the provision
    that the handover duty names (s000-03-01f), and waits for the manager. Twice is once.

    HandoverRefused before the signer's shift is over, for whoever is not on a later one, and where the
    incident cannot be.
    """
    row = _locked(item)
    known = row.entries.filter(kind=Kind.NOT_DONE).first()
    if known is not None:
        return known
    text = _checked(text)
    signature = HandoverSignature.objects.filter(item=row).select_related("staff__department").first()
    if signature is None:
        raise HandoverRefused("还没有人签收，仍归交出的人；请先签收")
    if signature.staff_id == staff.pk:
        raise HandoverRefused("这一项是您签收的；没有办完请写明进展，或转交下一班")
    if _is_settled(row):
        raise HandoverRefused("这一项已经办完或转交")
    _check_not_waived(row)
    if signature.shift_ends_at is not None and at < signature.shift_ends_at:
        raise HandoverRefused(
            f"{signature.staff.name}的班到{_clock(signature.shift_ends_at)}才结束，请到时再看"
        )
    incoming = incoming_of(staff, at=at)
    if staff.department_id != signature.staff.department_id:
        raise HandoverRefused("这是别的部门的交接事项")
    starts_at = signature.shift_starts_at
    if incoming.has_roster and starts_at is not None:
        mine = incoming.shift.starts_at if incoming.shift else None
        if mine is None or mine <= starts_at:
            raise HandoverRefused("要由签收人之后的班登记未办")
    entry = HandoverEntry.objects.create(item=row, kind=Kind.NOT_DONE, text=text, staff=staff, by=by, at=at)
    undone_record(signature=signature, at=at)
    return entry


@transaction.atomic
def handover_waive(*, item: HandoverItem, reason: str, by: Account, at: datetime) -> HandoverEntry:
    """A countersigner lets the signer off an item left undone, before it is recorded against them."""
    row = _locked(item)
    reason = _checked(reason)
    if owner_of(row).account_id == by.pk:
        raise HandoverRefused("不能免究自己的事项；请别的主管或经理来")
    if row.entries.filter(kind=Kind.NOT_DONE).exists():
        raise HandoverRefused("已登记未办并记录，等经理确认；不成立请经理驳回或撤销那条记录")
    _check_not_waived(row)
    return HandoverEntry.objects.create(item=row, kind=Kind.WAIVED, text=reason, by=by, at=at)


@transaction.atomic
def handover_review(
    *, department: Department, work_date: date, remark: str = "", by: Account, today: date, at: datetime
) -> HandoverReview:
    """Countersign a day's handovers, once (复核); nobody countersigns a day with items of their own."""
    if work_date > today:
        raise HandoverRefused("这一天还没有到，不能复核")
    items = HandoverItem.objects.filter(author__department=department, work_date=work_date)
    if not items.exists():
        raise HandoverRefused(f"{work_date:%Y-%m-%d}没有交接登记，没有可复核的")
    if items.filter(author__account=by).exists():
        raise HandoverRefused("当天有您自己写的交接，请别的主管或经理复核")
    try:
        with transaction.atomic():
            return HandoverReview.objects.create(
                department=department, work_date=work_date, remark=remark.strip()[:500], by=by, at=at
            )
    except IntegrityError:
        known = HandoverReview.objects.select_related("by").get(department=department, work_date=work_date)
        if known.by_id == by.pk:
            return known
        raise HandoverRefused(f"{known.by}已在{_clock(known.at)}复核过这一天") from None


def owner_of(item: HandoverItem) -> Staff:
    """Whose the item is: the signer's, or the author's as long as nobody has signed."""
    signature = HandoverSignature.objects.filter(item=item).select_related("staff").first()
    return signature.staff if signature is not None else item.author


def _check_text(author: Staff, day: date, text: str, is_nothing: bool) -> None:
    mine = HandoverItem.objects.filter(author=author, work_date=day)
    if is_nothing and mine.filter(is_nothing=False).exists():
        raise HandoverRefused("本班已写了交接事项，不能再登记“无交接事项”")
    if is_nothing and mine.exists():
        raise HandoverRefused("本班已登记过“无交接事项”")
    if not is_nothing and not text:
        raise HandoverRefused("请写明未办事项；没有的，选“无交接事项”")
    if len(text) > TEXT_LENGTH:
        raise HandoverRefused(f"未办事项有{len(text)}字，最多{TEXT_LENGTH}字；请分成几项写")


def _check_own(item: HandoverItem, author: Staff) -> None:
    row = _locked(item)
    if owner_of(row).pk != author.pk or row.author_id == author.pk:
        raise HandoverRefused("只能转交自己签收的事项")
    if _is_settled(row):
        raise HandoverRefused("这一项已经办完或转交过")


def _is_settled(item: HandoverItem) -> bool:
    passed_on = HandoverItem.objects.filter(follows=item).exists()
    return passed_on or item.entries.filter(kind=Kind.DONE).exists()


def _check_not_waived(item: HandoverItem) -> None:
    if item.entries.filter(kind=Kind.WAIVED).exists():
        raise HandoverRefused("这一项已经免究")


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise HandoverRefused("请写明内容")
    if len(text) > 500:
        raise HandoverRefused(f"内容有{len(text)}字，最多500字")
    return text


def _lock(staff: Staff) -> None:
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)


def _locked(item: HandoverItem) -> HandoverItem:
    """The item, so that two people who click at once wait for each other."""
    rows = HandoverItem.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("author__department").get(pk=item.pk)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"
