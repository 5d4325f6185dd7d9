"""What people wrote, as it is stored: texts, and the fields that a case type names."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from complaints.errors import CaseRefused
from core.errors import Refused
from rules.kinds.cases import CaseField

VALUE_LENGTH = 2000


def written(
    text: str,
    what: str,
    *,
    most: int,
    field: str,
    missing: str = "",
    remedy: str = "请填写",
    refused: type[Refused] = CaseRefused,
) -> str:
    """A text without what no column holds; refused beyond `most` characters, or empty where `missing`."""
    text = text.replace("\x00", "").strip()
    if missing and not text:
        raise refused(missing, remedy, field=field)
    if len(text) > most:
        raise refused(f"{what}有{len(text)}字", f"最多{most}字，请写短一些", field=field)
    return text


def read_fields(fields: Sequence[CaseField], given: Mapping[str, Any]) -> dict[str, str]:
    """What was written into fields of a card or a step, by their names; CaseRefused names what is missing."""
    known = {each.name for each in fields}
    if unknown := [name for name in given if name not in known]:
        raise CaseRefused(f"没有栏目“{unknown[0]}”", "请刷新页面后再填", field=unknown[0])
    values = {}
    for each in fields:
        value = str(given.get(each.name) or "").replace("\x00", "").strip()
        if not value:
            if each.required:
                raise CaseRefused(f"没有填“{each.name}”", "请填写", field=each.name)
            continue
        _check_value(each, value)
        values[each.name] = value
    return values


def _check_value(spec: CaseField, value: str) -> None:
    if len(value) > VALUE_LENGTH:
        raise CaseRefused(
            f"“{spec.name}”有{len(value)}字", f"最多{VALUE_LENGTH}字，请写短一些", field=spec.name
        )
    if spec.type == "choice" and value not in spec.choices:
        raise CaseRefused(f"“{spec.name}”没有“{value}”", f"可选：{'、'.join(spec.choices)}", field=spec.name)
    if spec.type == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            raise CaseRefused(f"“{spec.name}”不是日期", "写作 2026-10-05", field=spec.name) from None
    if spec.type == "number" and not value.replace(".", "", 1).isdecimal():
        raise CaseRefused(f"“{spec.name}”不是数字", "写作 10 或 10.5", field=spec.name)
