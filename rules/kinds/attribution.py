"""Whose an order is: tests in the department's order, of which the first that holds decides."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from rules.kinds.base import Kind
from rules.kinds.params import Choice, Many, ParamError, flag, param, text

TEST_LABELS = {
    "claim": "认领后认定",
    "file": "归属表写明的一人",
    "first_served": "归属表里最先接待的人",
    "last_served": "归属表里最后接待的人",
    "number": "备注里的工号",
    "name": "备注里的姓名或别名",
}
OF_REMARK = ("number", "name")
OF_FILE = ("file", "first_served", "last_served")


@dataclass(frozen=True, kw_only=True)
class OrderAttribution(Kind):
    """Which evidence says whose an order is, the strongest first; an order without any is nobody's.

    It holds for the orders paid while it is in force; what somebody with the power to do so assigned stands
    above all tests. `mark`: what is to be put on the order besides (s000-07-4b-06); without `mark_required`
    the number or the name alone is enough.
    """

    name: ClassVar[str] = "attribution"
    label: ClassVar[str] = "订单归属"
    column: ClassVar[str] = "commission"
    basis: ClassVar[str] = "benefit"

    tests: tuple[str, ...] = param(
        Many(Choice(TEST_LABELS), at_least=1), "依据，先成立的为准", default=("claim", "file", "number")
    )
    mark: str | None = param(text, "旗帜或标记", default=None)
    mark_required: bool = param(flag, "没有标记的不算", default=False)

    def __post_init__(self) -> None:
        if len(set(self.tests)) < len(self.tests):
            raise ParamError("tests 里有重复的依据；每项只写一次")
        if {"first_served", "last_served"} <= set(self.tests):
            raise ParamError("tests 里 first_served 与 last_served 只能写一项")
        if self.mark_required and not self.mark:
            raise ParamError("mark_required 须同时写 mark，例如 蓝旗")

    @cached_property
    def of_remark(self) -> tuple[str, ...]:
        """The tests that an order's remark answers, in their order; asked for each of a million orders."""
        return tuple(each for each in self.tests if each in OF_REMARK)

    @property
    def by_service(self) -> str:
        """The test that chooses among several people of the file; empty where none does."""
        return next((each for each in self.tests if each in ("first_served", "last_served")), "")

    def in_words(self) -> str:
        words = f"订单归谁依次看：{'、'.join(TEST_LABELS[each] for each in self.tests)}，先成立的为准"
        if self.mark:
            words += f"；备注还要有{self.mark}" + ("，没有的不算" if self.mark_required else "，没有的也算")
        return f"{words}；都不成立的不归任何人"
