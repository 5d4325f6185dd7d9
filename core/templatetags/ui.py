"""Template tags of the pages: amounts, bar charts, links that exist (`{% load ui %}`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from core.money import plain

register = template.Library()


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: what it is, how much, the same for the time before, where its rows are."""

    label: str
    value: Decimal
    before: Decimal | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Drawn:
    bar: Bar
    value: str
    before: str
    percent: int
    before_percent: int
    height: int


@register.filter
def money(value: Any) -> str:
    """An amount in yuan: 1234.5 → `1,234.50`, negative ones with a real minus; nothing for None."""
    return "" if value is None or value == "" else written(Decimal(value), 2)


def written(value: Decimal, places: int) -> str:
    """A figure with thousands apart and a real minus."""
    return f"{value:,.{places}f}".replace("-", "−")


@register.filter(name="plain")
def plain_figure(value: Any) -> str:
    """A figure without zeros at its end: 99.9900 → `99.99`."""
    return "" if value is None or value == "" else plain(Decimal(value))


@register.filter
def points_change(deducted: Any) -> str:
    """What became of points, given what was deducted: 2 → `−2 分`, -5 (an award) → `+5 分`."""
    points = Decimal(deducted)
    return f"{'+' if points < 0 else '−'}{plain(abs(points))} 分"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value of a mapping under a key that is itself a variable; None where there is none."""
    return mapping.get(key)


@register.simple_tag
def url_if_any(name: str, *args: Any) -> str:
    """The address of a page by its URL name, or nothing where the site has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("components/chart.html")
def bar_chart(
    title: str, bars: Sequence[Bar], value_label: str = "本月", before_label: str = "上月", places: int = 2
) -> dict[str, Any]:
    """A table whose rows have bars, drawn as inline SVG: what the bars say is written beside them.

    Bars are as long as their absolute value. The second bar is drawn where any row has `before`. `places`
    behind the point: two for amounts, none for what is counted.
    """
    most = max(
        [abs(each) for bar in bars for each in (bar.value, bar.before or Decimal(0))], default=Decimal(0)
    )
    has_before = any(bar.before is not None for bar in bars)
    rows = [
        _Drawn(
            bar=bar,
            value=written(bar.value, places),
            before="" if bar.before is None else written(bar.before, places),
            percent=_percent(bar.value, most),
            before_percent=_percent(bar.before, most),
            height=20 if has_before else 10,
        )
        for bar in bars
    ]
    return {
        "title": title,
        "rows": rows,
        "has_before": has_before,
        "value_label": value_label,
        "before_label": before_label,
    }


def _percent(value: Decimal | None, most: Decimal) -> int:
    """Of a hundred; at least one for anything but nothing, so that it is seen."""
    return max(int(abs(value) * 100 / most), 1) if value and most else 0
