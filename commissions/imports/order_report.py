"""What an import of orders tells people: what the file comes to, what was left out, what needs a look."""

from collections.abc import Iterator
from decimal import Decimal

from commissions.imports.order_grouping import OrderGroups
from commissions.imports.order_staging import SHOWN, Stored, conflicts_among, shopless
from commissions.unowned import unowned_words
from core.money import plain
from core.text import listed
from people.models import Department


def ask_what_is_open(groups: OrderGroups) -> None:
    """Put the questions that the file left open."""
    rows = groups.rows
    rows.states.ask()
    rows.after_sales.ask()
    rows.money.ask()
    groups.ask()


def totals_of(
    groups: OrderGroups, *, orders: int, sales: Decimal, refunds: Decimal
) -> Iterator[tuple[str, str]]:
    """What the file comes to in orders and money, and what of it fell under a state or a setting."""
    rows = groups.rows
    yield "已付款订单", f"{orders:,} 单"
    yield "付款", _yuan(sales)
    yield "退款", _yuan(refunds)
    yield "净额", _yuan(sales - refunds)
    for state in (*rows.states.left_out(), *rows.after_sales.left_out()):
        yield f"{state.text}（不计）", f"{state.rows:,} 行，{_yuan(state.money)}"
    for (what, is_left_out), found in rows.special.items():
        yield f"{what}（{'不计' if is_left_out else '计入'}）", f"{found.rows:,} 行，{_yuan(found.money)}"
    if groups.instalments.rows:
        found = groups.instalments
        yield found.text, f"{found.rows:,} 行，{_yuan(found.money)}，与同一订单的另一行合计"


def notes_of(department: Department, candidates: list[tuple[str, str]], done: Stored) -> Iterator[str]:
    """What people should look at after the orders are stored."""
    if conflicts := conflicts_among(department, candidates):
        yield (
            f"{len(conflicts)} 个订单的备注里有两个不同的工号，不归任何人：{listed(conflicts, SHOWN)}。"
            "请更正备注，或用归属表指定。"
        )
    if done.outdated:
        yield f"{done.outdated} 个订单已有更晚的导出，按较晚的保留。"
    if done.moved:
        shown = listed([f"{number}（{old} 改为 {new}）" for number, old, new in done.moved], SHOWN)
        yield (
            f"{len(done.moved)} 个订单的付款时间和金额都与以前不同，按这个文件的：{shown}。"
            "如果是定金与尾款，请把两笔放在同一个文件里导入。"
        )
    if both := shopless(department):
        yield (
            f"有些订单号既记在某店铺名下、又记在无店铺名下，会重复计算：{listed(both, SHOWN)}。"
            "请在导入时指定店铺（--shop）。"
        )
    for month in sorted({day.replace(day=1) for day in done.months}):
        if words := unowned_words(department, month):
            yield f"{month:%Y-%m}：{words}。"


def _yuan(amount: Decimal) -> str:
    return f"{plain(amount)} 元"
