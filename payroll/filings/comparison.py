"""What was withheld beside what the tax bureau reckoned, person by person, to the fen. No database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO
from payroll.filings.result_file import ReadPerson
from payroll.filings.tax_sheet import TaxPerson
from payroll.models import TaxFilingRow, Withholding
from people.documents import masked

Outcome = TaxFilingRow.Outcome
FIGURES = {
    "income": "本期收入",
    "year_income": "累计收入",
    "year_allowance": "累计减除费用",
    "year_contributions": "累计专项扣除",
    "deductions": "累计专项附加与其他扣除",
    "paid": "已缴税额",
}
# The first figure that differs says where to look.
CAUSES = {
    "income": "本期收入不同，核对是否漏报一次发放或在扣缴端改过收入",
    "year_income": "以前月份的累计收入不同，核对个税期初与以前月份的申报",
    "year_allowance": "减除费用的月数不同，核对入职日期、当年首次入职与上年收入不超过6万元的登记",
    "year_contributions": "社保公积金不同，核对补缴、退回与以前月份的申报",
    "deductions": "专项附加扣除不同，税局以本人在个税App填报的为准，请在系统里更正",
    "paid": "以前月份已缴的税额不同，核对以前月份的申报与更正",
}
ROUNDING = "各项数字相同而税额不同，核对税率、减免税额与扣缴端的累计"
UNKNOWN = "系统里这个月没有给此人预扣个税，核对证件号码、是否别的单位或已离职"
MISSING = "税局的结果里没有此人，核对是否漏报、证件号码是否一致"
_ORDER = (Outcome.DIFFERENT, Outcome.UNKNOWN, Outcome.MISSING, Outcome.SAME)


@dataclass(frozen=True, slots=True)
class Compared:
    """One person; `figures` are those that differ: (label, here, the bureau's)."""

    staff_id: int | None
    name: str
    document: str
    outcome: Outcome
    expected: Decimal | None
    found: Decimal | None
    cause: str = ""
    figures: tuple[tuple[str, Decimal, Decimal], ...] = ()

    @property
    def difference(self) -> Decimal:
        """The bureau's tax less the one withheld; nothing where the bureau gives back only after the year."""
        expected, found = self.expected or ZERO, self.found or ZERO
        return ZERO if expected == ZERO and found < 0 else found - expected


def compared(kind: str, here: Mapping[str, TaxPerson], read: Mapping[str, ReadPerson]) -> list[Compared]:
    """Everybody of either side, by the number of the document; those who differ first.

    A bonus that is taxed apart has no figures of the year: of that `kind` income and tax are compared alone.
    """
    keys = FIGURES if kind == Withholding.Kind.WAGES else ("income",)
    rows = [
        _both(person, read[number], keys) if number in read else _missing(person)
        for number, person in here.items()
    ]
    rows += [
        Compared(
            None, each.name, masked(number), Outcome.UNKNOWN, None, each.figures.get("tax", ZERO), UNKNOWN
        )
        for number, each in read.items()
        if number not in here
    ]
    return sorted(rows, key=lambda row: _ORDER.index(row.outcome))


def _missing(person: TaxPerson) -> Compared:
    number = masked(person.document.number)
    return Compared(person.staff_id, person.name, number, Outcome.MISSING, person.tax, None, MISSING)


def _both(person: TaxPerson, read: ReadPerson, keys: Iterable[str]) -> Compared:
    ours, theirs = _figures_of(person), _theirs(read)
    differing = [key for key in keys if key in theirs and theirs[key] != ours[key]]
    row = Compared(
        person.staff_id,
        person.name,
        masked(person.document.number),
        Outcome.SAME,
        person.tax,
        read.figures.get("tax", ZERO),
    )
    renamed = "" if read.name == person.name else f"税局的姓名是“{read.name}”；"
    if not (differing or row.difference or renamed):
        return row
    said = CAUSES[differing[0]] if differing else (ROUNDING if row.difference else "请核对姓名")
    return Compared(
        row.staff_id,
        row.name,
        row.document,
        Outcome.DIFFERENT,
        row.expected,
        row.found,
        renamed + said,
        tuple((FIGURES[key], ours[key], theirs[key]) for key in differing),
    )


def _figures_of(person: TaxPerson) -> dict[str, Decimal]:
    return {
        "income": person.income,
        "year_income": person.year_income,
        "year_allowance": person.year_allowance,
        "year_contributions": person.year_contributions,
        "deductions": sum(person.deductions.values(), ZERO),
        "paid": person.paid_before,
    }


def _theirs(read: ReadPerson) -> dict[str, Decimal]:
    """The figures that the file has; deductions are one where it has any of them."""
    kinds = [amount for source, amount in read.figures.items() if source.startswith("deduction.")]
    figures = {key: amount for key, amount in read.figures.items() if key in FIGURES}
    return figures | ({"deductions": sum(kinds, ZERO)} if kinds else {})
