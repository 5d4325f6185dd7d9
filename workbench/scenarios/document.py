"""Reading scenario files: known keys only, exact amounts, every complaint with its place."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.periods import first_of, parse_month
from rules.library import PROVISION_KEYS, RulebookError, read_yaml

# Sections and keys that other parts of the product will bring; they are refused by name until then.
NOT_YET: dict[str, str] = {}

# What a person's terms say, from a day on.
TERMS = ("role", "tier", "star", "team", "post", "base_pay", "performance_bonus", "base_points")

KEYS: dict[str, set[str]] = {
    "": {
        *("scenario", "rulebook", "provisions", "months_rules", "department", "month", "months", "staff"),
        *("shifts", "facts", "expect"),
    },
    "department": {"code", "name", "minimum_wage", "caps", "proration"},
    "department.proration": {"divisor", "method"},
    "provisions": PROVISION_KEYS,
    "months_rules": {"from", "provisions"},
    "months_rules.provisions": PROVISION_KEYS,
    "staff": {"number", "name", "hired_on", "left_on", "service_since", "tier_since", "history", *TERMS},
    "staff.history": {"from", "department", *TERMS},
    "shifts": {"code", "start", "end", "start2", "end2", "break_start", "break_end"},
    "facts": {
        *("incidents", "reversals", "attendance", "leave", "full_month", "orders", "metrics", "awards"),
        *("duties_missed", "discipline", "complaints", "payments", "overtime", "openings"),
        *("grades", "exams", "attested", "figures"),
        *("nominations", "contribution_bases", "tax_deductions", "tax_history", "tax_opening", "first_job"),
        *("pay_dates", "annual_bonus"),
    },
    "facts.contribution_bases": {"number", "item", "base", "from", "to", "recorded_at"},
    "facts.tax_deductions": {"number", "kind", "amount", "from", "to", "recorded_at"},
    "facts.tax_history": {"number", "year", "months", "income"},
    "facts.tax_opening": {
        *("number", "year", "through", "income", "contributions", "deductions", "withheld"),
    },
    "facts.annual_bonus": {"number", "date", "amount", "method"},
    "facts.discipline": {"number", "provision", "level", "date", "id"},
    "facts.incidents": {
        *("number", "provision", "date", "recorded_at", "quantity", "magnitude", "amount", "id", "reason"),
    },
    "facts.awards": {"number", "provision", "date", "amount"},
    "facts.grades": {"number", "quarter", "grade"},
    "facts.exams": {"number", "code", "date", "passed", "score"},
    "facts.attested": {"number", "provision", "date", "answer", "note"},
    "facts.nominations": {"number", "provision", "by", "at"},
    "facts.payments": {"incident", "date", "amount"},
    "facts.openings": {"number", "balance", "provision", "date", "value", "note"},
    "facts.reversals": {"incident", "discipline", "complaint", "date", "reason"},
    "facts.complaints": {
        *("id", "received_at", "closed_at", "upheld", "loss", "responsible", "responsible_team", "shares"),
        *("provision", "deadline", "events"),
    },
    "facts.complaints.events": {"at", "event"},
    "facts.attendance": {
        *("number", "date", "late_minutes", "early_minutes", "absent_days"),
        *("shift", "in", "out", "in2", "out2"),
    },
    "facts.duties_missed": {"number", "provision", "date"},
    "facts.leave": {"number", "from", "days", "half", "type", "certificate", "approved"},
    "facts.overtime": {"number", "from", "to", "compensation"},
    "facts.orders": {"order_no", "paid_at", "amount", "remark", "split", "refunds", "shop"},
    "facts.orders.refunds": {"at", "amount"},
    "facts.metrics": {"number", "team", "code", "value", "month"},
    "expect": {
        *("lines", "only", "points", "payslip", "proposals", "carried", "balances", "case", "refused"),
        *("failed", "promotion", "grades", "employer"),
    },
    "expect.promotion": {"to", "verdict"},
    "expect.case": {"due_at", "breached", "clocks", "again"},
    "expect.case.clocks": {"due_at", "breached"},
    "expect.case.again": {"due_at", "breached"},
    "expect.payslip": {"gross", "deductions", "net"},
    "expect.refused": {"fact", "contains"},
}
REQUIRED: dict[str, set[str]] = {
    "": {"scenario", "staff", "expect"},
    "shifts": {"code", "start", "end"},
    "facts.duties_missed": {"number", "provision", "date"},
    "provisions": {"code", "title", "kind"},
    "months_rules": {"from", "provisions"},
    "months_rules.provisions": {"code", "title", "kind"},
    "staff": {"number", "name"},
    "staff.history": {"from"},
    "facts.incidents": {"number", "provision", "date"},
    "facts.awards": {"number", "provision", "date"},
    "facts.nominations": {"number", "provision", "at"},
    "facts.discipline": {"number", "provision", "date"},
    "facts.grades": {"number", "quarter", "grade"},
    "facts.exams": {"number", "code", "date"},
    "facts.attested": {"number", "provision", "date", "answer"},
    "expect.promotion": {"to", "verdict"},
    "facts.payments": {"incident", "date", "amount"},
    "facts.contribution_bases": {"number", "base", "from"},
    "facts.tax_deductions": {"number", "kind", "amount", "from"},
    "facts.tax_history": {"number", "year", "months", "income"},
    "facts.tax_opening": {"number", "year", "through", "income"},
    "facts.annual_bonus": {"number", "date", "amount"},
    "facts.openings": {"number", "balance", "date", "value"},
    "facts.reversals": {"date"},
    "facts.complaints": {"id", "received_at"},
    "facts.complaints.events": {"at", "event"},
    "facts.attendance": {"number", "date"},
    "facts.leave": {"number", "from", "days", "type"},
    "facts.overtime": {"number", "from", "to"},
    "facts.orders": {"order_no", "paid_at", "amount"},
    "facts.orders.refunds": {"amount"},
    "facts.metrics": {"code", "value"},
    "expect.refused": {"fact", "contains"},
}

# Maps in which each name (a staff number, a complaint, a clock) has the keys of the section.
NAMED = {"expect.payslip", "expect.case", "expect.case.clocks", "expect.promotion"}
# Of these each name may have several, as a list.
SEVERAL = {"expect.promotion"}
MAPS = {
    "department",
    "department.proration",
    "facts",
    "facts.complaints.shares",
    "facts.figures",
    "facts.orders.split",
    "facts.pay_dates",
    "expect",
    "expect.case.again",
    *NAMED,
} | {f"expect.{key}" for key in ("lines", "points", "proposals", "carried", "balances", "grades", "employer")}
LISTS = {
    "months",
    "facts.full_month",
    "facts.first_job",
    "facts.complaints.responsible",
    "expect.only",
    "expect.failed",
} | (KEYS.keys() - MAPS)
# What stands below each name.
BY_NAME: Mapping[str, type] = {
    "expect.proposals": list,
    **dict.fromkeys(("expect.lines", "expect.balances", "expect.employer", *NAMED - SEVERAL), Mapping),
}
# What may happen on a complaint after its receipt.
EVENTS = (
    *("messaged", "phoned", "replied", "invalid", "served", "revisited", "shipped"),
    *("closed", "reopened", "paused", "resumed"),
)
# What people bring along that settlement reads.
BALANCES = ("count", "points", "loss", "streak", "leave")
# What a reversal takes back, one of them.
REVERSED = ("incident", "discipline", "complaint")
# How a step of the ladder may stand.
VERDICTS = ("met", "not_met", "missing")
# Which half of a day a leave takes, as files say it.
HALVES = {"am": "first", "pm": "second"}


class Malformed(Exception):
    """The file is not a scenario file; the message (Chinese) names the place."""


class NotSupported(Exception):
    """The scenario uses a section that the program does not know yet; the message names it."""


def read_scenarios(path: Path) -> list[dict[str, Any]]:
    """The scenarios of one file, checked for known keys and exact amounts. Raises Malformed."""
    try:
        documents = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RulebookError) as error:
        raise Malformed(f"{path}：不是可读的YAML文件：{error}") from None
    scenarios: dict[str, dict[str, Any]] = {}
    for number, document in enumerate(documents, 1):
        if document is None:
            continue
        try:
            scenario = _read(document, f"第{number}份")
            if str(scenario["scenario"]) in scenarios:
                raise Malformed(f"两个场景同名：{scenario['scenario']}")
        except Malformed as error:
            raise Malformed(f"{path}：{error}") from None
        scenarios[str(scenario["scenario"])] = scenario
    return list(scenarios.values())


def _read(document: Any, place: str) -> dict[str, Any]:
    scenario: dict[str, Any] = exact(document, place)
    check(scenario, "", place)
    if ("month" in scenario) == ("months" in scenario):
        raise Malformed(f"{place}：month 与 months 须且只须写一个")
    if "months" in scenario:
        months = [as_month(each, f"{place}.months") for each in scenario["months"] or []]
        if not months:
            raise Malformed(f"{place}.months：至少写一个月")
        for each in scenario["expect"]:
            if as_month(each, f"{place}.expect") not in months:
                raise Malformed(f"{place}.expect.{each}：months 里没有这个月")
    else:
        as_month(scenario["month"], f"{place}.month")
    if not (scenario.get("rulebook") or scenario.get("provisions")):
        raise Malformed(f"{place}：rulebook 与 provisions 至少写一个")
    return scenario


def exact(value: Any, place: str) -> Any:
    """The document with its floats as text; a float with more than two places is not an exact amount."""
    if isinstance(value, float):
        text = str(value)
        if "e" in text or len(text.partition(".")[2]) > 2:
            raise Malformed(f"{place}：{value} 不是准确的数，请加引号")
        return text
    if isinstance(value, Mapping):
        return {str(key): exact(each, f"{place}.{key}") for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each, f"{place}[{i}]") for i, each in enumerate(value)]
    return value


def check(value: Any, section: str, place: str) -> None:
    """Raise Malformed for an unknown or missing key below `section`; keys of later stages pass."""
    if not isinstance(value, Mapping):
        raise Malformed(f"{place}：应为键值表")
    prefix = f"{section}." if section else ""
    for key in value:
        if key not in KEYS[section] and f"{prefix}{key}" not in NOT_YET:
            raise Malformed(f"{place}：未知的键 {prefix}{key}；可用：{'、'.join(sorted(KEYS[section]))}")
    for key in REQUIRED.get(section, set()):
        if value.get(key) is None:
            raise Malformed(f"{place}：缺少 {prefix}{key}")
    if section == "facts.attendance":
        _check_clocked(value, place)
    if section == "facts.complaints.events" and value["event"] not in EVENTS:
        raise Malformed(f"{place}：没有事件 {value['event']}；可用：{'、'.join(EVENTS)}")
    if section == "facts.openings" and value["balance"] not in BALANCES:
        raise Malformed(f"{place}：没有期初项目 {value['balance']}；可用：{'、'.join(BALANCES)}")
    if section == "facts.exams" and value.get("passed") is None and value.get("score") is None:
        raise Malformed(f"{place}：缺少 {prefix}passed 或 {prefix}score")
    if section == "expect.promotion" and value["verdict"] not in VERDICTS:
        raise Malformed(f"{place}：verdict 应为 {'、'.join(VERDICTS)}；现为 {value['verdict']}")
    if section == "facts.metrics" and not (value.get("number") or value.get("team")):
        raise Malformed(f"{place}：缺少 {prefix}number 或 {prefix}team")
    if section == "facts.reversals":
        _check_reversed(value, place)
    if section == "facts.leave" and value.get("half") not in {None, *HALVES}:
        raise Malformed(f"{place}：half 应为 {'、'.join(HALVES)}")
    for key, each in value.items():
        if each is not None:
            check_below(each, f"{prefix}{key}", f"{place}.{key}", by_month="months" in value)


def _check_clocked(row: Mapping[str, Any], place: str) -> None:
    """A day is told by its clock times or by its figures."""
    if row.get("shift") is None and any(row.get(key) is not None for key in ("in", "out", "in2", "out2")):
        raise Malformed(f"{place}：有 in 或 out 时须写 shift")
    figures = [key for key in ("late_minutes", "early_minutes", "absent_days") if row.get(key) is not None]
    if row.get("shift") is not None and figures:
        raise Malformed(f"{place}：打卡时间与 {'、'.join(figures)} 只能写一种")


def _check_reversed(row: Mapping[str, Any], place: str) -> None:
    """A reversal names one thing."""
    may = sorted(KEYS["facts.reversals"] - {"date", "reason"})
    if sum(row.get(key) is not None for key in may) != 1:
        raise Malformed(f"{place}：facts.reversals 的 {'、'.join(may)} 须且只须写一个")


def check_below(value: Any, section: str, place: str, *, by_month: bool) -> None:
    if section in MAPS and not isinstance(value, Mapping):
        raise Malformed(f"{place}：应为键值表")
    if section in LISTS and not isinstance(value, list):
        raise Malformed(f"{place}：应为列表")
    for name, each in value.items() if section in BY_NAME else ():
        if not isinstance(each, BY_NAME[section]):
            kind = "列表" if BY_NAME[section] is list else "键值表"
            raise Malformed(f"{place}.{name}：应为{kind}")
    if section not in KEYS:
        return
    if section == "expect" and by_month:
        for month, wanted in value.items():
            as_month(month, place)
            check(wanted or {}, section, f"{place}.{month}")
    elif section in NAMED:
        for name, each in value.items():
            for one in several(each) if section in SEVERAL else [each]:
                check(one, section, f"{place}.{name}")
    elif isinstance(value, Mapping):
        check(value, section, place)
    else:
        for i, each in enumerate(value):
            check(each, section, f"{place}[{i}]")


def several(value: Any) -> list[Any]:
    """A list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def refuse_later_sections(scenario: Mapping[str, Any]) -> None:
    """Raise NotSupported where the scenario needs what does not exist yet."""
    facts = scenario.get("facts") or {}
    wanted = scenario["expect"]
    expects = wanted.values() if "months" in scenario else [wanted]
    used = [f"facts.{key}" for key in facts]
    used += [f"expect.{key}" for each in expects for key in each or {}]
    for place in used:
        if place in NOT_YET:
            raise NotSupported(f"{place}：还不支持{NOT_YET[place]}")


def as_date(value: Any, place: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Malformed(f"{place}：不是日期：{value}；写作 2026-10-05") from None


def as_month(value: Any, place: str) -> date:
    if isinstance(value, date):
        return first_of(value)
    try:
        return parse_month(str(value))
    except ValueError:
        raise Malformed(f"{place}：不是月份：{value}；写作 2026-10") from None


def as_quarter(value: Any, place: str) -> date:
    """The first day of a quarter."""
    year, _, number = str(value).upper().partition("Q")
    if not (year.isdecimal() and len(year) == 4 and number in ("1", "2", "3", "4")):
        raise Malformed(f"{place}：不是季度：{value}；写作 2026Q3")
    return date(int(year), int(number) * 3 - 2, 1)


def as_moment(value: Any, place: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise Malformed(f"{place}：不是时间：{value}；写作 2026-10-03 10:20") from None


def as_clock(value: Any, place: str) -> time:
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(f'{place}：不是时刻：{value}；写作 "08:30"，带引号') from None


def as_decimal(value: Any, place: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Malformed(f"{place}：不是数：{value}") from None
    if not number.is_finite():
        raise Malformed(f"{place}：不是数：{value}")
    return number


def as_count(value: Any, place: str) -> int:
    """A whole number."""
    number = as_decimal(value, place)
    if number != int(number):
        raise Malformed(f"{place}：应为整数：{value}")
    return int(number)


def as_flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"{place}：应为 true 或 false：{value}")
    return value


def optional_decimal(value: Any, place: str) -> Decimal | None:
    return None if value is None else as_decimal(value, place)
