"""Editions, adoption and versions: what is published stays, and what is blank or contradictory is said."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, connection, transaction

from people.models import Department
from rules.library import LIBRARY, RulebookError, read_yaml
from rules.models import Edition, LibraryProvision, Provision, Rulebook, Version
from rules.selectors import timeline_of
from rules.services import (
    Adoption,
    editions_outdated,
    rulebook_adopt,
    rulebooks_load,
    version_change,
    version_publish,
)
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
LATE = {"code": "b-late", "title": "迟到", "kind": "fine", "params": {"amount": "10.00"}}
RUDE = {"code": "b-rude", "title": "态度", "kind": "points", "params": {"deduct": "1", "base": "10"}}
OPEN = {"code": "b-open", "title": "未定", "kind": "fine", "params": {"amount": None}}


def book(*provisions: dict[str, Any], code: str = "b", edition: int = 1, **other: Any) -> dict[str, Any]:
    return {"id": code, "name": f"制度{code}", "edition": edition, "provisions": list(provisions), **other}


def load(folder: Path, *books: dict[str, Any]) -> Any:
    for path in folder.glob("*.yaml"):
        path.unlink()
    for each in books:
        text = yaml.safe_dump(each, allow_unicode=True)
        (folder / f"{each['id']}-{each['edition']}.yaml").write_text(text, encoding="utf-8")
    return rulebooks_load(directories=[folder], at=WHEN)


def adopt(department: Department, rulebook: str = "b", on: date = OCTOBER) -> Adoption:
    return rulebook_adopt(department=department, rulebook=rulebook, effective_on=on, by=None, at=WHEN)


def publish(department: Department, *provisions: Any, on: date = OCTOBER, rulebooks: Any = ()) -> Version:
    return version_publish(
        department=department,
        effective_on=on,
        rulebooks=list(rulebooks),
        provisions=list(provisions),
        by=None,
        at=WHEN,
    )


def change(department: Department, on: date = OCTOBER, **options: Any) -> Version:
    return version_change(
        department=department, effective_on=on, by=None, at=WHEN, **{"changes": {}, **options}
    )


def amounts(version: Version) -> dict[str, Any]:
    return {each.code: each.params.get("amount") for each in version.provisions.all()}


# The library


def test_own_library_loads_and_is_adopted_whole(capsys):
    factories.department("D1", name="客服一部")
    call_command("load_rulebooks")
    call_command("load_rulebooks")
    in_library = len(list(LIBRARY.glob("*.yaml")))
    assert f"新载入 0 部，原已载入 {in_library} 部" in capsys.readouterr().out
    call_command("adopt_rulebook", "s000-01", department="D1", effective_on="2026-10-01")
    said = capsys.readouterr().out
    assert "已采用：客服一部 第1版（2026-10-01起）" in said
    assert "s000-01-09" in said
    version = Version.objects.get()
    offered = LibraryProvision.objects.filter(edition__rulebook__code="s000-01").count()
    assert version.provisions.count() == offered > 30


def test_used_edition_number_with_other_content_is_refused(tmp_path):
    load(tmp_path, book(LATE))
    with pytest.raises(RulebookError, match="b 第1版已经载入，内容不可更改；修订请把 edition 加一"):
        load(tmp_path, book({**LATE, "params": {"amount": "20.00"}}), book(LATE, code="c"))
    assert not Rulebook.objects.filter(code="c").exists()
    assert LibraryProvision.objects.get().params == {"amount": "10.00"}


def test_same_content_in_another_order_is_the_same_edition(tmp_path):
    load(tmp_path, book(LATE))
    assert load(tmp_path, book(dict(reversed(LATE.items())))).unchanged == 1


def test_departments_with_an_earlier_edition_are_told(tmp_path):
    department = factories.department("D1", name="客服一部")
    load(tmp_path, book(LATE))
    adopt(department)
    report = load(tmp_path, book(LATE, RUDE, edition=2))
    (outdated,) = report.outdated
    assert (outdated.department, outdated.edition.number, outdated.latest) == (department, 1, 2)
    adopt(department)
    assert editions_outdated() == []


@pytest.mark.parametrize(
    ("provision", "said"),
    [
        ({**LATE, "params": {"amont": "10"}}, "b-1.yaml：b-late：未知参数 amont"),
        ({**LATE, "params": {"amount": "十元"}}, "b-late：amount：不是数字"),
        ({**LATE, "kind": "penalty"}, "b-late：未知条款类型 penalty"),
        ({**LATE, "windows": "month"}, "b-late：条款里有未知的键“windows”"),
        ({**LATE, "window": "decade"}, "b-late：window 应为 month、quarter、year、employment 之一"),
        ({**LATE, "window": "year"}, "b-late：window：“定额罚款”类条款不按次数累计"),
        ({**LATE, "roles": "agent"}, "b-late：roles 应为文字列表"),
        ({"code": "x", "kind": "text"}, "x：条款缺少“title”"),
        ("迟到", "第1条：条款应为键值表"),
    ],
)
def test_mistake_in_a_file_is_named_with_file_code_and_parameter(tmp_path, provision, said):
    with pytest.raises(RulebookError) as refused:
        load(tmp_path, book(provision), book(LATE, code="c"))
    assert said in str(refused.value)
    assert not Edition.objects.exists()


def test_every_mistake_of_every_file_is_listed(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(RulebookError) as refused:
        load(
            tmp_path,
            book(LATE, LATE),
            book({**LATE, "kind": "x"}, code="c"),
            book(LATE, code="d", trade=1, x=2),
        )
    assert len(refused.value.problems) == 3
    with pytest.raises(RulebookError, match="没有制度文件"):
        rulebooks_load(directories=[tmp_path / "sub"], at=WHEN)


def test_yaml_that_says_a_key_twice_or_is_broken_is_refused():
    assert read_yaml("{[sick, personal]: 1, day: 2026-11-11}") == [
        {"sick,personal": 1, "day": date(2026, 11, 11)}
    ]
    with pytest.raises(RulebookError, match=r"第2行第1列.*键“a”写了两次"):
        read_yaml("a: 1\na: 2\n")
    with pytest.raises(RulebookError, match="第1行"):
        read_yaml("a: [1")


def test_loading_costs_the_same_queries_for_any_number_of_provisions(tmp_path, django_assert_num_queries):
    many = [{**LATE, "code": f"b-{n}"} for n in range(200)]
    load(tmp_path, book(LATE, code="a"))
    with django_assert_num_queries(8):
        load(tmp_path, book(LATE, code="c"))
    with django_assert_num_queries(8):
        load(tmp_path, book(*many))


# Adoption


def test_adoption_lists_blank_figures_and_leaves_them_blank(tmp_path):
    load(tmp_path, book(LATE, OPEN))
    department = factories.department()
    adoption = adopt(department)
    (blank,) = adoption.blanks
    assert (blank.code, blank.params) == ("b-open", ("amount",))
    rules = timeline_of(department).on(OCTOBER)
    assert rules.get("b-open").is_inert
    assert not rules.get("b-late").is_inert


def test_second_rulebook_joins_the_first_from_its_date(tmp_path):
    department = factories.department()
    load(tmp_path, book(LATE), book({**RUDE, "code": "c-rude"}, code="c"))
    adopt(department)
    version = adopt(department, "c", date(2026, 11, 1)).version
    assert version.number == 2
    timeline = timeline_of(department)
    assert [rule.code for rule in timeline.on(date(2026, 10, 31))] == ["b-late"]
    assert [rule.code for rule in timeline.on(date(2026, 11, 1))] == ["b-late", "c-rude"]
    assert list(timeline.on(date(2026, 9, 30))) == []
    assert {str(each) for each in version.editions.all()} == {"b 制度b 第1版", "c 制度c 第1版"}


def test_later_edition_replaces_the_earlier_and_keeps_own_values(tmp_path):
    department = factories.department()
    fine = {"code": "b-fine", "title": "缺卡", "kind": "fine", "params": {"amount": "5.00"}}
    load(tmp_path, book(LATE, OPEN, fine))
    adopt(department)
    change(department, changes={"b-open": {"amount": "30.00"}, "b-late": {"amount": "12.00"}})
    raised = {**fine, "params": {"amount": "6.00"}}
    load(tmp_path, book({**LATE, "params": {"amount": "11.00"}}, OPEN, raised, edition=2))
    adoption = adopt(department, on=date(2026, 11, 1))
    assert amounts(adoption.version) == {"b-late": "12.00", "b-open": "30.00", "b-fine": "6.00"}
    assert adoption.blanks == ()


def test_adopting_the_same_edition_again_changes_nothing(tmp_path):
    department = factories.department()
    load(tmp_path, book(LATE))
    first = adopt(department)
    again = adopt(department, on=date(2026, 11, 1))
    assert (again.version, again.is_new) == (first.version, False)
    assert Version.objects.count() == 1


def test_adoption_before_the_latest_version_is_refused(tmp_path):
    department = factories.department()
    load(tmp_path, book(LATE), book(RUDE, code="c"))
    adopt(department)
    with pytest.raises(RulebookError, match="新版本只能从 2026-10-01 或以后起"):
        adopt(department, "c", date(2026, 9, 30))
    assert Version.objects.count() == 1


def test_unknown_rulebook_is_refused_in_words():
    with pytest.raises(RulebookError, match="制度库里没有 nope"):
        adopt(factories.department(), "nope")
    with pytest.raises(CommandError, match="不是日期：十月"):
        call_command("adopt_rulebook", "b", department=factories.department().code, effective_on="十月")


def test_points_provisions_that_disagree_about_the_base_are_refused(tmp_path):
    other = {**RUDE, "code": "c-rude", "params": {"deduct": "1", "base": "12"}}
    load(tmp_path, book(RUDE), book(other, code="c"))
    department = factories.department()
    adopt(department)
    with pytest.raises(RulebookError, match="每月基础分只能有一个，现有：10分（b-rude）；12分（c-rude）"):
        adopt(department, "c")
    publish(department, RUDE, {**other, "params": {"deduct": "1", "base": "10.0"}}, {**RUDE, "code": "x"})


def test_code_of_two_rulebooks_is_refused(tmp_path):
    load(tmp_path, book(LATE), book(LATE, code="c"))
    department = factories.department()
    adopt(department)
    with pytest.raises(RulebookError, match="b-late 与已采用的 b 制度b 第1版 重复"):
        adopt(department, "c")
    with pytest.raises(RulebookError, match="相同的条款编号"):
        publish(department, rulebooks=["b", "c"])


# Versions


def test_own_provision_takes_the_place_of_the_librarys(tmp_path):
    load(tmp_path, book(LATE, OPEN))
    own = {**LATE, "params": {"amount": "99.00"}, "roles": ["lead"], "confirm": "auto"}
    version = publish(factories.department(), own, RUDE, rulebooks=["b"])
    assert amounts(version) == {"b-late": "99.00", "b-open": None, "b-rude": None}
    late = version.provisions.get(code="b-late")
    assert (late.source, late.roles, late.confirm) == (None, ["lead"], "auto")
    assert version.provisions.get(code="b-open").source is not None


def test_own_provision_survives_a_later_edition(tmp_path):
    department = factories.department()
    load(tmp_path, book(LATE))
    publish(department, {**LATE, "params": {"amount": "99.00"}}, rulebooks=["b"])
    load(tmp_path, book(LATE, OPEN, edition=2))
    assert amounts(adopt(department).version) == {"b-late": "99.00", "b-open": None}


def test_change_takes_effect_from_its_date_and_the_later_of_one_day_holds():
    department = factories.department()
    publish(department, LATE)
    change(department, date(2026, 11, 1), changes={"b-late": {"amount": "20.00"}})
    change(department, date(2026, 11, 1), changes={"b-late": {"amount": "25.00"}}, provisions=[RUDE])
    timeline = timeline_of(department)
    assert timeline.on(date(2026, 10, 31)).get("b-late").kind.amount == 10
    assert timeline.on(date(2026, 11, 1)).get("b-late").kind.amount == 25
    assert timeline.on(date(2026, 11, 1)).get("b-rude") is not None
    assert "b-rude" not in amounts(change(department, date(2026, 12, 1), without=["b-rude"]))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"changes": {"b-none": {}}}, "b-none：.*没有这一条款"),
        ({"changes": {"b-late": {"amount": "-1"}}}, "b-late：amount：金额不能为负"),
        ({"provisions": [{**RUDE, "colour": 1}]}, "b-rude：条款里有未知的键“colour”"),
        ({"provisions": [RUDE, RUDE]}, "b-rude：编号用了2次"),
    ],
)
def test_change_that_does_not_fit_is_refused_and_publishes_nothing(options, said):
    department = factories.department()
    publish(department, LATE)
    with pytest.raises(RulebookError, match=said):
        change(department, **options)
    assert Version.objects.count() == Provision.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rules_version SET effective_on = '2020-01-01'",
        "UPDATE rules_version SET published_at = NULL",
        "DELETE FROM rules_version",
        "UPDATE rules_provision SET params = '{}'",
        "DELETE FROM rules_provision",
        'INSERT INTO rules_provision (version_id, code, title, clause, kind, params, roles, "window", basis,'
        " confirm, collection, covers, position) SELECT version_id, 'new', title, clause, kind, params,"
        ' roles, "window", basis, confirm, collection, covers, 9 FROM rules_provision',
        "DELETE FROM rules_version_editions",
        "UPDATE rules_edition SET digest = ''",
        "DELETE FROM rules_edition",
        "UPDATE rules_libraryprovision SET title = ''",
        "DELETE FROM rules_libraryprovision",
    ],
)
def test_database_refuses_to_touch_what_is_published(tmp_path, statement):
    load(tmp_path, book(LATE))
    version = adopt(factories.department()).version
    with (
        pytest.raises((InternalError, IntegrityError), match=r"不可更改|Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert amounts(Version.objects.get(pk=version.pk)) == {"b-late": "10.00"}


def test_publishing_costs_the_same_queries_for_any_number_of_provisions(tmp_path, django_assert_num_queries):
    load(tmp_path, book(LATE), book(*({**LATE, "code": f"c-{n}"} for n in range(200)), code="c"))
    few, many = factories.department(), factories.department()
    for department, code in ((few, "b"), (many, "c")):
        with django_assert_num_queries(11):
            adopt(department, code)
    for department in (few, many):
        with django_assert_num_queries(11):
            change(department)
