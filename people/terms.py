"""A person's month: the days employed and the terms that held on them, as settlement sees it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from core.periods import days_between
from people.models import Department, Staff, Term
from people.one_person import Part, chains_of
from people.selectors import not_left


@dataclass(frozen=True, slots=True)
class Span:
    """Terms that held from `first` to `last`, both included. Amounts in yuan a month."""

    first: date
    last: date
    team_id: int | None = None
    team: str = ""
    role: str = "agent"
    post: str = ""
    tier: str = ""
    star: int | None = None
    base_pay: Decimal | None = None
    performance_bonus: Decimal | None = None
    base_points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """One person in one month of one department; `first` and `last` are the employed days within it.

    `others` are the person's rows in other departments, before and after this one, the earliest first.
    """

    staff_id: int
    number: str
    name: str
    hired_on: date
    month_first: date
    month_last: date
    first: date
    last: date
    spans: tuple[Span, ...]
    in_month: bool = True  # False: no day employed in it; only what earlier months left over is paid
    left_on: date | None = None  # the last day worked in the department, be it in this month or not
    others: tuple[Part, ...] = ()

    @property
    def at_end(self) -> Span:
        """The terms of the last employed day, which decide the monthly kinds."""
        return self.spans[-1]

    @property
    def elsewhere(self) -> list[Part]:
        """The parts of this month in other departments, the earliest first."""
        return [part for part in self.others if part.overlaps(self.month_first, self.month_last)]

    @property
    def before(self) -> list[Part]:
        """The parts before this one, of whatever month."""
        return [part for part in self.others if part.first < self.first]

    def before_on(self, day: date) -> Part | None:
        """The part of a day before this one, None for a day that was not in another department."""
        return next((part for part in self.before if part.overlaps(day, day)), None) if self.others else None

    @property
    def is_last_part(self) -> bool:
        """Whether what is due once a month is due here: nobody transferred the person on within it."""
        return all(part.first <= self.first for part in self.elsewhere)

    @property
    def with_elsewhere(self) -> str:
        """`（含在客服一部）` where a part of the month was in other departments, else nothing."""
        return f"（含{self._where_else}）" if self.elsewhere else ""

    @property
    def without_elsewhere(self) -> str:
        """`（不含在客服一部）`, the same of what does not count there."""
        return f"（不含{self._where_else}）" if self.elsewhere else ""

    @property
    def _where_else(self) -> str:
        return f"在{'、'.join(part.department for part in self.elsewhere)}"

    @property
    def days_outside(self) -> list[date]:
        """The days of the month on which the person works in no department: before joining, after leaving."""
        if self.first == self.month_first and self.last == self.month_last:
            return []
        return [
            day
            for day in days_between(self.month_first, self.month_last)
            if not self.first <= day <= self.last
            and not any(part.overlaps(day, day) for part in self.elsewhere)
        ]

    @property
    def days_employed(self) -> int:
        """On how many calendar days of the month the person was employed, in whatever departments."""
        return (self.month_last - self.month_first).days + 1 - len(self.days_outside)

    @property
    def is_whole_month(self) -> bool:
        """Whether the person was employed on all days, in whatever departments."""
        return not self.days_outside

    def on(self, day: date) -> Span:
        """The terms of a day; the nearest where the day lies outside the employment."""
        for span in self.spans:
            if day <= span.last:
                return span
        return self.spans[-1]


def people_of_month(
    department: Department,
    first: date,
    last: date,
    *,
    also: Collection[int] = (),
    only: Collection[int] | None = None,
) -> list[PersonMonth]:
    """Everybody employed in the department on a day from `first` to `last`, by number; two queries, three
    where one of them was transferred.

    `also` names staff who are listed although they were not employed then (debts and late corrections);
    `only`: of the others nobody.
    """
    employed = Q(joined_on__lte=last) & not_left(first)
    staff = Staff.objects.filter(employed | Q(pk__in=list(also)), department=department).order_by(
        "number", "joined_on"
    )
    if only is not None:
        staff = staff.filter(pk__in=list(only))
    terms: dict[int, list[Term]] = defaultdict(list)
    rows = list(staff.annotate(moves_on=Exists(Staff.objects.filter(moved_from=OuterRef("pk")))))
    chains = chains_of([each.pk for each in rows if each.moved_from_id or each.moves_on])
    for term in Term.objects.filter(staff__in=rows).select_related("team").order_by("valid"):
        terms[term.staff_id].append(term)
    return [_person(each, terms[each.pk], chains.get(each.pk, ()), first, last) for each in rows]


def person_of_month(staff: Staff, first: date, last: date) -> PersonMonth:
    """One employment in a month, whatever was before and after it in other departments; one query."""
    terms = Term.objects.filter(staff=staff).select_related("team").order_by("valid")
    return _person(staff, list(terms), (), first, last)


def _person(staff: Staff, terms: list[Term], chain: Collection[Part], first: date, last: date) -> PersonMonth:
    begin = max(first, staff.joined_on)
    end = min(last, staff.left_on or last)
    in_month = begin <= end
    if not in_month:
        begin, end = first, last
    spans = []
    for term in terms:
        term_first = max(begin, term.valid.lower or begin)
        term_last = min(end, term.valid.upper - timedelta(days=1) if term.valid.upper else end)
        if term_first <= term_last:
            spans.append(span_of(term, term_first, term_last))
    if not spans:
        spans = [span_of(terms[-1], begin, end) if terms else Span(begin, end)]
    return PersonMonth(
        staff_id=staff.pk,
        number=staff.number,
        name=staff.name,
        hired_on=staff.hired_on,
        month_first=first,
        month_last=last,
        first=begin,
        last=end,
        spans=tuple(spans),
        in_month=in_month,
        left_on=staff.left_on,
        others=tuple(part for part in chain if part.staff_id != staff.pk),
    )


def span_of(term: Term, first: date, last: date) -> Span:
    return Span(
        first=first,
        last=last,
        team_id=term.team_id,
        team=term.team.name if term.team else "",
        role=term.role,
        post=term.post,
        tier=term.tier,
        star=term.star,
        base_pay=term.base_pay,
        performance_bonus=term.performance_bonus,
        base_points=term.base_points,
    )
