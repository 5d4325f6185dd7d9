"""What contributions and tax add to a settlement: two like departments, one without them, settled in turn.

Both have nine approved months of the year behind them; the one with the law has what these withheld, and
declared bases and deductions. Everything happens in one transaction that is rolled back.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.periods import shift_months
from payroll.models import EmployerCost, PayLine, SettlementPeriod, Withholding
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from people.models import Account, Department
from statutory.models import ContributionBase, TaxDeduction
from workbench.benchmarks.settlement import MONTH, PROVISIONS, Timed, check_constraints, generate, timed

ROUNDS = 3
MONTHS_BEFORE = 9


def _contribution(item: str, rate: str, employer_rate: str, **params: Any) -> dict[str, Any]:
    params = {"item": item, "rate": rate, "employer_rate": employer_rate, **params}
    return {"code": f"b-{item}", "title": item, "kind": "contribution", "params": params}


LAW: list[dict[str, Any]] = [
    _contribution("pension", "0.08", "0.16", base_min="4492", base_max="24042"),
    _contribution("medical", "0.02", "0.095", amount="3.00", rounding="jiao_up"),
    _contribution("unemployment", "0.005", "0.005"),
    _contribution("injury", "0", "0.002"),
    _contribution("fund", "0.07", "0.07", rounding="yuan"),
    {"code": "b-tax", "title": "个人所得税", "kind": "income_tax"},
]


class _RollBack(Exception):
    """Ends the benchmark's transaction."""


def run(*, staff: int, orders: int) -> dict[str, Any]:
    """Seconds of a settlement with and without the law, the best of some rounds in turn; what is added."""
    result: dict[str, Any] = {}
    try:
        with transaction.atomic():
            without = _prepared("benchmark-without", staff, orders, law=[])
            with_law = _prepared("benchmark-with", staff, orders, law=LAW)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE payroll_payslip, payroll_withholding, people_staff")
            check_constraints()
            runs: dict[SettlementPeriod, list[Timed]] = {without: [], with_law: []}
            for _ in range(ROUNDS):
                for period, measured in runs.items():
                    with timed() as settled:
                        draft_write(period=period, by=None, at=timezone.now())
                    measured.append(settled)
            base, taken = (min(each.seconds for each in runs[period]) for period in (without, with_law))
            result = {
                "seconds": round(taken, 3),
                "floor_seconds": round(base, 3),
                "ratio": round(taken / base, 2),
                "added_percent": round((taken / base - 1) * 100, 1),
                "queries": runs[with_law][-1].queries,  # the first of a month writes what later ones find
                "floor_queries": runs[without][-1].queries,
                "lines": PayLine.objects.filter(payslip__period=with_law).count(),
                "costs": EmployerCost.objects.filter(payslip__period=with_law).count(),
                "withholdings": Withholding.objects.filter(payslip__period=with_law).count(),
            }
            raise _RollBack
    except _RollBack:
        return result


def _prepared(code: str, staff: int, orders: int, *, law: list[dict[str, Any]]) -> SettlementPeriod:
    """The month of a generated department, with the year's approved months before it."""
    department = generate(staff, orders, code=code, provisions=[*PROVISIONS, *law])
    by = Account.objects.get(username=code)
    for count in range(MONTHS_BEFORE, 0, -1):
        _approved(department, shift_months(MONTH, -count), by, is_taxed=bool(law))
    if law:
        given: dict[str, Any] = {"by": by, "at": timezone.now()}
        people = list(department.staff.order_by("pk"))
        ContributionBase.objects.bulk_create(
            ContributionBase(staff=each, base=Decimal(4000 + i), since=date(2026, 1, 1), **given)
            for i, each in enumerate(people)
        )
        TaxDeduction.objects.bulk_create(
            TaxDeduction(staff=each, kind=kind, amount=Decimal(2000), since=date(2026, 1, 1), **given)
            for each in people[::2]
            for kind in ("children", "parents")
        )
    return period_open(department=department, month=MONTH)


def _approved(department: Department, month: date, by: Account, *, is_taxed: bool) -> None:
    now = timezone.now()
    period = SettlementPeriod.objects.create(
        department=department, month=month, state=SettlementPeriod.State.COMPUTED, facts_read_at=now
    )
    with connection.cursor() as cursor:
        cursor.execute(SLIPS, [period.pk, department.pk])
        if is_taxed:
            cursor.execute(WITHHELD, [period.pays_on, period.pk])
    period.state, period.approved_by, period.approved_at = SettlementPeriod.State.APPROVED, by, now
    period.save()


SLIPS = """
    INSERT INTO payroll_payslip (period_id, staff_id, number, name, team, role, tier, days_due, days_worked,
        gross, deductions, net, points_trace, failure, remedy, failure_cause)
    SELECT %s, id, number, name, '', 'agent', '', 0, 0, 9000, 0, 9000, '{}', '', '', '{}'
    FROM people_staff WHERE department_id = %s
"""
WITHHELD = """
    INSERT INTO payroll_withholding (payslip_id, kind, paid_on, months, income, shortfall, social, fund, tax,
        year_income, year_allowance, year_contributions, year_deductions, year_withheld, trace)
    SELECT id, 'wages', %s, 1, 9000, 0, 500, 300, 30, 0, 0, 0, '{}', 0, '{}'
    FROM payroll_payslip WHERE period_id = %s
"""
