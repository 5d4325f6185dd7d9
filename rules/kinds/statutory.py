"""What the law takes: contributions to insurance and fund, and income tax by cumulative withholding.

Sources: 社会保险法, 住房公积金管理条例; 个人所得税扣缴申报管理办法（试行）6–8 (cumulative withholding),
国家税务总局公告2020年第13号 (first job of the year), 2020年第19号 (60,000 of the year before),
财税〔2018〕164号 (a bonus of the year taxed apart).
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import ClassVar

from core.money import FEN, ZERO, percent, plain, to_fen
from core.periods import first_of
from rules.kinds.base import Kind
from rules.kinds.labels import (
    BASIS_LABELS,
    CONTRIBUTION_LABELS,
    FUND,
    LEAVER_LABELS,
    MONEY_ROUNDING_LABELS,
    figure,
    in_percent,
    in_yuan,
)
from rules.kinds.params import (
    Choice,
    Many,
    Nested,
    OpenChoice,
    ParamError,
    count,
    money,
    param,
    positive,
)
from rules.kinds.params import rate as share

ITEM_LENGTH = 32
MONTHS_A_YEAR = 12
ROUNDINGS = {
    "fen": (FEN, ROUND_HALF_UP),
    "jiao": (Decimal("0.1"), ROUND_HALF_UP),
    "jiao_up": (Decimal("0.1"), ROUND_CEILING),
    "yuan": (Decimal(1), ROUND_HALF_UP),
    "yuan_up": (Decimal(1), ROUND_CEILING),
}


@dataclass(frozen=True, slots=True)
class Contributed:
    """What a month's contribution comes to: yuan of the person and of the employer, and the base it is of."""

    person: Decimal
    employer: Decimal
    base: Decimal
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contribution(Kind):
    """A kind of insurance, or the fund: rates and fixed amounts on a base within its limits."""

    name: ClassVar[str] = "contribution"
    label: ClassVar[str] = "社保公积金"
    column: ClassVar[str] = "social"
    basis: ClassVar[str] = "benefit"

    item: str = param(OpenChoice(CONTRIBUTION_LABELS), "险种")
    rate: Decimal | None = param(share, "个人比例")
    employer_rate: Decimal | None = param(share, "单位比例", blank=True, default=Decimal(0))
    amount: Decimal = param(money, "个人定额", default=ZERO)
    employer_amount: Decimal = param(money, "单位定额", default=ZERO)
    base_min: Decimal | None = param(money, "基数下限", default=None)
    base_max: Decimal | None = param(money, "基数上限", default=None)
    base_step: Decimal | None = param(positive, "基数取整", default=None)
    rounding: str = param(Choice(MONEY_ROUNDING_LABELS), "进位", default="fen")
    employer_rounding: str | None = param(Choice(MONEY_ROUNDING_LABELS), "单位进位", default=None)
    cutoff_day: int = param(count, "入职截止日", default=15)
    leaver: str = param(Choice(LEAVER_LABELS), "离职当月", default="paid")

    def __post_init__(self) -> None:
        if len(self.item) > ITEM_LENGTH:
            raise ParamError(f"item：险种最多{ITEM_LENGTH}个字")
        if not 1 <= self.cutoff_day <= 31:
            raise ParamError("cutoff_day 应在1与31之间")
        if self.base_min is not None and self.base_max is not None and self.base_min > self.base_max:
            raise ParamError("base_min 不能大于 base_max")

    @property
    def line_column(self) -> str:
        """The column of the payroll sheet: the fund has one of its own."""
        return "fund" if self.item == FUND else "social"

    def is_due(self, *, joined_on: date, left_on: date | None, month: date) -> bool:
        """Whether the month (its first day) of an employment is paid for.

        Who joins is by the cut-off day, which is included; who leaves by `leaver`. `left_on` is the last day.
        """
        if first_of(joined_on) > month or (left_on is not None and left_on < month):
            return False
        if first_of(joined_on) == month and joined_on.day > self.cutoff_day:
            return False
        if left_on is None or first_of(left_on) != month or self.leaver == "paid":
            return True
        return self.leaver == "cutoff" and left_on.day >= self.cutoff_day

    def base_of(self, base: Decimal) -> tuple[Decimal, str]:
        """The base in yuan, to the step and within the limits, and the words of how it became so."""
        used, words = base, f"基数{base}"
        if self.base_step is not None:
            used = (used / self.base_step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * self.base_step
            words += f"，取整到{figure(self.base_step)}元为{used}" if used != base else ""
        if self.base_min is not None and used < self.base_min:
            used, words = self.base_min, f"{words}，低于下限按{self.base_min}"
        if self.base_max is not None and used > self.base_max:
            used, words = self.base_max, f"{words}，高于上限按{self.base_max}"
        return used, words

    def money(self, base: Decimal) -> Contributed:
        """A month's contribution on a base in yuan; person and employer are rounded apart."""
        used, words = self.base_of(base)
        person, mine = self._part(used, self.rate or ZERO, self.amount, self.rounding)
        employer, theirs = self._part(
            used, self.employer_rate or ZERO, self.employer_amount, self.employer_rounding or self.rounding
        )
        return Contributed(person, employer, used, (words, f"个人{mine}", f"单位{theirs}"))

    def _part(self, base: Decimal, of: Decimal, amount: Decimal, rounding: str) -> tuple[Decimal, str]:
        to, how = ROUNDINGS[rounding]
        # Stepped apart from the fen, so that whole yuan read like all other amounts.
        part = to_fen((base * of).quantize(to, rounding=how)) + amount
        words = f"{base}×{percent(of)}" + (f"＋{amount}" if amount else "")
        return part, f"{words}＝{part}（{MONEY_ROUNDING_LABELS[rounding]}）"

    def in_words(self) -> str:
        item = CONTRIBUTION_LABELS.get(self.item, self.item)
        words = [f"{item}：个人{_share(self.rate, self.amount)}"]
        words.append(f"单位{_share(self.employer_rate, self.employer_amount)}")
        if self.base_min is not None or self.base_max is not None:
            low = "不设下限" if self.base_min is None else f"下限{in_yuan(self.base_min)}"
            high = "不设上限" if self.base_max is None else f"上限{in_yuan(self.base_max)}"
            words.append(f"基数{low}、{high}")
        if self.base_step is not None:
            words.append(f"基数先取整到{in_yuan(self.base_step)}")
        words.append(MONEY_ROUNDING_LABELS[self.rounding])
        if self.employer_rounding not in (None, self.rounding):
            words.append(f"单位{MONEY_ROUNDING_LABELS[self.employer_rounding or self.rounding]}")
        words.append(f"{self.cutoff_day}日（含）前入职的当月缴，离职当月{LEAVER_LABELS[self.leaver]}")
        return "，".join(words)


def _share(of: Decimal | None, amount: Decimal) -> str:
    return in_percent(of) + (f"加{in_yuan(amount)}" if amount else "")


@dataclass(frozen=True, kw_only=True)
class Band:
    """The rate of what exceeds an amount of taxable income, yuan a year."""

    above: Decimal | None = param(money, "超过")
    rate: Decimal | None = param(share, "税率")

    def in_words(self) -> str:
        return f"超过{in_yuan(self.above)}的部分{in_percent(self.rate)}"


# 个人所得税法 附表一
LAWFUL_BANDS = tuple(
    Band(above=Decimal(above), rate=Decimal(rate))
    for above, rate in (
        ("0", "0.03"),
        ("36000", "0.10"),
        ("144000", "0.20"),
        ("300000", "0.25"),
        ("420000", "0.30"),
        ("660000", "0.35"),
        ("960000", "0.45"),
    )
)


@dataclass(frozen=True, slots=True)
class Year:
    """A person's year here up to and with a payment, in yuan: what the cumulative tax is reckoned on.

    `allowance_months` are those for which the monthly allowance counts; `withheld` what was withheld before.
    """

    income: Decimal
    allowance_months: int
    contributions: Decimal = ZERO
    deductions: Decimal = ZERO
    withheld: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Taxed:
    """What is withheld now, in yuan and never negative; the year's tax so far; the arithmetic in words."""

    tax: Decimal
    due: Decimal
    taxable: Decimal
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class IncomeTax(Kind):
    """Income tax of wages by cumulative withholding, and of a bonus of the year taxed apart."""

    name: ClassVar[str] = "income_tax"
    label: ClassVar[str] = "个人所得税"
    column: ClassVar[str] = "tax"
    basis: ClassVar[str] = "benefit"

    allowance: Decimal | None = param(money, "每月减除费用", blank=True, default=Decimal("5000.00"))
    bands: tuple[Band, ...] = param(Many(Nested(Band), at_least=1), "税率表", default=LAWFUL_BANDS)
    before_tax: tuple[str, ...] = param(
        Many(Choice(BASIS_LABELS)), "税前减少收入的扣款", default=("performance", "benefit")
    )

    def __post_init__(self) -> None:
        above = [each.above for each in self.bands if each.above is not None]
        if above != sorted(set(above)):
            raise ParamError("bands 的级距应由小到大")
        if above and above[0] != 0:
            raise ParamError("bands 的第一级应从0起")

    @property
    def year_allowance(self) -> Decimal:
        """A year's allowance in yuan, which is also what a year's wages may come to for it to count whole."""
        return (self.allowance or ZERO) * MONTHS_A_YEAR

    def band(self, taxable: Decimal) -> tuple[Decimal, Decimal]:
        """Rate and quick deduction (yuan a year) of a taxable income; its upper edge is in the band."""
        at, quick = ZERO, ZERO
        for each in self.bands:
            above, of = each.above or ZERO, each.rate or ZERO
            if taxable <= above:
                break
            quick += above * (of - at)
            at = of
        return at, quick

    def withheld(self, year: Year) -> Taxed:
        """What a payment's tax is: the year's tax so far less what was withheld, and never below zero."""
        allowance = (self.allowance or ZERO) * year.allowance_months
        taxable = year.income - allowance - year.contributions - year.deductions
        less = f"累计收入{year.income}－减除费用{figure(self.allowance)}×{year.allowance_months}个月"
        less += f"－专项扣除{year.contributions}－附加与其他扣除{year.deductions}＝{taxable}"
        if taxable <= 0:
            return Taxed(ZERO, ZERO, ZERO, (less, "应纳税所得额不大于0，不预扣"))
        of, quick = self.band(taxable)
        due = to_fen(taxable * of - quick)
        tax = max(ZERO, due - year.withheld)
        steps = [less, f"{taxable}×{percent(of)}－速算扣除{plain(quick)}＝{due}"]
        steps.append(f"{due}－已预扣{year.withheld}＝{due - year.withheld}")
        if due < year.withheld:
            steps.append("不足0的不退，由本年以后月份抵减")
        return Taxed(tax, due, taxable, tuple(steps))

    def bonus_apart(self, amount: Decimal) -> Taxed:
        """The tax of a bonus of the year taxed apart: by rate and quick deduction of its twelfth in the table
        of months, on the whole amount.
        """
        twelfth = amount / MONTHS_A_YEAR
        of, quick = self.band(amount)  # the yearly table is twelve times the monthly one
        monthly = quick / MONTHS_A_YEAR
        tax = max(ZERO, to_fen(amount * of - monthly))
        steps = (
            f"{amount}÷12＝{plain(to_fen(twelfth))}，适用{percent(of)}、速算扣除{plain(monthly)}",
            f"{amount}×{percent(of)}－{plain(monthly)}＝{tax}",
        )
        return Taxed(tax, tax, amount, steps)

    def in_words(self) -> str:
        bands = f"{in_percent(self.bands[0].rate)}至{in_percent(self.bands[-1].rate)}"
        before = "、".join(BASIS_LABELS[each] for each in self.before_tax) or "无"
        return (
            f"按累计预扣法，每月减除{in_yuan(self.allowance)}，{len(self.bands)}级税率{bands}；"
            f"税前减少收入的扣款：{before}，其余税后扣"
        )
