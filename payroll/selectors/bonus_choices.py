"""Both ways of taxing a bonus of the year, over the whole year, and which of them costs less."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import ZERO, plain, to_fen
from core.periods import first_of
from payroll.models import SettlementPeriod, Withholding
from payroll.settlement.law.employments import departments_of_employer, employments_of
from people.models import Staff
from people.one_person import other_rows
from rules.kinds.statutory import MONTHS_A_YEAR, IncomeTax, Year
from rules.selectors import timeline_of_kind
from statutory.models import AnnualBonus, TaxOpening

Method = AnnualBonus.Method


@dataclass(frozen=True, slots=True)
class Way:
    """One way of taxing: the year's tax of wages and bonus together, yuan, and how it comes about."""

    method: str
    wages: Decimal
    bonus: Decimal
    steps: tuple[str, ...]

    @property
    def label(self) -> str:
        return str(Method(self.method).label)

    @property
    def tax(self) -> Decimal:
        return self.wages + self.bonus


@dataclass(frozen=True, slots=True)
class BonusChoice:
    """A bonus taxed apart and merged, in a year that is otherwise taxed on `expected`, as `source` says."""

    apart: Way
    merged: Way
    expected: Decimal
    source: str

    @property
    def ways(self) -> tuple[Way, Way]:
        return self.apart, self.merged

    @property
    def better(self) -> Way:
        """The way that costs less in the year; apart where both cost the same, as it is taxed at once."""
        return min(self.ways, key=lambda way: way.tax)

    @property
    def difference(self) -> Decimal:
        """What the better way saves, yuan."""
        return abs(self.apart.tax - self.merged.tax)


def bonus_choice(
    *, staff: Staff, paid_on: date, amount: Decimal, expected: Decimal | None = None
) -> BonusChoice:
    """Both ways of a bonus in yuan by the department's provision on the day of payment, else by the law.

    `expected`: what the year's wages are taxed on without the bonus, below zero where the allowances are not
    used up; left out, it is what the approved months at the employer came to, projected to December. Up to
    seven queries.
    """
    rules = timeline_of_kind(staff.department, IncomeTax).on(paid_on).of_kind(IncomeTax)
    law = rules[0].kind if rules else IncomeTax()
    source = "按填写的全年预计"
    if expected is None:
        expected, source = _projected(staff, paid_on.year)
    return compared(law, amount=amount, expected=expected, source=source)


def compared(law: IncomeTax, *, amount: Decimal, expected: Decimal, source: str = "") -> BonusChoice:
    """The same of figures alone."""
    wages = law.withheld(Year(income=expected, allowance_months=0))
    both = law.withheld(Year(income=expected + amount, allowance_months=0))
    bonus = law.bonus_apart(amount)
    apart = Way(Method.APART, wages.due, bonus.tax, (f"工资全年税额{wages.due}", *bonus.steps))
    steps = (
        f"全年应纳税所得额{plain(expected)}＋{plain(amount)}＝{plain(expected + amount)}，税额{both.due}",
        f"其中工资{wages.due}，年终奖{both.due - wages.due}",
    )
    merged = Way(Method.MERGED, wages.due, both.due - wages.due, steps)
    return BonusChoice(apart, merged, expected, source)


def _projected(staff: Staff, year: int) -> tuple[Decimal, str]:
    """What the year is taxed on if it goes on as in its approved months here, and how that is known.

    Income, contributions and deductions go on by the average of the months that were paid; the allowance is
    that of the months up to December, which may count from January or as a whole (TaxYear) already.
    """
    departments = departments_of_employer(staff.department)
    others = other_rows([staff.pk])
    rows = [staff.pk, *others]
    payments = Withholding.objects.filter(
        payslip__staff__in=rows,
        payslip__period__department__in=departments,
        payslip__period__state__in=SettlementPeriod.FROZEN,
        kind=Withholding.Kind.WAGES,
        paid_on__year=year,
    )
    paid = list(payments.order_by("paid_on", "pk"))
    if not paid or not paid[-1].months:
        return ZERO, f"{year}年还没有批准的月份，按工资不须缴税计；请填写预计全年应纳税所得额"
    latest = paid[-1]
    months = {first_of(each.paid_on) for each in paid} | _brought(staff, others, departments, year)
    before_allowance = (
        latest.year_income
        - latest.year_contributions
        - sum((Decimal(each) for each in latest.year_deductions.values()), ZERO)
    )
    through = latest.paid_on.month
    rest = MONTHS_A_YEAR - through
    allowed = min(MONTHS_A_YEAR, latest.months + rest)
    allowance = latest.year_allowance / latest.months * allowed
    expected = to_fen(before_allowance / len(months) * (len(months) + rest) - allowance)
    words = (
        f"截至{year}年{through}月减除费用以前为{plain(before_allowance)}元，按已发的{len(months)}个月平均推算到12月，"
        f"减全年费用{plain(to_fen(allowance))}元"
    )
    return expected, words


def _brought(staff: Staff, others: dict[int, int], departments: list[int], year: int) -> set[date]:
    """The months employed here whose figures were brought along; two queries, one where none were."""
    opening = TaxOpening.objects.filter(
        staff__in=[staff.pk, *others], staff__department__in=departments, year=year, withdrawn_at=None
    ).first()
    if opening is None:
        return set()
    employment = employments_of([staff.pk], others, departments).get(staff.pk)
    return set(employment.months(date(year, 1, 1), opening.through)) if employment else set()
