"""What may be declared, what is refused, and which months hear of it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from people.models import Department, Employer, FactChange, Staff
from people.services import staff_transfer
from statutory.errors import DeclarationRefused
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)
from statutory.services import (
    base_declare,
    base_end,
    bonus_record,
    declaration_withdraw,
    deduction_declare,
    deduction_end,
    first_job_record,
    history_record,
    opening_record,
)
from tests import factories

BY: Any = {"by": None, "at": factories.WHEN}
JANUARY, JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (1, 6, 7, 8))
MODELS = (ContributionBase, TaxDeduction, TaxHistory, TaxOpening, FirstJob, AnnualBonus)


def declare(staff: Staff, base: str, since: date = JANUARY, **more: Any) -> ContributionBase:
    return base_declare(staff=staff, base=Decimal(base), since=since, **BY | more)


def deduct(staff: Staff, kind: str, amount: str, since: date = JANUARY, **more: Any) -> TaxDeduction:
    return deduction_declare(staff=staff, kind=kind, amount=Decimal(amount), since=since, **BY | more)


def bonus(staff: Staff, on: date, method: str = "apart") -> AnnualBonus:
    return bonus_record(staff=staff, paid_on=on, amount=Decimal(36000), method=method, **BY)


def refused(act: Callable[[], Any]) -> DeclarationRefused:
    """The refusal; nothing was written."""
    before = [list(model.objects.order_by("pk").values()) for model in (*MODELS, FactChange)]
    with pytest.raises(DeclarationRefused) as error:
        act()
    assert [list(model.objects.order_by("pk").values()) for model in (*MODELS, FactChange)] == before
    return error.value


def told(source: FactChange.Source) -> list[date]:
    rows = FactChange.objects.filter(source=source).order_by("month")
    return list(rows.values_list("month", flat=True))


def test_a_base_outside_the_limits_is_refused_with_the_limits(lin: Staff) -> None:
    error = refused(lambda: declare(lin, "3000"))
    assert error.field == "base"
    assert error.reason == "2026年01月的基数3000元在上下限以外：养老保险4492至24042元"
    assert "最低2690元" in refused(lambda: declare(lin, "2000", item="fund")).reason
    declare(lin, "3000", item="fund")
    assert declare(lin, "3000", beyond_limits=True).base == Decimal("3000.00")


def test_a_month_without_provisions_has_no_limits(lin: Staff) -> None:
    assert declare(lin, "3000", since=date(2025, 12, 1)).since == date(2025, 12, 1)


def test_a_new_base_ends_the_one_before_and_tells_the_months_since(lin: Staff) -> None:
    first = declare(lin, "5000")
    FactChange.objects.all().delete()
    declare(lin, "6000", since=AUGUST)
    first.refresh_from_db()
    assert first.until == JULY
    months = [date(2026, month, 1) for month in (8, 9, 10)]
    assert told(FactChange.Source.CONTRIBUTION_BASE) == months


def test_a_base_cannot_begin_before_one_that_stands(lin: Staff) -> None:
    declare(lin, "6000", since=JULY)
    assert refused(lambda: declare(lin, "5000", since=JUNE)).field == "since"
    assert declare(lin, "5000", since=JANUARY, until=JUNE).until == JUNE


def test_a_withdrawn_base_gives_the_months_back(lin: Staff) -> None:
    first = declare(lin, "5000")
    declaration_withdraw(declaration=declare(lin, "60000", since=JULY, beyond_limits=True), **BY)
    first.refresh_from_db()
    assert first.until is None
    again = declare(lin, "6000", since=JULY)
    declaration_withdraw(declaration=again, **BY)
    assert "已经撤回" in refused(lambda: declaration_withdraw(declaration=again, **BY)).reason
    assert "已经撤回" in refused(lambda: base_end(declaration=again, until=JULY, **BY)).reason


def ends(*bases: ContributionBase) -> list[date | None]:
    return [ContributionBase.objects.get(pk=each.pk).until for each in bases]


def withdraw(declaration: ContributionBase) -> None:
    declaration_withdraw(declaration=declaration, **BY)


def test_a_base_that_took_over_for_two_months_gives_all_months_back(lin: Staff) -> None:
    first = declare(lin, "5000")
    wrong = declare(lin, "6000", since=JULY, until=AUGUST)
    FactChange.objects.all().delete()
    withdraw(wrong)
    assert ends(first) == [None]
    months = [date(2026, month, 1) for month in (7, 8, 9, 10)]
    assert told(FactChange.Source.CONTRIBUTION_BASE) == months


def test_a_base_that_was_ended_stays_ended_when_the_next_is_withdrawn(lin: Staff) -> None:
    first = declare(lin, "5000")
    base_end(declaration=first, until=JUNE, **BY)
    withdraw(declare(lin, "6000", since=JULY))
    assert ends(first) == [JUNE]
    ended_twice = declare(lin, "5000", since=JULY)
    third = declare(lin, "6000", since=date(2026, 10, 1))
    base_end(declaration=ended_twice, until=AUGUST, **BY)
    withdraw(third)
    assert ends(ended_twice) == [AUGUST]


def test_a_base_with_an_end_gets_that_end_back(lin: Staff) -> None:
    december = date(2026, 12, 1)
    first = declare(lin, "5000", until=december)
    withdraw(declare(lin, "6000", since=JULY))
    assert ends(first) == [december]


def test_months_are_given_back_up_to_the_base_that_follows(lin: Staff) -> None:
    first = declare(lin, "5000")
    second, third = declare(lin, "6000", since=JULY), declare(lin, "7000", since=date(2026, 9, 1))
    withdraw(second)
    assert ends(first, third) == [AUGUST, None]
    withdraw(third)
    assert ends(first) == [None]


def test_a_base_ends_once_and_not_before_it_begins(lin: Staff) -> None:
    base = declare(lin, "5000", since=JUNE)
    assert refused(lambda: base_end(declaration=base, until=JANUARY, **BY)).field == "until"
    assert base_end(declaration=base, until=JULY, **BY).until == JULY
    assert refused(lambda: base_end(declaration=base, until=AUGUST, **BY)).field == "until"


def test_a_base_follows_the_person_into_another_department(lin: Staff) -> None:
    first = declare(lin, "5000")
    moved = staff_transfer(
        staff=lin, to=factories.department("cs2"), number="2001", on=date(2026, 5, 1), **BY
    )
    declare(moved, "6000", since=JULY)
    first.refresh_from_db()
    assert first.until == JUNE


@pytest.mark.parametrize(
    "kind, amount, more, field",
    [
        ("children", "1500", {}, "amount"),
        ("rent", "1000", {}, "amount"),
        ("loan", "1000.01", {}, "amount"),
        ("education", "3600", {}, "amount"),
        ("parents", "3000.01", {}, "amount"),
        ("parents", "1500.01", {"is_shared": True}, "amount"),
        ("pension", "1001", {}, "amount"),
        ("rent", "800", {"is_shared": True}, "is_shared"),
        ("other", "0", {}, "amount"),
        ("other", "0.001", {}, "amount"),
        ("other", "NaN", {}, "amount"),
        ("dog", "100", {}, "kind"),
        ("other", "100", {"until": date(2025, 12, 1)}, "until"),
        ("other", "100", {"since": date(2062, 1, 1)}, "since"),
        ("infants", "1000", {"since": date(2021, 6, 1)}, "amount"),
    ],
)
def test_what_the_law_does_not_allow_is_refused(
    lin: Staff, kind: str, amount: str, more: dict[str, Any], field: str
) -> None:
    assert refused(lambda: deduct(lin, kind, amount, **more)).field == field


def test_amounts_of_the_law_are_taken(lin: Staff) -> None:
    deduct(lin, "children", "3000")  # one whole, one by half
    deduct(lin, "parents", "1500", is_shared=True)
    deduct(lin, "education", "3600", since=JUNE, until=JUNE)
    deduct(lin, "other", "12345.67")
    assert deduct(lin, "infants", "1500", since=date(2022, 5, 1), until=date(2022, 12, 1)).amount == 1500


def test_two_of_a_kind_in_one_month_are_refused(lin: Staff) -> None:
    first = deduct(lin, "rent", "1500")
    error = refused(lambda: deduct(lin, "rent", "1100", since=JULY))
    assert error.reason == "1001 林晓已有住房租金1500元（2026年01月起），同一个月不能有两条"
    assert "不能同时扣除" in refused(lambda: deduct(lin, "loan", "1000", since=JULY)).reason
    deduction_end(declaration=first, until=JUNE, **BY)
    assert deduct(lin, "loan", "1000", since=JULY).kind == "loan"


def test_figures_of_a_year_stand_once(lin: Staff) -> None:
    history: Any = {"staff": lin, "year": 2025, "months": 12, "income": Decimal(60000)}
    history_record(**history, **BY)
    assert refused(lambda: history_record(**history, **BY)).field == "year"
    assert refused(lambda: history_record(**history | {"year": 2026}, **BY)).field == "year"
    assert refused(lambda: history_record(**history | {"year": 2024, "months": 13}, **BY)).field == "months"
    opening: Any = {"staff": lin, "through": JUNE, "income": Decimal(48000)}
    made = opening_record(**opening, withheld=Decimal("540"), **BY)
    assert (made.year, made.contributions) == (2026, 0)
    assert refused(lambda: opening_record(**opening, **BY)).field == "through"
    declaration_withdraw(declaration=made, **BY)
    later = opening | {"through": date(2026, 11, 1)}
    assert refused(lambda: opening_record(**later, **BY)).field == "through"
    more = opening | {"withheld": Decimal(48001)}
    assert refused(lambda: opening_record(**more, **BY)).field == "withheld"
    assert opening_record(**opening | {"through": JULY}, **BY).through == JULY


def test_figures_of_a_year_stand_once_an_employer(lin: Staff) -> None:
    opening: Any = {"through": JUNE, "income": Decimal(48000)}
    history: Any = {"year": 2025, "months": 12, "income": Decimal(60000)}
    opening_record(staff=lin, **opening, **BY)
    history_record(staff=lin, **history, **BY)
    elsewhere = factories.department("cs2")  # an employer of its own
    moved = staff_transfer(staff=lin, to=elsewhere, number="2001", on=date(2026, 9, 1), **BY)
    opening_record(staff=moved, **opening, **BY)
    history_record(staff=moved, **history, **BY)
    employer = Employer.objects.create(name="示例公司")
    beside = factories.department("cs3")
    Department.objects.filter(pk__in=(elsewhere.pk, beside.pk)).update(employer=employer)
    beside.refresh_from_db()
    again = staff_transfer(staff=moved, to=beside, number="3001", on=date(2026, 10, 1), **BY)
    assert "在本单位已有" in refused(lambda: opening_record(staff=again, **opening, **BY)).reason
    assert "在本单位已有" in refused(lambda: history_record(staff=again, **history, **BY)).reason


def test_a_first_job_is_that_of_the_year_of_hiring(cs1: Department, lin: Staff) -> None:
    assert refused(lambda: first_job_record(staff=lin, year=2026, **BY)).field == "year"
    chen = factories.staff(cs1, "1002", hired_on=JULY)
    first_job_record(staff=chen, year=2026, **BY)
    assert "已登记" in refused(lambda: first_job_record(staff=chen, year=2026, **BY)).reason
    ming = factories.staff(cs1, "1003", hired_on=JULY)
    history_record(staff=ming, year=2025, months=3, income=Decimal(9000), **BY)
    assert refused(lambda: first_job_record(staff=ming, year=2026, **BY)).field == "year"


def test_one_bonus_of_a_year_is_taxed_apart(lin: Staff) -> None:
    first = bonus(lin, date(2026, 2, 10))
    assert "一年只有一次" in refused(lambda: bonus(lin, date(2026, 3, 10))).remedy
    assert refused(lambda: bonus(lin, date(2026, 2, 10), "merged")).field == "paid_on"
    assert bonus(lin, date(2026, 3, 10), "merged").department == lin.department
    assert told(FactChange.Source.TAX) == [date(2026, 2, 1), date(2026, 3, 1)]
    declaration_withdraw(declaration=first, **BY)
    assert bonus(lin, date(2026, 4, 10)).method == "apart"
