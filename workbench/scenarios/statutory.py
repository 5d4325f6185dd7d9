"""What a scenario declares for contributions and tax, through the services of real use."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from people.models import Account
from statutory.models import AnnualBonus
from statutory.models.declarations import EVERY_ITEM
from statutory.services import (
    base_declare,
    bonus_record,
    deduction_declare,
    first_job_record,
    history_record,
    opening_record,
)
from workbench.scenarios.cast import HIRED_ON, Cast
from workbench.scenarios.document import as_count, as_date, as_decimal, as_month
from workbench.scenarios.facts import ScenarioFact

Row = Mapping[str, Any]


class Declared:
    """The declarations of a scenario's people."""

    def __init__(self, cast: Cast, facts: Mapping[str, Any], *, by: Account) -> None:
        self._cast = cast
        self._facts = facts
        self._given: dict[str, Any] = {"by": by}

    def facts(self) -> list[ScenarioFact]:
        """Every declaration, on the day from which it holds or on which it became known."""
        found = []
        for section, make in (
            ("contribution_bases", self._base),
            ("tax_deductions", self._deduction),
            ("tax_history", self._history),
            ("tax_opening", self._opening),
            ("first_job", self._first_job),
            ("annual_bonus", self._bonus),
        ):
            for i, row in enumerate(self._facts.get(section) or []):
                found.append(make(f"{section}[{i}]", row))
        return found

    def pay_day(self, month: date) -> date | None:
        """When a month is paid, where the file says so."""
        days = self._facts.get("pay_dates") or {}
        given = {as_month(key, "pay_dates"): as_date(day, f"pay_dates.{key}") for key, day in days.items()}
        return given.get(month)

    def _base(self, place: str, row: Row) -> ScenarioFact:
        since, known = _dated(place, row)

        def record() -> None:
            base_declare(
                staff=self._cast.person(row["number"], since),
                item=str(row.get("item") or EVERY_ITEM),
                base=as_decimal(row["base"], place),
                since=since,
                until=as_month(row["to"], place) if row.get("to") else None,
                beyond_limits=True,  # the limits are the provision's business
                at=_at(known),
                **self._given,
            )

        return ScenarioFact(place, known, record)

    def _deduction(self, place: str, row: Row) -> ScenarioFact:
        since, known = _dated(place, row)

        def record() -> None:
            deduction_declare(
                staff=self._cast.person(row["number"], since),
                kind=str(row["kind"]),
                amount=as_decimal(row["amount"], place),
                since=since,
                until=as_month(row["to"], place) if row.get("to") else None,
                at=_at(known),
                **self._given,
            )

        return ScenarioFact(place, known, record)

    def _history(self, place: str, row: Row) -> ScenarioFact:
        year = as_count(row["year"], place)
        return self._of_year(
            place,
            date(year + 1, 1, 1),
            row["number"],
            lambda given: history_record(
                year=year,
                months=as_count(row["months"], place),
                income=as_decimal(row["income"], place),
                **given,
            ),
        )

    def _opening(self, place: str, row: Row) -> ScenarioFact:
        through = as_month(row["through"], place)
        amounts = {
            key: as_decimal(row.get(key) or 0, place)
            for key in ("income", "contributions", "deductions", "withheld")
        }
        return self._of_year(
            place, through, row["number"], lambda given: opening_record(through=through, **amounts, **given)
        )

    def _first_job(self, place: str, number: Any) -> ScenarioFact:
        rows = self._cast.staff.get(str(number))
        hired_on = rows[0].hired_on if rows else HIRED_ON
        return self._of_year(
            place, hired_on, number, lambda given: first_job_record(year=hired_on.year, **given)
        )

    def _bonus(self, place: str, row: Row) -> ScenarioFact:
        on = as_date(row["date"], place)
        return self._of_year(
            place,
            on,
            row["number"],
            lambda given: bonus_record(
                paid_on=on,
                amount=as_decimal(row["amount"], place),
                method=str(row.get("method") or AnnualBonus.Method.APART),
                **given,
            ),
        )

    def _of_year(
        self, place: str, on: date, number: Any, declare: Callable[[dict[str, Any]], Any]
    ) -> ScenarioFact:
        def record() -> None:
            declare({"staff": self._cast.person(number, on), "at": _at(on), **self._given})

        return ScenarioFact(place, on, record)


def _dated(place: str, row: Row) -> tuple[date, date]:
    """From which month something holds, and the day on which it became known."""
    since = as_month(row["from"], place)
    return since, as_date(row["recorded_at"], place) if row.get("recorded_at") else since


def _at(known: date) -> datetime:
    """Now, or for what a scenario says of a day to come, that day."""
    return max(timezone.now(), timezone.make_aware(datetime.combine(known, time(12))))
