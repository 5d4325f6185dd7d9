"""A line's trace as people read it: Chinese labels, nested lists, every text escaped."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from rules.kinds.sales import METRIC_LABELS

# In the order in which they are shown: the database does not keep the order of a trace's keys.
LABELS = {
    "arithmetic": "计算",
    "provision": "条款",
    "code": "编号",
    "title": "名称",
    "version": "版本",
    "facts": "事实",
    "entries": "台账",
    "entry": "台账编号",
    "incident": "奖惩记录",
    "staff": "员工",
    "date": "日期",
    "quantity": "次数",
    "magnitude": "数量",
    "amount": "金额",
    "note": "经过",
    "reason": "理由",
    "recorded_by": "记录人",
    "confirmed_by": "确认人",
    "reverses": "冲销",
    "measure": "基数",
    "base": "基数金额",
    "brought": "导入值",
    "carried": "上月结转",
    "by": "操作人",
    "targets": "指标",
    "earned": "已得",
    "minimum": "保底",
    "caps": "封顶",
    "limit": "限额",
    "held": "转下月",
    "taken": "本月扣",
    "adjustment": "调整",
    "month": "月份",
    "before": "原为",
    "after": "重算为",
    "sources": "起因",
    "lines": "重算明细",
    "manual": "手工",
    "at": "时间",
    "carried_from": "转自",
    "not_from_wages": "不从工资扣",
    "opening": "期初",
    "opening_balance": "期初编号",
    "value": "数值",
    "line": "明细编号",
    "let_go": "不再扣",
    "unearned": "没有挣到的工资",
    "reduced": "减少收入的",
    "after_tax": "税后扣的",
    "bonus": "年终奖",
    "taxed": "计税方式",
    "case": "案件",
    "received": "接到日期",
    "closed": "结案日期",
    "losses": "损失与依据",
    "parties": "责任方",
    "decided_by": "裁定人",
    "ruling": "裁定编号",
    "charge": "承担编号",
    "points": "扣分",
    "deducted": "扣分项",
    "floor": "最低分",
    "cash": "现金收取",
    "fine": "罚款",
    "due_on": "期限",
    "overdue_multiplier": "逾期倍数",
    "paid": "已交",
    "on": "日期",
    "place": "名次",
    "months": "连续月数",
    **METRIC_LABELS,
}
UNTOLD = frozenset({"before_tax"})  # by which a payslip is put in order; the words stand beside it
ORDER = {key: place for place, key in enumerate(LABELS)}


def trace_html(trace: Any) -> SafeString:
    """The trace as nested HTML lists; nothing in it is taken for markup."""
    if isinstance(trace, Mapping):
        ordered = _ordered(trace)
        pairs = ((_label(key, value), trace_html(value)) for key, value in ordered)
        return format_html(
            '<ul class="list-disc ml-5">{}</ul>',
            format_html_join("", '<li><span class="font-semibold">{}</span>：{}</li>', pairs),
        )
    if isinstance(trace, list):
        items = ((trace_html(value),) for value in trace)
        return format_html(
            '<ol class="list-decimal ml-5">{}</ol>', format_html_join("", "<li>{}</li>", items)
        )
    if trace is None or trace == "":
        return format_html("{}", "—")
    return format_html("{}", METRIC_LABELS.get(trace, trace) if isinstance(trace, str) else trace)


def trace_text(trace: Any) -> str:
    """The trace as plain text, a line for each thing at the top: for papers."""
    if isinstance(trace, Mapping):
        return "\n".join(f"{label}：{value}" for label, value in _told(trace))
    return _inline(trace)


def _inline(trace: Any) -> str:
    if isinstance(trace, Mapping):
        return "，".join(f"{label}：{value}" for label, value in _told(trace))
    if isinstance(trace, list):
        return "；".join(map(_inline, trace))
    return METRIC_LABELS.get(trace, trace) if isinstance(trace, str) else str(trace)


def _told(trace: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a mapping says, in order; what is empty is left out."""
    ordered = _ordered(trace)
    return [(_label(key, value), _inline(value)) for key, value in ordered if value not in (None, "", [], {})]


def _ordered(trace: Mapping[str, Any]) -> list[tuple[str, Any]]:
    told = [item for item in trace.items() if item[0] not in UNTOLD]
    return sorted(told, key=lambda item: ORDER.get(item[0], len(ORDER)))


def _label(key: str, value: Any) -> str:
    if key == "by" and isinstance(value, Mapping):
        return "分档指标"
    return LABELS.get(key, key)
