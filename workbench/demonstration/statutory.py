"""What the law takes in the demonstration: from October on, in Hangzhou, with figures that are made up.

The company pays on the 10th of the next month. What was paid up to September's pay, on 10 October, was
taxed elsewhere and is brought as openings of those who earn enough; who has no base contributes of the
month's gross. 8308 goes to a department of another employer, which takes nothing.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from payroll.services.pay_day import pay_day_set
from payroll.workflow import period_open
from people.documents import DocumentKind
from people.models import Account, Department, Employer, Staff
from people.services.identity import account_record, document_record
from rules.kinds.statutory import IncomeTax, Year
from rules.services import rulebook_adopt, version_change
from statutory.models import AnnualBonus
from statutory.services import (
    BaseFact,
    DeductionFact,
    OpeningFact,
    bases_declare,
    bonus_record,
    deductions_declare,
    openings_record,
)
from workbench.demonstration.story import OCTOBER, moment

EMPLOYER = "杭州演示客服有限公司"
BOOKS = ("city-hangzhou", "tax")
PAY_DAY = date(2026, 11, 10)
BONUS_DAY = date(2026, 10, 30)
THROUGH = date(2026, 10, 1)  # the tax month of September's pay
# What the library leaves to the company; no figure of a real one.
FILLED: dict[str, dict[str, object]] = {
    "city-hangzhou-medical": {"employer_rate": "0.095"},
    "city-hangzhou-injury": {"employer_rate": "0.002"},
    "city-hangzhou-fund": {"rate": "0.07", "employer_rate": "0.07", "rounding": "yuan"},
}
# Number → declared base, and the year's income of ten months so far, yuan.
DECLARED = {
    "8001": ("12000.00", "140000.00"),
    "8002": ("7000.00", "78000.00"),
    "8003": ("8500.00", "96000.00"),
    "8102": ("5000.00", "52000.00"),
    "8201": ("6000.00", "71000.00"),
    "8301": ("6000.00", "66000.00"),
}
MONTHS = 10
TAKEN = Decimal("0.175")  # what a person pays of a base: 8 %, 2 %, 0.5 % and 7 %
DEDUCTIONS = (
    ("8001", "children", "2000.00", False),
    ("8001", "parents", "1500.00", True),
    ("8002", "rent", "1500.00", False),
    ("8003", "loan", "1000.00", False),
    ("8103", "parents", "3000.00", False),
    ("8201", "infants", "1000.00", False),
    ("8301", "education", "400.00", False),
)

# Who stands in no staff file with them: a resident's number and a bank account, both nobody's.
IDENTIFIED = {
    "8207": ("110101190001019916", "62000000000199000"),
    "8308": ("110101190001019924", "62000000000199018"),
    "8309": ("110101190001019932", "62000000000199026"),
}


def statutory_rules(*, department: Department, by: Account) -> None:
    """The employer, and what is taken under the city's and the law's figures from October on."""
    department.employer = Employer.objects.create(name=EMPLOYER, tax_number="91330100MADEMO0015", city="杭州")
    department.save(update_fields=["employer"])
    at = moment(8, 28, 15)
    for book in BOOKS:
        rulebook_adopt(department=department, rulebook=book, effective_on=OCTOBER, by=by, at=at)
    note = "填写社保公积金留空的比例"
    version_change(department=department, effective_on=OCTOBER, changes=FILLED, by=by, at=at, note=note)


def october_declare(*, department: Department, by: Account) -> None:
    """Day of payment, documents, accounts, bases, deductions, openings, a bonus of the year for October."""
    at = moment(11, 2)
    pay_day_set(period=period_open(department=department, month=OCTOBER), on=PAY_DAY, by=by, at=at)
    staff = {each.number: each for each in department.staff.select_related("department")}
    for who, (document, account) in IDENTIFIED.items():
        given: dict[str, Any] = {"staff": staff[who], "since": staff[who].hired_on, "by": by, "at": at}
        document_record(kind=DocumentKind.RESIDENT, number=document, **given)
        account_record(bank="中国银行", number=account, **given)
    bases = [BaseFact(staff[number], Decimal(base), OCTOBER) for number, (base, _) in DECLARED.items()]
    bases_declare(facts=bases, by=by, at=at)
    deductions_declare(
        facts=[
            DeductionFact(staff[number], kind, Decimal(amount), OCTOBER, is_shared=is_shared)
            for number, kind, amount, is_shared in DEDUCTIONS
        ],
        by=by,
        at=at,
    )
    # September's slips are of before the tax rule: the openings have them, which no slip counts again.
    openings_record(facts=[_opening(staff[number], *of) for number, of in DECLARED.items()], by=by, at=at)
    bonus_record(
        staff=staff["8001"],
        paid_on=BONUS_DAY,
        amount=Decimal("36000.00"),
        method=AnnualBonus.Method.APART,
        by=by,
        at=at,
        note="提前发放的年终奖",
    )


def _opening(staff: Staff, base: str, income: str) -> OpeningFact:
    """Ten months of pay: what of each base was paid in, and the tax that this comes to."""
    earned, contributions = Decimal(income), Decimal(base) * TAKEN * MONTHS
    year = Year(income=earned, allowance_months=MONTHS, contributions=contributions)
    note = "此前由代发公司申报"
    return OpeningFact(
        staff, THROUGH, earned, contributions, withheld=IncomeTax().withheld(year).tax, note=note
    )
