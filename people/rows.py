"""Whom the rows of a spreadsheet are about: a staff number, and the name beside it where there is one."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from people.models import Department, Staff
from people.selectors import on_day, staff_by_number
from sheets.table import Table
from sheets.values import key_of

NUMBER, NAME = "staff_number", "staff_name"  # the fields of the profiles
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅●・.", "·"))


class People:
    """The people of a department, found by the rows of a table; one query."""

    def __init__(self, table: Table, department: Department) -> None:
        self._table = table
        self._by_number = staff_by_number(department)
        self._numbers: dict[str, list[str]] = defaultdict(list)
        for rows in self._by_number.values():
            self._numbers[_name_key(rows[-1].name)].append(rows[-1].number)

    def of(self, row: int, values: Mapping[str, Any], on: date | None = None) -> Staff | None:
        """The person of a row; None, and recorded, for an unknown number or a name of somebody else.

        Of who came back under the same number the employment of the day that the row is about.
        """
        number, written = values[NUMBER], values.get(NAME)
        person = self.numbered(number, on)
        if person is None:
            named = self.named(written) if written else []
            meant = f"{written}的工号是 {'、'.join(named)}；" if named else ""
            remedy = f"{meant}请改正工号，或者先导入员工"
            self._table.add_error(row, NUMBER, "本部门没有此工号", remedy, number)
            return None
        return person if self.fits(row, NAME, person, written) else None

    def numbered(self, number: str, on: date | None = None) -> Staff | None:
        """Whose number it is on a day, if anybody's; without a day the last who had it."""
        return next(iter(on_day(self._by_number.get(number, []), on)), None)

    def named(self, name: str) -> list[str]:
        """The numbers of the people of that name."""
        return self._numbers.get(_name_key(name), [])

    def fits(self, row: int, field: str, person: Staff, written: str | None) -> bool:
        """Whether the name beside a number, if there is one, is the person's; recorded where not."""
        if not written or _name_key(written) == _name_key(person.name):
            return True
        if named := self.named(written):
            remedy = f"{written}的工号是 {'、'.join(named)}，请改正工号，或者把姓名改成{person.name}"
        else:
            remedy = f"工号写错请改工号，姓名写错请改成{person.name}；登记的姓名不对请先在员工页更正"
        self._table.add_error(
            row, field, f"与工号不符，工号 {person.number} 是{person.name}", remedy, written
        )
        return False


def _name_key(name: str) -> str:
    """The form in which names are compared: width, spaces, case and kinds of dots aside."""
    return key_of(name).translate(_DOTS)
