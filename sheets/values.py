"""From the text or the typed value of a cell to an exact Python value.

Every parser takes what a reader yields (text from CSV; text, float, bool, date … from XLSX), returns
``None`` for a blank cell and raises ``CellError``. Nothing is ever guessed: what can be read in two ways
is refused with the remedy. Amounts and ratios are ``Decimal``; dates and times are naive (local).
"""

import calendar
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sheets.cells import ShownNumber
from sheets.errors import CellError

Parser = Callable[[Any], Any]

# Excel keeps 15 significant digits: an order number stored as a number has lost the rest.
_EXACT_DIGITS = 10**15
_KEPT_DIGITS = 15
_NEXT_SECOND = 0.9995
_EPOCH = 1970
_MONEY = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?", re.ASCII).fullmatch
_MONEY_LONG = re.compile(r"(-?)(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d{1,2})0*)?", re.ASCII).fullmatch
_NUMBER = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,12})?", re.ASCII).fullmatch
_EXPONENT = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})", re.ASCII).fullmatch
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+[eE][+-]?|[eE][+-])\d{1,3}", re.ASCII).fullmatch
_WITH_ZEROS = re.compile(r"(\d+)\.0+", re.ASCII).fullmatch
_SERIAL_BASE = datetime(1899, 12, 30)
_SERIAL_NUMBER = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII).fullmatch
_SERIALS = (36526, 73051)  # 2000-01-01 to 2100-01-01
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?", re.ASCII).fullmatch
_TEXT_CELL = re.compile(r'="(.*)"', re.DOTALL).fullmatch
_WEEKDAY = r"(?:\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
_DATE = re.compile(r"(\d{4}|\d{2})([-/.])(\d{1,2})\2(\d{1,2})" + _WEEKDAY, re.ASCII).fullmatch
_DATE_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]" + _WEEKDAY, re.ASCII).fullmatch
_DATE_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII).fullmatch
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?", re.ASCII).fullmatch
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月份?|(\d{2}))", re.ASCII).fullmatch
_RANGE = re.compile(r"\s*(?:~|—+|–|至|到|\s-\s)\s*").split
# What shops write around order numbers so that a spreadsheet keeps every digit.
_QUOTES = "'`\u2018\u2019\""
_CURRENCY = str.maketrans("", "", "¥￥元 \t\u00a0")

_DATE_REMEDY = "请写成 2020-02-21 的形式"
_MOMENT_REMEDY = "请写成 2020-02-21 13:05 或 2020-02-21 13:05:30 的形式"
_MONTH_REMEDY = "请写成 2020-02 的形式"
_MONEY_REMEDY = "请只填数字，最多两位小数，例如 1234.50"
_NUMBER_REMEDY = "请只填数字，例如 12 或 0.5"
_TRUE = frozenset(("是", "有", "对", "已", "y", "yes", "true", "1", "√", "✓"))
_TRUE |= {"批准", "已批准", "通过", "已通过", "审批通过", "同意"}
_FALSE = frozenset(("否", "无", "没有", "错", "未", "n", "no", "false", "0", "×"))
_FALSE |= {"未批准", "不批准", "未通过", "不通过", "不同意", "拒绝"}


# What programs and people write into a cell that has nothing in it, case aside.
_PLACEHOLDERS = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "―",
        "/",
        "//",
        "\\",
        "无",
        "暂无",
        "暂无数据",
        "无数据",
        "没有数据",
    }
    | {"nan", "n/a", "null", "(null)", "<null>", "none", "nil", "undefined", "(空)", "(空白)"}
    | {"延迟统计", "统计中", "待统计", "未统计", "数据延迟", "数据统计中", "未产出"}
    | {"0000-00-00", "0000/00/00", "0000-00-00 00:00:00", "0000/00/00 00:00:00", "0001-01-01 00:00:00"}
    | {"9999-12-31", "9999/12/31", "9999-12-31 00:00:00", "9999-12-31 23:59:59"}
    | {"1970-01-01 08:00:00", "1970-01-01 00:00:00"}
)
_NO_DAY = 9999  # the year of a date that says that there is none
_DECIMALS = 12  # that a number may have
_NOISE = 1e-6  # what computing with binary fractions leaves behind, and no amount or count is


def is_placeholder(value: object) -> bool:
    """Whether a cell says in so many words that it is blank: -、无、NaN、0000-00-00、延迟统计."""
    if isinstance(value, str):
        return _folded(value).casefold() in _PLACEHOLDERS
    if isinstance(value, date):
        return value.year == _NO_DAY
    return value is None or (isinstance(value, float) and value != value)


def plain(value: object) -> str:
    """A cell as tidy text: no outer spaces, ``="…"`` unwrapped, whole numbers without ``.0``, a number whose
    format shows it otherwise as it is shown."""
    if isinstance(value, str):
        stripped = value.strip().strip("\ufeff\u200b")
        match = _TEXT_CELL(stripped) if stripped.startswith('="') else None
        return match[1].strip() if match else stripped
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, ShownNumber):
        return value.shown.strip()
    if isinstance(value, float):
        return _digits(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def _digits(value: float) -> str:
    # 15 significant digits are what Excel itself shows; the rest is noise of binary fractions.
    if value.is_integer():
        return f"{value:.0f}"
    shown = f"{value:.15g}"
    return f"{Decimal(shown):f}" if "e" in shown else shown


def _folded(value: object) -> str:
    """As ``plain``, with full-width digits and signs made half-width; of a number its digits alone."""
    shown = _digits(value) if isinstance(value, ShownNumber) else plain(value)
    return shown if shown.isascii() else unicodedata.normalize("NFKC", shown).strip()


def text(value: object) -> str | None:
    """Any text; blank is None."""
    shown = plain(value)
    return None if not shown or is_placeholder(shown) else shown


def order_no(value: object) -> str | None:
    """An order number as text. Refused when a spreadsheet turned it into a rounded number."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT_DIGITS:
        shown = "1.23E+18"
    else:
        shown = _folded(plain(value)).strip(_QUOTES)
    if is_placeholder(shown):
        return None
    if _EXPONENT(shown) and not shown.isdigit():
        raise CellError(
            "编号已被表格软件改成数字，末几位已经丢失",
            "请从后台重新导出，不要用 Excel 打开保存；或者先把这一列设为文本格式",
        )
    return shown


def long_number(value: object) -> str | None:
    """The number of a document or an account as text, its digits as they were typed.

    Refused where a spreadsheet program took it for a quantity, and kept 15 of its digits.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    shown = _folded(plain(value)).strip(_QUOTES)
    if is_placeholder(shown):
        return None
    is_rounded = is_number and abs(value) >= _EXACT_DIGITS  # type: ignore[arg-type]
    whole = _WITH_ZEROS(shown)
    if is_rounded or _SCIENTIFIC(shown) or (whole and len(whole[1]) > _KEPT_DIGITS):
        raise CellError(
            "被表格软件当成数字，末几位已经丢失", "请把这一列设为文本格式，再照证件或银行卡重新填写"
        )
    return whole[1] if whole else shown


def money(value: object) -> Decimal | None:
    """An amount in yuan, not negative, at most two decimals."""
    amount = signed_money(value)
    if amount is not None and amount < 0:
        raise CellError("金额不能为负数", "请填写不小于 0 的金额")
    return amount


def signed_money(value: object) -> Decimal | None:
    """An amount in yuan that may be negative, at most two decimals."""
    if isinstance(value, str) and _MONEY(value):
        return Decimal(value)
    if is_placeholder(value):
        return None
    shown = _number_in(value, 2, _MONEY_REMEDY).translate(_CURRENCY)
    match = None if isinstance(value, bool | date | time | timedelta) else _MONEY_LONG(shown)
    if match is None:
        number = _NUMBER(shown) and not isinstance(value, bool | date | time | timedelta)
        raise CellError("金额的小数超过两位" if number else "不是金额", _MONEY_REMEDY)
    return Decimal(f"{match[1]}{match[2].replace(',', '')}.{match[3] or '0'}")


def decimal(value: object) -> Decimal | None:
    """A number with any sign, exactly as written."""
    return _decimal(value, _DECIMALS)


def _decimal(value: object, places: int) -> Decimal | None:
    if is_placeholder(value):
        return None
    shown = _number_in(value, places, _NUMBER_REMEDY)
    if isinstance(value, bool | date | time | timedelta) or not _NUMBER(shown):
        raise CellError("不是数字", _NUMBER_REMEDY)
    return Decimal(shown.replace(",", ""))


def _number_in(value: object, places: int, remedy: str) -> str:
    """The digits of a number, as ``_folded``: without an exponent, and without the noise of computing that
    is left behind its decimal places."""
    if isinstance(value, float):
        near = round(value, places)
        if (
            value != near
            and abs(value - near) < min(_NOISE, 10.0**-places / 2)
            and abs(value) < _EXACT_DIGITS
        ):
            return _digits(near + 0.0)  # a negative zero is a zero
        return _folded(value)
    shown = _folded(value)
    match = _EXPONENT(shown)
    if match is None:
        return shown
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", int(match[4])
    if exponent > len(fraction):
        raise CellError("写成了科学计数，末几位已经丢失", remedy)
    number = Decimal(f"{sign}{whole}.{fraction or 0}").scaleb(exponent)
    rounded = round(number, places)
    if places <= 2 and abs(number - rounded) < Decimal(_NOISE):
        return f"{rounded + 0:f}"
    return f"{round(number, _DECIMALS):f}"


def count(value: object) -> int | None:
    """A whole number, not negative."""
    number = _decimal(value, 0)
    if number is None:
        return None
    if number < 0 or number != number.to_integral_value():
        raise CellError("不是不小于 0 的整数", "请填整数，例如 12")
    return int(number)


def quantity(value: object) -> Decimal | None:
    """A number that is not negative (days, minutes, scores)."""
    number = decimal(value)
    if number is not None and number < 0:
        raise CellError("不能为负数", "请填不小于 0 的数")
    return number


def seconds(value: object) -> Decimal | None:
    """A duration in seconds: ``25``, ``25秒``, ``1分5秒``, ``00:01:05``."""
    shown = str(value) if isinstance(value, timedelta | time) else _folded(value)
    clock = re.fullmatch(r"(\d+):(\d{2}):(\d{2})", shown)
    if clock:
        return Decimal(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    spoken = re.fullmatch(r"(?:(\d+)分钟?)?(?:(\d+(?:\.\d+)?)(?:秒|s))?", shown)
    if shown and spoken:
        return Decimal(spoken[1] or 0) * 60 + Decimal(spoken[2] or 0)
    try:
        return quantity(value)
    except CellError as error:
        raise CellError("不是秒数", "请填秒数，例如 25") from error


def percent(value: object, bare_up_to: Decimal = Decimal(1)) -> Decimal | None:
    """A ratio: ``72.41%`` is 0.7241.

    A bare number counts as a ratio up to ``bare_up_to``; above, it could be 72.41 % as well, and is refused.
    """
    shown = _folded(value)
    if shown.endswith("%"):
        number = decimal(shown[:-1].rstrip())
        if number is None:
            raise CellError("不是百分数", "请写成 72.41% 的形式")
        return number.scaleb(-2)
    try:
        number = decimal(value)
    except CellError as error:
        raise CellError("不是百分数", "请写成 72.41% 的形式") from error
    if number is not None and abs(number) > bare_up_to:
        raise CellError("没有百分号，看不出是百分数还是小数", f"请写成 {shown}%，或者写成小数（例如 0.7241）")
    return number


def metric_value(value: object) -> Decimal | None:
    """The value of a metric of any kind: with ``%`` a ratio, otherwise the number as written."""
    return percent(value) if _folded(value).endswith("%") else decimal(value)


def _calendar_day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12 or not 1900 <= year <= 2200:
        raise CellError("没有这一天", _DATE_REMEDY)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise CellError(f"没有这一天，{year} 年 {month} 月只有 {last} 天", "请改成存在的日期")
    return date(year, month, day)


@lru_cache(maxsize=8192)
def _day(shown: str) -> date:
    """A written date. Cached: a file repeats few dates many times."""
    folded = shown if shown.isascii() else unicodedata.normalize("NFKC", shown)
    match = _DATE(folded)
    if match:
        year = int(match[1]) + (2000 if len(match[1]) == 2 else 0)
        return _calendar_day(year, int(match[3]), int(match[4]))
    match = _DATE_CHINESE(folded) or _DATE_COMPACT(folded)
    if match:
        return _calendar_day(int(match[1]), int(match[2]), int(match[3]))
    raise CellError("不是日期", _DATE_REMEDY)


@lru_cache(maxsize=90_000)
def _clock(shown: str) -> time:
    """A written time of day, at most one entry per second of the day."""
    match = _TIME(shown if shown.isascii() else unicodedata.normalize("NFKC", shown))
    if not match or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise CellError("不是时间", _MOMENT_REMEDY)
    clock = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4] and float(match[4]) >= _NEXT_SECOND and clock != (23, 59, 59):
        passed = clock[0] * 3600 + clock[1] * 60 + clock[2] + 1
        clock = passed // 3600, passed // 60 % 60, passed % 60
    return time(*clock)


def moment(value: object) -> datetime | None:
    """A date with a time of day (midnight when there is none), to the second, without zone.

    Parts of a second are left out, but that what is within half a millisecond of the next second is that,
    as spreadsheets have it; never of the next day.
    """
    if isinstance(value, str):
        shown = value.strip()
        if not shown:
            return None
        day, _, clock = shown.partition(" ")
        if clock:
            try:
                found = datetime.combine(_day(day), _clock(clock))
            except CellError:
                pass
            else:
                return None if found.year == _EPOCH and is_placeholder(shown) else found
        return _moment_slow(plain(value))
    if is_placeholder(value):
        return None
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise _no_date(value) or CellError("不是日期时间", _MOMENT_REMEDY)


def serial_moment(value: object) -> datetime | None:
    """The moment, to the second, of the bare number that a spreadsheet program left; else None.

    Of the years 2000 to 2099: lower and higher numbers are not taken for one.
    """
    shown = plain(value) if isinstance(value, str | int | float) else ""
    if not _SERIAL_NUMBER(shown) or not _SERIALS[0] <= float(shown) < _SERIALS[1]:
        return None
    return _SERIAL_BASE + timedelta(seconds=round(float(shown) * 86_400))


def moment_or_serial(value: object) -> datetime | None:
    """As `moment`, also of a time that lost its format, as exports that were saved again have it."""
    return serial_moment(value) or moment(value)


def _no_date(value: object) -> CellError | None:
    """What to say of a date that lost its format and is the bare number of its day."""
    shown = _folded(value)
    if not _SERIAL(shown):
        return None
    found = _SERIAL_BASE + timedelta(days=float(shown))
    return CellError(
        f"是日期变成的数字（相当于 {found:%Y-%m-%d %H:%M}）",
        "请从后台重新导出；自己做的表格，请把这一列设为日期格式再保存",
    )


def _moment_slow(shown: str) -> datetime | None:
    if is_placeholder(shown):
        return None
    if error := _no_date(shown):
        raise error
    folded = unicodedata.normalize("NFKC", shown).strip()
    match = re.fullmatch(r"(.*?)[\sT]*(\d{1,2}:\S+)", folded, re.DOTALL)
    if match:
        return datetime.combine(_day(match[1].strip()), _clock(match[2]))
    return datetime.combine(_day(folded), time())


def day(value: object) -> date | None:
    """A date; a time of day behind it is left out."""
    if is_placeholder(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if error := _no_date(value):
        raise error
    if not isinstance(value, str):
        raise CellError("不是日期", f"{_DATE_REMEDY}，或者把单元格设为日期格式")
    shown = plain(value)
    try:
        return _day(shown)
    except CellError as error:
        if ":" not in unicodedata.normalize("NFKC", shown):
            raise error
    found = _moment_slow(shown)
    return found.date() if found else None


def month(value: object) -> date | None:
    """A calendar month, as its first day."""
    if is_placeholder(value):
        return None
    if isinstance(value, date):
        return date(value.year, value.month, 1)
    shown = _folded(value)
    match = _MONTH(shown)
    number = int(match[2] or match[3] or match[4]) if match else 0
    if not match or not 1 <= number <= 12:
        raise CellError("不是月份", _MONTH_REMEDY)
    return date(int(match[1]), number, 1)


def date_range(value: object) -> tuple[date, date] | None:
    """First and last day, both included. One day or one month alone is a range of itself."""
    if is_placeholder(value):
        return None
    if isinstance(value, date):
        found = day(value)
        return (found, found) if found else None
    shown = _folded(value)
    parts = _RANGE(shown)
    if len(parts) == 1 and _MONTH(shown) and not _DATE_COMPACT(shown):
        first = month(shown)
        assert first is not None
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if len(parts) > 2 or not all(parts):
        raise CellError("不是日期范围", "请写成 2020-02-01~2020-02-29 的形式")
    first, last = day(parts[0]), day(parts[-1])
    assert first is not None and last is not None
    if last < first:
        raise CellError("结束日期早于开始日期", "请把较早的日期写在前面")
    return first, last


def boolean(value: object) -> bool | None:
    """是/否 and their usual forms."""
    if isinstance(value, bool):
        return value
    shown = _folded(value).casefold()
    if not shown:
        return None
    if shown in _TRUE:
        return True
    if shown in _FALSE:
        return False
    if is_placeholder(value):
        return None
    raise CellError("看不出是「是」还是「否」", "请填 是 或 否")


def choice(choices: Mapping[str, str], *, is_open: bool = False) -> Parser:
    """A parser for one of ``choices`` (written form → code). Open choices pass unknown text as given."""
    folded = {key_of(name): code for name, code in choices.items()}
    folded.update({key_of(code): code for code in choices.values()})
    listed = "、".join(dict.fromkeys(choices))

    def parse(value: object) -> str | None:
        shown = plain(value)
        if not shown:
            return None
        code = folded.get(key_of(shown))
        if code is None and is_placeholder(shown):
            return None
        if code is None and not is_open:
            raise CellError("不在可选的范围内", f"可以填：{listed}")
        return code or shown

    return parse


_ARROWS = re.compile(r"(?:[-=—–―─]+>|[→⇒➔➜⟶])")
_INVISIBLE = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")


def key_of(name: object) -> str:
    """The form in which headers and choices are compared: NFKC, no spaces, lower case, one kind of arrow."""
    folded = unicodedata.normalize("NFKC", plain(name))
    return _ARROWS.sub(">", _INVISIBLE.sub("", folded)).casefold()


PARSERS: Mapping[str, Parser] = {
    "text": text,
    "order_no": order_no,
    "long_number": long_number,
    "money": money,
    "signed_money": signed_money,
    "decimal": decimal,
    "count": count,
    "quantity": quantity,
    "seconds": seconds,
    "percent": percent,
    "metric_value": metric_value,
    "date": day,
    "datetime": moment,
    "datetime_or_serial": moment_or_serial,
    "month": month,
    "date_range": date_range,
    "bool": boolean,
}
