"""Sheets: what a month comes to from what is there, publishing, signing, closing by another, correcting."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from appraisals.board import board_of
from appraisals.errors import SheetRefused, SheetsRefused
from appraisals.models import ItemScore, Sheet, SheetEvent, SheetPart
from appraisals.services import sheet_answer, sheet_comment, sheet_sign, sheet_take_back, sheets_close
from commissions.models import Metric
from notices.models import Notice
from people.services import staff_terms_change, staff_transfer
from shifts.services import attendance_record
from tests import factories
from tests.appraisals.appraised import AT, COMMISSION, LATE, OCTOBER, POINTS, SCHEME, place, satisfaction
from tests.payroll.months import (
    LONG_AGO,
    adjustments,
    amounts,
    approved,
    department,
    incident,
    moment,
    order,
    publish,
    settled,
)

pytestmark = pytest.mark.django_db
D = Decimal
State = Sheet.State


def totals(of) -> dict[str, Decimal | None]:
    return {each.person.number: each.score for each in board_of(of, OCTOBER)}


def test_a_month_is_reckoned_from_what_is_there_and_what_is_missing_is_named():
    here = place(LATE)
    satisfaction(here.agent, "0.95")
    incident(here.agent, "x-points", date(2026, 10, 9))
    attendance_record(staff=here.agent, work_date=date(2026, 10, 8), late_minutes=5, by=None, at=AT)
    before = {each.person.number: each for each in board_of(here.department, OCTOBER)}
    assert before["1001"].score is None and before["1001"].why_none == "缺态度"
    assert before["1002"].why_none == "缺满意度、态度"
    here.score(here.agent, "80")
    found = board_of(here.department, OCTOBER)[0]
    # 95 × 40 % + 7 of 10 points (one incident, a late arrival of two) × 20 % + 80 × 40 %
    assert [part.score for part in found.parts] == [D("95.00"), D("7.00"), D("80.00")]
    assert (found.score, found.place) == (D("84.00"), 1)


def test_who_stands_under_two_schemes_or_none_gets_no_score():
    here = place({**SCHEME, "code": "x-second"})
    satisfaction(here.agent, "0.95")
    found = board_of(here.department, OCTOBER)[0]
    assert found.score is None and "2个考评方案" in found.trouble and "x-second" in found.trouble
    with pytest.raises(SheetRefused, match="只留一个"):
        here.score(here.agent, "80")
    staff_terms_change(staff=here.other, on=date(2026, 10, 5), tier="reserve_supervisor", by=None, at=AT)
    assert list(totals(here.department)) == ["1001"]


def test_the_number_of_queries_depends_on_nobody():
    here = place(LATE)
    with CaptureQueriesContext(connection) as few:
        board_of(here.department, OCTOBER)
    for number in range(20):
        satisfaction(factories.staff(here.department, str(2000 + number)), "0.9")
    for each in (here.agent, here.other):
        satisfaction(each, "0.9")
        here.score(each, "80")
    here.publish(here.agent, here.other)
    with CaptureQueriesContext(connection) as many:
        assert len(board_of(here.department, OCTOBER)) == 22
    assert len(many) <= len(few) + 1 <= 27  # one more for published sheets


@pytest.mark.parametrize(
    "given, said",
    [
        ({"score": D("100.5")}, "应在0与满分100之间"),
        ({"score": D("80.001")}, "最多两位小数"),
        ({"item": "满意度"}, "没有由主管评分的项目"),
        ({"reason": " "}, "评分须写理由"),
    ],
)
def test_marks_that_do_not_fit_are_refused_and_nothing_is_kept(given, said):
    here = place()
    with pytest.raises(SheetRefused, match=said):
        here.score(here.agent, **{"score": D(80), **given})
    assert not ItemScore.objects.exists()


def test_nobody_scores_the_own_self_and_a_lead_only_the_own_team():
    here = place()
    for by in (here.account, factories.account("lead", staff=here.other)):
        with pytest.raises(SheetRefused):
            here.score(here.agent, "80", by=by)
    assert not ItemScore.objects.exists()


def test_the_newest_marks_hold_and_the_same_again_is_no_other():
    here = place()
    satisfaction(here.agent, "0.95")
    first = here.score(here.agent, "80")
    assert here.score(here.agent, "80") == first
    here.score(here.agent, "90")
    assert ItemScore.objects.count() == 2
    assert totals(here.department)["1001"] == D("94.00")
    with pytest.raises(DatabaseError), transaction.atomic():
        ItemScore.objects.update(score=100)


def test_marks_out_of_other_full_marks_are_converted():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    out_of_ten = [*SCHEME["params"]["items"][:2], {**SCHEME["params"]["items"][2], "scale": "10"}]
    publish(here.department, {**SCHEME, "params": {"items": out_of_ten}}, on=date(2026, 10, 2), at=AT)
    found = board_of(here.department, OCTOBER)[0]
    assert (found.parts[2].score, found.parts[2].scale) == (D("8.00"), D(10))


def test_a_sheet_that_lacks_a_part_is_not_published_and_the_whole_lot_waits():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    with pytest.raises(SheetsRefused, match="1002 员工1002缺满意度、态度，没有总分"):
        here.publish(here.agent, here.other)
    assert not SheetPart.objects.exists() and not Notice.objects.exists()
    with pytest.raises(SheetRefused, match="还没有完"):
        here.publish(at=moment("2026-10-30 18:00"))
    assert not SheetPart.objects.exists()
    (sheet,) = here.publish()
    assert (sheet.state, sheet.edition, sheet.score) == (State.PUBLISHED, 1, D("90.00"))
    assert here.publish() == []  # published once
    told = Notice.objects.get(account=here.account)
    assert told.url == "/me/appraisals/2026-10/"


def test_what_was_published_stays_while_the_facts_go_on():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    here.publish()
    incident(here.agent, "x-points", date(2026, 10, 9))
    found = board_of(here.department, OCTOBER)[0]
    assert (found.score, found.now, found.is_outdated) == (D("90.00"), D("88.00"), True)
    with pytest.raises(SheetRefused, match="不能再评分；先退回重算"):
        here.score(here.agent, "85")


def test_a_person_says_something_is_answered_and_signs_the_edition_that_was_read():
    here = place()
    sheet_comment(staff=here.agent, month=OCTOBER, text="本月带了新人", by=here.account, at=AT)
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    (sheet,) = here.publish()
    sheet_comment(staff=here.agent, month=OCTOBER, text="态度应当更高", by=here.account, at=AT)
    assert Sheet.objects.get().state == State.COMMENTED
    assert Notice.objects.filter(account=here.supervisor).count() == 1
    sheet_answer(sheet=sheet, text="下月再看", by=here.supervisor, at=AT)
    with pytest.raises(SheetRefused, match="重新公布过"):
        sheet_sign(sheet=sheet, edition=0, by=here.account, at=AT)
    with pytest.raises(SheetRefused, match="只能由本人"):
        sheet_sign(sheet=sheet, edition=1, by=here.supervisor, at=AT)
    sheet_sign(sheet=sheet, edition=1, by=here.account, at=AT)
    assert sheet_sign(sheet=sheet, edition=1, by=here.account, at=AT).state == State.SIGNED
    kinds = list(SheetEvent.objects.values_list("kind", flat=True))
    assert kinds == ["self", "published", "commented", "answered", "signed"]


def test_who_scored_or_published_does_not_close_and_an_unsigned_sheet_takes_a_word():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80", by=here.manager)
    (sheet,) = here.publish()
    for by, text, said in (
        (here.supervisor, "照此定", "不由您定"),
        (here.manager, "照此定", "由另一人定"),
        (factories.account("gm"), " ", "写明为什么"),
    ):
        with pytest.raises(SheetsRefused, match=said):
            here.close(sheet, text=text, by=by)
    assert not Metric.objects.filter(code="appraisal_score").exists()
    here.close(sheet, by=factories.account("gm"))
    written = Metric.objects.get(code="appraisal_score")
    assert (written.value, written.month, written.source) == (D(90), OCTOBER, f"考评单{sheet.pk}，第1次公布")
    here.close(sheet, by=factories.account("gm"))
    assert Metric.objects.filter(code="appraisal_score").count() == 1


def test_where_the_department_has_no_four_eyes_one_person_does_it_all():
    here = place()
    type(here.department).objects.update(four_eyes=False)
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80", by=here.manager)
    (sheet,) = here.publish(by=here.manager)
    assert [each.state for each in here.close(sheet)] == [State.CLOSED]


def test_commission_by_appraisal_reads_the_closed_score_and_a_correction_adjusts_a_frozen_month():
    here = place(COMMISSION)
    order(here.agent, date(2026, 10, 9), "10000.00")
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80", at=moment("2026-11-01 08:00"))
    (sheet,) = here.publish(at=moment("2026-11-01 08:10"))
    here.close(sheet, at=moment("2026-11-01 08:20"))
    assert amounts(approved(here.department, OCTOBER))["x-comm"] == D("300.00")  # 90 points: 3 %
    sheet_take_back(sheet=sheet, reason="记错一条", by=here.manager, at=AT)
    assert Sheet.objects.get().state == State.DRAFT
    assert Metric.objects.filter(code="appraisal_score").count() == 1  # stands until closed again
    here.score(here.agent, "70")
    (again,) = here.publish()
    assert (again.edition, again.score) == (2, D("86.00"))
    here.close(again)
    assert adjustments(settled(here.department, date(2026, 11, 1)))["x-comm"] == D("-100.00")  # 86: 2 %


def test_a_closed_sheet_is_taken_back_by_who_closes_with_a_reason():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    (sheet,) = here.publish()
    here.close(sheet)
    for by, reason, said in (
        (here.supervisor, "记错", "由部门经理或总经理退回"),
        (here.account, "记错", "不能退回自己的"),
        (here.manager, "", "退回须写原因"),
    ):
        with pytest.raises(SheetRefused, match=said):
            sheet_take_back(sheet=sheet, reason=reason, by=by, at=AT)
    with pytest.raises(SheetRefused, match="考评单已定"):
        sheet_comment(staff=here.agent, month=OCTOBER, text="太低", by=here.account, at=AT)
    assert Sheet.objects.get().state == State.CLOSED


def test_only_the_edition_that_was_read_is_closed():
    here = place()
    satisfaction(here.agent, "0.95")
    here.score(here.agent, "80")
    (read,) = here.publish()
    sheet_take_back(sheet=read, reason="记错一条", by=here.manager, at=AT)
    here.score(here.agent, "70")
    here.publish()
    with pytest.raises(SheetsRefused, match="重新公布过"):
        sheets_close(editions={read.pk: 1}, text="照此定", by=here.manager, at=AT)
    assert Sheet.objects.get().state == State.PUBLISHED
    assert not Metric.objects.filter(code="appraisal_score").exists()
    sheets_close(editions={read.pk: 2}, text="照此定", by=here.manager, at=AT)
    assert Metric.objects.get(code="appraisal_score").value == D("86.00")


def test_points_of_which_settlement_alone_knows_all_are_missing_and_named():
    here, old = place(), department(POINTS)
    mover = factories.staff(old, "1009", at=LONG_AGO)
    incident(mover, "x-points", date(2026, 10, 3))
    moved = staff_transfer(staff=mover, to=here.department, on=date(2026, 10, 12), by=None, at=AT)
    satisfaction(moved, "0.95")
    target = {"measure": "satisfaction", "target": "0.9", "missed": "x-points"}
    found = {each.person.number: each for each in board_of(here.department, OCTOBER)}
    assert found["1009"].why_none == "缺积分、态度"
    assert f"本月在{old.name}的扣分" in found["1009"].parts[1].words
    assert found["1001"].why_none == "缺满意度、态度"
    named = {"code": "x-target", "title": "满意度达标", "kind": "target", "params": target}
    publish(here.department, SCHEME, POINTS, named, on=OCTOBER)
    part = board_of(here.department, OCTOBER)[0].parts[1]
    assert part.is_missing and "x-target 满意度达标是否扣分" in part.words
