"""Reading a workbook against its floor: the parser alone, opening the file and taking its rows."""

import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import python_calamine
from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell

from sheets.reading import open_source

MONTH = datetime(2026, 9, 1)
ROUNDS = 5
HEADER: tuple[str, ...] = (
    "订单编号",
    "店铺名称",
    "订单创建时间",
    "订单付款时间",
    "买家实际支付金额",
    "退款金额",
    "订单状态",
)
HEADER += ("订单备注", "收货地址", "宝贝标题")


def run(rows: int) -> dict[str, Any]:
    """Read a generated export of so many orders of ten columns, some cells of it odd.

    Seconds by the clock, the best of five rounds that take turns; `peak_mb` is the process's largest
    resident size in MB.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.xlsx"
        write_export(file, rows)
        ours, floor = [], []
        for _ in range(ROUNDS):
            floor.append(_seconds(lambda: _parsed(file)))
            ours.append(_seconds(lambda: (row for _, row in open_source(file).rows())))
    return {
        "benchmark": "reading",
        "rows": rows,
        "seconds": round(min(ours), 3),
        "floor_seconds": round(min(floor), 3),
        "ratio": round(min(ours) / min(floor), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def write_export(path: Path, rows: int) -> None:
    """Orders as a shop's back office exports them; every thousandth has an error where nothing is read."""
    chance = random.Random(7)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("订单")
    sheet.append(HEADER)
    for index in range(rows):
        made = MONTH + timedelta(seconds=index * 20)
        amount = round(chance.random() * 300, 2)
        title: Any = "衬衫 白"
        if index % 1000 == 0:
            title = WriteOnlyCell(sheet, "#N/A")
            title.data_type = "e"
        remark = f"{1000 + index % 50} 加急"
        address = "浙江省杭州市"
        order = (f"{20260901000000000 + index}", "甲店", made, made + timedelta(seconds=60), amount, 0)
        sheet.append((*order, "交易成功", remark, address, title))
    workbook.save(path)


def _parsed(path: Path) -> Iterator[Any]:
    with path.open("rb") as stream:
        workbook = python_calamine.CalamineWorkbook.from_filelike(stream)
        yield from workbook.get_sheet_by_index(0).iter_rows()


def _seconds(rows: Callable[[], Iterator[Any]]) -> float:
    started = time.perf_counter()
    for _ in rows():
        pass
    return time.perf_counter() - started
