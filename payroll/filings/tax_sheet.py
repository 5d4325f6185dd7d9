"""The tax bureau's import sheet of a tax month: what was withheld of whom, from stored rows alone.

Nothing is reckoned anew. One row a person, who is known by the identity document: several payments of the
month and rows of staff are added up, what is of the year is that of the last payment.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from core.money import ZERO
from core.text import listed
from payroll.errors import FilingRefused
from payroll.filings.filers import Filer
from payroll.filings.layouts import Layout
from payroll.filings.writing import cells_of
from payroll.models import PayLine, Payslip, SettlementPeriod, Withholding
from payroll.settlement.law.years import OPENING
from people.identities import Identity, identities_of
from people.one_person import rows_of
from people.services.identity import document_key
from rules.kinds.labels import DEDUCTION_LABELS, FUND
from rules.models import Provision

NAMES_SHOWN = 10
OTHER = "other"  # the kind of deduction that the sheet asks by the month, not by the year
# What figures of before kefu bring along is of no kind: the sheet has it once, among the other deductions.
_BY_MONTH = (OTHER, OPENING)
OPENING_NOTE = "含期初附加扣除"
# The sheet has one column for everything of medical insurance.
_COLUMN_OF = {"supplementary": "medical", "maternity": "medical", "injury": "medical"}


@dataclass(slots=True)
class TaxPerson:
    """What was withheld of one person in a tax month; amounts in yuan, of the year as they stand after it.

    `by_month_before`: those of the year before this month that the sheet asks by the month.
    """

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
    by_month_before: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def by_month(self) -> dict[str, Decimal]:
        """The deductions that the sheet asks by the month, as this month adds to them."""
        return {
            kind: self.deductions.get(kind, ZERO) - self.by_month_before.get(kind, ZERO) for kind in _BY_MONTH
        }

    @property
    def paid_before(self) -> Decimal:
        """What was withheld in the year before this month."""
        return self.year_withheld - self.tax


@dataclass(frozen=True, slots=True)
class TaxMonth:
    """Everybody of a tax month, by staff number; `undocumented` are those who have no document."""

    people: Sequence[TaxPerson]
    undocumented: Sequence[str]

    @property
    def by_number(self) -> dict[str, TaxPerson]:
        """Everybody by the number of the document alone, as the bureau's result has it.

        FilingRefused where two have the same, as passports of two countries may.
        """
        found: dict[str, TaxPerson] = {}
        for each in self.people:
            if (twin := found.setdefault(each.document.number, each)) is not each:
                raise _same_number(twin, each.number, each.name)
        return found

    @property
    def income(self) -> Decimal:
        return sum((each.income for each in self.people), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((each.tax for each in self.people), ZERO)


def tax_month(filer: Filer, kind: str, *, on: date) -> TaxMonth:
    """What was withheld in the tax month by frozen months of the filer; eight queries at most.

    `on`: the day whose documents count. The caller notes that they were seen. FilingRefused where a document
    is held by two who are not known to be one person.
    """
    rows = list(_withheld(filer, kind))
    is_wages = kind == Withholding.Kind.WAGES
    before = _by_month_before(filer) if is_wages else []
    staff = {each.payslip.staff_id for each in rows} | {each for each, _ in before}
    persons = rows_of(staff)
    slips = _taxed_together(filer, rows, persons) if is_wages else {}
    paid = _contributions(filer, {slip for each in slips.values() for slip in each}) if is_wages else {}
    documents = identities_of(staff, on=on)
    people: dict[str, TaxPerson] = {}
    undocumented: dict[int, str] = {}
    for row in rows:
        slip = row.payslip
        document = documents.get(slip.staff_id)
        if document is None:
            undocumented[slip.staff_id] = f"{slip.number} {slip.name}"
            continue
        person = people.setdefault(_key(document), TaxPerson(slip.staff_id, slip.number, slip.name, document))
        if slip.staff_id not in persons[person.staff_id]:
            raise _same_number(person, slip.number, slip.name)
        # A bonus that was paid in another month than the wages of its slip has no part in contributions.
        taken = slips.get(row.pk, ()) if row.social or row.fund else ()
        _add(person, row, [paid.get(each, {}) for each in taken])
    for staff_id, deducted in before:
        document = documents.get(staff_id)
        if document is not None and (found := people.get(_key(document))) is not None:
            found.by_month_before = deducted
    in_order = sorted(people.values(), key=lambda each: (each.number, each.staff_id))
    return TaxMonth(in_order, list(undocumented.values()))


def opened_in(filer: Filer) -> list[str]:
    """Whose sheet of the month has the deductions of before kefu among the other ones; two queries."""
    rows = list(
        _of_year(filer)
        .filter(paid_on__lte=filer.last_day, year_deductions__has_key=OPENING)
        .order_by("paid_on", "id")
        .values_list("payslip__staff", "paid_on", "payslip__number", "payslip__name")
    )
    persons = rows_of({staff for staff, *_ in rows})
    first: dict[int, tuple[date, str]] = {}
    for staff, paid_on, number, name in rows:
        first.setdefault(min(persons[staff]), (paid_on, f"{number} {name}"))
    return [named for paid_on, named in first.values() if paid_on >= filer.month]


def tax_rows(month: TaxMonth, layout: Layout) -> list[list[Any]]:
    """The sheet's rows. FilingRefused where nobody is to be filed, or somebody without a document."""
    if month.undocumented:
        raise FilingRefused(
            f"{len(month.undocumented)}人没有登记身份证件：{listed(month.undocumented, NAMES_SHOWN)}",
            "请在员工的证件里登记，再导出",
        )
    if not month.people:
        raise FilingRefused("这个税款所属期没有已批准的个税", "先批准在这个月发放的工资")
    _check_columns(month, layout)
    return [cells_of(layout, _values(each, layout)) for each in month.people]


def _withheld(filer: Filer, kind: str) -> QuerySet[Withholding]:
    return (
        Withholding.objects.filter(
            kind=kind,
            paid_on__range=(filer.month, filer.last_day),
            payslip__period__department__in=filer.departments,
            payslip__period__state__in=SettlementPeriod.FROZEN,
        )
        .select_related("payslip__period")
        .order_by("paid_on", "id")
    )


def _of_year(filer: Filer) -> QuerySet[Withholding]:
    """What was withheld of wages in frozen months of the filer since the year of the tax month began."""
    return Withholding.objects.filter(
        kind=Withholding.Kind.WAGES,
        paid_on__gte=filer.month.replace(month=1),
        payslip__period__department__in=filer.departments,
        payslip__period__state__in=SettlementPeriod.FROZEN,
    )


def _taxed_together(
    filer: Filer, rows: Collection[Withholding], persons: Mapping[int, set[int]]
) -> dict[int, list[int]]:
    """By withholding the payslips whose contributions it was reckoned with; one query at most.

    Those of a month of a transfer are reckoned on the last department's slip, which alone has a tax; back
    payments of before stand on the other one.
    """
    found = {row.pk: [row.payslip_id] for row in rows}
    last = {(min(persons[row.payslip.staff_id]), row.payslip.period.month): row.pk for row in rows}
    moved = {staff for each in persons.values() if len(each) > 1 for staff in each}
    if moved:
        others = Payslip.objects.filter(
            staff__in=moved,
            period__month__in={month for _, month in last},
            period__department__in=filer.departments,
            period__state__in=SettlementPeriod.FROZEN,
        ).exclude(withholdings__kind=Withholding.Kind.WAGES)
        person = {each: min(same) for same in persons.values() for each in same}
        for pk, staff, month in others.values_list("pk", "staff", "period__month"):
            if (taxed := last.get((person[staff], month))) is not None:
                found[taxed].append(pk)
    return found


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


def _by_month_before(filer: Filer) -> list[tuple[int, dict[str, Decimal]]]:
    """(staff, what the sheet asks by the month of the year so far) after each payment before this month."""
    rows = (
        _of_year(filer)
        .filter(paid_on__lt=filer.month, year_deductions__has_any_keys=list(_BY_MONTH))
        .order_by("paid_on", "id")
    )
    return [
        (staff, {kind: Decimal(amount) for kind, amount in deducted.items() if kind in _BY_MONTH})
        for staff, deducted in rows.values_list("payslip__staff", "year_deductions")
    ]


def _key(document: Identity) -> str:
    return document_key(document.kind, document.number, document.nationality)


def _same_number(person: TaxPerson, number: str, name: str) -> FilingRefused:
    return FilingRefused(
        f"{person.number} {person.name}与{number} {name}登记的是同一个证件号码",
        "请核对是谁写错了；是同一个人的，请先用调动、再入职或同一账号连起来",
    )


def _check_columns(month: TaxMonth, layout: Layout) -> None:
    """FilingRefused where somebody has a deduction that the layout has no column for."""
    if layout.kind != Withholding.Kind.WAGES:
        return
    there = {each.source for each in layout.columns}
    for person in month.people:
        for kind, amount in person.deductions.items():
            source = OTHER if kind in _BY_MONTH else f"deduction.{kind}"
            if amount and source not in there:
                label = "期初带进来的扣除" if kind == OPENING else DEDUCTION_LABELS.get(kind, kind)
                raise FilingRefused(
                    f"{person.number} {person.name}有{label}{amount}元，{layout.name}没有这一列",
                    "请选有这一列的版式",
                )


def _add(person: TaxPerson, row: Withholding, paid: Iterable[Mapping[str, Decimal]]) -> None:
    """FilingRefused where the lines are of no known item or do not come to what the tax was reckoned with."""
    items: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for slip in paid:
        for item, amount in slip.items():
            items[item] += amount
    if "" in items:
        raise FilingRefused(
            f"{person.name}有{items['']}元社保不知是哪个险种", "请核对工资条上没有条款的社保项目"
        )
    taken, reckoned = sum(items.values(), ZERO), row.social + row.fund
    if taken != reckoned:
        raise FilingRefused(
            f"{person.name}的社保公积金明细合计{taken}元，计税时是{reckoned}元",
            "请退回这个月重新结算，再导出",
        )
    last = row.payslip
    person.staff_id, person.number, person.name = last.staff_id, last.number, last.name
    person.income += row.income
    person.tax += row.tax
    for item, amount in items.items():
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
        "other": sum(person.by_month.values(), ZERO),
        "note": OPENING_NOTE if person.by_month[OPENING] else None,
        **_named("contribution", person.contributions.items()),
        **_named("deduction", person.deductions.items()),
    }


def _named(prefix: str, amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    return {f"{prefix}.{key}": amount for key, amount in amounts}
