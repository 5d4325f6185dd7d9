"""The tax bureau's import sheet of a tax month: what was withheld of whom, from stored rows alone.

Nothing is reckoned anew. One row a person, who is known by the number of the identity document: several
payments of the month and rows of staff are added up, what is of the year is that of the last payment.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from core.money import ZERO
from core.text import listed
from payroll.errors import FilingRefused
from payroll.filings.filers import Filer
from payroll.filings.layouts import Layout
from payroll.filings.writing import cells_of
from payroll.models import PayLine, SettlementPeriod, Withholding
from people.identities import Identity, identities_of
from rules.kinds.labels import FUND
from rules.models import Provision

NAMES_SHOWN = 10
OTHER = "other"  # the kind of deduction that the sheet asks by the month, not by the year
# The sheet has one column for everything of medical insurance.
_COLUMN_OF = {"supplementary": "medical", "maternity": "medical", "injury": "medical"}


@dataclass(slots=True)
class TaxPerson:
    """What was withheld of one person in a tax month; amounts in yuan, of the year as they stand after it."""

    staff_id: int
    number: str
    name: str
    document: Identity
    income: Decimal = ZERO
    tax: Decimal = ZERO
    contributions: dict[str, Decimal] = field(default_factory=dict)
    year_income: Decimal = ZERO
    year_allowance: Decimal = ZERO
    year_contributions: Decimal = ZERO
    year_withheld: Decimal = ZERO
    deductions: dict[str, Decimal] = field(default_factory=dict)
    other_before: Decimal = ZERO

    @property
    def paid_before(self) -> Decimal:
        """What was withheld in the year before this month."""
        return self.year_withheld - self.tax


@dataclass(frozen=True, slots=True)
class TaxMonth:
    """Everybody of a tax month, by the number of the document; `undocumented` are those who have none."""

    people: Mapping[str, TaxPerson]
    undocumented: Sequence[str]

    @property
    def income(self) -> Decimal:
        return sum((each.income for each in self.people.values()), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((each.tax for each in self.people.values()), ZERO)


def tax_month(filer: Filer, kind: str, *, on: date) -> TaxMonth:
    """What was withheld in the tax month by frozen months of the filer; six queries at most.

    `on`: the day whose documents count. The caller notes that they were seen.
    """
    rows = list(_withheld(filer, kind))
    paid = _contributions(filer, {each.payslip_id for each in rows}) if kind == Withholding.Kind.WAGES else {}
    before = _other_before(filer) if kind == Withholding.Kind.WAGES else []
    staff = {each.payslip.staff_id for each in rows} | {each for each, _ in before}
    documents = identities_of(staff, on=on)
    people: dict[str, TaxPerson] = {}
    undocumented: dict[int, str] = {}
    for row in rows:
        slip = row.payslip
        document = documents.get(slip.staff_id)
        if document is None:
            undocumented[slip.staff_id] = f"{slip.number} {slip.name}"
            continue
        person = people.setdefault(
            document.number, TaxPerson(slip.staff_id, slip.number, slip.name, document)
        )
        # A bonus that was paid in another month than the wages of its slip has no part in contributions.
        _add(person, row, paid.get(row.payslip_id, {}) if row.social or row.fund else {})
    for staff_id, other in before:
        document = documents.get(staff_id)
        if document is not None and document.number in people:
            people[document.number].other_before = other
    return TaxMonth(people, list(undocumented.values()))


def tax_rows(month: TaxMonth, layout: Layout) -> list[list[Any]]:
    """The sheet's rows. FilingRefused where nobody is to be filed, or somebody without a document."""
    if month.undocumented:
        raise FilingRefused(
            f"{len(month.undocumented)}人没有登记身份证件：{listed(month.undocumented, NAMES_SHOWN)}",
            "请在员工的证件里登记，再导出",
        )
    if not month.people:
        raise FilingRefused("这个税款所属期没有已批准的个税", "先批准在这个月发放的工资")
    return [cells_of(layout, _values(each, layout)) for each in month.people.values()]


def _withheld(filer: Filer, kind: str) -> QuerySet[Withholding]:
    return (
        Withholding.objects.filter(
            kind=kind,
            paid_on__range=(filer.month, filer.last_day),
            payslip__period__department__in=filer.departments,
            payslip__period__state__in=SettlementPeriod.FROZEN,
        )
        .select_related("payslip")
        .order_by("payslip__number", "paid_on", "id")
    )


def _contributions(filer: Filer, slips: Collection[int]) -> dict[int, dict[str, Decimal]]:
    """What each payslip took for insurance and fund, by item; positive."""
    lines = PayLine.objects.filter(
        payslip__in=slips, column__in=[PayLine.Column.SOCIAL, PayLine.Column.FUND]
    ).order_by()
    taken: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    sums = lines.values_list("payslip", "column", "code", "provision__params__item")
    found = list(sums.annotate(total=Sum("amount")))
    # What is given back of a provision that holds no more has its code alone.
    codes = {code for _, column, code, item, _ in found if item is None and column != PayLine.Column.FUND}
    items = _items_of(filer, codes) if codes else {}
    for slip, column, code, item, total in found:
        item = FUND if column == PayLine.Column.FUND else item or items.get(code, "")
        taken[slip][_COLUMN_OF.get(item, item)] -= total
    return taken


def _items_of(filer: Filer, codes: Collection[str]) -> dict[str, str]:
    """Which item of insurance provisions of the filer were about, by code."""
    provisions = Provision.objects.filter(code__in=codes, version__department__in=filer.departments)
    return dict(provisions.order_by("version").values_list("code", "params__item"))


def _other_before(filer: Filer) -> list[tuple[int, Decimal]]:
    """(staff, other deductions of the year so far) after each payment of the year before this month."""
    rows = (
        Withholding.objects.filter(
            kind=Withholding.Kind.WAGES,
            paid_on__range=(filer.month.replace(month=1), filer.month),
            paid_on__lt=filer.month,
            payslip__period__department__in=filer.departments,
            payslip__period__state__in=SettlementPeriod.FROZEN,
            year_deductions__has_key=OTHER,
        )
        .order_by("paid_on", "id")
        .values_list("payslip__staff", F(f"year_deductions__{OTHER}"))
    )
    return [(staff, Decimal(other)) for staff, other in rows]


def _add(person: TaxPerson, row: Withholding, paid: Mapping[str, Decimal]) -> None:
    """FilingRefused where the lines are of no known item or do not come to what the tax was reckoned with."""
    if "" in paid:
        raise FilingRefused(
            f"{person.name}有{paid['']}元社保不知是哪个险种", "请核对工资条上没有条款的社保项目"
        )
    taken, reckoned = sum(paid.values(), ZERO), row.social + row.fund
    if taken != reckoned:
        raise FilingRefused(
            f"{person.name}的社保公积金明细合计{taken}元，计税时是{reckoned}元",
            "请退回这个月重新结算，再导出",
        )
    person.income += row.income
    person.tax += row.tax
    for item, amount in paid.items():
        person.contributions[item] = person.contributions.get(item, ZERO) + amount
    person.year_income, person.year_allowance = row.year_income, row.year_allowance
    person.year_contributions, person.year_withheld = row.year_contributions, row.year_withheld
    person.deductions = {kind: Decimal(amount) for kind, amount in row.year_deductions.items()}


def _values(person: TaxPerson, layout: Layout) -> dict[str, Any]:
    document = person.document
    return {
        "number": person.number,
        "name": person.name,
        "document_type": layout.document_types.get(document.kind, document.kind.label),
        "document": document.number,
        "income": person.income,
        "other": person.deductions.get(OTHER, ZERO) - person.other_before,
        **_named("contribution", person.contributions.items()),
        **_named("deduction", person.deductions.items()),
    }


def _named(prefix: str, amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    return {f"{prefix}.{key}": amount for key, amount in amounts}
