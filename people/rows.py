"""Whom the rows of a spreadsheet are about: a number, another name, or the person's own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from people.aliases import alias_key, tidy
from people.models import LONGEST_ALIAS, Account, Alias, Department, Staff
from people.services.aliases import aliases_store, whom
from sheets.questions import Question
from sheets.table import Table

# The fields of the profiles that say who somebody is, those that say it best first.
WHO = NUMBER, ALIAS, NAME = "staff_number", "staff_alias", "staff_name"
SHOP = "shop"
ZEROS = "zeros"
STRANGER = "-"  # the answer that somebody is not of the department
NOT_OURS = "不是本部门的人"
MOST_CHOICES = 60

_LIKE_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z][0-9A-Za-z_.-]*", re.ASCII).fullmatch
_PARTS = re.compile(r"[\s,，、/;；|&+()（）【】\[\]]+|-(?![0-9A-Za-z])|(?<![0-9A-Za-z])-|和").split

Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class _Told:
    """Whom the department says is meant by a name, nobody of its own without `staff`; from when on."""

    shown: str
    staff: Staff | None
    since: date | None


class People:
    """The people of a department as rows name them; two queries at most, whatever the number of rows.

    A row's days choose among the employments under a number and among the people whom an alias meant. What
    the file leaves open is asked of the table, and kept as dated aliases once the whole file is good.
    """

    def __init__(self, table: Table, department: Department) -> None:
        self._table = table
        self._department = department
        self._spells: dict[str, list[Staff]] = defaultdict(list)
        for each in Staff.objects.filter(department=department).order_by("joined_on"):
            self._spells[each.number].append(each)
        self._by_key = _listed((alias_key(number), number) for number in self._spells)
        self._by_name = _listed(
            (alias_key(each.name), number) for number, spells in self._spells.items() for each in spells
        )
        self._by_digits = _listed((number.lstrip("0"), number) for number in self._spells if number.isdigit())
        self._told: dict[str, _Told] = {}
        self._questions: dict[str, Question] = {}
        table.at_end.append(self._keep)

    @cached_property
    def _aliases(self) -> dict[tuple[str, str], list[Alias]]:
        """The department's aliases in order of time by alias and shop; read where a file needs them."""
        rows = Alias.objects.filter(department=self._department).select_related("staff")
        found: dict[tuple[str, str], list[Alias]] = defaultdict(list)
        for alias in rows.order_by("valid"):
            found[alias.key, alias_key(alias.shop)].append(alias)
        return found

    def of(
        self, row: int, values: Mapping[str, Any], on: date | None = None, until: date | None = None
    ) -> Staff | None:
        """The employment of a row's person on a day, or the last between two days; None where it is recorded
        that the person is unknown, is asked for, or is none of the department's.

        A number comes before an alias, that before a name; a name beside them must be the person's.
        """
        field = next((each for each in WHO if values.get(each)), None)
        if field is None:
            present = next((each for each in WHO if each in self._table.present), NUMBER)
            self._table.add_error(row, present, "不能为空", "请填写这一格")
            return None
        days = (on, until or on) if on else None
        person = self._found(row, field, values, days)
        if person is None or field == NAME:
            return person
        return person if self.fits(row, NAME, person, values.get(NAME)) else None

    def numbered(self, number: str, on: date | None = None) -> Staff | None:
        """Whose number it is, if anybody's, however it is written; of who came back the employment of the
        day, else the last that had begun."""
        exact = number if number in self._spells else _only(self._by_key.get(alias_key(number), []))
        return _employment(self._spells[exact], (on, on) if on else None) if exact else None

    def named(self, name: str) -> list[str]:
        """The numbers of the people of that name."""
        return self._by_name.get(alias_key(name), [])

    def without_zeros(self, number: str) -> list[str]:
        """The numbers that are this one, but for zeros in front."""
        return [each for each in self._by_digits.get(number.lstrip("0"), []) if each != number]

    def fits(self, row: int, field: str, person: Staff, written: str | None) -> bool:
        """Whether the name beside a number, if there is one, is the person's; recorded where not."""
        if not written or written == person.name or alias_key(written) == alias_key(person.name):
            return True
        if named := self.named(written):
            remedy = f"{written}的工号是 {'、'.join(named)}，请改正工号，或者把姓名改成{person.name}"
        else:
            remedy = f"工号写错请改工号，姓名写错请改成{person.name}；登记的姓名不对请先在员工页更正"
        self._table.add_error(
            row, field, f"与工号不符，工号 {person.number} 是{person.name}", remedy, written
        )
        return False

    def _found(self, row: int, field: str, values: Mapping[str, Any], days: Days | None) -> Staff | None:
        written = values[field]
        if field == NUMBER and written in self._spells:
            return _employment(self._spells[written], days)
        shown = tidy(written)
        number = _only(self._by_key.get(alias_key(shown), [])) or self._in_parts(shown)
        if number:
            return _employment(self._spells[number], days)
        aliases = self._alias(shown, values.get(SHOP), days)
        if aliases:
            return self._meant(row, field, written, aliases, days)
        if field == NUMBER and _LIKE_NUMBER(shown) and _key(shown) not in self._table.answers:
            return self._unknown_number(row, shown, values, days)
        if len(numbers := [part for part in _PARTS(shown) if _LIKE_NUMBER(part)]) > 1:
            message = f"一格里有两个工号（{'、'.join(numbers)}）"
            self._table.add_error(row, field, message, "请只写一个；一笔业绩归几个人的，先定归谁", written)
            return None
        named = self._employed(self.named(shown), days)
        if len(named) == 1:
            return _employment(self._spells[named[0]], days)
        return self._asked(row, field, shown, named, days)

    def _in_parts(self, shown: str) -> str | None:
        """The number in a cell that has number and name of one person: 9101 张三, 张三（9101）."""
        parts = [part for part in _PARTS(shown) if part]
        if len(parts) != 2:
            return None
        for number, name in (parts, reversed(parts)):
            found = _only(self._by_key.get(alias_key(number), []))
            if found and found in self.named(name):
                return found
        return None

    def knows(self, name: str) -> bool:
        """Whether it is a number of the department's or an alias that somebody registered."""
        return self.numbered(name) is not None or bool(self._alias(tidy(name), None, None))

    def _alias(self, shown: str, shop: str | None, days: Days | None) -> list[Alias]:
        """What the alias meant on these days, in the shop of the row or of the alias itself (店:子账号)."""
        main, _, account = shown.partition(":")
        places = [(shown, shop or ""), (account, main) if account else (shown, ""), (shown, "")]
        for text, of_shop in places:
            found = self._aliases.get((alias_key(text), alias_key(of_shop)), [])
            found = [alias for alias in found if days is None or alias.holds_between(*days)]
            if found:
                return found if days else found[-1:]
        return []

    def _meant(
        self, row: int, field: str, written: str, aliases: list[Alias], days: Days | None
    ) -> Staff | None:
        if len({alias.staff_id for alias in aliases}) > 1:
            told = "，".join(f"{alias.first_day:%Y-%m-%d}起是{whom(alias)}" for alias in aliases)
            remedy = "请把文件按日期分开导出，或者写工号"
            self._table.add_error(row, field, f"在这些日子里不止一个人：{told}", remedy, written)
            return None
        staff = aliases[-1].staff
        if staff is None:
            self._table.leave_out(row, NOT_OURS)
            return None
        return _employment(self._spells[staff.number], days)

    def _unknown_number(
        self, row: int, number: str, values: Mapping[str, Any], days: Days | None
    ) -> Staff | None:
        name = values.get(NAME)
        named = self.named(name) if name else []
        if number.isdigit() and (whole := self.without_zeros(number)):
            agreed = [each for each in whole if each in named] if named else whole
            if len(agreed) == 1:
                person = _employment(self._spells[agreed[0]], days)
                if named or self._zeros_are_lost(number, person):
                    return person
        meant = f"{name}的工号是 {'、'.join(named)}；" if named else ""
        remedy = f"{meant}请改正工号，或者先导入员工"
        if not meant:
            remedy += f"；{NOT_OURS}，请先在“别名”里登记"
        self._table.add_error(row, NUMBER, "本部门没有此工号", remedy, number)
        return None

    def _zeros_are_lost(self, number: str, person: Staff) -> bool:
        """Ask once a column whether its numbers lost the zeros in front."""
        header = self._table.header_of(NUMBER)
        question = self._questions.get(ZEROS) or Question(
            f"{ZEROS}:{header}",
            f"「{header}」里有本部门没有的工号，补上前面的 0 就有：{number} 是不是 {person}？",
            (("yes", "是，前面的 0 丢了，都照补上 0 的工号导入"), ("no", "不是，这是别人的工号")),
        )
        self._questions[ZEROS] = question
        return self._table.ask(question) != "no"

    def _asked(self, row: int, field: str, shown: str, named: list[str], days: Days | None) -> Staff | None:
        """Whom the department says is meant; asked where it was not said yet."""
        if max(len(shown), len(alias_key(shown))) > LONGEST_ALIAS:
            self._table.add_error(row, field, f"超过 {LONGEST_ALIAS} 个字", "请写工号", shown)
            return None
        key = _key(shown)
        if key not in self._questions:
            self._questions[key] = self._question(field, shown, named, days)
        answer = self._table.ask(self._questions[key])
        if answer is None:
            return None
        since = days[0] if days else None
        staff = None if answer == STRANGER else self.numbered(answer, since)
        if staff is None and answer != STRANGER:
            self._table.add_error(row, field, f"回答的“{answer}”不是本部门的工号", "请写工号", shown)
            return None
        known = self._told.get(key)
        first = min((day for day in (since, known and known.since) if day), default=None)
        self._told[key] = _Told(known.shown if known else shown, staff, first)
        if staff is None:
            self._table.leave_out(row, NOT_OURS)
            return None
        return _employment(self._spells[staff.number], days)

    def _question(self, field: str, shown: str, named: list[str], days: Days | None) -> Question:
        among = sorted(named or self._employed(self._spells, days))
        choices = [(number, f"{number} {self._spells[number][-1].name}") for number in among]
        namesakes = f"叫{shown}的有 {len(named)} 人。" if named else self._resembling(shown, days)
        return Question(
            _key(shown),
            f"「{self._table.header_of(field)}」里的“{shown}”是谁？{namesakes}",
            (*choices, (STRANGER, NOT_OURS)) if len(choices) <= MOST_CHOICES else (),
            hint=f"写工号；{NOT_OURS}写 {STRANGER}",
            is_kept=False,
        )

    def _resembling(self, shown: str, days: Days | None) -> str:
        """Who is called as the account in 店:账号 is, for whoever has to say."""
        account = shown.partition(":")[2]
        aliases = self._alias(account, None, days) if account else []
        return f"“{account}”是{whom(aliases[-1])}。" if aliases else ""

    def _employed(self, numbers: Iterable[str], days: Days | None) -> list[str]:
        """Those who are employed on one of the days; of namesakes none of whom is, all."""
        among = list(numbers)
        if days is None:
            return among
        first, last = days
        employed = [
            number
            for number in among
            if any(
                spell.joined_on <= last and (spell.left_on is None or first <= spell.left_on)
                for spell in self._spells[number]
            )
        ]
        return employed or among

    def _keep(self, *, by: Account | None, at: datetime) -> None:
        """Keep what was answered as aliases from the first day that the file tells of."""
        told = [
            (each.shown, each.staff, each.since or (self._table.period or (timezone.localdate(at),))[0])
            for each in self._told.values()
        ]
        aliases_store(department=self._department, told=told, by=by, at=at)


def _key(shown: str) -> str:
    """The key of the question who is meant."""
    return f"person:{alias_key(shown)}"


def _employment(spells: list[Staff], days: Days | None) -> Staff:
    """Of the employments under a number the last that has one of the days, else the last begun before
    them, else the first; without days the last."""
    if days is None or len(spells) == 1:
        return spells[-1]
    first, last = days
    begun = [spell for spell in spells if spell.joined_on <= last]
    during = [spell for spell in begun if spell.left_on is None or first <= spell.left_on]
    return (during or begun or spells[:1])[-1]


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Key → the different values, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        if value not in found[key]:
            found[key].append(value)
    return found


def _only(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None
