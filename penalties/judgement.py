"""Whether a fact is an incident under the rules of its day, and which provision it falls under."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile

from penalties.errors import IncidentRefused
from penalties.models import Incident
from people.models import Department, Role, Staff, Term
from rules.kinds.base import FactRefused, Kind, Occurrence
from rules.kinds.fines_and_awards import Fine
from rules.kinds.work import Duty
from rules.provisions import Rule, Rules, has_kind
from rules.selectors import timeline_of

MOST_AT_ONCE = 10_000  # occurrences in one record; more is a slip of the pen
MOST = Decimal(10) ** 10  # of a magnitude or an amount: what the columns hold


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFact:
    """What somebody records. `code` is a provision's code, a catalogue id that it covers, or its title.

    `magnitude` is in the provision's measure, `amount` in yuan or points as the recorder decided;
    `key`, where given, is the source's own and is recorded only once; `files` are the evidence.
    """

    staff: Staff
    code: str
    work_date: date
    quantity: int = 1
    magnitude: Decimal | None = None
    amount: Decimal | None = None
    note: str = ""
    key: str | None = None
    files: Sequence[UploadedFile] = ()


class Judge:
    """The rules and terms of some staff of one department, loaded by three queries."""

    def __init__(self, department: Department, staff_ids: Collection[int]) -> None:
        self.department = department
        self.timeline = timeline_of(department)
        self._terms: dict[int, list[Term]] = defaultdict(list)
        for term in Term.objects.filter(staff_id__in=staff_ids).order_by("valid"):
            self._terms[term.staff_id].append(term)

    def incident(self, fact: IncidentFact) -> Incident:
        """The incident, unsaved and to be confirmed; IncidentRefused says what does not fit."""
        self._check_person(fact)
        term = self._term_on(fact.staff, fact.work_date)
        rule = self._rule(fact, term.role if term else Role.AGENT)
        self._check_figures(fact, rule)
        return Incident(
            staff=fact.staff,
            provision_id=rule.id,
            code=rule.code,
            team_id=term.team_id if term else None,
            tier=term.tier if term else "",
            work_date=fact.work_date,
            quantity=fact.quantity,
            magnitude=fact.magnitude,
            amount=fact.amount,
            note=fact.note,
            key=fact.key,
        )

    def confirms_itself(self, incident: Incident) -> bool:
        """Whether the provision needs nobody's confirmation."""
        rule = self.timeline.on(incident.work_date).get(incident.code)
        return rule is not None and rule.confirm == "auto"

    def _check_person(self, fact: IncidentFact) -> None:
        staff = fact.staff
        if staff.department_id != self.department.pk:
            raise IncidentRefused(
                f"工号{staff.number}不属于{self.department}", "请在其所在部门记录", field="staff"
            )
        if not staff.is_employed_on(fact.work_date):
            raise IncidentRefused(
                f"工号{staff.number}在{fact.work_date}不在职", "请核对工号与日期", field="staff"
            )

    def _term_on(self, staff: Staff, day: date) -> Term | None:
        """The terms of a day, else the next after it, else the last."""
        terms = self._terms[staff.pk]
        for term in terms:
            if term.valid.upper is None or day < term.valid.upper:
                return term
        return terms[-1] if terms else None

    def _rule(self, fact: IncidentFact, role: str) -> Rule[Kind]:
        rules = self.timeline.on(fact.work_date)
        if next(iter(rules), None) is None:
            raise IncidentRefused(
                f"{self.department}在{fact.work_date}没有生效的制度",
                "请核对日期，或先采用并发布制度",
                field="work_date",
            )
        rule = rules.get(fact.code) or self._entitled(rules, fact)
        if has_kind(rule, Duty):
            rule = self._missing(rules, rule)
        if not rule.kind.takes_incidents:
            raise IncidentRefused(
                f"条款“{rule.code} {rule.title}”（{rule.kind.label}）不能直接记录奖惩",
                "它由考勤、订单或指标产生，或只供查阅；请选别的条款",
            )
        if rule.is_inert:
            raise IncidentRefused(
                f"条款“{rule.code} {rule.title}”还有未填的数字（{'、'.join(rule.blanks)}），不起作用",
                "请在制度版本中填写并发布后再记录",
            )
        if not rule.binds(role):
            shown = dict(Role.choices).get(role, role)
            raise IncidentRefused(
                f"条款“{rule.code} {rule.title}”不约束岗位“{shown}”（工号{fact.staff.number}）",
                "请核对工号与条款",
            )
        return rule

    def _missing(self, rules: Rules, duty: Rule[Duty]) -> Rule[Kind]:
        """The provision under which a missed duty falls."""
        rule = rules.get(duty.kind.missing) if duty.kind.missing else None
        if rule is None:
            raise IncidentRefused(
                f"职责“{duty.code} {duty.title}”没有写未完成时依据的条款",
                "请在制度版本中为它填写“未完成时依据的条款”，或直接记录有罚则的条款",
            )
        return rule

    def _entitled(self, rules: Rules, fact: IncidentFact) -> Rule[Kind]:
        entitled = [rule for rule in rules if rule.title == fact.code]
        if len(entitled) > 1:
            codes = "、".join(rule.code for rule in entitled)
            raise IncidentRefused(f"名为“{fact.code}”的条款不止一条（{codes}）", "请写条款编号")
        if not entitled:
            raise IncidentRefused(
                f"{fact.work_date}生效的制度里没有条款“{fact.code}”", "请核对条款编号，或先采用含此条款的制度"
            )
        return entitled[0]

    def _check_figures(self, fact: IncidentFact, rule: Rule[Kind]) -> None:
        if not 1 <= fact.quantity <= MOST_AT_ONCE:
            raise IncidentRefused(
                f"次数{fact.quantity}不在1至{MOST_AT_ONCE}之内", "请改正次数", field="quantity"
            )
        for field, label in (("magnitude", "数量"), ("amount", "金额")):
            value = getattr(fact, field)
            if value is None:
                continue
            if not value.is_finite() or not 0 <= value < MOST or value != round(value, 2):
                raise IncidentRefused(
                    f"{label}{value}不对", "应不为负、小于一百亿、最多两位小数", field=field
                )
        occurrence = Occurrence(0, fact.work_date, fact.quantity, fact.magnitude, fact.amount)
        try:
            rule.kind.check(occurrence)
        except FactRefused as error:
            lacks_measure = isinstance(rule.kind, Fine) and fact.amount is None
            raise IncidentRefused(
                f"条款“{rule.code} {rule.title}”：{error}",
                "请按条款改正",
                field="magnitude" if lacks_measure else "amount",
            ) from None
