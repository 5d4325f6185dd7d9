"""What a command says of a file before anything is stored, and which column is meant."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from commissions.models import Order
from imports.models import Answer
from people.models import Department, ImportBatch
from tests import factories

pytestmark = pytest.mark.django_db
TWO_AMOUNTS = """十月订单,,,,,
订单号,付款时间,金额,实付金额,备注,心情
A1,2026-10-08 10:00:00,100.00,90.00,,好
合计,,100,90,,
"""


@pytest.fixture
def department() -> Department:
    return factories.department("A")


def run(folder: Path, content: str, *options: str, kind: str = "orders", name: str = "表.csv") -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    out = StringIO()
    call_command(f"import_{kind}", str(path), "--department", "A", *options, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("department")
def test_explain_says_what_a_file_is_and_stores_nothing(tmp_path: Path) -> None:
    name = "订单2026-10-01至2026-10-31.csv"
    told = run(tmp_path, TWO_AMOUNTS, "--column", "金额=实付金额", "--explain", name=name).splitlines()
    assert told[:4] == [
        "识别为：订单：通用订单表（格式 generic）",
        "表头：第 2 行",
        "时段：2026-10-01 至 2026-10-31",
        "读的列：订单号（A 列）、付款时间（B 列）、金额＝实付金额（D 列）、备注（E 列）",
    ]
    assert "注意：合计行 1 行没有导入（第 4 行）。" in told
    assert "注意：没有读的列：心情（F 列）。" in told
    assert told[-1] == "试运行：以上改动没有保存。"
    assert not Order.objects.exists() and not ImportBatch.objects.exists() and not Answer.objects.exists()


@pytest.mark.usefixtures("department")
def test_explain_says_what_a_file_is_also_where_it_cannot_be_used(tmp_path: Path) -> None:
    out = StringIO()
    path = tmp_path / "表.csv"
    path.write_text("订单号,付款时间,金额\nA1,昨天,1\n", encoding="utf-8")
    with pytest.raises(CommandError, match="第 2 行「付款时间」（昨天）"):
        call_command("import_orders", str(path), "--department", "A", "--explain", stdout=out)
    assert "识别为：订单：通用订单表（格式 generic）" in out.getvalue()


@pytest.mark.usefixtures("department")
def test_a_column_said_on_the_command_line_is_remembered(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--answer 'column:paid_amount=实付金额'：D 列「实付金额」"):
        run(tmp_path, TWO_AMOUNTS)
    assert not Order.objects.exists()
    run(tmp_path, TWO_AMOUNTS, "--column", "paid_amount=实付金额")
    assert Order.objects.get().amount == 90
    assert list(Answer.objects.values_list("key", "value")) == [("column:paid_amount", "实付金额")]
    run(tmp_path, TWO_AMOUNTS.replace("A1", "A2"))
    assert Order.objects.get(order_no="A2").amount == 90


@pytest.mark.usefixtures("department")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("实付=金额", "没有“实付”这一项。可以写：.*付款时间"),
        ("退款金额=退了多少", "文件里没有「退了多少」这一列"),
        ("金额=退款金额", "文件里没有「退款金额」这一列"),
    ],
)
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(tmp_path, "订单号,付款时间,金额\nA1,2026-10-08,1\n", "--column", given)
    assert not Order.objects.exists()
