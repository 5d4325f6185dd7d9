"""Reading rulebook files: YAML into checked provisions, every mistake in Chinese with its place."""

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from people.codes import REMEDY, code_trouble
from rules.kinds import KINDS, parse_kind
from rules.kinds.collection import collection_of
from rules.kinds.params import ParamError
from rules.models import ProvisionFields

LIBRARY = Path(__file__).resolve().parents[1] / "fixtures" / "rulebooks"  # what the project brings
BOOK_KEYS = {"id", "name", "trade", "edition", "provisions"}
PROVISION_KEYS = {
    "code",
    "title",
    "clause",
    "kind",
    "params",
    "roles",
    "window",
    "basis",
    "confirm",
    "collection",
    "covers",
}
_CHOICES = {
    "window": ProvisionFields.Window.values,
    "basis": ["", *ProvisionFields.Basis.values],
    "confirm": ProvisionFields.Confirm.values,
}


class RulebookError(ValueError):
    """Rules that cannot be loaded, adopted or published; one Chinese line per problem."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class RulebookFile:
    """One edition of a rulebook as its file gives it; `provisions` are field values of LibraryProvision."""

    code: str
    name: str
    trade: str
    edition: int
    provisions: list[dict[str, Any]]
    digest: str


class _Loader(yaml.CSafeLoader):
    """YAML without surprises: a list as a key is joined by commas, a key given twice is refused.

    Parsed by libyaml, which every wheel of PyYAML has: the whole library in a tenth of the time.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        values: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, list):
                key = ",".join(map(str, key))
            if key in values:
                raise yaml.constructor.ConstructorError(None, None, f"键“{key}”写了两次", key_node.start_mark)
            values[key] = self.construct_object(value_node, deep=deep)
        return values


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> Any:
    """A date; an impossible one stays text, so that whoever reads it can name its place."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def read_yaml(text: str) -> list[Any]:
    """The documents of a YAML text. RulebookError names line and column of what is no YAML."""
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = len(text.splitlines())  # what is never closed is missed after the end
        place = f"第{min(mark.line + 1, last)}行第{mark.column + 1}列" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise RulebookError(f"{place}不是合格的YAML：{problem}") from error


def read_rulebook(path: Path) -> RulebookFile:
    """A rulebook file, checked. RulebookError lists every problem with file, code and parameter."""
    try:
        documents = read_yaml(path.read_text(encoding="utf-8"))
        book = documents[0] if len(documents) == 1 else None
        if not isinstance(book, Mapping):
            raise RulebookError("一个文件应是一部制度（键值表）")
        return _rulebook(book)
    except UnicodeDecodeError:
        raise RulebookError(f"{path.name}：文件不是UTF-8编码，请另存为UTF-8") from None
    except RulebookError as error:
        raise RulebookError(*(f"{path.name}：{problem}" for problem in error.problems)) from error


def _rulebook(book: Mapping[str, Any]) -> RulebookFile:
    _check_keys(book, BOOK_KEYS, {"id", "name", "edition", "provisions"}, "制度")
    if trouble := code_trouble(str(book["id"])):
        raise RulebookError(f"id {trouble}，现为 {book['id']!r}；{REMEDY}")
    edition = book["edition"]
    if not isinstance(edition, int) or isinstance(edition, bool) or edition < 1:
        raise RulebookError(f"edition 应为从1起的整数，现为 {edition!r}")
    provisions = read_provisions(book["provisions"])
    name, trade = str(book["name"]), str(book.get("trade") or "")
    content = json.dumps([name, trade, provisions], ensure_ascii=False, sort_keys=True)
    return RulebookFile(
        code=str(book["id"]),
        name=name,
        trade=trade,
        edition=edition,
        provisions=provisions,
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )


def read_provisions(raw: Any) -> list[dict[str, Any]]:
    """Provisions as field values of a provision model, in their order.

    RulebookError lists every unknown key, wrong value and code that is used twice.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise RulebookError("provisions 应为条款列表")
    provisions, problems = [], []
    for index, each in enumerate(raw, 1):
        try:
            provisions.append(_provision(each))
        except ValueError as error:
            code = each.get("code") if isinstance(each, Mapping) else None
            place = code or f"第{index}条"
            problems += [f"{place}：{line}" for line in str(error).splitlines()]
    counts = Counter(each["code"] for each in provisions)
    problems += [f"{code}：编号用了{count}次" for code, count in counts.items() if count > 1]
    if problems:
        raise RulebookError(*problems)
    return provisions


def _provision(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise RulebookError("条款应为键值表")
    _check_keys(raw, PROVISION_KEYS, {"code", "title", "kind"}, "条款")
    if trouble := code_trouble(str(raw["code"])):
        raise RulebookError(f"code {trouble}，现为 {raw['code']!r}；{REMEDY}")
    for key, allowed in _CHOICES.items():
        if key in raw and raw[key] not in allowed:
            raise RulebookError(f"{key} 应为 {'、'.join(filter(None, allowed))} 之一，现为 {raw[key]!r}")
    for key in ("roles", "covers"):
        value = raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise RulebookError(f"{key} 应为文字列表，现为 {value!r}")
    params = stored(raw.get("params") or {})
    parse_kind(raw["kind"], params)
    check_window(raw["kind"], raw.get("window", "month"))
    check_collection(raw["kind"], stored(raw.get("collection")))
    fields = {key: stored(value) for key, value in raw.items()}
    fields |= {key: str(raw[key]) for key in ("code", "title", "kind")}
    return {**fields, "clause": str(raw.get("clause") or ""), "params": params}


def check_window(kind: str, window: str) -> None:
    """ParamError for a longer window where a kind counts nothing over it."""
    if window != "month" and not KINDS[kind].counts_in_window:
        able = "、".join(each.label for each in KINDS.values() if each.counts_in_window)
        raise ParamError(
            f"window：“{KINDS[kind].label}”类条款不按次数累计，写了{window}也不起作用，请去掉；能按期间累计的是{able}"
        )


def check_collection(kind: str, raw: Any) -> None:
    """ParamError where a provision's collection cannot be read, or its kind is nothing to pay in cash."""
    if collection_of(raw).is_cash and not KINDS[kind].takes_cash:
        able = "、".join(each.label for each in KINDS.values() if each.takes_cash)
        raise ParamError(f"“{KINDS[kind].label}”类条款不能收现金；能收现金的是{able}")


def _check_keys(raw: Mapping[str, Any], known: set[str], required: set[str], what: str) -> None:
    problems = [
        f"{what}里有未知的键“{key}”；可用：{'、'.join(sorted(known))}" for key in raw if key not in known
    ]
    problems += [f"{what}缺少“{key}”" for key in sorted(required) if raw.get(key) in (None, "")]
    if problems:
        raise RulebookError(*problems)


def stored(value: Any) -> Any:
    """A value as JSON keeps it: dates and decimals as text, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): stored(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def blanks_of(provision: ProvisionFields) -> list[str]:
    """The paths of a provision's parameters that still have to be filled in."""
    return parse_kind(provision.kind, provision.params)[1]
