"""Grades of quarters: what the scores come to, what is missing, confirming them by people."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appraisals.errors import GradeRefused
from appraisals.models import QuarterGrade
from appraisals.quarters import quarter_of
from appraisals.selectors import grades_held
from appraisals.services import grades_confirm
from notices.models import Notice
from people.services import staff_transfer
from tests import factories
from tests.appraisals.appraised import GRADES, metric, place
from tests.payroll.months import LONG_AGO, department, moment

pytestmark = pytest.mark.django_db
D = Decimal
QUARTER = date(2026, 7, 1)
AT = moment("2026-10-09 10:00")


def scored(staff, *scores: str) -> None:
    for month, score in zip((7, 8, 9), scores, strict=False):
        if score:
            metric(staff, "appraisal_score", score, date(2026, month, 1))


def rows(of):
    return {each.person.number: each for each in quarter_of(of, QUARTER)}


def confirm(here, grades, *, by=None, at=AT, reason=""):
    return grades_confirm(
        department=here.department,
        quarter=QUARTER,
        grades=grades,
        reason=reason,
        by=by or here.manager,
        at=at,
    )


def test_a_grade_is_that_of_the_average_and_a_missing_month_is_named():
    here = place(GRADES)
    scored(here.agent, "92", "88", "90")
    scored(here.other, "92", "", "90")
    newcomer = factories.staff(here.department, "1003", hired_on=date(2026, 8, 20), at=LONG_AGO)
    scored(newcomer, "", "79", "80")
    found = rows(here.department)
    assert (found["1001"].average, found["1001"].proposed) == (D("90.00"), "A")
    assert (found["1002"].average, found["1002"].proposed) == (None, "")
    assert found["1002"].why == "缺2026-08的考核得分"
    assert (found["1003"].average, found["1003"].proposed) == (D("79.50"), "C")  # two months employed


def test_the_quarter_is_read_with_as_many_queries_for_many():
    here = place(GRADES)
    with CaptureQueriesContext(connection) as few:
        rows(here.department)
    for number in range(20):
        scored(factories.staff(here.department, str(2000 + number)), "92", "88", "90")
    with CaptureQueriesContext(connection) as many:
        assert len(rows(here.department)) == 22
    assert len(many) == len(few) <= 7


def test_scores_of_before_a_transfer_count_where_the_quarter_ends():
    here, old = place(GRADES), department(GRADES)
    mover = factories.staff(old, "1009", at=LONG_AGO)
    scored(mover, "92")
    moved = staff_transfer(staff=mover, to=here.department, on=date(2026, 8, 1), by=None, at=AT)
    for month in (8, 9):
        metric(moved, "appraisal_score", "94", date(2026, month, 1))
    assert rows(here.department)["1009"].average == D("93.33")
    assert "1009" not in rows(old)


def test_confirmed_grades_are_kept_once_and_told():
    here = place(GRADES)
    scored(here.agent, "92", "88", "90")
    (grade,) = confirm(here, {here.agent.pk: "A"})
    assert (grade.score, grade.reason, grade.by) == (D("90.00"), "平均90分，x-grade", here.manager)
    assert confirm(here, {here.agent.pk: "A"}) == []
    assert grades_held([here.agent.pk], since=QUARTER, until=QUARTER)[here.agent.pk][QUARTER] == grade
    assert Notice.objects.get().text == "2026年第3季度考评等级为A"
    # Another grade than the scores say takes a reason; the newest holds.
    with pytest.raises(GradeRefused, match="按分数为A，改定为B须写依据"):
        confirm(here, {here.agent.pk: "B"})
    confirm(here, {here.agent.pk: "B"}, reason="九月有投诉成立")
    held = rows(here.department)["1001"]
    assert (held.held.grade, held.held.reason, held.is_changed) == (
        "B",
        "平均90分，x-grade；九月有投诉成立",
        True,
    )


@pytest.mark.parametrize(
    "given, said",
    [
        ({"at": moment("2026-09-30 18:00")}, "2026年第3季度还没有完"),
        ({"grade": "E"}, "没有等级E"),
        ({"grade": ""}, "没有等级"),
        ({"who": "other"}, "按分数没有等级（缺2026-07、2026-08、2026-09的考核得分）"),
        ({"by": "supervisor"}, "等级不由您定"),
        ({"by": "account"}, "是您本人"),
    ],
)
def test_what_may_not_be_confirmed_is_refused_and_nothing_is_written(given, said):
    here = place(GRADES)
    scored(here.agent, "92", "88", "90")
    who = getattr(here, given.get("who", "agent"))
    by = getattr(here, given.get("by", "manager"))
    with pytest.raises(GradeRefused, match=re.escape(said)):
        confirm(here, {who.pk: given.get("grade", "A")}, by=by, at=given.get("at", AT))
    assert not QuarterGrade.objects.exists()


def test_who_left_within_the_quarter_takes_no_place_of_those_who_are_ranked():
    shares = [{"share": "0.5", "grade": "A"}, {"share": "0.5", "grade": "C"}]
    by_rank = {**GRADES, "params": {"shares": shares}}
    here = place(by_rank)
    scored(here.agent, "92", "88", "90")
    scored(here.other, "70", "70", "70")
    for number in ("1003", "1004"):
        left = factories.staff(here.department, number, at=LONG_AGO)
        scored(left, "99", "99")
        type(left).objects.filter(pk=left.pk).update(left_on=date(2026, 8, 31))
    found = rows(here.department)
    assert {number: row.proposed for number, row in found.items()} == {"1001": "A", "1002": "C"}
