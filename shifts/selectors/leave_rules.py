"""What the rulebook says of leave to one person, and what the next leave would cost, in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value

from core.money import plain
from core.periods import days_between, first_of, last_of
from people.models import Department, Role, Staff, Term
from rules.kinds.attendance import ABSENCES, Absence
from rules.kinds.labels import ABSENCE_LABELS, CATEGORY_LABELS, WITHOUT_LABELS, in_yuan
from rules.kinds.leave import LeaveFact, LeaveKind, LeaveOutcome, LeaveTerms, is_natural, split_types
from rules.kinds.leave_balance import OVERTIME, LeaveBalance
from rules.leave_types import LEAVE_LABELS
from rules.provisions import Rules, Timeline
from rules.selectors import timeline_of
from shifts.days_owed import DayPart, DaysOwed
from shifts.models import Leave, LeaveRequest
from shifts.models.leave import comes_late
from shifts.planning.holidays import calendar_of
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave_balances import leave_account_of, uses_of

FREE = "不扣钱"
# Of one day, what is recorded comes first, then what waits, then what is not asked for yet.
UNDECIDED, UNSAVED = 2**61, 2**62


@dataclass(frozen=True, slots=True)
class FreeLeave:
    """Free times of a month that some types share: how many are used, requests that wait among them."""

    types: str
    free: int
    used: int
    beyond: str

    @property
    def left(self) -> int:
        return max(self.free - self.used, 0)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the rulebook wants before a leave: notice, levels of approval, a certificate."""

    notice_days: Decimal = Decimal(0)
    needs_two_levels: bool = False
    needs_certificate: bool = False
    without: str = ""

    def is_late(self, starts_on: date, at: datetime) -> bool:
        return comes_late(self.notice_days, starts_on, at)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What asking would come to, said beforehand."""

    days: Sequence[DayPart]
    last: date
    rest: Sequence[date]
    is_rostered: bool
    is_late: bool
    conditions: Conditions
    cost: Sequence[str]
    pushed: Sequence[str]
    allowances: Sequence[FreeLeave]
    notes: Sequence[str] = ()
    left: str = ""  # of the type's balance, before and after
    beyond: str = ""  # why the balance does not allow it

    @property
    def count(self) -> Decimal:
        return sum((part for _, part in self.days), Decimal(0))


class LeaveRules:
    """What a department's rulebook says of leave to one person."""

    def __init__(self, staff: Staff, timeline: Timeline | None = None) -> None:
        self.staff = staff
        self.timeline = timeline or timeline_of(staff.department)

    def kinds(self, day: date) -> list[LeaveKind]:
        """The provisions about leave that bind the person under the version of a day."""
        return [rule.kind for rule in self._rules(day).of_kind(LeaveKind) if rule.binds(self._role(day))]

    def settled_on(self, day: date) -> date:
        """The day whose version decides a month's leave: the last one employed in it."""
        last = last_of(day)
        return min(last, self.staff.left_on) if self.staff.left_on else last

    def types(self, day: date) -> list[str]:
        """The types of which the provisions speak."""
        return [name for kind in self.kinds(day) for key in kind.types for name in split_types(key)]

    def is_natural(self, type_: str, starts_on: date) -> bool:
        """Whether leave of a type that begins on a day counts every day of the calendar."""
        return is_natural(self.kinds(starts_on), type_)

    def overtime_rule(self, day: date) -> LeaveBalance | None:
        """The provision by which overtime of a day may be made good by days off."""
        rules = self._rules(day).of_kind(LeaveBalance)
        kinds = (rule.kind for rule in rules if rule.binds(self._role(day)))
        return next((kind for kind in kinds if kind.accrual == OVERTIME), None)

    def conditions(self, type_: str, starts_on: date, days: Decimal) -> Conditions:
        """The strictest of what the provisions of the first day want."""
        terms = [found[1] for kind in self.kinds(starts_on) if (found := kind.terms_of(type_))]
        certified = [each for each in terms if each.needs_certificate and days >= each.certificate_from_days]
        return Conditions(
            notice_days=max((each.notice_days for each in terms), default=Decimal(0)),
            needs_two_levels=any(
                each.two_levels_from_days is not None and days >= each.two_levels_from_days for each in terms
            ),
            needs_certificate=bool(certified),
            without=WITHOUT_LABELS[certified[0].without] if certified else "",
        )

    def allowances(self, month: date, facts: Iterable[LeaveFact]) -> list[FreeLeave]:
        """The free times of a month and how many of them the leaves of `facts` use."""
        begun = [fact for fact in facts if fact.approved and first_of(fact.on) == first_of(month)]
        found = []
        for kind in self.kinds(self.settled_on(month)):
            for key, terms in kind.types.items():
                if terms is None or terms.free_per_month is None:
                    continue
                types = split_types(key)
                found.append(
                    FreeLeave(
                        types="、".join(LEAVE_LABELS[name] for name in types),
                        free=terms.free_per_month,
                        used=sum(fact.type in types for fact in begun),
                        beyond=self._beyond(terms, month),
                    )
                )
        return found

    def outcomes(self, facts: Sequence[LeaveFact], month: date) -> list[tuple[LeaveKind, LeaveOutcome]]:
        """What the leaves come to, as settlement of the month will see them."""
        kinds = self.kinds(self.settled_on(month))

        def personal() -> tuple[str, LeaveTerms] | None:
            return next((found for kind in kinds if (found := kind.terms_of("personal"))), None)

        return [(kind, outcome) for kind in kinds for outcome in kind.assess(facts, personal)]

    def cost_in_words(self, kind: LeaveKind, outcome: LeaveOutcome, month: date) -> str:
        if outcome.absence is not None:
            return f"{outcome.words}：{self._absence(outcome.absence, month)}"
        words = [outcome.words] if outcome.words else []
        if outcome.multiple:
            words.append(f"每天扣{plain(outcome.multiple)}倍日薪（{kind.day_in_words()}）")
        if outcome.fine:
            words.append(f"每天罚{in_yuan(outcome.fine)}")
        return "，".join(each.strip("；") for each in words) or FREE

    def _beyond(self, terms: LeaveTerms, month: date) -> str:
        if terms.beyond is not None:
            return f"按{ABSENCE_LABELS[terms.beyond]}：{self._absence(ABSENCES[terms.beyond], month)}"
        cost = [f"每天扣{plain(terms.multiple)}倍日薪"] if terms.multiple else []
        cost += [f"每天罚{in_yuan(terms.fine)}"] if terms.fine else []
        return "，".join(cost) or FREE

    def _absence(self, category: str, month: date) -> str:
        """What absence of a category costs, as the provisions say."""
        day = self.settled_on(month)
        label = CATEGORY_LABELS[category]
        words = [
            rule.kind.in_words().removeprefix(f"{label}：")
            for rule in self._rules(day).of_kind(Absence)
            if rule.binds(self._role(day)) and rule.kind.category == category
        ]
        return "；".join(words) or f"制度没有写{label}怎么扣"

    def _rules(self, day: date) -> Rules:
        return self.timeline.on(day)

    def _role(self, day: date) -> str:
        found = (term.role for term in self._terms if day in term.valid)
        return next(found, Role.AGENT)

    @cached_property
    def _terms(self) -> list[Term]:
        return list(Term.objects.filter(staff=self.staff).only("role", "valid"))


class NaturalLeave:
    """Whether leave counts natural days, for everybody of a department; three queries, once it is asked."""

    def __init__(self, department: Department) -> None:
        self._department = department

    @cached_property
    def _timeline(self) -> Timeline:
        return timeline_of(self._department)

    @cached_property
    def _roles(self) -> dict[int, list[Term]]:
        roles: dict[int, list[Term]] = defaultdict(list)
        for term in Term.objects.filter(staff__department=self._department).only("staff_id", "role", "valid"):
            roles[term.staff_id].append(term)
        return roles

    def counts(self, staff_id: int, type_: str, day: date) -> bool:
        """Whether somebody's leave of a type that begins on a day does."""
        role = next((term.role for term in self._roles[staff_id] if day in term.valid), Role.AGENT)
        rules = self._timeline.on(day).of_kind(LeaveKind)
        return is_natural((rule.kind for rule in rules if rule.binds(role)), type_)


def facts_of(staff: Staff, month: date) -> list[LeaveFact]:
    """The leaves that begin in a month and requests for some, in the order of settlement; one query."""
    span = {"staff": staff, "starts_on__range": (first_of(month), last_of(month))}
    leaves = Leave.objects.filter(**span).order_by()
    asked = LeaveRequest.objects.filter(**span, state=LeaveRequest.State.ASKED).order_by()
    has_certificate = ExpressionWrapper(Q(certificate__isnull=False), output_field=BooleanField())
    rows = leaves.values_list("pk", "starts_on", "days", "type", "certificate", "approved").union(
        asked.values_list(F("pk") + UNDECIDED, "starts_on", "days", "type", has_certificate, Value(True)),
        all=True,
    )
    return sorted((LeaveFact(*row) for row in rows), key=_order)


def outlook_of(rules: LeaveRules, type_: str, starts_on: date, days: Decimal, *, at: datetime) -> Outlook:
    """What leave would come to before it is asked for, requests that wait counted as granted."""
    staff = rules.staff
    natural = rules.is_natural(type_, starts_on)
    owed = days_owed_of([staff.pk], starts_on)[staff.pk]
    last = owed.last_of_leave(starts_on, days, natural=natural)
    dates = owed.leave(starts_on, days, natural=natural)
    before = facts_of(staff, starts_on)
    new = LeaveFact(UNSAVED, starts_on, days, type_, certificate=True)
    known = {_key(kind, each): each for kind, each in rules.outcomes(before, starts_on)}
    cost, pushed = [], []
    for kind, outcome in rules.outcomes(sorted([*before, new], key=_order), starts_on):
        if outcome.leave is new:
            cost.append(rules.cost_in_words(kind, outcome, starts_on))
        elif _price(known[_key(kind, outcome)]) != _price(outcome):
            label = f"{outcome.leave.on:%m-%d}的{LEAVE_LABELS[outcome.leave.type]}"
            pushed.append(f"{label}会因此变为{rules.cost_in_words(kind, outcome, starts_on)}")
    conditions = rules.conditions(type_, starts_on, days)
    asked = LeaveRequest(staff=staff, type=type_, starts_on=starts_on, days=days, natural=natural)
    left, beyond = _balance(asked, owed, rules.timeline)
    return Outlook(
        left=left,
        beyond=beyond,
        days=dates,
        last=last,
        rest=[day for day in days_between(starts_on, last) if owed.is_rest(day)],
        is_rostered=all(day in owed.rostered for day, _ in dates),
        notes=calendar_of(starts_on, last, owed.calendar.notices).notes,
        is_late=conditions.is_late(starts_on, at),
        conditions=conditions,
        cost=[each for each in cost if each != FREE] or cost[:1] or ["制度没有写这类假怎么扣"],
        pushed=pushed,
        allowances=rules.allowances(starts_on, before),
    )


def _balance(asked: LeaveRequest, owed: DaysOwed, timeline: Timeline) -> tuple[str, str]:
    """What the balance comes to by a request, and why it does not allow it; empty where there is none."""
    account = leave_account_of(asked.staff, asked.type, asked.starts_on, timeline)
    if account is None:
        return "", ""
    before = account.balance(asked.starts_on)
    after = before.left - before.waiting - asked.days
    waiting = f"，待审批{before.words['waiting']}" if before.waiting else ""
    words = f"{before.label}到{asked.starts_on:%Y-%m-%d}剩{before.words['left']}{waiting}"
    return f"{words}，批准这次后剩{account.kind.shown(after)}", account.refusal(uses_of(asked, owed))


def _order(fact: LeaveFact) -> tuple[date, int]:
    return fact.on, fact.id


def _key(kind: LeaveKind, outcome: LeaveOutcome) -> tuple[int, int]:
    return id(kind), id(outcome.leave)


def _price(outcome: LeaveOutcome) -> tuple[str | None, Decimal, Decimal]:
    return outcome.absence, outcome.multiple, outcome.fine
