"""Days and months as the API takes and gives them: `2026-10-05`, `2026-10`, none outside FIRST to LAST."""

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

# Days outside are slips of the pen, which would touch every month between.
FIRST, LAST = date(1970, 1, 1), date(2099, 12, 31)
BOUNDS = [
    MinValueValidator(FIRST, f"日期不能早于{FIRST}。"),
    MaxValueValidator(LAST, f"日期不能晚于{LAST}。"),
]
_MONTH = re.compile(r"(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
MONTH_MISTAKE = "月份请写成 2026-10 的形式。"
MONTH_SCHEMA = {"type": "string", "pattern": r"^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$", "example": "2026-10"}


def month_from(text: str) -> date | None:
    """The first day of the month that is written `2026-10`; None for anything else."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


class DayField(serializers.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.extend(BOUNDS)


class MomentField(serializers.DateTimeField):
    """A moment with its offset from UTC; without one it is Shanghai's."""

    def to_internal_value(self, value: Any) -> datetime:
        moment: datetime = super().to_internal_value(value)
        if not FIRST.year < moment.year < LAST.year:
            raise serializers.ValidationError(f"时间须在{FIRST.year + 1}年与{LAST.year - 1}年之间。")
        return moment


@extend_schema_field(MONTH_SCHEMA)
class MonthField(serializers.Field):
    """A month, stored as its first day."""

    default_error_messages = {"invalid": MONTH_MISTAKE}

    def to_internal_value(self, data: Any) -> date:
        month = month_from(data) if isinstance(data, str) else None
        if month is None:
            self.fail("invalid")
        return month

    def to_representation(self, value: date) -> str:
        return f"{value:%Y-%m}"


class _MonthFormField(forms.CharField):
    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        month = month_from(text)
        if month is None:
            raise forms.ValidationError(MONTH_MISTAKE)
        return month


class MonthFilter(filters.CharFilter):
    field_class = _MonthFormField


class DayFilter(filters.DateFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=BOUNDS, **kwargs)


def midnight(day: date) -> datetime:
    """The moment at which a day begins in the site's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
