"""One figure of a provision as a form field: typed, with its unit, in the words that people use."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from core.money import plain
from rules.kinds.labels import WEEKDAYS
from rules.kinds.params import (
    Choice,
    Many,
    OpenChoice,
    ParamError,
    Reader,
    clock_time,
    count,
    day_range,
    factor,
    flag,
    money,
    month_day,
    number,
    positive,
    rate,
    signed_money,
    weekday,
)

MOST = Decimal(10) ** 8
UNITS: Mapping[Any, str] = {money: "（元）", signed_money: "（元，负数为扣）", rate: "（%）"}
NUMBER_ERRORS = {
    "invalid": "不是数字，请写成 10 或 10.5 这样",
    "min_value": "不能小于 %(limit_value)s",
    "max_value": "不能大于 %(limit_value)s",
    "max_decimal_places": "最多 %(max)s 位小数",
    "required": "请填写",
}
REQUIRED = {"required": "请填写"}
NOT_DAYS = "不是日期，请写成 11-11、2026-11-11 或 2026-11-01 至 2026-11-11"
WRITTEN: Mapping[Reader, str] = {
    clock_time: "写成 08:30 这样；一天的末了写 24:00",
    month_day: "写成 05-01 这样",
}
SEPARATORS = re.compile(r"[,，、]")


def field_for(reader: Reader, label: str, *, required: bool) -> forms.Field:
    """The form field of a single figure that `reader` reads, or of a list of texts.

    Its cleaned value is what is stored.
    """
    if isinstance(reader, Choice):
        choices = list(reader.labels.items())
        return forms.ChoiceField(
            label=label,
            required=required,
            choices=choices if required else [("", "（不定）"), *choices],
            error_messages={"required": "请选择"},
        )
    if isinstance(reader, OpenChoice):
        return NameField(reader.labels, label=label, required=required)
    if reader is flag:
        return forms.BooleanField(label=label, required=False)
    if reader is weekday:
        days = [(str(number), name) for number, name in WEEKDAYS.items()]
        return forms.TypedChoiceField(
            label=label,
            required=required,
            coerce=int,
            empty_value=None,
            choices=days if required else [("", "（不定）"), *days],
            error_messages={"required": "请选择"},
        )
    if reader in WRITTEN:
        return WrittenField(reader, label=label, required=required)
    if reader is day_range:
        return DaysField(label=label, required=required)
    if isinstance(reader, Many):
        return LinesField(label=label, required=required)
    if reader in (count, factor, positive, money, signed_money, rate, number):
        return FigureField(reader, label=label + UNITS.get(reader, ""), required=required)
    return forms.CharField(label=label, required=required, max_length=200, error_messages=REQUIRED)


class FigureField(forms.DecimalField):
    """An exact number as the kinds store it: text, rates as a share although people write percent."""

    def __init__(self, reader: Reader, **kwargs: Any) -> None:
        self.reader = reader
        places = 2 if reader in (money, signed_money) else 0 if reader is count else 6
        lowest = None if reader in (number, signed_money) else 0
        highest = 100 if reader is rate else MOST
        errors = dict(NUMBER_ERRORS)
        if reader is rate:
            errors |= {"min_value": "比例应在 0%% 到 100%% 之间", "max_value": "比例应在 0%% 到 100%% 之间"}
        if reader is count:
            errors["max_decimal_places"] = "应为整数"
        super().__init__(
            min_value=lowest, max_value=highest, decimal_places=places, error_messages=errors, **kwargs
        )
        self.widget.attrs |= {"inputmode": "numeric" if reader is count else "decimal", "step": "any"}

    def shown(self, stored: Any) -> str:
        """A stored figure as people write it."""
        value = Decimal(str(stored))
        if self.reader in (money, signed_money):
            return f"{value:.2f}"
        return plain(value * 100 if self.reader is rate else value)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned is None:
            return None
        if self.reader is positive and not cleaned:
            raise forms.ValidationError("应大于 0")
        if self.reader is count:
            return int(cleaned)
        if self.reader in (money, signed_money):
            return f"{cleaned:.2f}"
        return plain(cleaned / 100 if self.reader is rate else cleaned)


class NameField(forms.CharField):
    """A word that is stored as a code: people see and write the Chinese; other words stay as written.

    Several words separated by commas are stored so where `several`.
    """

    def __init__(self, labels: Mapping[str, str], *, several: bool = False, **kwargs: Any) -> None:
        self.labels = labels
        self.several = several
        super().__init__(max_length=200, error_messages=REQUIRED, **kwargs)

    def shown(self, stored: Any) -> str:
        return "、".join(self.labels.get(each.strip(), each.strip()) for each in str(stored).split(","))

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned:
            return None
        codes = {label: code for code, label in self.labels.items()}
        words = SEPARATORS.split(cleaned) if self.several else [cleaned]
        return ",".join(codes.get(word.strip(), word.strip()) for word in words if word.strip())


class WrittenField(forms.CharField):
    """A short text in a fixed form, stored as it is written: 08:30, 05-01."""

    def __init__(self, reader: Reader, **kwargs: Any) -> None:
        self.reader = reader
        super().__init__(max_length=5, help_text=WRITTEN[reader], error_messages=REQUIRED, **kwargs)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned:
            return None
        try:
            self.reader(cleaned, "", [])
        except ParamError:
            raise forms.ValidationError(WRITTEN[self.reader]) from None
        return cleaned


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=5000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text="一行一项。",
            error_messages=REQUIRED,
            **kwargs,
        )

    def shown(self, stored: Any) -> str:
        return "\n".join(map(str, stored))

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return [line for line in lines if line] or None


class DaysField(forms.CharField):
    """A day or a range of days, of one year or of every year."""

    def __init__(self, **kwargs: Any) -> None:
        said = "每年一次写作 11-11，某一年写作 2026-11-11，一段写作 2026-11-01 至 2026-11-11。"
        super().__init__(max_length=50, help_text=said, error_messages=REQUIRED, **kwargs)

    def shown(self, stored: Any) -> str:
        return f"{stored['from']} 至 {stored['to']}" if isinstance(stored, Mapping) else str(stored)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned:
            return None
        ends = [each.strip() for each in re.split("至|到|~", cleaned)]
        raw = ends[0] if len(ends) == 1 else {"from": ends[0], "to": ends[1]}
        try:
            if len(ends) > 2:
                raise ParamError("日期")
            day_range(raw, "", [])
        except ParamError:
            raise forms.ValidationError(
                "不是日期，请写成 11-11、2026-11-11 或 2026-11-01 至 2026-11-11"
            ) from None
        return raw


Shown = Callable[[Any], Any]


def shown_by(field: forms.Field) -> Shown:
    """How a stored value is put into the field."""
    return getattr(field, "shown", lambda stored: stored)
