"""Writing of sheets: supervisors' marks, what is said, publishing, signing, closing, taking back."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from appraisals.board import DRAFT, Appraisal, board_of
from appraisals.errors import SheetRefused, SheetsRefused
from appraisals.models import ItemScore, Sheet, SheetEvent, SheetPart
from appraisals.services.notifications import (
    sheet_closed_notify,
    sheet_said_notify,
    sheet_signed_notify,
    sheet_taken_back_notify,
    sheets_published_notify,
)
from commissions.services import metric_record
from core.money import plain, to_fen
from core.periods import first_of, last_of
from core.text import shortened
from people.models import Account, Department, Staff
from people.selectors import staff_where
from rules.kinds.appraisal import OWN, SUPERVISOR

State = Sheet.State
Event = SheetEvent.Kind
REASON, SAID = 500, 1000
NOBODY = "没有选人，或所选的人没有考评单；先勾选再办"


@transaction.atomic
def item_score(
    *, staff: Staff, month: date, item: str, score: Decimal, reason: str, by: Account, at: datetime
) -> ItemScore:
    """Give somebody marks in an item of the month that the supervisor scores, out of the item's full marks.

    The newest holds; the same again changes nothing. SheetRefused for oneself, for whom one does not score,
    an item that is none or not the supervisor's, marks out of range, without a reason, and once published.
    """
    sheet = _sheet_locked(staff, month)
    _check_scorer(sheet, by, at)
    if sheet.state != DRAFT:
        raise SheetRefused(f"考评单{sheet.get_state_display()}，不能再评分；先退回重算", field="score")
    found = _appraised(sheet)
    items = [] if found.scheme is None else found.scheme.kind.items or ()
    scored = next((each for each in items if each.name == item and each.source == SUPERVISOR), None)
    if scored is None:
        raise SheetRefused(f"考评方案没有由主管评分的项目“{item}”；刷新页面后再评", field="item")
    if not 0 <= score <= scored.scale or score != to_fen(score):
        raise SheetRefused(
            f"{item}{plain(score)}分不对；应在0与满分{plain(scored.scale)}之间，最多两位小数", field="score"
        )
    _check_text(reason, "评分须写理由；写明看到了什么", REASON, field="reason")
    held = ItemScore.objects.filter(sheet=sheet, item=item).order_by("-id").first()
    same = score, scored.scale, reason.strip()
    if held is not None and (held.score, held.scale, held.reason) == same:
        return held
    return ItemScore.objects.create(
        sheet=sheet, item=item, score=score, scale=scored.scale, reason=reason.strip(), by=by, at=at
    )


@transaction.atomic
def sheet_comment(*, staff: Staff, month: date, text: str, by: Account, at: datetime) -> Sheet:
    """Say something about the own month: a self-assessment of a draft, a comment on what was published.

    What was said last is not said again. SheetRefused for another's sheet, nothing said, and a closed one.
    """
    if first_of(month) > timezone.localdate(at):
        raise SheetRefused(f"{month:%Y年%m月}还没有到；到了再写")
    sheet = _sheet_locked(staff, month)
    _check_own(sheet, by)
    _check_text(text, "没有写内容；写几句再提交", SAID, field="text")
    if sheet.state == State.CLOSED:
        raise SheetRefused("考评单已定；有异议请找部门经理退回重算")
    kind = Event.SELF if sheet.state == DRAFT else Event.COMMENTED
    if _is_said(sheet, kind, text):
        return sheet
    _event(sheet, kind, text, by=by, at=at)
    if sheet.state == DRAFT:
        return sheet
    if sheet.state == State.PUBLISHED:
        _move(sheet, State.COMMENTED)
    sheet_said_notify(sheet, by=by, at=at)
    return sheet


@transaction.atomic
def sheet_sign(*, sheet: Sheet, edition: int, text: str = "", by: Account, at: datetime) -> Sheet:
    """Sign the own published sheet, with a word where one likes; signing again changes nothing.

    `edition`: the one that was read. SheetRefused for another's sheet, another edition, and one that is not
    published or closed already.
    """
    sheet = _locked(sheet)
    _check_own(sheet, by)
    if sheet.edition != edition:
        raise SheetRefused("考评单重新公布过；请看过最新的再签字")
    if sheet.state in (State.SIGNED, State.CLOSED):
        return sheet
    if sheet.state == DRAFT:
        raise SheetRefused("考评单还没有公布；公布以后再签字")
    if text.strip():
        _check_text(text, "", SAID, field="text")
    _event(sheet, Event.SIGNED, text, by=by, at=at)
    _move(sheet, State.SIGNED)
    sheet_signed_notify(sheet, at=at)
    return sheet


@transaction.atomic
def sheet_answer(*, sheet: Sheet, text: str, by: Account, at: datetime) -> Sheet:
    """Answer what the person said of a published sheet. SheetRefused for whom one does not score."""
    sheet = _locked(sheet)
    _check_scorer(sheet, by, at)
    if sheet.state in (DRAFT, State.CLOSED):
        raise SheetRefused(f"考评单{sheet.get_state_display()}，没有要答复的；刷新页面后再看")
    _check_text(text, "没有写答复；写几句再提交", SAID, field="text")
    if _is_said(sheet, Event.ANSWERED, text):
        return sheet
    _event(sheet, Event.ANSWERED, text, by=by, at=at)
    sheet_said_notify(sheet, by=by, at=at)
    return sheet


@transaction.atomic
def sheets_publish(
    *, department: Department, month: date, staff: Collection[int], by: Account, at: datetime
) -> list[Sheet]:
    """Publish the month's drafts of some rows of staff to them, all or none, as the facts are now.

    What was published already stays as it is. SheetRefused before the month's last day; SheetsRefused, by
    their order, for whom one does not score, who has no scheme, and who has no score: what is missing is
    named.
    """
    month, wanted = first_of(month), dict.fromkeys(staff)
    if not wanted:
        raise SheetRefused(NOBODY)
    if timezone.localdate(at) < last_of(month):
        raise SheetRefused(f"{month:%Y年%m月}还没有完；从月份的最后一天起公布")
    sheets = _all_locked(wanted, month)  # marks that come now wait, and are refused then
    found = {each.person.staff_id: each for each in board_of(department, month, only=list(wanted))}
    scored = set(_scored_by(by, at).filter(pk__in=wanted).values_list("pk", flat=True))
    refusals = {}
    for index, who in enumerate(wanted):
        if refusal := _unpublishable(found.get(who), is_scored=who in scored):
            refusals[index] = SheetRefused(refusal)
    if refusals:
        raise SheetsRefused(refusals)
    drafts = [who for who in wanted if found[who].state == DRAFT]
    published = [_publish(sheets[who], found[who], by=by, at=at) for who in drafts]
    sheets_published_notify(published, at=at)
    return published


def _all_locked(staff: Collection[int], month: date) -> dict[int, Sheet]:
    """The sheets of rows of staff for the month, made where there are none, locked in order."""
    people = Staff.objects.filter(pk__in=staff).order_by("pk")
    Sheet.objects.bulk_create(
        [Sheet(staff=each, department_id=each.department_id, month=month) for each in people],
        ignore_conflicts=True,
    )
    rows = Sheet.objects.select_for_update(of=("self",)).select_related("staff", "department")
    return {each.staff_id: each for each in rows.filter(staff__in=staff, month=month).order_by("pk")}


def _unpublishable(found: Appraisal | None, *, is_scored: bool) -> str:
    """Why an appraisal cannot be published; empty where it can."""
    if found is None:
        return "没有约束此人的考评方案；请检查制度与岗位"
    who = f"{found.person.number} {found.person.name}"
    if not is_scored:
        return f"{who}不由您考评；请由其组长、主管或经理公布，本人不能公布自己的"
    if found.trouble:
        return f"{who}{found.trouble}"
    if found.state == DRAFT and found.score is None:
        return f"{who}{found.why_none}，没有总分；补齐后再公布"
    return ""


def _publish(sheet: Sheet, found: Appraisal, *, by: Account, at: datetime) -> Sheet:
    assert found.scheme is not None
    sheet.edition += 1
    sheet.provision_id, sheet.score = found.scheme.id, found.score
    SheetPart.objects.bulk_create(
        SheetPart(
            sheet=sheet,
            edition=sheet.edition,
            position=position,
            item=part.item,
            origin=shortened(part.origin, 100),
            value=shortened(part.words, 200),
            score=part.score,
            scale=part.scale,
            weight=part.weight,
        )
        for position, part in enumerate(found.parts)
    )
    _event(sheet, Event.PUBLISHED, "", by=by, at=at)
    _move(sheet, State.PUBLISHED, "edition", "provision", "score")
    return sheet


@transaction.atomic
def sheets_close(*, editions: Mapping[int, int], text: str = "", by: Account, at: datetime) -> list[Sheet]:
    """Close published sheets, all or none: each score becomes the month's metric `appraisal_score`.

    `editions`: by the id of each sheet the edition that was read. A later closing after a correction writes a
    newer value; a frozen month gets the difference as an adjustment. SheetsRefused for one's own, for drafts
    and other editions, without a word (`text`) where the person has not signed, and in a department with four
    eyes for who gave marks that stand or published it.
    """
    if not editions:
        raise SheetRefused(NOBODY)
    locked = list(
        Sheet.objects.select_for_update(of=("self",))
        .select_related("staff", "department")
        .filter(pk__in=editions)
        .order_by("pk")
    )
    marked = set(ItemScore.objects.filter(sheet__in=locked, by=by).values_list("sheet", "item"))
    newest = dict(_newest_scorers(locked))
    published = dict(
        SheetEvent.objects.filter(sheet__in=locked, kind=Event.PUBLISHED)
        .order_by("id")
        .values_list("sheet", "by")
    )
    own_marks = {sheet for sheet, item in marked if newest[sheet, item] == by.pk}
    may_close = set(staff_where(by, "close_appraisals").values_list("pk", flat=True))
    refusals: dict[int, SheetRefused] = {}
    for index, sheet in enumerate(locked):
        prepared = sheet.department.four_eyes and (sheet.pk in own_marks or published.get(sheet.pk) == by.pk)
        refusal = _unclosable(sheet, by, text, may=sheet.staff_id in may_close, prepared=prepared)
        if not refusal and sheet.state != State.CLOSED and sheet.edition != editions[sheet.pk]:
            refusal = f"{sheet.staff}的考评单重新公布过；看过最新的总分再定"
        if refusal:
            refusals[index] = SheetRefused(refusal)
    if refusals:
        raise SheetsRefused(refusals)
    return [_close(each, text, by=by, at=at) for each in locked if each.state != State.CLOSED]


def _newest_scorers(sheets: Iterable[Sheet]) -> Iterable[tuple[tuple[int, str], int]]:
    rows = ItemScore.objects.filter(sheet__in=list(sheets)).order_by("id")
    return (((sheet, item), by) for sheet, item, by in rows.values_list("sheet", "item", "by"))


def _unclosable(sheet: Sheet, by: Account, text: str, *, may: bool, prepared: bool) -> str:
    """Why somebody cannot close a sheet; empty where they can, or where it is closed already."""
    if sheet.staff.account_id == by.pk:
        return f"{sheet.staff}是您本人；请由别人定"
    if not may:
        return f"{sheet.staff}的考评不由您定；请由部门经理或总经理定"
    if sheet.state == DRAFT:
        return f"{sheet.staff}的考评单还没有公布；公布以后再定"
    if sheet.state == State.CLOSED:
        return ""
    if prepared:
        return f"{sheet.staff}的评分或公布是您做的；请由另一人定"
    if sheet.state != State.SIGNED and not text.strip():
        return f"{sheet.staff}{sheet.get_state_display()}而没有签字；写明为什么照此定"
    return "说明写短一些；最多1000字" if len(text.strip()) > SAID else ""


def _close(sheet: Sheet, text: str, *, by: Account, at: datetime) -> Sheet:
    assert sheet.score is not None
    _event(sheet, Event.CLOSED, text, by=by, at=at)
    _move(sheet, State.CLOSED)
    metric_record(
        department=sheet.department,
        staff=sheet.staff,
        month=sheet.month,
        code=OWN,
        value=sheet.score,
        as_of=timezone.localdate(at),
        source=f"考评单{sheet.pk}，第{sheet.edition}次公布",
        by=by,
        at=at,
    )
    sheet_closed_notify(sheet, at=at)
    return sheet


@transaction.atomic
def sheet_take_back(*, sheet: Sheet, reason: str, by: Account, at: datetime) -> Sheet:
    """Make a published or closed sheet a draft again, to correct it; its next edition is signed anew.

    The metric of a closed one stands until the sheet is closed again. SheetRefused for one's own, without a
    reason, and for who neither closes nor, unless it is closed, scores it.
    """
    sheet = _locked(sheet)
    if sheet.staff.account_id == by.pk:
        raise SheetRefused("不能退回自己的考评单；请找部门经理")
    closes = staff_where(by, "close_appraisals").filter(pk=sheet.staff_id).exists()
    scores = _scored_by(by, at).filter(pk=sheet.staff_id).exists()
    if not (closes or (scores and sheet.state != State.CLOSED)):
        raise SheetRefused("已定的考评单由部门经理或总经理退回；请找他们")
    if sheet.state == DRAFT:
        return sheet
    _check_text(reason, "退回须写原因；写明哪里不对", SAID, field="text")
    _event(sheet, Event.TAKEN_BACK, reason, by=by, at=at)
    _move(sheet, DRAFT)
    sheet_taken_back_notify(sheet, at=at)
    return sheet


def _appraised(sheet: Sheet) -> Appraisal:
    """What a draft comes to now; SheetRefused for whom no scheme, or more than one, binds."""
    found = board_of(sheet.department, sheet.month, only=[sheet.staff_id])
    if not found:
        raise SheetRefused(f"{sheet.month:%Y年%m月}没有约束{sheet.staff}的考评方案；请检查制度与岗位")
    if found[0].trouble:
        raise SheetRefused(f"{sheet.staff}{found[0].trouble}")
    return found[0]


def _sheet_locked(staff: Staff, month: date) -> Sheet:
    """The person's sheet of the month, made where there is none; whoever else writes on it waits."""
    sheet, _ = Sheet.objects.get_or_create(
        staff=staff, month=first_of(month), defaults={"department": staff.department}
    )
    return _locked(sheet)


def _locked(sheet: Sheet) -> Sheet:
    rows = Sheet.objects.select_for_update(of=("self",)).select_related("staff", "department")
    return rows.get(pk=sheet.pk)


def _scored_by(by: Account, at: datetime) -> QuerySet[Staff]:
    """Whom an account scores; never the own self."""
    return staff_where(by, "score_appraisals", on=timezone.localdate(at)).exclude(account=by)


def _check_scorer(sheet: Sheet, by: Account, at: datetime) -> None:
    if sheet.staff.account_id == by.pk:
        raise SheetRefused("不能给自己评分；请由别人评")
    if not _scored_by(by, at).filter(pk=sheet.staff_id).exists():
        raise SheetRefused(f"{sheet.staff}不由您考评；请由其组长、主管或经理评")


def _check_own(sheet: Sheet, by: Account) -> None:
    if sheet.staff.account_id != by.pk:
        raise SheetRefused("这是别人的考评单；只能由本人提意见和签字")


def _check_text(text: str, missing: str, longest: int, *, field: str) -> None:
    if not text.strip():
        raise SheetRefused(missing, field=field)
    if len(text.strip()) > longest:
        raise SheetRefused(f"写了{len(text.strip())}字；最多{longest}字，请写短一些", field=field)


def _is_said(sheet: Sheet, kind: str, text: str) -> bool:
    """Whether that is what happened to the sheet last."""
    last = sheet.events.order_by("-id").first()
    return last is not None and (last.kind, last.text) == (kind, text.strip())


def _event(sheet: Sheet, kind: str, text: str, *, by: Account, at: datetime) -> None:
    SheetEvent.objects.create(sheet=sheet, kind=kind, edition=sheet.edition, text=text.strip(), by=by, at=at)


def _move(sheet: Sheet, state: str, *also: str) -> None:
    sheet.state = state
    sheet.save(update_fields=["state", *also])
