"""The documentation says what the code does: every kind, parameter, command, dependency and address."""

import ast
import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

from people.permissions import ACTIONS, GROUP_ACTIONS, GROUP_LABELS
from rules.kinds import (
    KINDS,
    attendance,
    cases,
    fines_and_awards,
    ladder,
    nominated,
    parse_kind,
    pay,
    programme,
    sales,
    statutory,
    target,
    work,
)
from rules.kinds.base import Kind
from sheets.profiles import all_profiles
from workbench.scenarios.document import KEYS
from workbench.scenarios.runner import play_files

ROOT = Path(settings.BASE_DIR)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "findings").rglob("*.md")])
KIND_SECTIONS = {
    section.split("`", 2)[1]: section
    for section in re.split(r"^## ", (ROOT / "docs/rule-kinds.md").read_text(encoding="utf-8"), flags=re.M)
    if section.startswith("`")
}
REQUIRED = "必填"


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(text: str) -> dict[str, list[str]]:
    """The rows of Markdown tables by the code in their first cell."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows[cells[0].strip("`")] = cells[1:]
    return rows


def parameters(cls: type) -> Iterator[tuple[str, str, bool]]:
    """(name, Chinese label, whether it must be given) of a kind's or a nested table's parameters."""
    for each in dataclasses.fields(cls):
        must = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        yield each.name.rstrip("_"), each.metadata["label"], must


def nested_tables(module: ModuleType) -> Iterator[type]:
    """The dataclasses of a module that are parameters within parameters."""
    for cls in vars(module).values():
        if not isinstance(cls, type) or not dataclasses.is_dataclass(cls) or issubclass(cls, Kind):
            continue
        if cls.__module__ == module.__name__ and all("label" in f.metadata for f in dataclasses.fields(cls)):
            yield cls


def test_every_kind_has_its_section_with_its_chinese_name() -> None:
    assert list(KIND_SECTIONS) == [*KIND_SECTIONS] and set(KIND_SECTIONS) == set(KINDS)
    for name, kind in KINDS.items():
        assert KIND_SECTIONS[name].splitlines()[0] == f"`{name}` {kind.label}"


@pytest.mark.parametrize("name", KINDS)
def test_every_parameter_is_in_the_table_of_its_kind(name: str) -> None:
    rows = table_rows(KIND_SECTIONS[name])
    wanted = list(parameters(KINDS[name]))
    assert {row for row in rows if "." not in row} == {parameter for parameter, _, _ in wanted}
    for parameter, label, must in wanted:
        assert rows[parameter][0] == label, parameter
        assert (rows[parameter][1] == REQUIRED) is must, parameter


@pytest.mark.parametrize(
    "module",
    [attendance, cases, fines_and_awards, ladder, nominated, pay, programme, sales, statutory, target, work],
    ids=lambda each: each.__name__,
)
def test_every_parameter_within_a_parameter_is_in_a_table(module: ModuleType) -> None:
    shown = {
        (row.rpartition(".")[2], cells[0])
        for section in KIND_SECTIONS.values()
        for row, cells in table_rows(section).items()
        if "." in row
    }
    wanted = {(name, label) for cls in nested_tables(module) for name, label, _ in parameters(cls)}
    assert wanted - shown == set()


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_each_kind_is_accepted(name: str) -> None:
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", KIND_SECTIONS[name], re.S)]
    assert examples
    for example in examples:
        assert example["kind"] == name
        _, blanks = parse_kind(name, example["params"])
        assert blanks == []


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of every call of manage.py in the text, continued lines joined."""
    joined = text.replace("\\\n", " ")
    for call in re.findall(r"manage\.py ([^\n`|&;)）。，；]*)", joined):
        yield call.split()


@pytest.mark.parametrize("path", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_command_and_option_in_the_pages_exists(path: Path) -> None:
    known = get_commands()
    for name, *words in commands_in(path.read_text(encoding="utf-8")):
        if not re.fullmatch(r"[a-z_]+", name):
            continue
        assert name in known, name
        parser = load_command_class(known[name], name).create_parser("manage.py", name)
        options = [word.split("=")[0] for word in words if word.startswith("--")]
        assert set(options) <= _options_of(parser), (name, options)


def _options_of(parser: Any) -> set[str]:
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action.choices, dict):
            found |= {option for each in action.choices.values() for option in _options_of(each)}
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_make_target_in_the_pages_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.M))
    assert set(re.findall(r"`(?:[A-Z]+=\S+ )?make ([a-z]+)", path.read_text(encoding="utf-8"))) <= targets


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    text = page("docs/dependencies.md").casefold()
    stubs = re.compile(r"^types-|-types$|-stubs$")
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        match = re.match(r"[A-Za-z0-9-]+", requirement)
        assert match
        name = match[0].casefold()
        assert name in text or stubs.search(name), name
    assert "stubs" in text


def test_the_permission_table_is_that_of_the_code() -> None:
    header = ["权限", *GROUP_LABELS.values()]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page("docs/permissions.md").splitlines()
        if line.startswith("|")
    ]
    shown = rows[rows.index(header) + 2 :]
    wanted = [
        [label, *("✓" if action in GROUP_ACTIONS[group] else "" for group in GROUP_LABELS)]
        for action, label in ACTIONS
    ]
    assert shown[: len(wanted)] == wanted


def test_every_column_of_every_profile_is_in_the_guide() -> None:
    text = page("docs/guide-hr.md")
    for profile in all_profiles():
        assert f"`{profile.name}`" in text, profile.name
        for column in profile.columns:
            if column.required:
                assert column.title in text, (profile.name, column.title)


def test_every_profile_has_its_section_in_the_page_of_files() -> None:
    headings = [line for line in page("docs/imports.md").splitlines() if line.startswith("### ")]
    for profile in all_profiles():
        name = f"（`{profile.kind}.{profile.name}`）"
        assert sum(heading.endswith(name) for heading in headings) == 1, name


def test_every_environment_variable_is_in_the_operations_page() -> None:
    text = page("docs/operations.md")
    read = {
        node.args[0].value
        for path in (ROOT / "kefu/settings").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    asked = set(re.findall(r"\$\{([A-Z_]+)", page("docker-compose.yml")))
    for name in (read | asked) - {"TEST_DATABASE"}:
        assert f"`{name}`" in text, name


def test_every_file_that_the_pages_name_exists() -> None:
    top = {each.name for each in ROOT.iterdir()} - {"var"}
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in [*PAGES, *(ROOT / "fixtures").rglob("*.md"), *(ROOT / "templates").rglob("*.md")]
        for name in re.findall(r"`([\w.-]+/[\w./*-]*)`", path.read_text(encoding="utf-8"))
        if name.split("/")[0] in top or re.search(r"/[\w*-]+\.(py|yaml|html|md|css|js)$", name)
    }
    assert len(named) > 50
    assert [each for each in sorted(named) if not any(ROOT.glob(each[1].rstrip("/")))] == []


def test_the_house_in_the_architecture_page_is_that_of_the_contract() -> None:
    linter = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]
    [contract] = linter["contracts"]
    floors = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    drawn = re.findall(r'^ +(\w+)\["<[bi]>\1</[bi]>', page("docs/architecture.md"), re.M)
    assert drawn == [app for floor in floors for app in floor]
    reserved = re.findall(r"\((\w+)\)", " ".join(contract["layers"]))
    assert re.findall(r"<i>(\w+)</i>", page("docs/architecture.md")) == reserved
    apps = {each.parent.name for each in ROOT.glob("*/__init__.py")} - {"tests"}
    assert set(linter["root_packages"]) == apps == set(drawn) - set(reserved)


def test_every_folder_with_code_is_a_package() -> None:
    """import-linter passes over the others (findings/import-linter-folders.sh)."""
    apps = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["root_packages"]
    folders = {path.parent for app in apps for path in (ROOT / app).rglob("*.py")}
    assert [str(each) for each in folders if not (each / "__init__.py").exists()] == []


def test_the_page_of_scenarios_names_every_section_and_plays(db: None, tmp_path: Path) -> None:
    text = page("docs/scenarios.md")
    missing = {key for key in KEYS["facts"] if f"`facts.{key}`" not in text}
    missing |= {key for key in KEYS["expect"] if f"`expect.{key}`" not in text}
    missing |= {key for key in KEYS["facts.complaints"] if f"`{key}`" not in text}
    assert missing == set()
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.S)
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    [played] = play_files([tmp_path / "example.yaml"])
    assert (played.malformed, played.mismatches) == ("", [])
