"""Documents and bank accounts in a staff list, with what Excel makes of long numbers."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from imports.batches import ImportReport, run_import
from imports.preview import sample
from imports.undo import batch_undo
from people.documents import check_digit
from people.identities import bank_accounts_of, identities_of
from people.imports import staff_loader
from people.models import Account, BankAccount, Department, IdentityDocument, Staff
from people.services import staff_transfer
from sheets.errors import CellError, SheetError, SheetErrors
from sheets.table import read_table
from sheets.values import long_number
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

NUMBER = "11010519491231002X"
OTHER = "11010519900101001" + check_digit("11010519900101001")
CARD, SECOND_CARD = "4111111111111111", "6222020200112233446"
HEADER = ["工号", "姓名", "入职日期", "证件类型", "证件号码", "国籍", "开户行", "银行卡号", "户名"]
OCTOBER = date(2026, 10, 15)
ANNA = ["1002", "Anna", "2026-09-01", "护照", "M1234567", "韩国", "招商银行", SECOND_CARD, "ANNA KIM"]


@pytest.fixture
def department() -> Department:
    return factories.department("D1", name="客服一部")


def written(folder: Path, *rows: list[Any], header: list[str] = HEADER) -> Path:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    book.save(folder / "staff.xlsx")
    return folder / "staff.xlsx"


def zhang(**changed: Any) -> list[Any]:
    given = {
        "工号": "1001", "姓名": "张三", "入职日期": "2026-08-05", "证件类型": "", "证件号码": NUMBER,
        "国籍": "", "开户行": "中国工商银行", "银行卡号": CARD, "户名": "",
    }  # fmt: skip
    return [*{**given, **changed}.values()]


def bring(
    department: Department, path: Path, by: Account | None = None, *, dry_run: bool = False
) -> ImportReport:
    return run_import(
        department=department,
        kind="staff",
        path=path,
        profile=None,
        by=by,
        at=WHEN,
        dry_run=dry_run,
        load=staff_loader(department=department, effective_on=OCTOBER, by=by, at=WHEN),
    )


def counts() -> list[int]:
    return [model.objects.count() for model in (Staff, IdentityDocument, BankAccount)]


def test_a_staff_list_brings_documents_and_accounts_and_an_undo_takes_them_back(department, tmp_path):
    hr = factories.account("hr", department)
    report = bring(department, written(tmp_path, zhang(), ANNA), hr)
    assert (report.summary.created, counts()) == (2, [2, 2, 2])
    first, second = Staff.objects.order_by("number")
    assert identities_of([first.pk], on=date(2026, 8, 5))[first.pk].number == NUMBER
    anna = identities_of([second.pk], on=OCTOBER)[second.pk]
    assert (anna.kind, anna.number, anna.nationality) == ("passport", "M1234567", "韩国")
    assert bank_accounts_of([first.pk], on=OCTOBER)[first.pk].holder == "张三"
    assert bank_accounts_of([second.pk], on=OCTOBER)[second.pk].number == SECOND_CARD
    assert "注意：第 3 行的户名与姓名不同，银行会退回，请核对。" in report.lines()
    told = json.dumps([report.batch.summary, report.lines()], ensure_ascii=False)
    assert not [each for each in (NUMBER, CARD, SECOND_CARD) if each in told]

    changed = bring(department, written(tmp_path, zhang(证件号码=OTHER, 银行卡号=""), ANNA), hr)
    assert (changed.summary.changed, changed.summary.unchanged) == (1, 1)
    assert "注意：第 2 行只写了开户行，没有银行账号，没有导入。" in changed.lines()
    assert identities_of([first.pk], on=date(2026, 10, 14))[first.pk].number == NUMBER
    assert identities_of([first.pk], on=OCTOBER)[first.pk].number == OTHER
    batch_undo(batch=changed.batch, by=hr, at=WHEN)
    assert identities_of([first.pk], on=OCTOBER)[first.pk].number == NUMBER
    assert counts() == [2, 2, 2]


def test_the_number_of_queries_does_not_depend_on_the_people(
    department, tmp_path, django_assert_max_num_queries
):
    def rows(first: int, count: int) -> list[list[Any]]:
        numbers = [str(first + index) for index in range(count)]
        foreign = {"证件类型": "护照", "国籍": "韩国"}
        return [zhang(工号=each, 姓名=f"员工{each}", 证件号码=each, **foreign) for each in numbers]

    with django_assert_max_num_queries(60):
        bring(department, written(tmp_path, *rows(20_000, 3)))
    with django_assert_max_num_queries(60):
        bring(department, written(tmp_path, *rows(30_000, 60)))
    assert IdentityDocument.objects.count() == 63


@pytest.mark.parametrize(
    ("changed", "column", "told"),
    [
        ({"证件号码": "110105194912310021"}, "证件号码", "末位（校验码）不对"),
        ({"证件号码": 110105194912310000.0}, "证件号码", "设为文本格式"),
        ({"证件号码": "1.10105E+17"}, "证件号码", "设为文本格式"),
        ({"证件号码": "110105194912310020.0"}, "证件号码", "设为文本格式"),
        ({"银行卡号": 6222020200112233446.0}, "银行卡号", "设为文本格式"),
        ({"银行卡号": 4111111111111111}, "银行卡号", "设为文本格式"),
        ({"银行卡号": "12345"}, "银行卡号", "是 5 位"),
        ({"证件类型": "工作证"}, "证件类型", "不在可选的范围内"),
        ({"证件类型": "护照"}, "国籍", "没有写国籍"),
        ({"开户行": ""}, "开户行", "没有写开户行"),
        ({"开户行": "行" * 65}, "开户行", "超过 64 个字"),
    ],
)
def test_a_bad_number_is_refused_with_row_field_and_remedy_and_nothing_goes_in(
    department, tmp_path, changed, column, told
):
    with pytest.raises(SheetErrors) as refused:
        bring(department, written(tmp_path, zhang(**changed), ANNA))
    [error] = refused.value.errors
    assert (error.row, error.column) == (2, column)
    assert told in f"{error.message}；{error.remedy}"
    assert "1234567" not in str(refused.value) if column != "证件类型" else error.value == "工作证"
    assert not [each for each in ("110105", "411111", "622202") if each in f"{error.value}{error.message}"]
    assert counts() == [0, 0, 0]


def test_a_number_of_somebody_else_is_refused(department, tmp_path):
    twin = zhang(工号="1003", 姓名="李四")
    with pytest.raises(SheetErrors, match="与第 2 行的号码相同"):
        bring(department, written(tmp_path, zhang(), twin))
    bring(department, written(tmp_path, zhang()))
    before = counts()
    with pytest.raises(SheetErrors, match="这个证件号码已登记给1001 张三"):
        bring(department, written(tmp_path, twin))
    assert counts() == before


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'11010519491231002x", "11010519491231002x"),
        ('="11010519491231002X"', NUMBER),
        (110105491231002.0, "110105491231002"),
        ("12345678.0", "12345678"),
        ("１１０", "110"),
        ("12E3456", "12E3456"),
        ("—", None),
        (None, None),
    ],
)
def test_cells_that_excel_made_otherwise_are_read_as_they_were_typed(cell, text):
    assert long_number(cell) == text


@pytest.mark.parametrize("cell", [1e15, 6.2220202001122334e18, "6.22202E+18", "6E+18", "6222020200112233.0"])
def test_digits_that_excel_lost_are_never_guessed(cell):
    with pytest.raises(CellError, match="末几位已经丢失"):
        long_number(cell)


def test_zeros_behind_fifteen_digits_and_odd_cards_are_only_noted(department, tmp_path):
    report = bring(department, written(tmp_path, zhang(银行卡号="6222020200112230000")))
    assert any("末几位都是 0" in line for line in report.lines())
    assert any("不合卡号的校验规则" in line for line in report.lines())
    assert BankAccount.objects.count() == 1


def test_a_manager_imports_the_rest_and_is_told(department, tmp_path):
    report = bring(department, written(tmp_path, zhang()), factories.account("manager", department))
    assert counts() == [1, 0, 0]
    assert "注意：“证件号码”、“银行卡号”没有导入：登记证件与银行账号由行政人事办理。" in report.lines()


def test_a_wrong_key_is_said_and_nothing_goes_in(department, tmp_path, settings):
    settings.DATA_KEYS = []
    with pytest.raises(SheetError, match="请系统管理员设置 KEFU_DATA_KEYS"):
        bring(department, written(tmp_path, zhang()))
    assert counts() == [0, 0, 0]


def test_the_preview_shows_numbers_masked(department, tmp_path):
    path = written(tmp_path, zhang(), zhang(工号="1003", 证件号码=110105194912310000.0))
    shown = json.dumps(sample(read_table(path, kind="staff"), department), ensure_ascii=False)
    assert "110***********002X" in shown
    assert "1101051949" not in shown
    assert CARD not in shown


def test_a_list_of_a_department_that_was_left_does_not_change_where_pay_goes_now(
    department: Department, tmp_path: Path
) -> None:
    bring(department, written(tmp_path, zhang()))
    left = Staff.objects.get(number="1001")
    there = factories.department("D2", name="客服二部")
    moved = staff_transfer(staff=left, to=there, on=date(2026, 10, 1), number="", by=None, at=WHEN)
    hr = factories.account("hr", department)
    report = bring(department, written(tmp_path, zhang(银行卡号=SECOND_CARD)), hr)
    assert any("第 2 行的人已离开本部门" in line for line in report.lines())
    assert bank_accounts_of([moved.pk], on=OCTOBER)[moved.pk].number == CARD
    assert BankAccount.objects.count() == 1
    again = bring(department, written(tmp_path, zhang()), hr)
    assert not any("已离开" in line for line in again.lines())
