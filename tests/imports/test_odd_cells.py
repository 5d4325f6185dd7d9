"""Files with one odd cell each: never a crash, never half of a file, and the row and the column named.

Some hundreds each time; 9,600 by `THOROUGH=40 pytest tests/imports/test_odd_cells.py`.
"""

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from imports.batches import ImportReport, run_import
from imports.kinds import loader_of
from imports.models import Upload
from people.models import Account, Department
from rules.models import Provision, Version
from sheets.errors import SheetError, SheetErrors
from sheets.loading import SHEET_KINDS
from sheets.questions import QuestionsOpen
from tests import factories
from tests.examples import examples
from tests.sheets.raw_books import (
    DATE,
    MOMENT,
    PADDED,
    PREFIXED,
    Raw,
    book,
    error,
    formula,
    number,
    sheet_xml,
)

pytestmark = pytest.mark.django_db
FILES = examples(240)
PARTS = 8
AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
APPS = ("commissions", "imports", "people", "penalties", "shifts")


@dataclass(frozen=True)
class Base:
    """A file that can be imported as it is: its header and rows."""

    kind: str
    header: str
    rows: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)

    def cells(self) -> list[list[object]]:
        return [line.split(",") for line in (self.header, *self.rows)]


BASES = (
    Base(
        "staff",
        "工号,姓名,小组,岗位,岗位类型,职级,星级,入职日期,离职日期,基本工资,绩效奖金,基点",
        (
            "9101,陈晓,,客服,售前,初级,3,2020-01-02,,3000,500,1",
            "9109,林静,,客服,售后,高级,,2026-10-01,,4000,,2",
        ),
        {"effective_on": "2026-10-01"},
    ),
    Base(
        "orders",
        "订单号,店铺,下单时间,付款时间,金额,退款金额,退款时间,状态,备注",
        (
            "7001,甲店,2026-10-03 10:00,2026-10-03 10:01,100,30,2026-10-05 09:00,交易成功,9101",
            "7002,甲店,2026-10-03 11:00,2026-10-03 11:01,20.5,0,,交易成功,9102 加急",
        ),
        {"as_of": "2026-10-31"},
    ),
    Base(
        "orders",
        "订单编号,总金额,买家实际支付金额,退款金额,订单创建时间,订单付款时间,店铺名称,订单备注",
        (
            "8001,100,70,30,2026-10-03 10:00,2026-10-03 10:01,甲店,9101",
            "8002,50,50,0,2026-10-03 10:00,2026-10-03 10:01,甲店,9102",
        ),
        {"as_of": "2026-10-31"},
    ),
    Base("attribution", "订单编号,落实客服工号,落实客服姓名", ("6001,9101,陈晓", "6002,9102,周敏")),
    Base(
        "attendance",
        "工号,姓名,日期,迟到分钟,早退分钟,旷工天数",
        ("9101,陈晓,2026-10-09,5,0,0", "9102,周敏,2026-10-09,0,12,0"),
    ),
    Base(
        "attendance",
        "姓名,工号,日期,班次,上班1打卡时间,上班1打卡结果,下班1打卡时间,下班1打卡结果,关联的审批单",
        (
            "陈晓,9101,2026-10-09,白班 08:30-17:30,08:22,正常,17:36,正常,",
            "周敏,9102,2026-10-09,白班 08:30-17:30,08:20,正常,17:40,正常,",
        ),
    ),
    Base(
        "leave",
        "工号,姓名,开始日期,结束日期,天数,类型,证明,批准",
        ("9101,陈晓,2026-10-12,2026-10-12,1,事假,无,是", "9102,周敏,2026-10-13,2026-10-13,1,病假,有,是"),
    ),
    Base(
        "metrics",
        "日期范围,客服工号,姓名,咨询人数,询单转化率,平均响应时间,客单价,销售额,考核得分",
        (
            "2026-10-01~2026-10-31,9101,陈晓,300,65%,25,80.5,9000,88",
            "2026-10-01~2026-10-31,9102,周敏,200,70%,31,90,8000,91",
        ),
    ),
    Base(
        "metrics",
        "工号,姓名,指标,数值,月份,截至日期",
        ("9101,陈晓,转化率,60%,2026-10,2026-10-31", "9102,周敏,客单价,80,2026-10,2026-10-31"),
    ),
    Base(
        "incidents",
        "工号,姓名,条款,日期,次数,说明",
        ("9101,陈晓,交接未写,2026-10-08,1,没有写", "9102,周敏,客户表扬,2026-10-09,1,"),
    ),
    Base(
        "bases",
        "工号,姓名,险种,缴费基数,起月,止月,超出上下限仍登记,说明",
        ("9101,陈晓,全部,5000,2026-10,,否,旧表", "9102,周敏,公积金,6000,2026-10,2026-12,是,"),
    ),
    Base(
        "deductions",
        "工号,姓名,扣除项目,每月金额,分摊,起月,止月,说明",
        ("9101,陈晓,子女教育,2000,,2026-01,,", "9102,周敏,赡养老人,1500,是,2026-01,2026-12,"),
    ),
    Base(
        "tax_openings",
        "工号,姓名,截至月份,累计收入,累计专项扣除,累计专项附加与其他扣除,累计已预扣税额,说明",
        ("9101,陈晓,2026-09,90000,9000,18000,540,", "9102,周敏,2026-09,54000,0,0,108,旧表"),
    ),
    Base(
        "opening",
        "工号,姓名,期初项目,条款,截至日期,数值,说明",
        ("9101,陈晓,次数,递增罚款,2026-10-14,1,旧表", "9102,周敏,次数,递增罚款,2026-10-14,2,"),
    ),
)
# The orders that are attributed.
ATTRIBUTED = Base(
    "orders",
    "订单号,店铺,付款时间,金额",
    ("6001,甲店,2026-10-01 10:00,10", "6002,甲店,2026-10-01 10:00,10"),
    {"as_of": "2026-10-31"},
)
FAULTS = [error(each) for each in ("#N/A", "#REF!", "#DIV/0!", "#SPILL!", "#GETTING_DATA", "#新的!")]
FAULTS += [formula("1+1"), formula("1+1", ""), formula("A1", "<v/>")]
NUMBERS = (
    *("0", "-1", "7", "1.5", "1e-300", "1e300", "2.29E-14", "4.2E-05", "123456789012345678", "99999999999"),
    *("-0.0", "NaN", "1e400", "12345.678", "0.001", "46303", "46303.41667", "46326.99999999999"),
    *("2958465", "1e15"),
)
TEXTS = (
    "-", "--", "—", "/", "无", "NaN", "N/A", "null", "0000-00-00", "0000-00-00 00:00:00", "9999-12-31",
    "延迟统计", "暂无数据", " ", "\u3000", "\u200b", "\ufeff", "\u00a0", "'", "''", "`9101`", "＃N/A",
    "#", "=", "=1+1", "+", "@", "合计", "小计：3", "制表人：李", "是", "否", "２０２６－１０－０９",
    "2026/10/09", "2026.10.9", "20261009", "26-10-09", "2026-02-30", "2026-13-01", "1899-12-31",
    "2026-10-09 24:00", "2026-10-09 23:59:59.9999999", "10/09/2026", "昨天", "2026-10", "2026年10月",
    "2026-10-09T10:00:00+08:00", "08:30", "25:00", "次日 01:07", "缺卡", "未排班", "白班", "A班次",
    "1,234.50", "1,23", "1.234,50", "１２", "十二", "¥12", "12元", "12%", "1200%", "-12", "(12)", "1e3",
    "1E+05", "1.2.3", "∞", "½", "٣", "0x1F", "1_000", "9101,9102", "9101、9102", "09101", "9101 ",
    "9101.0", "９１０１", "KF9101", "nobody", "x" * 300, "长" * 1200, "x" * 33_000, "\t", "a\nb",
    "_x0000_", "_x000D_", "a_x0000_b", "a_x0001_b", "_xD800_", "😀" * 30, "\u202e9101", "é", "e\u0301",
    "'; DROP TABLE people_staff; --", "%s", "{}", "\\N", "\\", '"', "\u2028", "\ufffd",
)  # fmt: skip


def odd_cells() -> list[object]:
    dates = [number(value, style) for value in NUMBERS for style in (DATE, MOMENT)]
    shown = [number(value, style) for value in ("7", "9101", "-3", "1.5") for style in (PADDED, PREFIXED)]
    flags = [Raw(f' t="b"><v>{flag}</v>') for flag in (0, 1)]
    iso = [Raw(f' t="d"><v>{day}</v>') for day in ("2026-10-09", "2026-10-09T10:00:00", "x")]
    broken = [Raw(' t="s"><v>99</v>'), Raw(' t="q"><v>1</v>'), Raw("><v>abc</v>"), Raw(' s="99"><v>5</v>')]
    return [*FAULTS, *map(number, NUMBERS), *dates, *shown, *flags, *iso, *broken, *TEXTS]


def cases(part: int) -> Iterator[tuple[int, Base, int, int, object]]:
    """(its number, file, row, column, odd cell): every column meets every cell in the course of 10,000."""
    places = [
        (base, row, column)
        for base in BASES
        for column in range(len(base.header.split(",")))
        for row in range(1, len(base.rows) + 1)
    ]
    every = [(*place, cell) for place in places for cell in odd_cells()]
    random.Random(13).shuffle(every)
    for index in range(part, FILES, PARTS):
        yield index, *every[index % len(every)]


@pytest.fixture
def department() -> Department:
    department = factories.department("A", name="甲部")
    version = Version.objects.create(department=department, number=1, effective_on=date(2020, 1, 1))
    provisions: list[dict[str, Any]] = [
        {"code": "x-late", "title": "交接未写", "kind": "fine", "params": {"amount": "20.00"}},
        {"code": "x-praise", "title": "客户表扬", "kind": "award", "params": {"amount": "30.00"}},
        {
            "code": "x-steps",
            "title": "递增罚款",
            "kind": "escalating_fine",
            "params": {"steps": ["50", "100"], "after": "repeat"},
        },
    ]
    for position, each in enumerate(provisions):
        Provision.objects.create(version=version, position=position, **each)
    version.published_at = factories.WHEN
    version.save()
    for number_, name in (("9101", "陈晓"), ("9102", "周敏")):
        factories.staff(department, number_, name=name)
    return department


@pytest.fixture
def hr(department: Department) -> Account:
    hr = factories.account("hr", department, username="hr")
    brought(department, hr, ATTRIBUTED, file_of(ATTRIBUTED.cells()))
    return hr


class _TakenBack(Exception):
    pass


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens within is undone at its end."""
    try:
        with transaction.atomic():
            yield
            raise _TakenBack
    except _TakenBack:
        pass


def stored() -> dict[str, int]:
    models = [
        model for name in APPS for model in apps.get_app_config(name).get_models() if model._meta.managed
    ]
    return {model._meta.label: model._base_manager.count() for model in models}


def brought(department: Department, hr: Account, base: Base, file: io.BytesIO) -> ImportReport:
    upload = Upload(department=department, kind=base.kind, options=base.options)
    load = loader_of(upload, by=hr, at=AT)
    given: dict[str, Any] = {"department": department, "kind": base.kind, "path": file, "profile": None}
    return run_import(**given, by=hr, at=AT, dry_run=False, load=load, file_name="表.xlsx")


def file_of(cells: list[list[object]]) -> io.BytesIO:
    """The cells as a workbook."""
    return book(
        sheet_xml([[cell if isinstance(cell, Raw) else escape(str(cell)) for cell in row] for row in cells])
    )


def text_file_of(cells: list[list[object]]) -> io.BytesIO:
    lines = [",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in cells]
    return io.BytesIO("\n".join(lines).encode())


def test_every_kind_has_a_file_here() -> None:
    assert {base.kind for base in BASES} == set(SHEET_KINDS)


def test_the_files_are_good_without_the_odd_cell(department: Department, hr: Account) -> None:
    for base in BASES:
        with taken_back():
            report = brought(department, hr, base, file_of(base.cells()))
            assert report.summary.rows == len(base.rows), (base.kind, report.lines())


@pytest.mark.parametrize("part", range(PARTS))
def test_one_odd_cell_is_taken_left_out_or_named(department: Department, hr: Account, part: int) -> None:
    before = stored()
    for index, base, row, column, cell in cases(part):
        cells = base.cells()
        cells[row][column] = cell
        is_text = not isinstance(cell, Raw) and index % 4 == 0
        file = text_file_of(cells) if is_text else file_of(cells)
        where = f"{index}: {base.kind} {base.header.split(',')[column]} row {row + 1} {cell!r:.80}"
        with taken_back():
            try:
                report = brought(department, hr, base, file)
            except QuestionsOpen as refusal:
                assert refusal.questions, where
            except SheetErrors as refusal:
                assert {each.row for each in refusal.errors} <= {2, 3}, (where, str(refusal))
                assert all(each.column and each.message and each.remedy for each in refusal.errors), where
            except SheetError as refusal:
                assert str(refusal).endswith("。"), where
                assert f"第 {row + 1} 行" in str(refusal) or "已损坏" in str(refusal), (where, str(refusal))
            else:
                assert report.batch is not None, where
                assert cell not in FAULTS or _is_not_read(report, base, column), where
                continue
            assert stored() == before, where


def _is_not_read(report: ImportReport, base: Base, column: int) -> bool:
    return base.header.split(",")[column] in ("状态", "姓名")
