from decimal import Decimal
from typing import Any

import pytest

from rules.forms.provisions import ProvisionForm, collection_fields
from rules.kinds.collection import Collection, collection_of
from rules.kinds.params import ParamError
from rules.library import RulebookError, read_provisions
from rules.models import Provision

FINE: dict[str, Any] = {"code": "f", "title": "罚款", "kind": "fine", "params": {"amount": "20.00"}}


@pytest.mark.parametrize("stored", [None, {}, "", "payroll", {"by": "payroll"}])
def test_a_fine_goes_through_pay_unless_something_else_is_said(stored: Any) -> None:
    assert collection_of(stored) == Collection()
    assert collection_of(stored).in_words() == ""


def test_cash_is_due_the_same_day_at_its_own_price_unless_something_else_is_said() -> None:
    assert collection_of("cash") == Collection(by="cash", due_days=0, overdue_multiplier=Decimal(1))
    assert collection_of("cash").in_words() == "现金当天交到基金箱，到期未交的随工资扣"
    dear = collection_of({"by": "cash", "due_days": 3, "overdue_multiplier": "2"})
    assert dear.in_words() == "现金3天内交到基金箱，逾期按2倍，到期未交的随工资扣"


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("bank", "应为 payroll、cash 之一"),
        (7, "应为 payroll、cash 或键值表"),
        ({"by": "cash", "days": 3}, "未知参数 collection.days"),
        ({"by": "cash", "due_days": 61}, "期限最长60天"),
        ({"by": "cash", "due_days": -1}, "不能为负"),
        ({"by": "cash", "due_days": "x"}, "不是数字"),
        ({"by": "cash", "overdue_multiplier": "0.5"}, "倍数应在1与10之间"),
        ({"by": "cash", "overdue_multiplier": "11"}, "倍数应在1与10之间"),
        ({"by": "cash", "overdue_multiplier": 1.5}, "写成带引号的文字"),
        ({"by": "cash", "then": "nothing"}, "应为 payroll 之一"),
    ],
)
def test_a_collection_that_is_wrong_is_refused_with_its_place(stored: Any, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        collection_of(stored)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("award", {"amount": "20.00"}),
        ("range_award", {"min": "10.00", "max": "20.00"}),
        ("late", {"amount": "20.00"}),
        ("points", {"deduct": "1"}),
        ("rate_deduction", {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}]}),
    ],
)
def test_only_fines_for_an_incident_are_paid_in_cash(kind: str, params: dict[str, Any]) -> None:
    raw = {"code": "x", "title": "条款", "kind": kind, "params": params, "collection": "cash"}
    with pytest.raises(RulebookError, match="不能收现金；能收现金的是定额罚款、幅度罚款、递进罚款"):
        read_provisions([raw])
    assert read_provisions([{**raw, "collection": "payroll"}])


def _form(**fields: Any) -> ProvisionForm:
    given = {"title": "罚款", "window": "month", "confirm": "manager", "collect_by": "payroll", **fields}
    form = ProvisionForm(given, kind="fine")
    assert form.is_valid(), form.errors
    return form


def test_the_form_keeps_what_it_was_given() -> None:
    for collection in (
        {},
        {"by": "cash", "due_days": 0},
        {"by": "cash", "due_days": 3, "overdue_multiplier": "2"},
        {"by": "payroll", "due_days": 3, "overdue_multiplier": "2"},
    ):
        shown = collection_fields(Provision(**FINE, collection=collection))
        values = _form(**{name: value for name, value in shown.items() if value is not None}).values()
        assert collection_of(values["collection"]) == collection_of(collection)
        assert values.keys() == {"title", "clause", "roles", "confirm", "basis", "collection"}


def test_the_form_of_what_is_not_paid_in_cash_does_not_ask() -> None:
    form = ProvisionForm({"title": "奖", "window": "month", "confirm": "manager"}, kind="award")
    assert form.is_valid(), form.errors
    assert "collection" not in form.values()
