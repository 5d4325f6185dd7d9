"""What is declared, in words that lists, exports and the pages of a person share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When

from core.money import plain
from people.models import Department
from people.selectors import person_matches
from rules.kinds.labels import DEDUCTION_LABELS
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)
from statutory.models.declarations import Declaration
from statutory.selectors.kept import Kept
from statutory.services.bases import ITEMS

STATES = {"now": "有效的", "over": "已停止的", "withdrawn": "已撤回的", "all": "全部"}


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of declaration: its model, what people call it, by which fields its lists are ordered."""

    key: str
    model: type[Declaration]
    label: str
    url_name: str
    kind: str = ""  # the field whose choices a list is filtered by
    amount: str = ""
    since: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    empty: str = ""

    @property
    def new_url_name(self) -> str:
        return f"declaration_{self.key.replace('-', '_')}_new"

    @property
    def sorts(self) -> dict[str, str]:
        """The orders of its list with their words; the first is that of a new page."""
        sorts = {"number": "工号"}
        if self.amount:
            sorts |= {"amount": "金额，大的在前"}
        return sorts | {"since": "时间，近的在前"}


NOUNS = {
    each.key: each
    for each in (
        Noun(
            "base",
            ContributionBase,
            "缴费基数",
            "declarations",
            "item",
            "base",
            "since",
            tuple(ITEMS.items()),
            "没有登记基数的人，按当月工资缴纳。点“登记”逐个填，或者下载模板填好后导入。",
        ),
        Noun(
            "deduction",
            TaxDeduction,
            "专项附加扣除",
            "declarations_deductions",
            "kind",
            "amount",
            "since",
            tuple(DEDUCTION_LABELS.items()),
            "员工在个税App上填报后，从个税扣缴客户端下载，在这里登记或者导入。",
        ),
        Noun(
            "opening",
            TaxOpening,
            "个税期初",
            "declarations_openings",
            "",
            "income",
            "through",
            (),
            "年中开始用本系统算工资的，把以前月份的累计收入、扣除与已预扣税额带进来，每人每年一次。",
        ),
        Noun(
            "history",
            TaxHistory,
            "上年工资",
            "declarations_histories",
            "",
            "income",
            "year",
            (),
            "上年的工资不在本系统里的，登记上年在本单位的月数与全年收入；满12个月、不超过60000元的从1月起一次减除全年费用。",
        ),
        Noun(
            "first-job",
            FirstJob,
            "首次入职",
            "declarations_first_jobs",
            "",
            "",
            "year",
            (),
            "当年首次取得工资的人（如应届毕业生）登记在这里，减除费用从1月起算。",
        ),
        Noun(
            "bonus",
            AnnualBonus,
            "年终奖",
            "declarations_bonuses",
            "method",
            "amount",
            "paid_on",
            tuple(AnnualBonus.Method.choices),
            "点“登记”，先比较单独计税与并入综合所得两种算法，再保存；随发放那个月的工资条发放。",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Told:
    """A declaration in words: what, how much (yuan, where it is one amount), when, and more of it."""

    row: Declaration
    noun: Noun
    what: str
    amount: Decimal | None
    months: str
    detail: str

    @property
    def may_end(self) -> bool:
        return self.noun.key in ("base", "deduction") and not self.row.withdrawn_at

    @property
    def note(self) -> str:
        return "；".join(filter(None, (self.detail, self.row.note)))


def told(row: Declaration) -> Told:
    """A declaration of any kind in words; no query where its person is read with it."""
    noun = next(each for each in NOUNS.values() if isinstance(row, each.model))
    amount: Decimal | None = None
    match row:
        case ContributionBase():
            what, amount, months, detail = row.get_item_display(), row.base, _span(row), ""
        case TaxDeduction():
            what, amount, months = row.get_kind_display(), row.amount, _span(row)
            detail = "分摊" if row.is_shared else ""
        case TaxOpening():
            what, amount = "累计收入", row.income
            months = f"{row.year}年截至{row.through:%m月}"
            detail = (
                f"专项扣除{plain(row.contributions)}，附加与其他扣除{plain(row.deductions)}，"
                f"已预扣税额{plain(row.withheld)}"
            )
        case TaxHistory():
            what, amount, months = "全年收入", row.income, f"{row.year}年"
            detail = f"任职{row.months}个月"
        case FirstJob():
            what, months, detail = "首次入职", f"{row.year}年", "减除费用从1月起算"
        case AnnualBonus():
            what, amount, months, detail = row.get_method_display(), row.amount, f"{row.paid_on}", ""
        case _:
            raise TypeError(row)
    return Told(row, noun, what, amount, months, detail)


def _span(row: ContributionBase | TaxDeduction) -> str:
    return f"{row.since:%Y-%m}起" if row.until is None else f"{row.since:%Y-%m}至{row.until:%Y-%m}"


def listed(
    noun: Noun, department: Department, *, state: str, kind: str, sought: str, sort: str, today: date
) -> QuerySet[Any]:
    """A department's declarations of one kind, filtered and ordered as somebody asks; one query."""
    rows = noun.model._default_manager.filter(staff__department=department)
    has_end = noun.key in ("base", "deduction")
    over = Q(until__lt=today.replace(day=1)) if has_end else Q(pk__in=[])
    if state == "withdrawn":
        rows = rows.filter(withdrawn_at__isnull=False)
    elif state != "all":
        rows = rows.filter(over if state == "over" else ~over if has_end else Q(), withdrawn_at=None)
    if kind in dict(noun.choices):
        rows = rows.filter(**{noun.kind: kind})
    if sought:
        rows = rows.filter(person_matches(sought, of="staff"))
    first = {"amount": f"-{noun.amount}", "since": f"-{noun.since}"} if noun.amount else {}
    first |= {"since": f"-{noun.since}"}
    order = [first[sort]] if sort in first else []
    return rows.select_related("staff", "by").order_by(*order, "staff__number", f"-{noun.since}", "pk")


def of_rows(staff: Iterable[int], *, withdrawn: bool, kept: Kept | None = None) -> list[Told]:
    """Everything declared of these rows of staff, by kind, the latest first; six queries.

    `kept`: only what is among it.
    """
    rows = [row for noun in NOUNS.values() for row in _rows_of(noun, list(staff), withdrawn)]
    return [told(row) for row in (rows if kept is None else kept.among(rows))]


def _rows_of(noun: Noun, staff: list[int], withdrawn: bool) -> Iterator[Declaration]:
    rows = noun.model._default_manager.filter(staff__in=staff)
    if not withdrawn:
        rows = rows.filter(withdrawn_at=None)
    stands_first = Case(When(withdrawn_at=None, then=0), default=1)
    ordered = rows.select_related("staff__department", "by", "withdrawn_by").order_by(
        stands_first, F(noun.since).desc(), "-pk"
    )
    return iter(ordered)
