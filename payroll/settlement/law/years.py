"""A person's tax year at one employer: what was paid, for which months the allowance counts, the tax."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from core.money import ZERO
from core.periods import first_of
from payroll.settlement.law.employments import Employment, year_of
from payroll.settlement.law.facts import Facts, Paid
from rules.kinds.labels import DEDUCTION_LABELS, figure
from rules.kinds.statutory import MONTHS_A_YEAR, IncomeTax, Year
from rules.lines import SettlementFailure

OPENING = "opening"  # the deductions that figures of before kefu bring along, among those by kind
T = TypeVar("T")


class TaxYear:
    """The year of payment of one person at the employer; each payment that is withheld from adds to it."""

    def __init__(self, facts: Facts, employment: Employment) -> None:
        self._facts = facts
        self._employment = employment
        paid = sorted(
            (each for row in employment.staff for each in facts.paid.get(row, ())), key=lambda pair: pair[0]
        )
        self._paid = sum((each for _, each in paid), Paid())
        self._opening = _of(facts.openings, employment)

    def withhold(
        self, kind: IncomeTax, *, on: date, income: Decimal, social: Decimal, fund: Decimal
    ) -> tuple[dict[str, Any], list[str]]:
        """The figures of a payment's withholding and the arithmetic in words; the year goes on from them.

        `income` of either sign, in yuan: what is below zero waits for later payments of the year.
        SettlementFailure where the figures of before kefu already contain the month of payment.
        """
        month = first_of(on)
        opening, paid = self._opening, self._paid
        if opening is not None and month <= opening.through:
            raise SettlementFailure(
                f"个税期初截至{opening.through:%Y年%m月}，已含{on:%Y-%m-%d}的发放，再扣就重复了",
                "核对个税期初的截至月份与本月的发薪日",
            )
        # Figures brought along are of all months since hiring, also of those before the department's begin.
        months = self._employment.months(year_of(on), month, since_hired=opening is not None)
        allowed, steps = self._allowance_months(kind, months, on)
        deductions, words = self._deductions(months)
        steps += words
        counted = income + paid.shortfall
        steps.append(_income_in_words(income, paid.shortfall))
        shortfall = min(counted, ZERO)
        year = Year(
            income=paid.income + (opening.income if opening else ZERO) + max(counted, ZERO),
            allowance_months=allowed,
            contributions=paid.contributions + (opening.contributions if opening else ZERO) + social + fund,
            deductions=sum(deductions.values(), ZERO),
            withheld=paid.tax + (opening.withheld if opening else ZERO),
        )
        if opening is not None:
            steps.append(
                f"期初（截至{opening.through:%Y年%m月}）收入{opening.income}、专项扣除{opening.contributions}、"
                f"其他扣除{opening.deductions}、已预扣{opening.withheld}已计入累计"
            )
        taxed = kind.withheld(year)
        self._paid = paid + Paid(max(counted, ZERO), social + fund, taxed.tax, shortfall, frozenset({month}))
        figures = {
            "paid_on": on,
            "months": allowed,
            "income": max(counted, ZERO),
            "shortfall": shortfall,
            "social": social,
            "fund": fund,
            "tax": taxed.tax,
            "year_income": year.income,
            "year_allowance": (kind.allowance or ZERO) * allowed,
            "year_contributions": year.contributions,
            "year_deductions": {key: str(amount) for key, amount in deductions.items()},
            "year_withheld": year.withheld + taxed.tax,
        }
        return figures, [*steps, *taxed.steps]

    def _allowance_months(self, kind: IncomeTax, months: list[date], on: date) -> tuple[int, list[str]]:
        """For how many months the allowance counts, and why."""
        before = self._year_before(kind, on.year - 1)
        if before and months and months[0].month == 1:
            return MONTHS_A_YEAR, [before]
        if not months:
            return 0, [f"{on.year}年到发放当月没有在职的月份，不减除费用"]
        if any(row in self._facts.first_jobs for row in self._employment.staff):
            last = months[-1].month
            return last, [f"{on.year}年首次入职，减除费用从1月起算到{last}月，共{last}个月"]
        if len(months) == (months[-1].month - months[0].month + 1):
            span = f"{months[0].month}月至{months[-1].month}月"
        else:
            span = "、".join(f"{month.month}月" for month in months)
        return len(months), [f"{on.year}年{span}在职，减除费用{len(months)}个月"]

    def _year_before(self, kind: IncomeTax, year: int) -> str:
        """Why the whole year's allowance counts from January on, in words; empty where it does not.

        国家税务总局公告2020年第19号: all twelve months of last year here, for at most a year's allowance.
        """
        most = kind.year_allowance
        history = _of(self._facts.histories, self._employment)
        if history is not None:
            if history.months < MONTHS_A_YEAR or history.income > most:
                return ""
            income = history.income
        else:
            opening = _of(self._facts.openings_before, self._employment)
            paid = sum((self._facts.paid_before.get(row, Paid()) for row in self._employment.staff), Paid())
            brought = opening.through.month if opening else 0
            months = {month.month for month in paid.months} | set(range(1, brought + 1))
            income = paid.income + (opening.income if opening else ZERO)
            ends = date(year, 1, 1), date(year, 12, 1)
            since_hired = opening is not None
            worked = self._employment.months(*ends, since_hired=since_hired) if months else []
            if min(len(months), len(worked)) < MONTHS_A_YEAR or income > most:
                return ""
        return f"{year}年在本单位12个月、工资共{income}元，不超过{figure(most)}元，从1月起减除全年费用"

    def _deductions(self, months: Iterable[date]) -> tuple[dict[str, Decimal], list[str]]:
        """What is deducted of the year so far, by kind, in yuan; of months employed here alone."""
        opening = self._opening
        found: dict[str, Decimal] = {}
        words = []
        if opening is not None:
            months = [month for month in months if month > opening.through]
            if opening.deductions:
                found[OPENING] = opening.deductions
        for row in self._employment.person:
            for each in self._facts.deductions.get(row, ()):
                held = [month for month in months if each.holds(month)]
                if held:
                    amount = each.amount * len(held)
                    found[each.kind] = found.get(each.kind, ZERO) + amount
                    label = DEDUCTION_LABELS[each.kind]
                    span = f"{held[0]:%m}月至{held[-1]:%m}月"
                    words.append(f"{label}：{each.amount}×{len(held)}个月（{span}）＝{amount}")
        return found, words


def _of(declared: Mapping[int, T], employment: Employment) -> T | None:
    """What was declared of the person, on whichever row."""
    return next((declared[row] for row in employment.staff if row in declared), None)


def _income_in_words(income: Decimal, waiting: Decimal) -> str:
    if not waiting:
        return f"本期收入{income}" if income >= 0 else f"本期收入{income}，不足0的由本年以后月份冲减"
    rest = income + waiting
    words = f"本期收入{income}，冲减以前月份的{waiting}后为{rest}"
    return words if rest >= 0 else f"{words}，不足0的由本年以后月份冲减"
