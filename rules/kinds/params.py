"""Reading a provision's parameters: typed, complete, no unknown key; a blank stays a blank.

A kind is a frozen dataclass whose fields are made with `param`. `null` in a parameter that has no
default (or is marked `blank`) is a figure that the source left open: the provision is inert until
somebody fills it in. `one_of` on the class lists groups of which exactly one key must be given,
`any_of` keys of which at least one must be, `together` groups of which all or none are.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

Reader = Callable[[Any, str, list[str]], Any]
T = TypeVar("T")


class ParamError(ValueError):
    """A parameter is wrong; the message (Chinese) names it and says what is expected."""


def param(reader: Reader, label: str, *, blank: bool = False, **kwargs: Any) -> Any:
    """A dataclass field that `reader` reads; `label` is its Chinese name. Defaults as for `field`.

    `blank`: null means a figure left open although the field has a default.
    """
    return dataclasses.field(metadata={"reader": reader, "label": label, "blank": blank}, **kwargs)


def read_params(cls: type[T], raw: Any, path: str = "") -> tuple[T, list[str]]:
    """The dataclass `cls` read from the mapping `raw`, and the paths of its blanks.

    Raises ParamError for an unknown key, a missing parameter or a value out of its type.
    """
    blanks: list[str] = []
    return _read(cls, raw, path, blanks), blanks


def _read(cls: type[T], raw: Any, path: str, blanks: list[str]) -> T:
    if not isinstance(raw, Mapping):
        raise ParamError(f"{path or '参数'}：应为键值表")
    # A field named after a Python keyword carries an underscore: `from_` reads the key `from`.
    fields = {each.name.rstrip("_"): each for each in dataclasses.fields(cls)}  # type: ignore[arg-type]
    here = f"{path}." if path else ""
    for key in raw:
        if key not in fields:
            raise ParamError(f"未知参数 {here}{key}；可用：{'、'.join(fields)}")
    for group in getattr(cls, "one_of", ()):
        if sum(name in raw for name in group) != 1:
            raise ParamError(f"{here}{'、'.join(group)} 须且只须给出一项")
    any_of = getattr(cls, "any_of", ())
    if any_of and not any(name in raw for name in any_of):
        raise ParamError(f"{here}{'、'.join(any_of)} 至少给出一项")
    for group in getattr(cls, "together", ()):
        if 0 < sum(name in raw for name in group) < len(group):
            raise ParamError(f"{here}{'、'.join(group)} 须一起给出")
    values: dict[str, Any] = {}
    for name, each in fields.items():
        optional = each.default is not dataclasses.MISSING or each.default_factory is not dataclasses.MISSING
        if name not in raw:
            if not optional:
                raise ParamError(f"缺少参数 {here}{name}（{each.metadata['label']}）")
        elif raw[name] is None:
            if not optional or each.metadata.get("blank"):
                blanks.append(f"{here}{name}")
                values[each.name] = None
        else:
            values[each.name] = each.metadata["reader"](raw[name], f"{here}{name}", blanks)
    try:
        return cls(**values)
    except ParamError as error:
        raise ParamError(f"{here}{error}") from None


def number(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """An exact decimal from a string or an integer; a float is refused because it is not exact."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise ParamError(f'{path}：应为数字，写成带引号的文字，如 "0.05"；现为 {raw!r}')
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise ParamError(f"{path}：不是数字：{raw!r}") from None
    if not value.is_finite():
        raise ParamError(f"{path}：不是数字：{raw!r}")
    return value


def money(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """Yuan, not negative, at most two places."""
    value = signed_money(raw, path, blanks)
    if value < 0:
        raise ParamError(f"{path}：金额不能为负：{raw}")
    return value


def signed_money(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """Yuan of either sign, at most two places."""
    value = number(raw, path, blanks)
    if value != value.quantize(Decimal("0.01")):
        raise ParamError(f"{path}：金额最多两位小数：{raw}")
    return value


def factor(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """A number that is not negative: a rate, a multiple, points."""
    value = number(raw, path, blanks)
    if value < 0:
        raise ParamError(f"{path}：不能为负：{raw}")
    return value


def positive(raw: Any, path: str, blanks: list[str]) -> Decimal:
    value = number(raw, path, blanks)
    if value <= 0:
        raise ParamError(f"{path}：应大于0：{raw}")
    return value


def rate(raw: Any, path: str, blanks: list[str]) -> Decimal:
    """A share between 0 and 1: 1 % is written 0.01."""
    value = factor(raw, path, blanks)
    if value > 1:
        raise ParamError(f"{path}：比例应在0与1之间，1%写作0.01；现为 {raw}")
    return value


def count(raw: Any, path: str, blanks: list[str]) -> int:
    """A whole number, not negative."""
    value = factor(raw, path, blanks)
    if value != int(value):
        raise ParamError(f"{path}：应为整数：{raw}")
    return int(value)


def flag(raw: Any, path: str, blanks: list[str]) -> bool:
    if not isinstance(raw, bool):
        raise ParamError(f"{path}：应为 true 或 false：{raw!r}")
    return raw


def clock_time(raw: Any, path: str, blanks: list[str]) -> int:
    """Minutes after midnight, written 08:30; 24:00 is the end of the day."""
    hours, colon, minutes = raw.partition(":") if isinstance(raw, str) else ("", "", "")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        raise ParamError(f'{path}：应为时刻，写成带引号的文字，如 "08:30"；现为 {raw!r}')
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > 24 * 60:
        raise ParamError(f"{path}：没有这个时刻：{raw}")
    return value


def weekday(raw: Any, path: str, blanks: list[str]) -> int:
    """1 Monday to 7 Sunday."""
    value = count(raw, path, blanks)
    if not 1 <= value <= 7:
        raise ParamError(f"{path}：星期应为1（周一）至7（周日）：{raw}")
    return value


def month_day(raw: Any, path: str, blanks: list[str]) -> tuple[int, int]:
    """A day of every year, written 05-01."""
    try:
        month, day = (int(part) for part in str(raw).split("-"))
        date(2023, month, day)
    except ValueError:
        raise ParamError(f"{path}：应为每年的某一天，如 05-01：{raw!r}") from None
    return month, day


def text(raw: Any, path: str, blanks: list[str]) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ParamError(f"{path}：应为文字：{raw!r}")
    return raw


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of some words; `labels` says each of them in Chinese."""

    labels: Mapping[str, str]

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> str:
        if not isinstance(raw, str) or raw not in self.labels:
            raise ParamError(f"{path}：应为 {'、'.join(self.labels)} 之一；现为 {raw!r}")
        return raw


@dataclasses.dataclass(frozen=True)
class OpenChoice:
    """A text that is mostly one of some known words; `labels` says those in Chinese."""

    labels: Mapping[str, str]

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> str:
        return text(raw, path, blanks)


@dataclasses.dataclass(frozen=True)
class Many:
    """A list; each entry read by `reader`."""

    reader: Reader
    at_least: int = 0

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple):
            raise ParamError(f"{path}：应为列表")
        if len(raw) < self.at_least:
            raise ParamError(f"{path}：至少{self.at_least}项")
        read = or_blank(self.reader)
        return tuple(read(each, f"{path}[{i}]", blanks) for i, each in enumerate(raw))


@dataclasses.dataclass(frozen=True)
class OneOrMany(Many):
    """A list, or a single entry without the list around it."""

    at_least: int = 1

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> tuple[Any, ...]:
        return super().__call__(raw if isinstance(raw, list | tuple) else [raw], path, blanks)


@dataclasses.dataclass(frozen=True)
class Keyed:
    """A map from names to values read by `reader`; `labels` says the usual names in Chinese."""

    reader: Reader
    labels: Mapping[str, str]

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise ParamError(f"{path}：应为键值表")
        read = or_blank(self.reader)
        return {str(key): read(value, f"{path}.{key}", blanks) for key, value in raw.items()}


@dataclasses.dataclass(frozen=True)
class Nested:
    """A mapping read as the dataclass `cls`."""

    cls: type[Any]

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> Any:
        return _read(self.cls, raw, path, blanks)


@dataclasses.dataclass(frozen=True)
class Either:
    """The first reader that takes the value; the last one's complaint where none does.

    `readers` stand under what each of them means in Chinese.
    """

    readers: Mapping[str, Reader]

    def __call__(self, raw: Any, path: str, blanks: list[str]) -> Any:
        *others, last = self.readers.values()
        for reader in others:
            tried: list[str] = []
            try:
                value = reader(raw, path, tried)
            except ParamError:
                continue
            blanks += tried
            return value
        return last(raw, path, blanks)


def or_blank(reader: Reader) -> Reader:
    def read(raw: Any, path: str, blanks: list[str]) -> Any:
        if raw is None:
            blanks.append(path)
            return None
        return reader(raw, path, blanks)

    return read


@dataclasses.dataclass(frozen=True)
class DayRange:
    """Days of payment: one range of one year, or (written MM-DD) of every year. Both ends included."""

    first: tuple[int | None, int, int]
    last: tuple[int | None, int, int]

    def holds(self, day: date) -> bool:
        if self.first[0] is None:
            first, last, here = self.first[1:], self.last[1:], (day.month, day.day)
            return first <= here <= last if first <= last else here >= first or here <= last
        return date(*self.first) <= day <= date(*self.last)  # type: ignore[arg-type]

    def in_words(self) -> str:
        """`每年11月11日`, `2026年11月1日至11月11日`."""
        ends = [f"{month}月{day}日" for _, month, day in (self.first, self.last)]
        if self.first[0] is None:
            year, last_year = "每年", ""
        else:
            year = f"{self.first[0]}年"
            last_year = "" if self.last[0] == self.first[0] else f"{self.last[0]}年"
        return f"{year}{ends[0]}" + ("" if self.first == self.last else f"至{last_year}{ends[1]}")


def day_range(raw: Any, path: str, blanks: list[str]) -> DayRange:
    """{from, to} (or one day), each `2026-11-11` for once or `11-11` for every year."""
    raw = raw if isinstance(raw, Mapping) else {"from": raw, "to": raw}
    if set(raw) != {"from", "to"}:
        raise ParamError(f"{path}：应写 from 与 to，如 11-11（每年）或 2026-11-11（一次）")
    ends = []
    for end in ("from", "to"):
        parts = str(raw[end]).split("-")
        try:
            numbers = [int(part) for part in parts]
            date(*([2024, *numbers] if len(parts) == 2 else numbers))
        except (ValueError, TypeError):
            raise ParamError(f"{path}.{end}：不是日期：{raw[end]!r}；写作 11-11 或 2026-11-11") from None
        ends.append((None, *numbers) if len(parts) == 2 else tuple(numbers))
    if (ends[0][0] is None) != (ends[1][0] is None):
        raise ParamError(f"{path}：from 与 to 应同为每年或同为某年")
    if ends[0][0] is not None and ends[1] < ends[0]:
        raise ParamError(f"{path}：to 早于 from")
    return DayRange(*ends)  # type: ignore[arg-type]
