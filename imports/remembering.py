"""What a department said of its files, changed and forgotten by hand; files read later are read so."""

from datetime import datetime
from typing import Any

from django.db import transaction

from imports.errors import ImportRefused
from imports.kinds import also_needed, kinds_open_to
from imports.models import Answer, FormatName, HeaderMapping
from people.models import Account, Department
from sheets.profiles import Profile, all_profiles

LONGEST = 255


def profile_named(kind: str, name: str) -> Profile:
    """The profile. ImportRefused where there is none (any more)."""
    found = next((each for each in all_profiles() if (each.kind, each.name) == (kind, name)), None)
    if found is None:
        raise ImportRefused("没有这种格式。请回到列表重新打开。")
    return found


@transaction.atomic
def header_change(*, mapping: HeaderMapping, field: str, by: Account, at: datetime) -> HeaderMapping:
    """Say anew what a header means: a field of its profile, "" to ignore the column."""
    row = _locked(mapping, by)
    known = {column.field for column in profile_named(row.kind, row.profile).columns}
    if field and field not in known:
        raise ImportRefused("这一项不属于这种表格。请从列出的里面选。", field="field")
    return _saved(row, "field", field, by, at)


@transaction.atomic
def answer_change(*, answer: Answer, value: str, by: Account, at: datetime) -> Answer:
    """Answer a question anew: one of its choices, or freely where it has none."""
    row = _locked(answer, by)
    check_value(row.choices, value)
    return _saved(row, "value", value, by, at)


@transaction.atomic
def forget(*, row: HeaderMapping | Answer, by: Account, at: datetime) -> HeaderMapping | Answer:
    """Count it no more: the next file asks again. A second time does nothing."""
    found = _locked(row, by)
    if found.forgotten_at is None:
        found.forgotten_at, found.by, found.at = at, by, at
        found.save(update_fields=["forgotten_at", "by", "at"])
    return found


@transaction.atomic
def format_rename(
    *, department: Department, kind: str, profile: str, name: str, by: Account, at: datetime
) -> FormatName:
    """Call a profile, with the department's own headers, after the shop or tool that its files are of."""
    _check_kind(kind, department, by)
    profile_named(kind, profile)
    if not name.strip():
        raise ImportRefused("名称不能为空。请写店铺或工具的名字，例如“某某店订单”。", field="name")
    row, _ = FormatName.objects.update_or_create(
        department=department,
        kind=kind,
        profile=profile,
        defaults={"name": name.strip()[:64], "by": by, "at": at, "forgotten_at": None},
    )
    return row


def check_value(choices: Any, value: str) -> None:
    """ImportRefused for what is no answer to a question with these choices (code, words)."""
    codes = [code for code, _ in choices]
    if not value or len(value) > LONGEST:
        raise ImportRefused(f"回答是空的或者超过 {LONGEST} 个字。请重新写。", field="value")
    if codes and value not in codes:
        raise ImportRefused("没有这个回答。请从列出的里面选。", field="value")


def _locked(row: Any, by: Account) -> Any:
    found = type(row).objects.select_for_update(of=("self",)).select_related("department").get(pk=row.pk)
    _check_kind(found.kind, found.department, by)
    return found


def _check_kind(kind: str, department: Department, by: Account) -> None:
    if kind not in kinds_open_to(by, department):
        raise ImportRefused(f"{also_needed(kind)}。请有权限的人来改。")


def _saved(row: Any, name: str, value: str, by: Account, at: datetime) -> Any:
    """The row with the value, remembered again if it was forgotten; nothing where it says so already."""
    if getattr(row, name) != value or row.forgotten_at:
        setattr(row, name, value)
        row.by, row.at, row.forgotten_at = by, at, None
        row.save(update_fields=[name, "by", "at", "forgotten_at"])
    return row
