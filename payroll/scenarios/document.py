"""Reading scenario files: known keys only, exact amounts, every complaint with its place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from rules.periods import first_of, parse_month

# Sections and keys that other parts of the product will bring; they are refused by name until then.
NOT_YET = {
    "shifts": "班次与打卡时间",
    "facts.duties_missed": "职责缺失",
    "facts.complaints": "投诉",
    "facts.discipline": "处分",
    "facts.grades": "等级",
    "facts.figures": "部门数字",
    "facts.attendance.shift": "班次与打卡时间",
    "facts.attendance.in": "班次与打卡时间",
    "facts.attendance.out": "班次与打卡时间",
    "expect.case": "投诉",
    "expect.promotion": "晋升",
}

KEYS: dict[str, set[str]] = {
    "": {"scenario", "rulebook", "provisions", "department", "month", "months", "staff", "facts", "expect"},
    "department": {"code", "name", "minimum_wage", "caps"},
    "staff": {
        *("number", "name", "role", "tier", "star", "team", "post", "hired_on", "left_on"),
        *("base_pay", "performance_bonus", "base_points"),
    },
    "facts": {"incidents", "reversals", "attendance", "leave", "full_month", "orders", "metrics", "awards"},
    "facts.incidents": {"number", "provision", "date", "quantity", "magnitude", "amount", "id", "reason"},
    "facts.awards": {"number", "provision", "date", "amount"},
    "facts.reversals": {"incident", "date", "reason"},
    "facts.attendance": {"number", "date", "late_minutes", "early_minutes", "absent_days"},
    "facts.leave": {"number", "from", "days", "type", "certificate", "approved"},
    "facts.orders": {"order_no", "paid_at", "amount", "remark", "refunds", "shop"},
    "facts.orders.refunds": {"at", "amount"},
    "facts.metrics": {"number", "team", "code", "value", "month"},
    "expect": {"lines", "only", "points", "payslip", "proposals", "carried", "refused"},
    "expect.payslip": {"gross", "deductions", "net"},
    "expect.refused": {"fact", "contains"},
}
REQUIRED: dict[str, set[str]] = {
    "": {"scenario", "staff", "expect"},
    "staff": {"number", "name"},
    "facts.incidents": {"number", "provision", "date"},
    "facts.awards": {"number", "provision", "date"},
    "facts.reversals": {"incident", "date"},
    "facts.attendance": {"number", "date"},
    "facts.leave": {"number", "from", "days", "type"},
    "facts.orders": {"order_no", "paid_at", "amount"},
    "facts.orders.refunds": {"amount"},
    "facts.metrics": {"code", "value"},
    "expect.refused": {"fact", "contains"},
}


class Malformed(Exception):
    """The file is not a scenario file; the message (Chinese) names the place."""


class NotSupported(Exception):
    """The scenario uses a section that the program does not know yet; the message names it."""


def read_scenarios(path: Path) -> Iterator[dict[str, Any]]:
    """The scenarios of one file, checked for known keys. Raises Malformed."""
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Malformed(f"{path}：不是可读的YAML文件：{error}") from None
    names = set()
    for number, document in enumerate(documents, 1):
        if document is None:
            continue
        scenario = exact(document, f"第{number}份")
        check(scenario, "", f"第{number}份")
        name = str(scenario["scenario"])
        if name in names:
            raise Malformed(f"{path}：两个场景同名：{name}")
        names.add(name)
        if ("month" in scenario) == ("months" in scenario):
            raise Malformed(f"{path}：{name}：month 与 months 须且只须写一个")
        if not (scenario.get("rulebook") or scenario.get("provisions")):
            raise Malformed(f"{path}：{name}：rulebook 与 provisions 至少写一个")
        yield scenario


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
    for key, each in value.items():
        below = f"{prefix}{key}"
        if below == "expect" and "months" in value:
            for month, wanted in (each or {}).items():
                as_month(month, f"{place}.expect")
                check(wanted or {}, "expect", f"{place}.expect.{month}")
        elif below in KEYS and each is not None:
            check_below(each, below, f"{place}.{key}")


def check_below(value: Any, section: str, place: str) -> None:
    if section == "expect.payslip":
        for number, each in value.items():
            check(each, section, f"{place}.{number}")
    elif isinstance(value, list):
        for i, each in enumerate(value):
            check(each, section, f"{place}[{i}]")
    elif section in {"department", "facts", "expect"}:
        check(value, section, place)
    else:
        raise Malformed(f"{place}：应为列表")


def refuse_later_sections(scenario: Mapping[str, Any]) -> None:
    """Raise NotSupported where the scenario needs what does not exist yet."""
    facts = scenario.get("facts") or {}
    wanted = scenario["expect"]
    expects = wanted.values() if "months" in scenario else [wanted]
    used = [f"facts.{key}" for key in facts] + (["shifts"] if "shifts" in scenario else [])
    used += [f"facts.attendance.{key}" for row in facts.get("attendance") or [] for key in row]
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


def as_moment(value: Any, place: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise Malformed(f"{place}：不是时间：{value}；写作 2026-10-03 10:20") from None


def as_decimal(value: Any, place: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Malformed(f"{place}：不是数：{value}") from None
    if not number.is_finite():
        raise Malformed(f"{place}：不是数：{value}")
    return number


def optional_decimal(value: Any, place: str) -> Decimal | None:
    return None if value is None else as_decimal(value, place)
