"""Profiles: which columns a kind of spreadsheet has, what they may be called and what is in them.

They are data files, ``profiles/<kind>.<name>.yaml``; a new export needs a file there and no code.
"""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from sheets import values
from sheets.cells import FORMS
from sheets.errors import SheetError

# The column that a sheet of faults adds to a file; every profile knows it and reads nothing from it.
EXPLANATIONS = "问题说明"

_FOLDER = Path(__file__).parent / "profiles"
_COLUMN_KEYS = {"names", "type", "required", "filled", "choices", "open", "bare_up_to", "metric", "by", "sum"}
_COLUMN_KEYS |= {"private"}
_PROFILE_KEYS = {"kind", "name", "title", "columns", "ignored", "ignored_like", "rules", "skip_rows"}
_PROFILE_KEYS |= {"percent_metrics", "sheet", "units_row", "characteristic", "foreign", "any_of"}


def header_key(name: object) -> str:
    """The form in which headers are compared: as `key_of`, without the mark of a required column and 元."""
    return values.key_of(name).rstrip("*").removesuffix("(元)")


class ProfileMistake(Exception):
    """A profile file is wrong: for whoever wrote it, not for whoever imports."""


@dataclass(frozen=True)
class ProfileColumn:
    """A field of a profile. ``required``: the column must be there; ``filled``: no cell of it may be blank;
    ``metric``: the field is a metric code; ``by``: the field that says which metric the value is of;
    ``sum``: the headers whose sum it is where the file has no column of its own for it; ``private``: its
    cells are shown nowhere in full."""

    field: str
    names: tuple[str, ...]
    type: str
    required: bool = False
    filled: bool = False
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    open: bool = False
    bare_up_to: Decimal = Decimal(1)
    metric: bool = False
    by: str = ""
    sum: tuple[str, ...] = ()
    private: bool = False

    @property
    def title(self) -> str:
        return self.names[0]

    @property
    def form(self) -> str:
        """What a cell of it holds, in words: 金额，例如 1234.50."""
        return "、".join(self.choices) if self.type == "choice" and not self.open else FORMS[self.type]

    def parser(self) -> values.Parser:
        if self.type == "choice":
            return values.choice(self.choices, is_open=self.open)
        if self.type == "percent" and self.bare_up_to != 1:
            return partial(values.percent, bare_up_to=self.bare_up_to)
        return values.PARSERS[self.type]


@dataclass(frozen=True)
class Profile:
    """``rules`` are notes on meaning that the importer of the kind reads (see the profile file);
    ``skip_rows`` are first cells of rows that are no data, besides those that every file may have
    (sheets/no_data.py). ``ignored_like`` are patterns (买家*) of headers to ignore, ``sheet`` the sheets to
    prefer in a workbook; ``units_row``: a row without figures below the header belongs to it.
    Of each group of ``any_of`` one field must be there (number, other name or name of a person).
    One of the ``characteristic`` headers must be there, and none of the ``foreign`` ones (headers of another
    kind of file), for a file to be recognised as this."""

    kind: str
    name: str
    title: str
    columns: tuple[ProfileColumn, ...]
    ignored: frozenset[str] = frozenset()
    rules: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    skip_rows: frozenset[str] = frozenset()
    percent_metrics: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)
    ignored_like: tuple[str, ...] = ()
    sheet: tuple[str, ...] = ()
    units_row: bool = False
    characteristic: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()
    any_of: tuple[tuple[str, ...], ...] = ()

    def lacking(self, fields: Collection[str]) -> tuple[ProfileColumn, ...]:
        """The columns that must be there and are not among these fields; of a group of which any will do
        the first, with the names of all."""
        missing = [column for column in self.columns if column.required and column.field not in fields]
        for group in self.any_of:
            if not any(field in fields for field in group):
                columns = [column for column in self.columns if column.field in group]
                names = tuple(name for column in columns for name in column.names)
                missing.append(dataclasses.replace(columns[0], names=names))
        return tuple(missing)

    def ignores(self, key: str) -> bool:
        """Whether a column with this header (as `header_key` gives it) is none of the importer's business."""
        return key in self.ignored or any(fnmatchcase(key, pattern) for pattern in self.ignored_like)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns)

    @property
    def metric_fields(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns if column.metric)

    def by_key(self) -> dict[str, ProfileColumn]:
        """Normalised header → column."""
        return {header_key(name): column for column in self.columns for name in column.names}

    def knowing(self, mapping: Mapping[str, str | None]) -> "Profile":
        """The profile with further headers: normalised header → field, None for a column to ignore."""
        columns = tuple(
            dataclasses.replace(
                column,
                names=column.names
                + tuple(header for header, field in mapping.items() if field == column.field),
            )
            for column in self.columns
        )
        unwanted = frozenset(header_key(header) for header, field in mapping.items() if field is None)
        return dataclasses.replace(self, columns=columns, ignored=self.ignored | unwanted)


def profiles_of(kind: str, name: str | None = None) -> tuple[Profile, ...]:
    """The profiles of a kind, or the one of that name. Raises SheetError when there is none."""
    found = tuple(profile for profile in all_profiles() if profile.kind == kind)
    if not found:
        raise SheetError(f"没有「{kind}」这一类表格的配置。")
    if name is None:
        return found
    chosen = tuple(profile for profile in found if profile.name == name)
    if not chosen:
        names = "、".join(f"{profile.name}（{profile.title}）" for profile in found)
        raise SheetError(f"没有名为「{name}」的配置。可以用：{names}。")
    return chosen


@cache
def all_profiles() -> tuple[Profile, ...]:
    """Every profile file, checked."""
    return tuple(load_profile(path) for path in sorted(_FOLDER.glob("*.yaml")))


def load_profile(path: Path) -> Profile:
    """Read and check one profile file. Raises ProfileMistake naming file and key."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    _refuse_unknown(path, content, _PROFILE_KEYS)
    if path.name != f"{content['kind']}.{content['name']}.yaml":
        raise ProfileMistake(f"{path.name}: the file must be named <kind>.<name>.yaml")
    columns = tuple(_column(path, name, entry) for name, entry in content["columns"].items())
    ignored = frozenset(map(header_key, (EXPLANATIONS, *content.get("ignored", ()))))
    keys = [key for column in columns for key in set(map(header_key, column.names))]
    doubled = {key for key in keys if keys.count(key) > 1} | ignored.intersection(keys)
    if doubled:
        raise ProfileMistake(f"{path.name}: header listed twice: {sorted(doubled)}")
    return Profile(
        kind=content["kind"],
        name=content["name"],
        title=content["title"],
        columns=columns,
        ignored=ignored,
        rules=content.get("rules", {}),
        skip_rows=frozenset(values.key_of(each) for each in content.get("skip_rows", ())),
        percent_metrics={
            str(code): Decimal(str(most)) for code, most in content.get("percent_metrics", {}).items()
        },
        ignored_like=tuple(values.key_of(pattern) for pattern in content.get("ignored_like", ())),
        sheet=tuple(str(name) for name in content.get("sheet", ())),
        units_row=bool(content.get("units_row", False)),
        characteristic=_keys(content, "characteristic"),
        foreign=_keys(content, "foreign"),
        any_of=tuple(tuple(group) for group in content.get("any_of", ())),
    )


def _keys(content: Mapping[str, Any], name: str) -> frozenset[str]:
    return frozenset(map(header_key, content.get(name, ())))


def _column(path: Path, name: str, entry: Mapping[str, Any]) -> ProfileColumn:
    _refuse_unknown(path, entry, _COLUMN_KEYS)
    if entry["type"] not in values.PARSERS and entry["type"] != "choice":
        raise ProfileMistake(f"{path.name}: {name} has the unknown type {entry['type']}")
    required = bool(entry.get("required", False))
    return ProfileColumn(
        field=name,
        names=tuple(dict.fromkeys(str(title) for title in entry["names"])),
        type=entry["type"],
        required=required,
        filled=bool(entry.get("filled", required)),
        choices={str(shown): str(code) for shown, code in entry.get("choices", {}).items()},
        open=bool(entry.get("open", False)),
        bare_up_to=Decimal(str(entry.get("bare_up_to", 1))),
        metric=bool(entry.get("metric", False)),
        by=entry.get("by", ""),
        sum=tuple(str(title) for title in entry.get("sum", ())),
        private=bool(entry.get("private", False)),
    )


def _refuse_unknown(path: Path, entry: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(entry) - known
    if unknown:
        raise ProfileMistake(f"{path.name}: unknown keys {sorted(unknown)}")
