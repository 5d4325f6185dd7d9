"""A quarter's grades as they stand: each month's score, the average, what it comes to, what was confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from appraisals.models import QuarterGrade
from appraisals.selectors.grades import grades_held
from commissions.metrics import metrics_held
from commissions.order_sums import Sums, read_past_sums
from core.periods import last_of, shift_months, window_end
from people.models import Department
from people.terms import PersonMonth, people_of_month
from rules.kinds.appraisal import Grade
from rules.kinds.labels import metric_label
from rules.kinds.sales import COMPUTED
from rules.provisions import Month, Rule
from rules.selectors import timeline_of


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One person's quarter. `proposed`: the grade that the scores come to, empty where there is none.

    `scores`: the months in which the person was employed, each with its score or None.
    """

    person: PersonMonth
    rule: Rule[Grade] | None
    scores: Sequence[tuple[date, Decimal | None]]
    average: Decimal | None
    proposed: str
    held: QuarterGrade | None
    why: str

    @property
    def grade(self) -> str:
        """The confirmed grade, else the proposed one."""
        return self.held.grade if self.held is not None else self.proposed

    @property
    def is_changed(self) -> bool:
        """Whether another grade stands than the scores of today come to."""
        return self.held is not None and bool(self.proposed) and self.held.grade != self.proposed


def quarter_of(department: Department, quarter: date) -> list[QuarterRow]:
    """The grades of everybody whom a grade provision binds on the quarter's last day, by number.

    The number of queries depends on no people. Who left within the quarter has no grade and no place; who
    was transferred on is graded where it ends, and scores of before count with it.
    """
    last, timeline = window_end("quarter", quarter), timeline_of(department)
    month = Month(department.pk, quarter, last, {}, timeline)
    people = people_of_month(department, quarter, last)
    of_last_day = timeline.on(last).of_kind(Grade)
    bound: dict[int, list[Rule[Grade]]] = {}
    for person in people:
        own = [
            rule
            for rule in of_last_day
            if rule.binds(person.at_end.role) and person.at_end.tier not in rule.kind.except_tiers
        ]
        if own and person.last == last:
            bound[person.staff_id] = own
    people = [person for person in people if person.staff_id in bound]
    rules = {rule.code: rule for found in bound.values() for rule in found}
    values = _values(month, people, {rule.kind.by for rule in rules.values()})
    scores = {
        person.staff_id: _scores(person, month, bound[person.staff_id][0].kind.by, values)
        for person in people
    }
    averages = {who: Grade.average([score for _, score in found]) for who, found in scores.items()}
    proposed: dict[int, str] = {}
    for code, rule in rules.items():
        proposed |= rule.kind.grades(
            {
                who: average
                for who, average in averages.items()
                if average is not None and [each.code for each in bound[who]] == [code]
            }
        )
    held = grades_held(list(bound), since=quarter, until=quarter)
    return [
        QuarterRow(
            person=person,
            rule=bound[person.staff_id][0] if len(bound[person.staff_id]) == 1 else None,
            scores=scores[person.staff_id],
            average=averages[person.staff_id],
            proposed=proposed.get(person.staff_id, ""),
            held=held.get(person.staff_id, {}).get(quarter),
            why=_why_none(bound[person.staff_id], scores[person.staff_id], person.staff_id in proposed),
        )
        for person in people
    ]


def _values(
    month: Month, people: Sequence[PersonMonth], codes: set[str]
) -> dict[tuple[int, date, str], Decimal]:
    """The metrics of the quarter's months by row of staff: what was brought, else what orders give."""
    months = [shift_months(month.first, i) for i in range(3)]
    rows = {person.staff_id for person in people} | {
        part.staff_id for person in people for part in person.others
    }
    found: dict[tuple[int, date, str], Decimal] = {}
    computed = codes & set(COMPUTED)
    if computed:
        after = Month(month.department_id, shift_months(month.first, 3), month.last, {}, month.timeline)
        sums = read_past_sums(after, month.first)
        for code in computed:
            for in_month, of_people in sums.items():
                found |= {(who, in_month, code): (of_people.get(who) or Sums()).value(code) for who in rows}
    return found | metrics_held(rows, months, codes)


def _scores(
    person: PersonMonth, month: Month, code: str, values: dict[tuple[int, date, str], Decimal]
) -> list[tuple[date, Decimal | None]]:
    """The months in which the person was employed, here or before a transfer, each with its value.

    Of a month in two departments the later one's counts.
    """
    rows = [part.staff_id for part in person.before] + [person.staff_id]
    first = min([part.first for part in person.before] + [person.first])
    found = []
    for i in range(3):
        start = shift_months(month.first, i)
        if first <= last_of(start) and start <= person.last:
            own = [value for row in rows if (value := values.get((row, start, code))) is not None]
            found.append((start, own[-1] if own else None))
    return found


def _why_none(
    rules: Sequence[Rule[Grade]], scores: Sequence[tuple[date, Decimal | None]], has_grade: bool
) -> str:
    """Why there is no grade to propose, in words; empty where there is one."""
    if has_grade:
        return ""
    if len(rules) > 1:
        named = "、".join(f"{rule.code} {rule.title}" for rule in rules)
        return f"有{len(rules)}条季度等级约束此人：{named}；只留一条"
    missing = [f"{month:%Y-%m}" for month, score in scores if score is None]
    if missing:
        return f"缺{'、'.join(missing)}的{metric_label(rules[0].kind.by)}"
    return "未到最低一档"
