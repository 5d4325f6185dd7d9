"""Contributions, then income tax of each payslip: after the limits of rules, before that of nothing.

Both are per person and employer. Of who was transferred within the employer they are on the slip of the last
department of the month, reckoned from all slips of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import ZERO
from core.periods import first_of, last_of
from payroll.models import PayLine, SettlementPeriod, Withholding
from payroll.settlement.law.differences import Due, rest_of
from payroll.settlement.law.employments import Employment, Row
from payroll.settlement.law.facts import Base, Facts, Late, Slip, facts_of_year, load_facts_of_law
from payroll.settlement.law.taxable import taxable
from payroll.settlement.law.years import TaxYear
from payroll.settlement.payslip_drafts import (
    ANNUAL_BONUS,
    CostDraft,
    DraftLine,
    Nature,
    PersonDraft,
    WithheldDraft,
)
from people.terms import PersonMonth
from rules.kinds.labels import CONTRIBUTION_LABELS
from rules.kinds.statutory import Contributed, Contribution, IncomeTax
from rules.lines import Line, SettlementFailure
from rules.provisions import Month, Rule, has_kind
from statutory.models import AnnualBonus
from statutory.models.declarations import EVERY_ITEM

Column = PayLine.Column


@dataclass(slots=True)
class Law:
    """What the law takes of a month; without facts, where the department has no such provision, nothing."""

    period: SettlementPeriod
    month: Month
    bonuses: Mapping[int, list[AnnualBonus]]
    late: Late
    facts: Facts | None = None
    _drafts: dict[int, PersonDraft] = field(default_factory=dict)
    # By the person's first row at the employer, and the year.
    _years: dict[tuple[int, int], TaxYear] = field(default_factory=dict)
    _other_years: dict[int, Facts] = field(default_factory=dict)
    _priced: dict[tuple[int, Decimal], Contributed] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        period: SettlementPeriod,
        month: Month,
        *,
        others: Mapping[int, int] | None = None,
        bonuses: Mapping[int, list[AnnualBonus]] | None = None,
        late: Late | None = None,
        is_taxed: bool = True,
    ) -> "Law":
        """Its facts are read only where a version of the month has one of the kinds."""
        law = cls(period, month, bonuses or {}, late or Late())
        if any(
            has_kind(rule, Contribution) or has_kind(rule, IncomeTax)
            for _, _, rules in month.timeline.segments(month.first, month.last)
            for rule in rules
        ):
            law.facts = load_facts_of_law(period, month, others=others, is_taxed=is_taxed)
        return law

    def add_bonuses(self, draft: PersonDraft) -> None:
        """The annual bonuses of the month, which are a part of its gross."""
        for bonus in self.bonuses.get(draft.person.staff_id, ()):
            taxed = bonus.get_method_display()
            line = Line(
                code=ANNUAL_BONUS,
                title="年终奖",
                amount=bonus.amount,
                column=Column.BONUS,
                basis="benefit",
                on=bonus.paid_on,
                reason=f"{bonus.paid_on:%Y-%m-%d}发放年终奖{bonus.amount}元，{taxed}",
                trace={"bonus": {"taxed": taxed, "date": f"{bonus.paid_on}", "note": bonus.note}},
            )
            draft.add([line])

    def take(self, draft: PersonDraft) -> None:
        """Add contributions and tax to a payslip, in place; what cannot be reckoned fails it."""
        draft.lines += self.late.lines.get(draft.person.staff_id, [])
        draft.costs += self.late.costs.get(draft.person.staff_id, [])
        if self.facts is None:
            return
        self._drafts[draft.person.staff_id] = draft
        try:
            self._take(draft, self.facts.employments[draft.person.staff_id])
        except SettlementFailure as failure:
            draft.fail(failure.reason, failure.remedy, missing=failure.missing)

    def _take(self, draft: PersonDraft, employment: Employment) -> None:
        person = draft.person
        rows = employment.rows_in(self.month.first) if person.in_month else []
        if rows and rows[-1].staff_id != person.staff_id:
            self._check_taken_in(rows[-1], person)
            draft.add([self._taken_elsewhere(rows[-1].department)])
            self._tax_bonuses(draft)
            return
        earlier = self._slips_before(rows)
        if rows:
            before = (each for slip in earlier for each in slip.lines if each.is_earned)
            gross = draft.gross + sum((each.line.amount for each in before), ZERO)
            self._contribute(draft, rows, gross)
        self._tax_wages(
            draft, employment, [line for slip in earlier if not slip.is_taxed for line in slip.lines]
        )
        self._tax_bonuses(draft)

    def _check_taken_in(self, last: Row, person: PersonMonth) -> None:
        """SettlementFailure where the rules of the department somebody went to do not take what these do."""
        assert self.facts is not None
        if last.department_id == self.month.department_id:
            return
        rules = self.month.rules_for(person)
        there = self.facts.kinds.get(last.department_id, set())
        missing = [
            kind.label
            for kind in (Contribution, IncomeTax)
            if kind.name not in there and any(rule.binds(person.at_end.role) for rule in rules.of_kind(kind))
        ]
        if missing:
            names = "、".join(missing)
            raise SettlementFailure(
                f"本月已调到{last.department}，{names}应在那里计算，那里{self.month.first:%Y年%m月}的制度没有{names}",
                f"在{last.department}的制度里写入{names}，再结算本部门",
            )

    def _taken_elsewhere(self, where: str) -> Line:
        return Line(
            code="statutory-elsewhere",
            title="社保、公积金与个税",
            amount=ZERO,
            column=Column.TAX,
            basis="benefit",
            on=self.month.last,
            reason=f"本月已调到{where}，社保、公积金与个税并在{where}的工资条上计算",
        )

    def _slips_before(self, rows: list[Row]) -> list[Slip]:
        """The month's earlier slips at the employer; SettlementFailure where one is not there."""
        assert self.facts is not None
        slips: list[Slip] = []
        for row in rows[:-1]:
            here = self._drafts.get(row.staff_id)
            found = Slip(tuple(here.lines), here.failure) if here else self.facts.slips.get(row.staff_id)
            if found is None or found.failure:
                raise SettlementFailure(
                    f"本月先在{row.department}，那里{self.month.first:%Y年%m月}的工资"
                    + ("没有结算成" if found else "还没有结算"),
                    f"先结算{row.department}的{self.month.first:%Y年%m月}，再结算本部门",
                )
            slips.append(found)
        return slips

    def contributions(self, person: PersonMonth, gross: Decimal) -> Iterable[Due]:
        """What a person of the month contributes, provision by provision; `gross` where no base is declared.

        SettlementFailure where a base is declared of an item that has no rate.
        """
        assert self.facts is not None
        employment = self.facts.employments[person.staff_id]
        rules = [
            rule
            for rule in self.month.rules_for(person).of_kind(Contribution)
            if rule.binds(person.at_end.role)
        ]
        bases: dict[str, Base] = {}
        for row in employment.person:
            bases |= {base.item: base for base in self.facts.bases.get(row, ())}
        self._check_rates(person, bases, {rule.kind.item for rule in rules})
        joined_on, left_on = employment.days_around(self.month.first)
        for rule in rules:
            if rule.kind.is_due(joined_on=joined_on, left_on=left_on, month=self.month.first):
                base = bases.get(rule.kind.item) or bases.get(EVERY_ITEM)
                source = f"申报的缴费基数，自{base.since:%Y年%m月}" if base else "没有申报基数，按本月应发"
                yield Due(rule, self._money(rule, base.base if base else gross), source)

    def _money(self, rule: Rule[Contribution], base: Decimal) -> Contributed:
        """Reckoned once for all who have the same base."""
        key = (rule.id, base)
        if key not in self._priced:
            self._priced[key] = rule.kind.money(base)
        return self._priced[key]

    def _check_rates(self, person: PersonMonth, bases: Mapping[str, Base], items: set[str]) -> None:
        missing = [item for item in bases if item != EVERY_ITEM and item not in items]
        if missing:
            names = "、".join(CONTRIBUTION_LABELS.get(item, item) for item in missing)
            raise SettlementFailure(
                f"申报了{names}的缴费基数，{self.month.first:%Y年%m月}的制度里没有{names}的比例",
                "在制度里填写这一险种的比例，或者停止这一条缴费基数",
            )

    def _contribute(self, draft: PersonDraft, rows: list[Row], gross: Decimal) -> None:
        """Take the month's contributions; of what a frozen slip of the month took already, the difference."""
        assert self.facts is not None
        lines, costs = held = self.facts.held.of([row.staff_id for row in rows])
        dues: dict[str, Due] = {}
        for due in self.contributions(draft.person, gross):
            if due.rule.code in lines or due.rule.code in costs:
                dues[due.rule.code] = due
            else:
                self._add_contribution(draft, due)
        if lines or costs:
            rest, beside = rest_of(self.month.first, dues, held, Nature.REGULAR)
            draft.lines += rest
            draft.costs += beside

    def _add_contribution(self, draft: PersonDraft, due: Due) -> None:
        rule, money, trace = due.rule, due.money, due.trace
        if money.person:
            line = Line(
                code=rule.code,
                title=rule.title,
                amount=-money.person,
                column=rule.kind.line_column,
                basis=rule.basis,
                on=self.month.last,
                reason=f"{rule.title}：{trace['arithmetic'][0]}，{money.steps[1]}",
                trace=trace,
                provision_id=rule.id,
            )
            draft.add([line])
        if money.employer:
            draft.costs.append(
                CostDraft(rule.kind.item, rule.code, rule.title, self.month.first, money.employer, trace)
            )

    def _tax_rule(self, person: PersonMonth) -> Rule[IncomeTax] | None:
        rules = self.month.rules_for(person).of_kind(IncomeTax)
        return next((rule for rule in rules if rule.binds(person.at_end.role)), None)

    def _tax_wages(self, draft: PersonDraft, employment: Employment, earlier: list[DraftLine]) -> None:
        rule = self._tax_rule(draft.person)
        if rule is None:
            return
        for on, lines in self._payments([*earlier, *draft.lines]):
            what = "工资薪金" if on == self.period.pays_on else "年终奖并入综合所得"
            self._tax_payment(draft, employment, rule, on, lines, what)

    def _payments(self, lines: list[DraftLine]) -> list[tuple[date, list[DraftLine]]]:
        """What is paid on which day, the earliest first: the wages, and each merged bonus that is paid in
        another tax month than they are.
        """
        wages_on = self.period.pays_on
        payments: dict[date, list[DraftLine]] = {wages_on: []}
        for each in lines:
            on = each.line.on
            is_apart = each.line.code == ANNUAL_BONUS and first_of(on) != first_of(wages_on)
            payments.setdefault(on if is_apart else wages_on, []).append(each)
        return sorted(payments.items())

    def _tax_payment(
        self,
        draft: PersonDraft,
        employment: Employment,
        rule: Rule[IncomeTax],
        on: date,
        lines: list[DraftLine],
        what: str,
    ) -> None:
        found = taxable(lines, rule.kind.before_tax)
        social, fund = (_taken(lines, column) for column in (Column.SOCIAL, Column.FUND))
        is_owed = draft.person.in_month and on == self.period.pays_on
        if not (is_owed or found.income or social or fund):
            return
        withheld, steps = self._year_of(employment, on).withhold(
            rule.kind, on=on, income=found.income, social=social, fund=fund
        )
        trace = {
            "provision": rule.cite(),
            "arithmetic": steps,
            "before_tax": list(rule.kind.before_tax),
            "reduced": list(found.reduced),
            "after_tax": list(found.after_tax),
        }
        draft.withheld.append(WithheldDraft(**withheld, kind=Withholding.Kind.WAGES, trace=trace))
        if withheld["tax"]:
            self._add_tax(draft, rule, withheld["tax"], on, what, steps, trace)

    def _year_of(self, employment: Employment, on: date) -> TaxYear:
        """The person's tax year of a day of payment, which is that of the wages as a rule."""
        assert self.facts is not None
        key = employment.staff[0], on.year
        if key not in self._years:
            facts = self.facts
            if on.year != self.period.pays_on.year:
                if on.year not in self._other_years:
                    self._other_years[on.year] = facts_of_year(facts, self.period, on)
                facts = self._other_years[on.year]
            self._years[key] = TaxYear(facts, employment)
        return self._years[key]

    def _tax_bonuses(self, draft: PersonDraft) -> None:
        """Bonuses taxed apart: no part of the year's cumulative income."""
        rule = self._tax_rule(draft.person)
        for bonus in self.bonuses.get(draft.person.staff_id, ()) if rule is not None else ():
            if bonus.method != AnnualBonus.Method.APART:
                continue
            assert rule is not None
            taxed = rule.kind.bonus_apart(bonus.amount)
            steps = list(taxed.steps)
            trace = {"provision": rule.cite(), "arithmetic": steps}
            draft.withheld.append(
                WithheldDraft(
                    kind=Withholding.Kind.BONUS,
                    paid_on=bonus.paid_on,
                    income=bonus.amount,
                    tax=taxed.tax,
                    trace=trace,
                )
            )
            if taxed.tax:
                self._add_tax(draft, rule, taxed.tax, bonus.paid_on, "年终奖单独计税", steps, trace)

    def _add_tax(
        self,
        draft: PersonDraft,
        rule: Rule[IncomeTax],
        tax: Decimal,
        on: date,
        what: str,
        steps: list[str],
        trace: dict[str, Any],
    ) -> None:
        line = Line(
            code=rule.code,
            title=rule.title if what == "工资薪金" else f"{rule.title}（年终奖）",
            amount=-tax,
            column=Column.TAX,
            basis=rule.basis,
            on=on,
            reason=f"{rule.title}（{what}，{on:%Y年%m月}发放）：{steps[-1]}",
            trace=trace,
            provision_id=rule.id,
        )
        draft.add([line])


def _taken(lines: Iterable[DraftLine], column: str) -> Decimal:
    """What a payment takes for contributions, back payments and returns included, in yuan."""
    return -sum((each.line.amount for each in lines if each.line.column == column), ZERO)


def in_turn(month: Month) -> list[PersonMonth]:
    """The month's people in the order in which they came: what is taken of somebody who was there twice is on
    the later payslip, reckoned from both.
    """
    return sorted(month.people.values(), key=lambda person: person.first)


def bonuses_of(period: SettlementPeriod) -> dict[int, list[AnnualBonus]]:
    """The annual bonuses that are paid within the month, by row of staff; one query."""
    rows = AnnualBonus.objects.filter(
        department=period.department_id,
        withdrawn_at__isnull=True,
        paid_on__range=(period.month, last_of(period.month)),
    )
    found: dict[int, list[AnnualBonus]] = defaultdict(list)
    for row in rows.order_by("paid_on"):
        found[row.staff_id].append(row)
    return found
