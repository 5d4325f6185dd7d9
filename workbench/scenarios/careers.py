"""Grades, exams and what people certified, in a scenario; and how somebody's ladder stands after a month."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from appraisals.services import grade_record
from core.periods import last_of, window_end
from people.models import Account
from promotions.facts import facts_of
from promotions.ladder import Rung, rungs_of
from promotions.services import attestation_record
from rules.kinds.ladder import GRADES
from training.services import exam_result_record
from workbench.scenarios.cast import Cast
from workbench.scenarios.complaints import WORDS
from workbench.scenarios.document import (
    Malformed,
    as_date,
    as_flag,
    as_quarter,
    optional_decimal,
    several,
)
from workbench.scenarios.facts import ScenarioFact, in_shanghai

# A result that gives a score alone passes from here on, as in most schools: of a hundred.
PASS_MARK = Decimal(60)


class Careers:
    """Records what a ladder looks at; `by` may certify about everybody."""

    def __init__(self, cast: Cast, *, by: Account) -> None:
        self._cast = cast
        self._by = by

    def grade(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """A quarter's grade, on the quarter's last day."""
        quarter, grade = as_quarter(row["quarter"], place), str(row["grade"])
        if grade not in GRADES:
            raise Malformed(f"{place}：没有等级 {grade}；可用：{'、'.join(GRADES)}")
        on = window_end("quarter", quarter)

        def record() -> None:
            staff = self._cast.person(row["number"], on)
            grade_record(staff=staff, quarter=quarter, grade=grade, by=self._by, at=timezone.now())

        return [ScenarioFact(place, on, record)]

    def exam(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        on, score = as_date(row["date"], place), optional_decimal(row.get("score"), place)
        if row.get("passed") is not None:
            passed = as_flag(row["passed"], place)
        else:
            passed = score is not None and score >= PASS_MARK

        def record() -> None:
            exam_result_record(
                staff=self._cast.person(row["number"], on),
                code=str(row["code"]),
                on=on,
                passed=passed,
                score=score,
                by=self._by,
                at=timezone.now(),
            )

        return [ScenarioFact(place, on, record)]

    def attested(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """A word about all that a provision leaves to people."""
        on, answer = as_date(row["date"], place), as_flag(row["answer"], place)

        def record() -> None:
            attestation_record(
                staff=self._cast.person(row["number"], on),
                code=str(row["provision"]),
                answer=answer,
                note=str(row.get("note") or WORDS),
                on=on,
                by=self._by,
                at=in_shanghai(datetime(on.year, on.month, on.day, 12), place),
            )

        return [ScenarioFact(place, on, record)]


def promotion_mismatches(cast: Cast, month: date, expect: Mapping[str, Any]) -> Iterator[str]:
    """Steps of a ladder that stand otherwise on the month's last day than expected."""
    standing: dict[int, list[Rung]] = {}
    for department in cast.departments if expect else ():
        rules, facts = facts_of(department, last_of(month))
        standing |= {who: rungs_of(each, rules) for who, each in facts.items()}
    for number, wanted in expect.items():
        staff = cast.person(number, last_of(month))
        rungs = {rung.to: rung for rung in standing.get(staff.pk, ())}
        for each in several(wanted):
            rung, where = rungs.get(str(each["to"])), f"promotion.{number}.{each['to']}"
            if rung is None:
                has = "、".join(rungs) or "nothing"
                yield f"{where}: expected {each['verdict']}, got no such step (there is {has})"
            elif rung.verdict != each["verdict"]:
                told = "；".join(
                    f"{one.criterion.in_words()}：{one.evidence}"
                    for part in rung.parts
                    for one in part.answers
                )
                yield f"{where}: expected {each['verdict']}, got {rung.verdict}（{told}）"
