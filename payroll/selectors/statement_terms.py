"""Under which commissions somebody's orders of a month are paid, and in words why an order counts or not."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from commissions.order_reading import Readings, words_of
from core.periods import last_of
from payroll.models import PayLine, Payslip
from people.models import Staff
from people.terms import person_of_month
from rules.kinds.sales import COMPUTED, TEAM, Commission, metric_label, price_in_words
from rules.provisions import Month, Stretch
from rules.selectors import timeline_of_kind


@dataclass(frozen=True, slots=True)
class PaidUnder:
    """A commission and the days of the month on which it binds; `price` says what it pays, in words.

    `is_whole`: on all days of the month on which the person is employed.
    """

    title: str
    first: date
    last: date
    kind: Commission
    price: str
    is_whole: bool

    @property
    def counts_orders(self) -> bool:
        """Whether its base is the person's own orders."""
        return not self.kind.is_common and self.kind.measure in COMPUTED and self.kind.requires_attribution

    def words(self, day: date, paid_on: date) -> str:
        """What an order paid on `paid_on` comes to under it on a day; empty where it does not bind then."""
        if not self.first <= day <= self.last:
            return ""
        for days in self.kind.exclude:
            if days.holds(paid_on):
                return f"{self.title}：{days.in_words()}付款的不计"
        return f"{self.title}{self.price}"


@dataclass(frozen=True)
class Terms:
    """Of one person and month: the employment and the commissions."""

    staff: Staff
    month: date
    paid_under: tuple[PaidUnder, ...]

    def is_sham(self, remark: str, on: date) -> bool:
        """Whether a remark marks a sham order that the readings of the day leave out."""
        reading = self._readings.on(on)
        return reading.sham == reading.Way.LEAVE and any(
            word in remark for word in words_of(reading.sham_words)
        )

    @cached_property
    def _readings(self) -> Readings:
        return Readings.of(self.staff.department)


def with_facts(slips: QuerySet[Payslip]) -> QuerySet[Payslip]:
    """Payslips with `facts`: what their commissions tell, as a list of {code, amount, facts of the trace}."""
    lines = PayLine.objects.filter(
        payslip=OuterRef("pk"), column=Commission.column, nature=PayLine.Nature.REGULAR
    )
    told = lines.order_by("position").values(
        told=JSONObject(code="code", amount="full_amount", facts=F("trace__facts"))
    )
    return slips.annotate(facts=ArraySubquery(told))


def terms_of(staff: Staff, month: date, slip: Payslip | None) -> Terms:
    """As the payslip (of `with_facts`) was settled, or without one as the rules stand now; two queries."""
    read_at = slip.period.facts_read_at if slip is not None and slip.period.is_frozen else None
    settled = {each["code"]: each for each in getattr(slip, "facts", ())}
    timeline = timeline_of_kind(staff.department, Commission, published_by=read_at)
    person = person_of_month(staff, month, last_of(month))
    whole = Month(staff.department_id, month, last_of(month), {staff.pk: person}, timeline)
    stretches = whole.stretches(person, Commission) if person.in_month else []
    found = (
        PaidUnder(
            each.rule.title,
            each.first,
            each.last,
            each.rule.kind,
            _price(each, settled.get(each.rule.code, {})),
            (each.first, each.last) == (person.first, person.last),
        )
        for each in stretches
    )
    return Terms(staff, month, tuple(found))


def _price(stretch: Stretch[Commission], settled: dict[str, Any]) -> str:
    kind, facts = stretch.rule.kind, settled.get("facts") or {}
    if facts.get("targets") and not settled["amount"]:
        missed = any(each.endswith("未达成") for each in facts["targets"])
        return "指标未达成，不计" if missed else "按指标不计"
    if kind.is_common:
        return f"按{'小组' if kind.of == TEAM else '全部门'}的合计计"
    if kind.measure not in COMPUTED or not kind.requires_attribution or "brought" in facts:
        return f"按导入的{metric_label(kind.measure)}计，不按单"
    if kind.brackets is None:
        return f"计{price_in_words(kind.rate, kind.piece)}"
    if kind.scale == "marginal":
        return "按全月分段计"
    for each in facts.get("rates", ()):
        if (each["first"], each["last"]) == (str(stretch.first), str(stretch.last)):
            rate, piece = (Decimal(each[key]) if key in each else None for key in ("rate", "piece"))
            return "未到最低一档" if rate is None and piece is None else f"计{price_in_words(rate, piece)}"
    return "按全月所到的一档计"
