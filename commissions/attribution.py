"""Whose an order is, as its remark says: the tests of the department's provision, the first that holds."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from commissions.models import Order
from people.models import Alias, Department, Staff
from rules.kinds.attribution import OrderAttribution
from rules.provisions import Timeline
from rules.selectors import timeline_of_kind

_digit_runs = re.compile(r"\d+").findall  # full-width digits are digits too
# Letters and digits that stand together, with or without marks between them: KF03, kf-03.
_words = re.compile(r"[0-9a-z]+(?:[-_.][0-9a-z]+)*").findall
_parts = re.compile(r"[-_.]").split

Found = tuple[int | None, str, str]  # staff id or None, basis, and the reason
Spell = tuple[date, date, int]  # first and last day, staff id

_NONE, _CONFLICT, _REMARK = (
    Order.Attribution.NONE.value,
    Order.Attribution.CONFLICT.value,
    Order.Attribution.REMARK.value,
)
NOBODY: Found = (None, _NONE, Order.Reason.NONE.value)
CONFLICT: Found = (None, _CONFLICT, Order.Reason.TWO.value)
AWAY: Found = (None, _NONE, Order.Reason.AWAY.value)
UNMARKED: Found = (None, _NONE, Order.Reason.UNMARKED.value)

# The reason in SQL, of orders too that were stored before reasons were.
REASON = """CASE WHEN stored.reason > '' THEN stored.reason WHEN stored.attribution = 'remark' THEN 'number'
    WHEN stored.attribution = 'conflict' THEN 'two' ELSE stored.attribution END"""


class Evidence(dict[date, OrderAttribution]):
    """Day of payment → the department's tests; the usual ones where no provision says otherwise."""

    def __init__(self, timeline: Timeline | None = None) -> None:
        super().__init__()
        self._timeline = timeline or Timeline([])
        self._usual = OrderAttribution()

    @classmethod
    def of(cls, department: Department) -> "Evidence":
        """One query."""
        return cls(timeline_of_kind(department, OrderAttribution))

    def __missing__(self, day: date) -> OrderAttribution:
        rules = self._timeline.on(day).of_kind(OrderAttribution)
        return self.setdefault(day, rules[0].kind if rules else self._usual)

    def stretches(self) -> list[tuple[date, OrderAttribution]]:
        """The tests of all days, each from the day on which it begins to hold."""
        starts = [first for first, _, _ in self._timeline.segments(date.min, date.max)]
        return [(first, self[first]) for first in starts]


class EmployedStaff:
    """Who of a department was employed when, by number and by name, and which tests find them in a remark."""

    def __init__(
        self, staff: Iterable[Staff], tests: Evidence | None = None, aliases: Iterable[Alias] = ()
    ) -> None:
        self._employed: dict[str, list[Spell]] = defaultdict(list)
        self._named: dict[str, list[Spell]] = defaultdict(list)
        self._has_letters = False
        self._tests = tests if tests is not None else Evidence()
        people = list(staff)
        for each in people:
            spell = (each.joined_on, each.left_on or date.max, each.pk)
            self._named[_folded(each.name)].append(spell)
            if each.number.isdigit():
                self._employed[each.number].append(spell)
            elif _words(folded := _folded(each.number)) == [folded]:
                self._employed["".join(_parts(folded))].append(spell)
                self._has_letters = True
        self._add_aliases(people, aliases)
        names = sorted((name for name in self._named if len(name) > 1), key=len, reverse=True)
        self._names_in = re.compile("|".join(map(re.escape, names)) or "(?!)").findall
        # Remarks are mostly a number alone, and repeat.
        self._spells = {
            "number": lru_cache(1 << 16)(self._numbered),
            "name": lru_cache(1 << 16)(self._called),
        }
        stretches = [kind for _, kind in self._tests.stretches()]
        self.reads_marks = any(kind.mark_required for kind in stretches)

    @classmethod
    def of(cls, department: Department, tests: Evidence | None = None) -> "EmployedStaff":
        """Everybody who is or was in the department; one query, one more where names count, one for tests
        that are not given."""
        tests = Evidence.of(department) if tests is None else tests
        aliases: Iterable[Alias] = ()
        if any("name" in kind.tests for _, kind in tests.stretches()):
            rows = Alias.objects.filter(department=department, shop="", staff__isnull=False)
            aliases = rows.select_related("staff")
        return cls(Staff.objects.filter(department=department), tests, aliases)

    def agent_of(self, remark: str, on: date, mark: str = "") -> Found:
        """(staff id or None, basis, reason) of an order paid on a day, by the tests of that day.

        Two different people are a conflict and nobody's; digits inside a longer run (a phone number) and
        numbers of who was not employed on the day do not count (rule-kinds, From orders and metrics).
        Letters are taken in either case, with or without a hyphen between. `mark`: the order's flag, where
        a provision asks for one; it may stand in the remark too.
        """
        tests, missed = self._tests[on], NOBODY
        for test in tests.of_remark:
            found: int | None = None
            for spells in self._spells[test](remark):
                missed = AWAY
                for first, last, agent in spells:
                    if first <= on <= last:
                        if found is not None and agent != found:
                            return CONFLICT
                        found = agent
                        if test == "number":
                            break
            if found is not None:
                is_marked = not tests.mark_required or (tests.mark or "") in f"{remark}{mark}"
                return (found, _REMARK, test) if is_marked else UNMARKED
        return missed

    def _add_aliases(self, people: Iterable[Staff], aliases: Iterable[Alias]) -> None:
        """An alias holds for every employment under the person's number, on its days."""
        by_number: dict[str, list[Staff]] = defaultdict(list)
        for each in people:
            by_number[each.number].append(each)
        for alias in aliases:
            assert alias.staff is not None
            for each in by_number[alias.staff.number]:
                first = max(each.joined_on, alias.first_day)
                last = min(each.left_on or date.max, alias.last_day or date.max)
                self._named[_folded(alias.text)].append((first, last, each.pk))

    def _called(self, remark: str) -> list[list[Spell]]:
        """The employments under each name in a remark; a longer name before one that is in it."""
        return [self._named[each] for each in self._names_in(_folded(remark))]

    def _numbered(self, remark: str) -> list[list[Spell]]:
        """The employments under each number in a remark."""
        numbers = self._lettered(remark) if self._has_letters else _digit_runs(remark)
        shown = (each if each.isascii() else unicodedata.normalize("NFKC", each) for each in numbers)
        return [self._employed[each] for each in shown if each in self._employed]

    def _lettered(self, remark: str) -> Iterator[str]:
        """The numbers that a remark may mean where some have letters: a word as a whole, else the runs of
        digits in it, so that the 03 of KF03 is nobody's."""
        for word in _words(_folded(remark)):
            parts = _parts(word)
            if (whole := "".join(parts)) in self._employed and not whole.isdigit():
                yield whole
                continue
            for part in parts:
                yield from [part] if part in self._employed else _digit_runs(part)


def _folded(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()
