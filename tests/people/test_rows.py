"""Whom the rows of files are about: numbers however written, aliases, names, what is asked and kept."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.batches import ImportReport, run_import
from imports.models import Answer
from imports.undo import batch_undo
from people.models import Alias, Department, Staff
from people.rows import People
from people.services import alias_add, alias_end
from sheets.errors import SheetErrors
from sheets.loading import Summary
from sheets.questions import QuestionsOpen
from sheets.table import Table
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 8)
HEADER = "工号,旺旺,姓名,条款,日期"
Find = Callable[..., list[str | None]]


@pytest.fixture
def place() -> Department:
    made = factories.department("D1")
    for number, name in (
        ("001", "张三"),
        ("0012", "李四"),
        ("KF03", "王五"),
        ("9101", "赵六"),
        ("9102", "赵六"),
    ):
        factories.staff(made, number, name=name)
    return made


def read(place: Department, *rows: str, on: date | None = DAY, **options: Any) -> tuple[ImportReport, list]:
    """Import rows of (number, alias, name) by a loader that only looks who they are about."""
    found: list[Staff | None] = []

    def load(table: Table) -> Summary:
        people = People(table, place)
        for number, values in table.rows(raise_at_end=False):
            found.append(people.of(number, dict(zip(table.fields, values, strict=True)), on))
        return Summary(rows=len(found), created=len(found))

    lines = "\n".join([HEADER, *(f"{row},迟到,2026-10-08" for row in rows), ""])
    given = {"profile": None, "by": None, "at": WHEN, "dry_run": False, **options}
    file = BytesIO(lines.encode("utf-8-sig"))
    report = run_import(department=place, kind="incidents", path=file, load=load, **given)
    return report, found


def numbers(place: Department, *rows: str, **options: Any) -> list[str | None]:
    return [each and each.number for each in read(place, *rows, **options)[1]]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("KF03,,", "KF03"),
        ("kf03,,", "KF03"),
        ("ＫＦ０３,,", "KF03"),
        ("`001,,", "001"),
        ("'001,,", "001"),
        ("\u200b王五\u200b,,", "KF03"),
        ('"9101,",,', "9101"),
        ('"，9101 ",,', "9101"),
        ("９１０１,,赵六", "9101"),
        ("1,,张三", "001"),
        ("KF03 王五,,", "KF03"),
        ("王五（KF03）,,", "KF03"),
        ("9101-赵六,,", "9101"),
        ("王五,,", "KF03"),
        (",,王 五", "KF03"),
        (",KF03,", "KF03"),
        (",王五,", "KF03"),
    ],
)
def test_a_number_or_a_name_of_one_person_is_found_however_written(
    place: Department, row: str, number: str
) -> None:
    assert numbers(place, row) == [number]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("9109,,", "（9109）本部门没有此工号；请改正工号，或者先导入员工"),
        ("1,,李四", "李四的工号是 0012；请改正工号"),
        ('"9101,9102",,', "一格里有两个工号（9101、9102）；请只写一个"),
        ("9101/9109,,", "一格里有两个工号（9101、9109）"),
        ("9101和KF03,,", "一格里有两个工号（9101、KF03）"),
        ("9101,,王五", "与工号不符，工号 9101 是赵六；王五的工号是 KF03"),
        (",,", "「工号」不能为空"),
        (f",{'小' * 129},", "超过 128 个字"),
        (f",{'ß' * 128},", "超过 128 个字"),
    ],
)
def test_what_cannot_be_one_person_is_named(place: Department, row: str, said: str) -> None:
    with pytest.raises(SheetErrors) as refused:
        read(place, "001,,", row)
    assert said in str(refused.value) and "第 3 行" in str(refused.value)
    assert not Alias.objects.exists()


def test_zeros_lost_in_front_are_asked_once_a_column_and_remembered(place: Department) -> None:
    with pytest.raises(QuestionsOpen) as asked:
        read(place, "1,,", "12,,")
    (question,) = asked.value.questions
    assert "1 是不是 001 张三？" in question.text and "前面的 0 丢了" in str(question)
    with pytest.raises(SheetErrors, match="本部门没有此工号"):
        read(place, "1,,", answers={"zeros:工号": "no"})
    assert numbers(place, "1,,", "12,,", answers={"zeros:工号": "yes"}) == ["001", "0012"]
    assert numbers(place, "12,,") == ["0012"]


def test_a_nickname_is_asked_and_kept_from_the_first_day_of_the_file(place: Department) -> None:
    with pytest.raises(QuestionsOpen) as asked:
        read(place, ",小美,", ",演示店:小美,")
    assert [each.key for each in asked.value.questions] == ["person:小美", "person:演示店:小美"]
    assert ("9101", "9101 赵六") in asked.value.questions[0].choices
    assert not Alias.objects.exists()
    read(place, ",小美,", answers={"person:小美": "9101"})
    with pytest.raises(QuestionsOpen, match="“演示店:小美”是谁？“小美”是9101 赵六。"):
        read(place, ",演示店:小美,")
    Alias.objects.all().delete()
    answers = {"person:小美": "9101", "person:演示店:小美": "-"}
    report, found = read(place, ",小美,", ",演示店:小美,", ",小 美,", answers=answers)
    assert [each and each.number for each in found] == ["9101", None, "9101"]
    assert "不是本部门的人 1 行没有导入（第 3 行）。" in report.summary.notes
    rows = Alias.objects.order_by("pk").values_list("text", "staff__number", "valid__startswith")
    assert list(rows) == [("小美", "9101", DAY), ("演示店:小美", None, DAY)]
    assert not Answer.objects.exists()
    assert numbers(place, ",小美,", ",演示店:小美,", "小美,,", on=date(2026, 11, 3)) == ["9101", None, "9101"]


def test_a_nickname_means_who_had_it_on_the_day_of_the_row(place: Department) -> None:
    first, second = Staff.objects.filter(number__in=("9101", "9102")).order_by("number")
    given = {"department": place, "text": "小美", "by": None, "at": WHEN}
    alias = alias_add(staff=first, from_on=date(2026, 10, 1), **given)
    alias_end(alias=alias, last_day=DAY)
    alias_add(staff=second, from_on=date(2026, 10, 9), **given)
    assert numbers(place, ",小美,") == ["9101"]
    assert numbers(place, ",小 美,", on=date(2026, 10, 9)) == ["9102"]
    with pytest.raises(QuestionsOpen):
        read(place, ",小美,", on=date(2026, 9, 30))
    read(place, ",小美,", on=date(2026, 9, 30), answers={"person:小美": "KF03"})
    earliest = Alias.objects.earliest("valid")
    assert (earliest.staff.number, earliest.last_day) == ("KF03", date(2026, 9, 30))


def test_a_name_of_two_people_is_asked(place: Department) -> None:
    with pytest.raises(QuestionsOpen) as asked:
        read(place, ",,赵六")
    assert [code for code, _ in asked.value.questions[0].choices] == ["9101", "9102", "-"]
    Staff.objects.filter(number="9101").update(left_on=date(2026, 9, 30))
    assert numbers(place, ",,赵六") == ["9102"]


def test_an_answer_that_is_nobodys_number_is_refused(place: Department) -> None:
    for number in range(60):
        factories.staff(place, f"5{number:03}")
    with pytest.raises(QuestionsOpen) as asked:
        read(place, ",小美,")
    assert not asked.value.questions[0].choices and "写工号" in str(asked.value)
    with pytest.raises(SheetErrors, match="回答的“9999”不是本部门的工号"):
        read(place, ",小美,", answers={"person:小美": "9999"})
    assert not Alias.objects.exists()


def test_who_came_back_is_meant_with_the_employment_of_the_day(place: Department) -> None:
    Staff.objects.filter(number="KF03").update(left_on=date(2026, 9, 30))
    again = factories.staff(place, "KF03", name="王五", hired_on=date(2026, 10, 5))
    _, found = read(place, "KF03,,", on=date(2026, 9, 1))
    assert found[0] and found[0].left_on == date(2026, 9, 30)
    assert read(place, "kf03,,")[1] == [again]
    assert read(place, ",,王五", on=date(2026, 10, 2))[1][0].left_on == date(2026, 9, 30)


def test_undoing_the_import_takes_the_aliases_back(place: Department) -> None:
    report, _ = read(place, ",小美,", answers={"person:小美": "9101"})
    assert Alias.objects.count() == 1 and report.batch
    batch_undo(batch=report.batch, by=factories.account("hr", place), at=WHEN)
    assert not Alias.objects.exists()


def test_a_dry_run_keeps_no_alias(place: Department) -> None:
    read(place, ",小美,", answers={"person:小美": "9101"}, dry_run=True)
    assert not Alias.objects.exists()


def test_queries_do_not_grow_with_the_rows(place: Department) -> None:
    counts = []
    for many in (2, 40):
        answers = {f"person:小{n}": "9101" for n in range(many)}
        with CaptureQueriesContext(connection) as captured:
            read(place, *(f",小{n}," for n in range(many)), answers=answers)
        counts.append(len(captured))
        Alias.objects.all().delete()
    assert counts[0] == counts[1]
