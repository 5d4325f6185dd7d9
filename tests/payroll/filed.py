"""An approved October with tax, insurance and fund as stored rows, for tests of the files made of them.

The rows are written as they stand and not computed: the files are to say what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from payroll.models import PayLine, Payslip, SettlementPeriod, Withholding
from payroll.services.periods import period_approve
from people.documents import check_digit
from people.models import Account, Department, Employer, Staff
from people.services.identity import account_record, document_record
from rules.models import Provision, Version
from tests import factories
from tests.payroll import months
from tests.payroll.months import OCTOBER, next_month

ITEMS = {"pension": "social", "medical": "social", "unemployment": "social", "fund": "fund"}
# 8 % and 2 % and 0.5 % and 12 % of 10,000.
TAKEN = {"pension": "800.00", "medical": "200.00", "unemployment": "50.00", "fund": "1200.00"}
NOVEMBER_3 = next_month(OCTOBER, 3)


@dataclass
class Filed:
    """The approved period and its people by number."""

    department: Department
    period: SettlementPeriod
    people: dict[str, Staff] = field(default_factory=dict)


def resident_number(serial: int) -> str:
    """A resident identity number with its right check digit."""
    digits = f"11010119900101{serial:03}"
    return digits + check_digit(digits)


def filed(
    code: str = "D1",
    *,
    numbers: Sequence[str] = ("1001", "1002", "1003"),
    documents: bool = True,
    accounts: bool = True,
    approve: bool = True,
    tax: str = "420.00",
    employer: Employer | None = None,
) -> Filed:
    """October of three people with 20,000.00, what was withheld of each, their documents and accounts."""
    department = months.department(code=code)
    Department.objects.filter(pk=department.pk).update(employer=employer)
    department.refresh_from_db()
    people = {number: months.agent(department, number, name=f"员工{number}") for number in numbers}
    period = months.settled(department, OCTOBER)
    provisions = _provisions(department)
    for slip in Payslip.objects.filter(period=period).order_by("number"):
        _withhold(slip, provisions, tax)
    for place, (number, person) in enumerate(sorted(people.items()), 1):
        if documents:
            document(person, int(number))
        if accounts:
            account(person, f"622202000000000{place:04}")
    if approve:
        period = period_approve(
            period=period, reason="测试", by=months.user("批准人"), at=next_month(OCTOBER, 2)
        )
    return Filed(department, period, people)


def keeper(department: Department) -> Account:
    """Who keeps the department's documents and accounts."""
    username = f"keeper-{department.code}"
    found = Account.objects.filter(username=username).first()
    return found or factories.account("hr", department, username=username)


def document(person: Staff, serial: int) -> None:
    document_record(
        staff=person,
        kind="resident",
        number=resident_number(serial % 1000),
        since=date(2020, 1, 1),
        by=keeper(person.department),
        at=NOVEMBER_3,
    )


def account(person: Staff, number: str, **fields: Any) -> None:
    given = {"since": date(2020, 1, 1), "bank": "中国工商银行", "at": NOVEMBER_3, **fields}
    account_record(staff=person, number=number, by=keeper(person.department), **given)


def withheld(slip: Payslip, tax: str, **fields: Any) -> Withholding:
    """What was withheld of a payslip: a second month of 20,000.00 with 2,250.00 of contributions."""
    given: dict[str, Any] = {
        "paid_on": date(2026, 10, 31),
        "months": 2,
        "income": Decimal("20000.00"),
        "social": Decimal("1050.00"),
        "fund": Decimal("1200.00"),
        "tax": Decimal(tax),
        "year_income": Decimal("40000.00"),
        "year_allowance": Decimal("10000.00"),
        "year_contributions": Decimal("4500.00"),
        "year_deductions": {"children": "4000.00", "other": "200.00"},
        "year_withheld": Decimal(tax) * 2,
    }
    return Withholding.objects.create(payslip=slip, **given | fields)


def _provisions(department: Department) -> dict[str, Provision]:
    version = Version.objects.create(department=department, number=99, effective_on=OCTOBER)
    return {
        item: Provision.objects.create(
            version=version, code=f"c-{item}", title=item, kind="contribution", params={"item": item}
        )
        for item in ITEMS
    }


def _withhold(slip: Payslip, provisions: dict[str, Provision], tax: str) -> None:
    last = PayLine.objects.filter(payslip=slip).count()
    for place, (item, column) in enumerate(ITEMS.items(), last + 1):
        PayLine.objects.create(
            payslip=slip,
            position=place,
            column=column,
            code=f"c-{item}",
            title=item,
            provision=provisions[item],
            for_month=OCTOBER,
            on=OCTOBER,
            amount=-Decimal(TAKEN[item]),
            full_amount=-Decimal(TAKEN[item]),
            reason="测试",
        )
    withheld(slip, tax)
