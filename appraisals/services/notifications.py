"""Whom appraisals tell what: the person what was published and decided, who published what was said of it."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from appraisals.models import QuarterGrade, Sheet, SheetEvent
from notices.models import NoticeKind
from notices.selectors import deciders
from notices.services import NewNotice, notices_send, notices_send_each
from people.models import Account


def sheets_published_notify(sheets: Sequence[Sheet], *, at: datetime) -> None:
    """Each person learns that the month's sheet waits for a signature."""
    told = [
        NewNotice(
            to=each.staff.account_id,
            text=f"{each.month:%Y年%m月}考评单已公布，请查看、提意见或签字",
            url=_own(each),
            source=f"sheet:{each.pk}:{each.edition}",
        )
        for each in sheets
    ]
    notices_send_each(told=told, kind=NoticeKind.APPRAISAL, at=at)


def sheet_said_notify(sheet: Sheet, *, by: Account, at: datetime) -> None:
    """What the person said is told to who published the sheet, an answer to the person."""
    said = SheetEvent.objects.filter(sheet=sheet).order_by("-id").first()
    assert said is not None
    if sheet.staff.account_id == by.pk:
        published = sheet.events.filter(kind=SheetEvent.Kind.PUBLISHED).order_by("-id").first()
        to, url = published.by_id if published else None, _managed(sheet)
        text = f"{sheet.staff}对{sheet.month:%Y年%m月}考评单有意见"
    else:
        to, url = sheet.staff.account_id, _own(sheet)
        text = f"{sheet.month:%Y年%m月}考评单的意见有了答复"
    notices_send(
        to=[to], kind=NoticeKind.APPRAISAL, text=text, url=url, source=f"sheet-said:{said.pk}", at=at
    )


def sheet_signed_notify(sheet: Sheet, *, at: datetime) -> None:
    """Who closes the department's sheets learns once a day that some of a month are signed."""
    day = timezone.localdate(at)
    notices_send(
        to=deciders(sheet.department, "close_appraisals", on=day, but=[sheet.staff.account_id]),
        kind=NoticeKind.APPRAISAL,
        text=f"{sheet.department}{sheet.month:%Y年%m月}有考评单已签字，等您定",
        url=f"{reverse('appraisals')}?"
        + urlencode({"department": sheet.department.code, "month": f"{sheet.month:%Y-%m}", "show": "signed"}),
        source=f"sheets-signed:{sheet.department_id}:{sheet.month}:{day}",
        at=at,
    )


def sheet_closed_notify(sheet: Sheet, *, at: datetime) -> None:
    """The person learns that the score is decided."""
    notices_send(
        to=[sheet.staff.account_id],
        kind=NoticeKind.APPRAISAL,
        text=f"{sheet.month:%Y年%m月}考评已定",
        url=_own(sheet),
        source=f"sheet-closed:{sheet.pk}:{sheet.edition}",
        at=at,
    )


def sheet_taken_back_notify(sheet: Sheet, *, at: datetime) -> None:
    """The person learns that the sheet is reckoned anew."""
    notices_send(
        to=[sheet.staff.account_id],
        kind=NoticeKind.APPRAISAL,
        text=f"{sheet.month:%Y年%m月}考评单退回重算，重新公布后再签字",
        url=_own(sheet),
        source=f"sheet-back:{sheet.pk}:{sheet.edition}",
        at=at,
    )


def grades_confirmed_notify(grades: Sequence[QuarterGrade], *, at: datetime) -> None:
    """Each person learns the grade of the quarter, in the page alone."""
    told = [
        NewNotice(
            to=each.staff.account_id,
            text=f"{each.quarter_words}考评等级为{each.grade}",
            url=reverse("me_appraisals"),
            source=f"grade:{each.pk}",
        )
        for each in grades
    ]
    notices_send_each(told=told, kind=NoticeKind.APPRAISAL, at=at)


def _own(sheet: Sheet) -> str:
    return reverse("me_appraisal", args=[sheet.month])


def _managed(sheet: Sheet) -> str:
    return reverse("appraisal_sheet", args=[sheet.month, sheet.staff_id])
