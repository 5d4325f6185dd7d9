"""The facts of a department's people for their ladder, read set-wise with a fixed number of queries.

Who was transferred brings along what happened before: grades, exams, awards, incidents, words and figures of
the earlier rows count as of the person, places only those of months in this department.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from appraisals.selectors import grade_letters
from commissions.selectors import figures_by_month
from core.periods import first_of, last_of, months_after, shift_months
from penalties.models import OpeningBalance
from penalties.openings import openings_of
from penalties.selectors import incidents_counted
from people.models import Department, Staff, Term
from people.one_person import chains_of
from people.selectors import not_left
from promotions.evidence import Exam, Facts, Violation, Won, Word
from promotions.models import Attestation
from promotions.standings import Seat, Standings
from rules.kinds.ladder import LOOKBACK, Demotion, Promotion, Step
from rules.kinds.sales import COMPUTED
from rules.provisions import Rule, Rules
from rules.selectors import timeline_of
from training.selectors import exam_outcomes

Held = tuple[date, date | None, Seat]  # from, until before (None: open), where
Rows = Collection[int] | QuerySet[Any, Any]  # ids of staff, or a query of them
FEW = 50
NOBODY = Seat("agent", "", None, None)
DISCIPLINE = "discipline"


@dataclass(frozen=True, slots=True)
class Needs:
    """What the criteria of some rules ask for: how many months back, which codes, violations since when."""

    months: int
    metrics: frozenset[str]
    awards: frozenset[str]
    violations_since: date | None

    @classmethod
    def of(cls, rules: Rules, on: date) -> "Needs":
        months = LOOKBACK
        metrics: set[str] = set()
        awards: set[str] = set()
        since: date | None = None
        for kind in steps_of(rules):
            for criterion in (*kind.all_of, *kind.any_of):
                name, value = criterion.given
                match name:
                    case "months_in_top" | "months_outside_top":
                        months = max(months, value.window)
                        metrics.add(value.metric)
                    case "average_rank":
                        months = max(months, value.months)
                        metrics.add(value.metric)
                    case "metric":
                        months = max(months, value.months)
                        metrics.add(value.code)
                    case "awards":
                        awards |= known_codes(rules).get(value.code, frozenset({value.code}))
                    case "no_violation_months":
                        asked = date.min if isinstance(value, str) else months_after(on, -value)
                        since = asked if since is None else min(since, asked)
        return cls(months, frozenset(metrics), frozenset(awards), since)


def steps_of(rules: Rules) -> Iterable[Step]:
    """The provisions about the ladder that are in force and not inert."""
    kinds: list[Rule[Promotion] | Rule[Demotion]] = [*rules.of_kind(Promotion), *rules.of_kind(Demotion)]
    return [rule.kind for rule in kinds]


def known_codes(rules: Rules) -> dict[str, frozenset[str]]:
    """Each code that the rules have or cover, with the codes under which it may be recorded."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in rules:
        for code in (rule.code, *rule.covers):
            found[code].add(rule.code)
    return {code: frozenset(codes | {code}) for code, codes in found.items()}


def facts_of(
    department: Department, on: date, *, rules: Rules | None = None, only: Collection[int] | None = None
) -> tuple[Rules, dict[int, Facts]]:
    """The rules of a day and, by row, the facts of everybody employed that day, by number.

    `only`: of these rows; the others are read as far as they are ranked. At most twelve queries, whoever
    there is. `rules`: those to go by, where others than the day's are meant.
    """
    rules = timeline_of(department).on(on) if rules is None else rules
    needs = Needs.of(rules, on)
    last = first_of(on) if on == last_of(on) else shift_months(on, -1)
    months = [shift_months(last, -back) for back in range(needs.months - 1, -1, -1)]
    people = _People.read(department, months[0], on)
    wanted = [row for row in people.employed if only is None or row in only]
    standings = _standings(department, needs, months, people)
    own = {row: who for who in wanted for row in people.chains[who]}
    dated = _Dated.read(_rows(department, own, on), own, needs, on)
    known = known_codes(rules)
    return rules, {
        who: Facts(
            who=who,
            on=on,
            hired_on=people.hired[who],
            seat=people.seat(who, on) or NOBODY,
            since=people.since(who, on),
            standings=standings,
            grades=dated.grades.get(who, {}),
            exams=dated.exams.get(who, {}),
            awards=dated.awards.get(who, ()),
            violations=dated.violations.get(who, ()),
            attested=dated.attested.get(who, {}),
            known=known,
        )
        for who in wanted
    }


@dataclass(frozen=True, slots=True)
class _People:
    """Who was in the department in the months looked at, and their terms; `chains`: all rows of each.

    `openings`: by row and tier since when it was held, by books that were kept elsewhere.
    """

    employed: list[int]
    here: Mapping[int, tuple[date, date | None]]
    hired: Mapping[int, date]
    chains: Mapping[int, tuple[int, ...]]
    terms: Mapping[int, list[Held]]
    openings: Mapping[tuple[int, str], date]

    @classmethod
    def read(cls, department: Department, first: date, on: date) -> "_People":
        """Four queries, one less where nobody was transferred."""
        staff = Staff.objects.filter(not_left(first), department=department, joined_on__lte=on)
        fields = ("pk", "hired_on", "joined_on", "left_on", "moved_from_id")
        found = list(staff.order_by("number", "joined_on").values_list(*fields))
        parts = chains_of([pk for pk, *_, moved_from in found if moved_from])
        chains = {
            pk: tuple(each.staff_id for each in parts.get(pk, ()) if each.first <= joined) or (pk,)
            for pk, _, joined, _, _ in found
        }
        rows = {row for chain in chains.values() for row in chain}
        terms: dict[int, list[Held]] = defaultdict(list)
        here = Staff.objects.filter(not_left(first), department=department, joined_on__lte=on).values("pk")
        elsewhere = rows - chains.keys()
        whose = Q(staff__in=here) | Q(staff__in=elsewhere) if elsewhere else Q(staff__in=here)
        held = Term.objects.filter(whose).order_by("staff", "valid")
        for row, valid, role, tier, star, team in held.values_list(
            "staff_id", "valid", "role", "tier", "star", "team_id"
        ):
            terms[row].append((valid.lower or date.min, valid.upper, Seat(role, tier, star, team)))
        return cls(
            employed=[pk for pk, _, _, left, _ in found if left is None or left >= on],
            here={pk: (joined, left) for pk, _, joined, left, _ in found},
            hired={pk: hired for pk, hired, *_ in found},
            chains=chains,
            terms=terms,
            openings={
                (each.staff_id, each.code): each.on
                for each in openings_of(OpeningBalance.Kind.TIER, staff__in=rows if elsewhere else here)
            },
        )

    def seat(self, who: int, day: date) -> Seat | None:
        """Where somebody was on a day by the terms of this department; None where no terms say so."""
        for first, end, seat in self.terms.get(who, ()):
            if first <= day and (end is None or day < end):
                return seat
        return None

    def seats(self, days: Collection[date]) -> list[dict[int, Seat]]:
        """Everybody who was in the department at the end of each of these days."""
        found: list[dict[int, Seat]] = [{} for _ in days]
        for who, (joined, left) in self.here.items():
            held = self.terms.get(who, ())
            for day, seats in zip(days, found, strict=True):
                if joined <= day and (left is None or left >= day):
                    seats[who] = NOBODY
                    for first, end, seat in held:
                        if first <= day and (end is None or day < end):
                            seats[who] = seat
                            break
        return found

    def since(self, who: int, on: date) -> dict[str, date]:
        """The levels of a day, each with the day from which it is held without a break, over transfers."""
        held = [each for row in self.chains[who] for each in self.terms.get(row, ()) if each[0] <= on]
        held.sort(key=lambda each: each[0])
        if not held:
            return {NOBODY.role: self.hired[who]}
        levels = held[-1][2].levels
        since: dict[str, date] = {}
        for level in levels:
            begun, is_from_start = held[-1][0], True
            for first, end, seat in reversed(held[:-1]):
                if level not in seat.levels or (end is not None and end < begun):
                    is_from_start = False
                    break
                begun = first
            days = [self.openings.get((row, level)) for row in self.chains[who]] if self.openings else []
            opening = next((day for day in days if day), None)
            if opening is not None and opening <= on and (is_from_start or begun <= opening):
                begun = opening  # terms from before the department began here do not say since when
            since[level] = max(begun, self.hired[who])
        return since


def _standings(department: Department, needs: Needs, months: list[date], people: _People) -> Standings:
    """The figures of everybody, of whoever was transferred under the row of today; two queries at most."""
    now_of = {row: who for who, chain in people.chains.items() for row in chain if row != who}
    figures = figures_by_month(department, needs.metrics, months[0], months[-1], also=now_of)
    for of_code in figures.values():
        for values in of_code.values():
            for row in values.keys() & now_of.keys():
                values.setdefault(now_of[row], values.pop(row))
    ends = [last_of(month) for month in months] if needs.metrics else []
    seats = dict(zip(months, people.seats(ends), strict=False))
    for code in needs.metrics & set(COMPUTED):
        for month, values in figures.get(code, {}).items():
            # Who sold nothing in a month in which others sold has sold nothing, which is known.
            for who in seats.get(month, {}):
                values.setdefault(who, Decimal(0))
    return Standings(figures, seats)


def _rows(department: Department, own: Mapping[int, int], on: date) -> Rows:
    """The rows that are read: some by their ids, many by their department, which is faster to ask."""
    if len(own) <= FEW:
        return list(own)
    elsewhere = [row for row, who in own.items() if row != who]
    here = Q(not_left(on), department=department)
    return Staff.objects.filter(here | Q(pk__in=elsewhere) if elsewhere else here).values("pk")


@dataclass(frozen=True, slots=True)
class _Dated:
    """What happened to people, by the row of today."""

    grades: dict[int, dict[date, str]]
    exams: dict[int, dict[str, list[Exam]]]
    awards: dict[int, list[Won]]
    violations: dict[int, list[Violation]]
    attested: dict[int, dict[str, dict[str, Word]]]

    @classmethod
    def read(cls, rows: Rows, own: Mapping[int, int], needs: Needs, on: date) -> "_Dated":
        """Four queries."""
        found = cls({}, {}, defaultdict(list), defaultdict(list), {})
        for row, letters in grade_letters(rows, until=on).items():
            if row in own:
                found.grades.setdefault(own[row], {}).update(letters)
        for row, code, day, passed, score in exam_outcomes(rows, until=on):
            if row not in own:
                continue
            found.exams.setdefault(own[row], {}).setdefault(code, []).append(Exam(day, passed, score))
        since = needs.violations_since
        for row, day, code, quantity, title, basis in incidents_counted(
            rows, until=on, codes=needs.awards, since=since
        ):
            if row not in own:
                continue
            if code in needs.awards:
                found.awards[own[row]].append(Won(day, code, quantity))
            elif basis == DISCIPLINE:
                found.violations[own[row]].append(Violation(day, title))
        words = Attestation.objects.filter(Q(staff__in=rows), on__lte=on).order_by("on", "id")
        fields = ("staff_id", "code", "item", "on", "id", "answer", "note")
        names = ("by__first_name", "by__last_name", "by__username")
        for row, code, item, day, pk, is_so, note, first, last, user in words.values_list(*fields, *names):
            if row not in own:
                continue
            word = Word(day, pk, is_so, note, f"{first or ''} {last or ''}".strip() or user or "")
            found.attested.setdefault(own[row], {}).setdefault(code, {})[item] = word
        return found
