"""A provision's parameters as a form that follows from the kind's dataclass: groups, rows, alternatives.

Every part answers `value()` with what is stored under it: ABSENT where nothing is, None for a figure that
stays open. Rows are named by numbers that the form carries, so rows can come and go without renumbering.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import QueryDict

from rules.forms.fields import NameField, field_for, shown_by
from rules.kinds import KINDS, ParamError, parse_kind
from rules.kinds.params import Choice, Either, Keyed, Many, Nested, Reader, flag, text
from rules.library import stored

ABSENT: Final = object()
MOST_ROWS = 100
OPEN_HELP = "制度库里留空的数字；不填，本条不起作用。"


class Part:
    """Something of the form that has a value. `name` is its prefix, `raw` what is stored so far."""

    template: str
    name: str
    label: str
    errors: list[str]

    def is_valid(self) -> bool:
        raise NotImplementedError

    def value(self) -> Any:
        raise NotImplementedError


class Leaf(Part):
    """A single field."""

    template = "rules/params/leaf.html"

    def __init__(
        self, field: forms.Field, name: str, data: QueryDict | None, raw: Any, *, is_flag: bool = False
    ) -> None:
        self.name, self.label, self.errors = name, str(field.label), []
        self.is_open = raw is None
        self.is_flag = is_flag
        self.form = forms.Form(data)
        self.form.fields[name] = field
        if raw is not ABSENT and raw is not None:
            field.initial = shown_by(field)(raw)
        if self.is_open:
            field.help_text = OPEN_HELP
        self.bound = self.form[name]

    @property
    def names(self) -> list[str]:
        """What the field offers for completion."""
        field = self.form.fields[self.name]
        return [] if not isinstance(field, NameField) else list(dict.fromkeys(field.labels.values()))

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def value(self) -> Any:
        value = self.form.cleaned_data[self.name]
        if value is None or value == "":
            return None if self.is_open else ABSENT
        return value


class Constant(Part):
    """A choice of one."""

    template = "rules/params/constant.html"

    def __init__(self, value: str) -> None:
        self.name, self.label, self.errors, self._value = "", "", [], value

    def is_valid(self) -> bool:
        return True

    def value(self) -> Any:
        return self._value


class Rows(Part):
    """A list of parts to which rows are added and from which they are taken; `single` holds at most one."""

    template = "rules/params/rows.html"

    def __init__(
        self, reader: Reader, name: str, label: str, data: QueryDict | None, raw: Any, *, at_least: int = 0
    ) -> None:
        self.name, self.label, self.errors = name, label, []
        self.single = isinstance(reader, Nested)
        self.reader = reader.reader if isinstance(reader, Many | Keyed) else reader
        self.labels = reader.labels if isinstance(reader, Keyed) else None
        self.at_least = at_least
        self.is_open = raw is None
        if data is None:
            entries = list(self._entries(raw))
            entries += [(None, ABSENT)] * (at_least - len(entries) if not self.is_open else 0)
            self.rows = [self._row(str(i), None, key, each) for i, (key, each) in enumerate(entries)]
        else:
            known = dict(enumerate(self._entries(raw)))
            ids = [each for each in data.getlist(f"{name}-row") if _is_number(each)][:MOST_ROWS]
            self.rows = [self._row(each, data, *known.get(int(each), (None, ABSENT))) for each in ids]

    def _entries(self, raw: Any) -> Iterator[tuple[Any, Any]]:
        if raw is ABSENT or raw is None:
            return
        if isinstance(raw, Mapping) and self.labels is not None:
            yield from raw.items()
        elif isinstance(raw, list | tuple):
            yield from ((None, each) for each in raw)
        else:
            yield None, raw

    def _row(self, number: str, data: QueryDict | None, key: Any, raw: Any) -> Part:
        name = f"{self.name}-{number}"
        if self.labels is None:
            row = part_for(self.reader, name, self.label if self.is_plain else "", data, raw, required=True)
        else:
            row = Pair(self.labels, self.reader, name, data, key, raw)
        row.number = number  # type: ignore[attr-defined]
        return row

    @property
    def is_plain(self) -> bool:
        """Whether each row is a single figure."""
        return not isinstance(self.reader, Nested | Either)

    @property
    def may_add(self) -> bool:
        return len(self.rows) < (1 if self.single else MOST_ROWS)

    def is_valid(self) -> bool:
        fine = _all_valid(self.rows)
        if len(self.rows) < self.at_least and not (self.is_open and not self.rows):
            self.errors.append("至少填一行")
        keys = [row.key() for row in self.rows if isinstance(row, Pair)] if fine else []
        if len(keys) != len(set(keys)):
            self.errors.append("同一名称写了两次，请合并成一行")
        return fine and not self.errors

    def value(self) -> Any:
        if not self.rows:
            return None if self.is_open else ABSENT
        if self.labels is not None:
            return {row.key(): row.value() for row in self.rows if isinstance(row, Pair)}
        values = [row.value() for row in self.rows]
        return values[0] if self.single else values


class Pair(Part):
    """A row of a table: what it is about, and the figure or figures."""

    template = "rules/params/pair.html"

    def __init__(
        self,
        labels: Mapping[str, str],
        reader: Reader,
        name: str,
        data: QueryDict | None,
        key: Any,
        raw: Any,
    ) -> None:
        self.name, self.label, self.errors = name, "", []
        field = NameField(labels, several=True, label="名称", required=True)
        self.who = Leaf(field, f"{name}-key", data, ABSENT if key is None else key)
        self.part = part_for(reader, f"{name}-value", "数额", data, raw, required=True)

    def key(self) -> str:
        return str(self.who.value())

    def is_valid(self) -> bool:
        return _all_valid((self.who, self.part))

    def value(self) -> Any:
        return self.part.value()


class Alternatives(Part):
    """One of several ways to give a figure."""

    template = "rules/params/alternatives.html"

    def __init__(
        self, reader: Either, name: str, label: str, data: QueryDict | None, raw: Any, *, required: bool
    ) -> None:
        self.name, self.label, self.errors = name, label, []
        readers = list(reader.readers.items())
        chosen = len(readers) - 1 if data is None else self._chosen(data.get(f"{name}-which"), len(readers))
        if data is None and raw is not ABSENT and raw is not None:
            chosen = next((i for i, (_, each) in enumerate(readers) if _takes(each, raw)), chosen)
        self.chosen = chosen
        self.options: list[tuple[str, Part]] = []
        for i, (said, each) in enumerate(readers):
            fits = raw is ABSENT or raw is None or _takes(each, raw)
            own = raw if fits else ABSENT
            part = part_for(each, f"{name}-{i}", said, data, own, required=required)
            self.options.append((said, part))

    def _chosen(self, which: str | None, count: int) -> int:
        return int(which) if which and _is_number(which) and int(which) < count else count - 1

    def is_valid(self) -> bool:
        return self.options[self.chosen][1].is_valid()

    def value(self) -> Any:
        return self.options[self.chosen][1].value()


class FieldGroup(Part):
    """The parameters of one dataclass."""

    template = "rules/params/group.html"

    def __init__(self, cls: type[Any], name: str, label: str, data: QueryDict | None, raw: Any) -> None:
        self.name, self.label, self.errors = name, label, []
        self.cls = cls
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self.fields = {each.name.rstrip("_"): each for each in dataclasses.fields(cls)}
        self.parts = {key: self._part(key, each, data) for key, each in self.fields.items()}

    def _part(self, key: str, each: "dataclasses.Field[Any]", data: QueryDict | None) -> Part:
        default = _default(each)
        raw = self.raw.get(key, ABSENT)
        if raw is ABSENT and default is not None and default is not ABSENT and not _is_table(each, default):
            raw = stored(default)
        reader, label = each.metadata["reader"], each.metadata["label"]
        # A choice that has a default is always made.
        required = default is ABSENT or (isinstance(reader, Choice) and default is not None)
        return part_for(reader, f"{self.name}-{key}", label, data, raw, required=required)

    def is_valid(self) -> bool:
        fine = _all_valid(self.parts.values())
        if fine:
            self.errors += self._crossed()
        return fine and not self.errors

    def _crossed(self) -> Iterator[str]:
        for group in getattr(self.cls, "one_of", ()):
            given = [key for key in group if self.parts[key].value() is not ABSENT]
            filled = [key for key in given if self.parts[key].value() is not None]
            if len(filled) > 1 or not given:
                yield f"{self._named(group)}须填一项，且只填一项"
        any_of = getattr(self.cls, "any_of", ())
        if any_of and all(self.parts[key].value() is ABSENT for key in any_of):
            yield f"{self._named(any_of)}至少填一项"

    def _named(self, keys: Sequence[str]) -> str:
        return "".join(f"“{self.fields[key].metadata['label']}”" for key in keys)

    def value(self) -> dict[str, Any]:
        """What is stored: figures at their default are left out unless they were written before."""
        values = {key: part.value() for key, part in self.parts.items()}
        result: dict[str, Any] = {}
        for key, value in values.items():
            if value is ABSENT or (value is None and self._is_replaced(key, values)):
                continue
            if key in self.raw and _same(self.fields[key], self.raw[key], value):
                value = self.raw[key]
            elif key not in self.raw and _same(self.fields[key], ABSENT, value):
                continue
            result[key] = value
        return result

    def _is_replaced(self, key: str, values: Mapping[str, Any]) -> bool:
        """An open figure instead of which another one of its group was filled in."""
        groups = [*getattr(self.cls, "one_of", ()), getattr(self.cls, "any_of", ())]
        return any(
            key in group and any(values[each] is not ABSENT and values[each] is not None for each in group)
            for group in groups
        )


class ParamsForm(FieldGroup):
    """The typed form of a kind; unbound it shows `params`, bound it reads them."""

    def __init__(self, kind: str, data: QueryDict | None, params: Mapping[str, Any]) -> None:
        super().__init__(KINDS[kind], "p", "", data, params)
        self.kind = kind

    def is_valid(self) -> bool:
        """Field by field, and then as the kind reads it."""
        if not super().is_valid():
            return False
        try:
            parse_kind(self.kind, self.value())
        except ParamError as error:
            self.errors.append(str(error))
        return not self.errors


def part_for(
    reader: Reader, name: str, label: str, data: QueryDict | None, raw: Any, *, required: bool
) -> Part:
    """The part of a form by which `reader`'s value is given."""
    match reader:
        case Nested() if required:
            return FieldGroup(reader.cls, name, label, data, raw)
        case Many() if reader.reader is text:
            field = field_for(reader, label, required=required and reader.at_least > 0 and raw is not None)
            return Leaf(field, name, data, raw)
        case Nested() | Many() | Keyed():
            least = 1 if isinstance(reader, Keyed) else getattr(reader, "at_least", 0)
            at_least = least if required else 0
            return Rows(reader, name, label, data, raw, at_least=at_least)
        case Either():
            return Alternatives(reader, name, label, data, raw, required=required)
        case Choice() if len(reader.labels) == 1:
            return Constant(*reader.labels)
    is_flag = reader is flag
    field = field_for(reader, label, required=required and raw is not None and not is_flag)
    return Leaf(field, name, data, raw, is_flag=is_flag)


def rows_changed(data: QueryDict) -> QueryDict | None:
    """The form's data after a row was added (`add`) or taken away (`remove`), else None."""
    changed = data.copy()
    if name := data.get("add"):
        ids = [int(each) for each in data.getlist(f"{name}-row") if _is_number(each)]
        changed.appendlist(f"{name}-row", str(max(ids, default=-1) + 1))
        return changed
    if row := data.get("remove"):
        name, _, number = row.rpartition("-")
        changed.setlist(f"{name}-row", [each for each in data.getlist(f"{name}-row") if each != number])
        return changed
    return None


def _all_valid(parts: Iterable[Part]) -> bool:
    """Whether all are; every one is asked, so that every error is shown."""
    return not [part for part in parts if not part.is_valid()]


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10


def _default(each: "dataclasses.Field[Any]") -> Any:
    if each.default is not dataclasses.MISSING:
        return each.default
    if each.default_factory is not dataclasses.MISSING:
        return each.default_factory()
    return ABSENT


def _is_table(each: "dataclasses.Field[Any]", default: Any) -> bool:
    """Whether the default is an empty list, table or group: nothing to show."""
    return not default or dataclasses.is_dataclass(default)


def _takes(reader: Reader, raw: Any) -> bool:
    try:
        reader(raw, "", [])
    except ParamError:
        return False
    return True


def _same(each: "dataclasses.Field[Any]", before: Any, after: Any) -> bool:
    """Whether two stored values (ABSENT: the default) read the same."""
    reader = each.metadata["reader"]
    try:
        was = _default(each) if before is ABSENT else None if before is None else reader(before, "", [])
        return bool(was == (None if after is None else reader(after, "", [])))
    except ParamError:
        return False
