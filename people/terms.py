"""A person's month: the days employed and the terms that held on them, as settlement sees it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from people.models import Department, Staff, Term
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
    """One person in one month of one department; `first` and `last` are the employed days within it."""

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

    @property
    def at_end(self) -> Span:
        """The terms of the last employed day, which decide the monthly kinds."""
        return self.spans[-1]

    @property
    def is_whole_month(self) -> bool:
        return self.first == self.month_first and self.last == self.month_last

    def on(self, day: date) -> Span:
        """The terms of a day; the nearest where the day lies outside the employment."""
        for span in self.spans:
            if day <= span.last:
                return span
        return self.spans[-1]


def people_of_month(
    department: Department, first: date, last: date, *, also: Collection[int] = ()
) -> list[PersonMonth]:
    """Everybody employed in the department on a day from `first` to `last`, by number; two queries.

    `also` names staff who are listed although they were not employed then (debts and late corrections).
    """
    employed = Q(joined_on__lte=last) & not_left(first)
    staff = Staff.objects.filter(employed | Q(pk__in=list(also)), department=department).order_by("number")
    terms: dict[int, list[Term]] = defaultdict(list)
    rows = list(staff)
    for term in Term.objects.filter(staff__in=rows).select_related("team").order_by("valid"):
        terms[term.staff_id].append(term)
    return [_person(each, terms[each.pk], first, last) for each in rows]


def _person(staff: Staff, terms: list[Term], first: date, last: date) -> PersonMonth:
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
