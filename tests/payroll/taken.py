"""What the law takes of a payslip, stored as a settlement would; for tests of what is shown of it."""

from decimal import Decimal
from typing import Any

from django.db.models import Max

from core.money import ZERO
from payroll.models import EmployerCost, PayLine, Payslip, Withholding

# Of 3,450 and a leave of 150: 300 insurance, 200 fund, 45 tax.
SOCIAL, FUND, TAX = Decimal("300.00"), Decimal("200.00"), Decimal("45.00")
AFTER_TAX = ["评审扣款-20.00元：纪律类扣款在税后扣"]


def taken(slip: Payslip, *, tax: Decimal = TAX, **withheld: Any) -> Withholding:
    """Lines for insurance, fund and tax, the employer's part, the tax's record."""
    lines = (
        ("t-pension", "养老保险", "social", SOCIAL),
        ("t-fund", "住房公积金", "fund", FUND),
        ("t-tax", "个人所得税", "tax", tax),
    )
    for code, title, column, amount in lines:
        line_of(slip, code=code, title=title, column=column, amount=-amount, basis="benefit")
    month = slip.period.month
    for item, code, title, amount in (
        ("pension", "t-pension", "养老保险", Decimal("600.00")),
        ("fund", "t-fund", "住房公积金", FUND),
    ):
        EmployerCost.objects.create(
            payslip=slip, item=item, code=code, title=title, for_month=month, amount=amount,
            trace={"arithmetic": [f"单位{amount}"]},
        )  # fmt: skip
    given = {
        "paid_on": slip.period.pays_on,
        "months": 1,
        "income": slip.gross,
        "social": SOCIAL,
        "fund": FUND,
        "tax": tax,
        "year_income": slip.gross,
        "year_allowance": Decimal("5000.00"),
        "year_contributions": SOCIAL + FUND,
        "year_deductions": {"rent": "1500.00"},
        "year_withheld": tax,
        "trace": {"arithmetic": ["住房租金：1500×1个月"], "reduced": [], "after_tax": AFTER_TAX},
    }
    return Withholding.objects.create(payslip=slip, **given | withheld)


def line_of(slip: Payslip, *, amount: Decimal, **fields: Any) -> PayLine:
    """One more line of a draft, which its payslip counts."""
    last = slip.lines.aggregate(last=Max("position"))["last"] or 0
    given = {"for_month": slip.period.month, "on": slip.period.month, "reason": fields["title"]}
    line = PayLine.objects.create(
        payslip=slip, position=last + 1, amount=amount, full_amount=amount, **given | fields
    )
    slip.net += amount
    if amount > ZERO and line.column not in PayLine.STATUTORY:
        slip.gross += amount
    slip.deductions = slip.gross - slip.net
    slip.save(update_fields=["gross", "deductions", "net"])
    return line
