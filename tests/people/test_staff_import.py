"""Staff lists as HR keeps them: what goes in, what is refused, and that a refused file changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from imports.batches import ImportReport, run_import
from people.imports import staff_loader
from people.models import Department, FactChange, ImportBatch, Staff, Team, Term
from people.services import staff_leave
from sheets.errors import SheetError, SheetErrors
from sheets.questions import QuestionsOpen
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "staff.csv"
HEADER = "工号,姓名,部门,小组,岗位,职级,入职日期,基本工资,绩效奖金,基点"
TWO = [
    "1001,陈晓,客服一部,售前组,客服,高级客服,2026-08-05,,1500,3",
    "1002,曾单,客服一部,售后组,组长,中级,2026/9/10,3000.50,1000,2",
]
OCTOBER = date(2026, 10, 15)


@pytest.fixture
def department() -> Department:
    return factories.department("D1", name="客服一部")


def bring(
    department: Department,
    folder: Path,
    *rows: str,
    header: str = HEADER,
    on: date = OCTOBER,
    encoding: str = "utf-8",
    **options: Any,
) -> ImportReport:
    path = folder / "staff.csv"
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return run_import(
        department=department,
        kind="staff",
        path=path,
        profile=None,
        by=None,
        at=WHEN,
        load=staff_loader(department=department, effective_on=on, by=None, at=WHEN),
        **{"dry_run": False, **options},
    )


def counts() -> list[int]:
    return [model.objects.count() for model in (Staff, Term, Team, FactChange, ImportBatch)]


def test_new_staff_get_terms_from_their_hire_date(department, tmp_path):
    report = bring(department, tmp_path, *TWO, encoding="gb18030")
    assert (report.summary.created, report.summary.changed) == (2, 0)
    first, second = Staff.objects.order_by("number")
    assert (first.name, first.pinyin, first.initials) == ("陈晓", "chenxiao", "cx")
    assert second.pinyin == "zengdan"
    term = second.terms.get()
    assert (term.valid.lower, term.valid.upper) == (date(2026, 9, 10), None)
    assert (term.team.name, term.role, term.tier) == ("售后组", "lead", "intermediate")
    assert (term.base_pay, term.performance_bonus) == (Decimal("3000.50"), Decimal("1000.00"))
    assert first.terms.get().base_pay is None
    assert report.lines()[1] == "涉及月份：2026-08至2026-10。"
    months = FactChange.objects.filter(source="staff").values_list("month", flat=True)
    assert sorted(months) == [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
    batch = ImportBatch.objects.get()
    assert (batch.rows, batch.summary["created"], batch.file_name) == (2, 2, "staff.csv")


@pytest.mark.skipif(not SAMPLE.exists(), reason="the folder of sample files is not on this machine")
def test_sample_goes_in_as_it_is(department, capsys):
    call_command("import_staff", SAMPLE, department="D1")
    assert "共 8 行，新增 8，变更 0" in capsys.readouterr().out
    senior = Staff.objects.get(number="1001").terms.get()
    assert (senior.tier, senior.team.name, senior.base_points) == ("senior", "售前组", Decimal("3.00"))
    assert Staff.objects.get(number="1008").terms.get().tier == "trial"


def test_same_file_twice_changes_nothing_and_says_so(department, tmp_path):
    bring(department, tmp_path, *TWO)
    before = counts()
    report = bring(department, tmp_path, *TWO, on=date(2026, 10, 20))
    assert report.repeats is not None
    assert "内容相同，没有改动任何数据" in report.lines()[0]
    assert counts() == before


def test_dry_run_reports_and_changes_nothing(department, tmp_path):
    report = bring(department, tmp_path, *TWO, dry_run=True)
    assert report.summary.created == 2
    assert report.lines()[-1] == "试运行：以上改动没有保存。"
    assert counts() == [0, 0, 0, 0, 0]
    assert bring(department, tmp_path, *TWO).repeats is None


def test_changed_fact_becomes_new_term_and_leaves_history(department, tmp_path):
    bring(department, tmp_path, *TWO)
    FactChange.objects.all().delete()
    raised = TWO[0].replace("1500", "1800")
    report = bring(department, tmp_path, raised, TWO[1], on=date(2026, 10, 8))
    assert (report.summary.changed, report.summary.unchanged) == (1, 1)
    old, new = Staff.objects.get(number="1001").terms.order_by("valid")
    assert (old.valid.upper, old.performance_bonus) == (date(2026, 10, 8), Decimal(1500))
    assert (new.valid.lower, new.performance_bonus) == (date(2026, 10, 8), Decimal(1800))
    assert new.team == old.team
    assert [each.month for each in FactChange.objects.all()] == [date(2026, 10, 1)]


def test_blank_cell_and_missing_column_leave_facts_as_they_are(department, tmp_path):
    bring(department, tmp_path, *TWO)
    report = bring(department, tmp_path, "1002,曾单,,2026-09-10", header="工号,姓名,基本工资,入职日期")
    assert report.summary.unchanged == 1
    assert Staff.objects.get(number="1002").terms.get().base_pay == Decimal("3000.50")


def test_change_between_recorded_terms_ends_where_the_next_begins(department, tmp_path):
    bring(department, tmp_path, TWO[0])
    bring(department, tmp_path, TWO[0].replace("1500", "1800"), on=date(2026, 10, 20))
    bring(department, tmp_path, TWO[0].replace("1500", "1600"), on=date(2026, 9, 1))
    terms = Staff.objects.get().terms.order_by("valid")
    assert [(term.valid.lower, term.performance_bonus) for term in terms] == [
        (date(2026, 8, 5), Decimal(1500)),
        (date(2026, 9, 1), Decimal(1600)),
        (date(2026, 10, 20), Decimal(1800)),
    ]


def test_leaving_is_taken_over_and_another_name_is_not(department, tmp_path):
    bring(department, tmp_path, *TWO)
    header = "工号,姓名,入职日期,离职日期"
    report = bring(department, tmp_path, "1001,陈晓,2026-08-05,2026-09-30", header=header)
    assert report.summary.changed == 1
    staff = Staff.objects.get(number="1001")
    assert (staff.name, staff.initials, staff.left_on) == ("陈晓", "cx", date(2026, 9, 30))
    with pytest.raises(SheetErrors, match=r"「姓名」（陈小）与工号不符，工号 1001 是陈晓；.*员工页更正"):
        bring(department, tmp_path, "1001,陈小,2026-08-05,2026-10-31", header=header)
    staff.refresh_from_db()
    assert (staff.name, staff.left_on) == ("陈晓", date(2026, 9, 30))


def test_department_under_another_name_is_noted(department, tmp_path):
    report = bring(department, tmp_path, TWO[0].replace("客服一部", "一部"))
    assert report.summary.notes == ("文件里的部门“一部”按“客服一部”导入。",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1003,甲,客服一部,,客服,初级,2026-02-31,,,", ["第 3 行「入职日期」（2026-02-31）", "只有 28 天"]),
        ("1003,甲,客服一部,,客服,初级,2026-02-01,三千,,", ["第 3 行「基本工资」（三千）不是金额"]),
        ("1003,甲,客服一部,,客服,初级,2026-02-01,-1,,", ["第 3 行「基本工资」（-1）金额不能为负数"]),
        ("1003,甲,客服一部,,客服,特级,2026-02-01,,,", ["“特级”相当于哪一种", "'tier:特级=senior'：高级客服"]),
        ("1001,甲,客服一部,,客服,初级,2026-02-01,,,", ["第 3 行「工号」（1001）与第 2 行工号相同"]),
        ("1003,甲,客服二部,,客服,初级,2026-02-01,,,", ["第 3 行「部门」（客服二部）不是客服一部的人"]),
        ("1003,甲,客服一部,,客服,初级,2026-02-01,123456789012,,", ["「基本工资」", "数字过大"]),
    ],
)
def test_bad_row_is_named_and_nothing_changes(department, tmp_path, row, said):
    factories.department("D2", name="客服二部")
    with pytest.raises(SheetError) as refused:
        bring(department, tmp_path, TWO[0], row)
    for words in said:
        assert words in str(refused.value)
    assert counts() == [0, 0, 0, 0, 0]


def test_every_bad_row_is_listed(department, tmp_path):
    with pytest.raises(SheetError) as refused:
        bring(
            department,
            tmp_path,
            "1003,甲,客服一部,,客服,初级,2026-02-31,,,",
            TWO[0],
            "1004,乙,客服一部,,客服,初级,2026-02-01,一千,,",
        )
    assert [error.row for error in refused.value.errors] == [2, 4]


def test_an_unknown_header_is_noted_and_a_missing_column_refused(department, tmp_path):
    with pytest.raises(SheetError, match="缺少「入职日期」列；表头可以写：入职日期、入职时间"):
        bring(department, tmp_path, *TWO, header=HEADER.replace("入职日期,", "备注,"))
    assert counts() == [0, 0, 0, 0, 0]
    report = bring(department, tmp_path, *TWO, header=HEADER.replace("基点", "幸运数字"))
    assert "没有读的列：幸运数字（J 列）。" in report.summary.notes


def test_another_hire_date_is_a_correction_and_is_told(department, tmp_path):
    bring(department, tmp_path, *TWO)
    report = bring(department, tmp_path, TWO[0].replace("2026-08-05", "2026-08-03"), TWO[1])
    assert (report.summary.changed, report.summary.unchanged) == (1, 1)
    assert "的入职日期由 2026-08-05 更正为 2026-08-03。" in "".join(report.summary.notes)
    staff = Staff.objects.get(number="1001")
    assert staff.hired_on == staff.joined_on == staff.terms.get().valid.lower == date(2026, 8, 3)


def test_who_comes_back_in_a_file_has_another_employment(department, tmp_path):
    bring(department, tmp_path, *TWO)
    staff_leave(staff=Staff.objects.get(number="1001"), last_day=date(2026, 8, 20), by=None, at=WHEN)
    report = bring(department, tmp_path, TWO[0].replace("2026-08-05", "2026-09-10"), TWO[1])
    assert (report.summary.created, report.summary.unchanged) == (1, 1)
    spells = Staff.objects.filter(number="1001").order_by("joined_on")
    assert list(spells.values_list("joined_on", "left_on")) == [
        (date(2026, 8, 5), date(2026, 8, 20)),
        (date(2026, 9, 10), None),
    ]


def test_years_of_service_elsewhere_come_with_the_file(department, tmp_path):
    header = "工号,姓名,入职日期,参加工作日期"
    row = "1001,陈晓,2026-08-05,{}"
    bring(department, tmp_path, row.format("2015-03-01"), header=header)
    assert Staff.objects.get().service_since == date(2015, 3, 1)
    done = bring(department, tmp_path, row.format("2014-03-01"), header=header).summary
    assert (done.changed, Staff.objects.get().service_since) == (1, date(2014, 3, 1))
    assert bring(department, tmp_path, row.format(""), header=header).summary.unchanged == 1
    with pytest.raises(SheetError, match="晚于入职日期"):
        bring(department, tmp_path, row.format("2026-09-01"), header=header)
    assert Staff.objects.get().service_since == date(2014, 3, 1)


def test_a_change_after_leaving_is_refused(department, tmp_path):
    bring(department, tmp_path, *TWO)
    staff_leave(staff=Staff.objects.get(number="1002"), last_day=date(2026, 9, 30), by=None, at=WHEN)
    before = counts()
    with pytest.raises(SheetError) as refused:
        bring(
            department,
            tmp_path,
            TWO[0].replace("2026-08-05", "2026-08-06"),
            TWO[1].replace("3000.50", "3100"),
        )
    assert "已离职" in str(refused.value)
    assert counts() == before


def test_command_names_unknown_department_and_bad_file(department, tmp_path):
    path = tmp_path / "staff.csv"
    path.write_text("")
    with pytest.raises(CommandError, match="没有代码为“X”的部门。现有：D1"):
        call_command("import_staff", path, department="X")
    with pytest.raises(CommandError, match="文件是空的"):
        call_command("import_staff", path, department="D1")


@pytest.mark.parametrize("people", [2, 60])
def test_query_count_does_not_depend_on_the_number_of_people(
    department, tmp_path, people, django_assert_num_queries
):
    rows = [f"{2000 + n},甲{n},客服一部,组{n % 3},客服,初级,2026-08-05,,{n},1" for n in range(people)]
    with django_assert_num_queries(20):
        bring(department, tmp_path, *rows)
    changed = [row.replace(",1", ",2") for row in rows]
    with django_assert_num_queries(20):
        bring(department, tmp_path, *changed)


@pytest.mark.django_db(transaction=True)
def test_same_file_from_two_people_at_once_goes_in_once(tmp_path):
    department = factories.department("D1", name="客服一部")

    def work(person: int) -> bool:
        folder = tmp_path / str(person)
        folder.mkdir()
        try:
            return bring(department, folder, *TWO).repeats is None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    assert ImportBatch.objects.count() == 1
    assert Staff.objects.count() == 2


@pytest.mark.parametrize(
    ("number", "told"),
    [("8/103", "不能含“/”"), ("81 03", "不能含空格"), ("..", "不能以“.”开头"), ("8?1", "“?”")],
)
def test_a_number_that_breaks_addresses_is_refused_with_its_row_and_a_remedy(
    department, tmp_path, number, told
):
    before = counts()
    with pytest.raises(SheetError) as refused:
        bring(department, tmp_path, *TWO, f"{number},张三,,,,,2026-01-05,,,")
    error = str(refused.value)
    assert "4" in error and "工号" in error and told in error and "例如把“/”改成“-”" in error
    assert counts() == before


def test_words_of_ones_own_for_tier_and_post_are_asked_once(department, tmp_path):
    header = "工号,姓名,职级,岗位类型,入职日期"
    with pytest.raises(QuestionsOpen) as asked:
        bring(department, tmp_path, "1001,陈晓,P2,直播,2026-08-05", header=header)
    assert [each.key for each in asked.value.questions] == ["tier:P2", "post:直播"]
    assert counts() == [0, 0, 0, 0, 0]
    answers = {"tier:P2": "intermediate", "post:直播": "none"}
    bring(department, tmp_path, "1001,陈晓,P2,直播,2026-08-05", header=header, answers=answers)
    bring(department, tmp_path, "1002,林静,P2,直播,2026-08-05", header=header)
    assert set(Term.objects.values_list("staff__number", "tier", "post")) == {
        ("1001", "intermediate", ""),
        ("1002", "intermediate", ""),
    }


def test_who_has_no_number_is_left_out_and_counted(department, tmp_path):
    report = bring(
        department, tmp_path, "1001,陈晓,2026-08-05", ",林静,2026-08-05", header="工号,姓名,入职日期"
    )
    assert report.summary.notes == ("没有工号的人 1 行没有导入（第 3 行）。",)
    assert report.summary.totals == (("新员工", "1 人"),)
    assert Staff.objects.get().number == "1001"


def test_a_number_however_it_is_written_is_the_same_person(department, tmp_path):
    header = "工号,姓名,入职日期,离职日期"
    bring(department, tmp_path, "KF03,陈晓,2026-08-05,-", "001,林静,2026-08-05,", header=header)
    bring(department, tmp_path, "kf03,陈晓,2026-08-05,2026-10-20", header=header)
    assert Staff.objects.get(number="KF03").left_on == date(2026, 10, 20)
    with pytest.raises(SheetErrors, match=r"「工号」（1）前面的 0 丢了，林静的工号是 001；请补上"):
        bring(department, tmp_path, "1,林静,2026-08-05,", header=header)
    with pytest.raises(SheetErrors, match="与第 2 行工号相同"):
        bring(department, tmp_path, "KF09,吴桐,2026-08-05,", "kf09,吴桐,2026-08-05,", header=header)
    assert Staff.objects.count() == 2
