"""Files of a month for the tax bureau and the bank, for tests that walk every page."""

from datetime import datetime
from decimal import Decimal

from core.periods import first_of
from payroll.models import BankPayment, SettlementPeriod, TaxFiling, TaxFilingResult, TaxFilingRow
from people.models import Account, Staff


def filings_known(
    period: SettlementPeriod, people: list[Staff], *, by: Account, at: datetime, many: int = 1
) -> dict[str, int]:
    """`many` exports, results and payment files, the newest with a row for each of the people."""
    department, month = period.department, first_of(period.pays_on)
    given = {
        "department": department,
        "month": month,
        "kind": "wages",
        "people": len(people),
        "digest": "0" * 64,
    }
    given |= {"by": by, "at": at}
    for nth in range(1, many + 1):
        TaxFiling.objects.create(layout="wages-29", income=1, tax=0, nth=nth, **given)
        TaxFilingResult.objects.create(file_name=f"税款计算{nth}.xls", differing=len(people), **given)
        BankPayment.objects.create(
            period=period, layout="bank-icbc", nth=nth, count=1, total=1, digest="0" * 64, by=by, at=at,
            left_out=[
                {"number": each.number, "name": each.name, "net": "1.00", "why": "没有登记银行账户"}
                for each in people
            ],
        )  # fmt: skip
    result = TaxFilingResult.objects.filter(department=department).latest("pk")
    TaxFilingRow.objects.bulk_create(
        TaxFilingRow(
            result=result, staff=each, name=each.name, document="110***********0015", outcome="different",
            expected=Decimal("1.00"), found=Decimal("2.00"), difference=Decimal("1.00"), cause="请逐项核对",
            figures=[["本期收入", "1.00", "2.00"]],
        )
        for each in people
    )  # fmt: skip
    return {
        "tax_filing": TaxFiling.objects.filter(department=department).latest("pk").pk,
        "tax_result": result.pk,
        "bank_payment": BankPayment.objects.filter(period=period).latest("pk").pk,
    }
