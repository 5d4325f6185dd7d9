"""The leave balances of people: what rules grant, what was taken, earned, opened and corrected."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.periods import first_of
from penalties.models import OpeningBalance
from penalties.openings import openings_of
from people.models import Account, Department, Role, Staff, Term
from people.one_person import SamePerson
from people.selectors import not_left, staff_visible_to
from rules.kinds.leave_balance import MONTHLY, LeaveBalance
from rules.leave_types import LEAVE_LABELS
from rules.models import Provision
from rules.provisions import Rules, Timeline
from rules.selectors import timeline_of
from shifts.days_owed import WHOLE, DaysOwed
from shifts.leave_account import Balance, LeaveAccount, Use
from shifts.leave_grants import DAY, Added, Earned, Held, Opened, grants_of, kind_on, limits_of
from shifts.models import Leave, LeaveCorrection, LeaveRequest, Overtime
from shifts.models.leave import shown
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave import departments_with_leave_shown, leaves_near

Segment = tuple[date, date, Rules]


@dataclass(frozen=True, slots=True)
class _Place:
    """A row of somebody, as what is granted depends on it; `last` is the horizon while it goes on."""

    staff_id: int
    department_id: int
    first: date
    last: date
    hired_on: date
    service_since: date | None


class LeaveAccounts:
    """The accounts of these people by type of leave, up to the end of the year after `until`.

    Who was transferred is one person: what was granted and taken before counts on. As many queries for one
    as for hundreds, two more for each department that somebody came from. `timelines`: the rules of
    departments that are read already.
    """

    def __init__(
        self, staff: Collection[int], until: date, timelines: Mapping[int, Timeline] | None = None
    ) -> None:
        self._horizon = date(until.year + 1, 12, 31)
        self._same = SamePerson(staff)
        self._places: dict[int, list[_Place]] = defaultdict(list)
        self._held: dict[tuple[int, str], list[Held]] = {}
        self._load_held(timelines or {})
        people = {key for key, _ in self._held}
        rows = [place.staff_id for key in people for place in self._places[key]]
        self._opened: dict[tuple[int, str], Opened] = {}
        self._earned: dict[int, list[Earned]] = defaultdict(list)
        self._added: dict[tuple[int, str], list[Added]] = defaultdict(list)
        self._uses: dict[tuple[int, str], list[Use]] = defaultdict(list)
        if rows:
            self._load_facts(rows)

    def of(self, staff_id: int, on: date) -> list[LeaveAccount]:
        """The accounts of somebody under the rules of a day, of who has left under those of the last."""
        found = (self.account(staff_id, type_, on) for type_ in LEAVE_LABELS)
        return [account for account in found if account is not None]

    def balances(self, staff_id: int, on: date) -> list[Balance]:
        """What is left of each type on a day, of who has left on the last day."""
        day = self._within(staff_id, on)
        return [account.balance(day) for account in self.of(staff_id, day)]

    def account(self, staff_id: int, type_: str, on: date) -> LeaveAccount | None:
        """One type's account under the rule of a day; None where there is no such rule."""
        key = self._same.key(staff_id)
        held = self._held.get((key, type_), [])
        kind = kind_on(held, self._within(staff_id, on))
        if kind is None:
            return None
        opened = self._opened.get((key, type_))
        since = held[0].first
        if opened is not None:
            since = max(since, opened.on + DAY)
        grants = grants_of(
            held,
            self._service_since(key),
            opened=opened,
            earned=self._earned.get(key, ()),
            added=self._added.get((key, type_), ()),
        )
        uses = tuple(self._uses.get((key, type_), ()))
        return LeaveAccount(type_, kind, since, tuple(grants), uses, tuple(limits_of(held)))

    def _within(self, staff_id: int, on: date) -> date:
        """The day, of who left before it the last one."""
        return min(on, max((place.last for place in self._places[self._same.key(staff_id)]), default=on))

    def _service_since(self, key: int) -> date:
        """As the last row says it, which took it over from those before a transfer."""
        places = self._places[key]
        return places[-1].service_since or places[0].hired_on

    def _load_held(self, known: Mapping[int, Timeline]) -> None:
        rows = Staff.objects.filter(pk__in=self._same.rows).order_by("joined_on", "pk")
        for pk, department_id, joined_on, left_on, hired_on, service_since in rows.values_list(
            "pk", "department_id", "joined_on", "left_on", "hired_on", "service_since"
        ):
            last = min(left_on or self._horizon, self._horizon)
            if joined_on <= last:
                place = _Place(pk, department_id, joined_on, last, hired_on, service_since)
                self._places[self._same.key(pk)].append(place)
        wanted = {place.department_id for places in self._places.values() for place in places}
        unknown = wanted - known.keys()
        timelines = {pk: known[pk] for pk in wanted - unknown}
        for department in Department.objects.filter(pk__in=unknown) if unknown else ():
            timelines[department.pk] = timeline_of(department)
        types = {
            pk: {
                kind.type
                for _, _, rules in timeline.segments(date.min, self._horizon)
                for kind in _kinds(rules)
            }
            for pk, timeline in timelines.items()
        }
        if not any(types.values()):
            return
        terms: dict[int, list[Term]] = defaultdict(list)
        for term in Term.objects.filter(staff__in=self._same.rows).only("staff_id", "role", "valid"):
            terms[term.staff_id].append(term)
        for key, places in self._places.items():
            for place in places:
                timeline = timelines[place.department_id]
                for type_ in types[place.department_id]:
                    held = _held(timeline, place, terms[place.staff_id], type_)
                    if held:
                        self._held.setdefault((key, type_), []).extend(held)

    def _load_facts(self, rows: Sequence[int]) -> None:
        types = {type_ for _, type_ in self._held}
        key = self._same.key
        for opening in openings_of(OpeningBalance.Kind.LEAVE, staff__in=rows, code__in=types):
            # By date: the latest holds.
            self._opened[key(opening.staff_id), opening.code] = Opened(
                opening.on, opening.value, opening.note
            )
        corrections = LeaveCorrection.objects.filter(staff__in=rows, type__in=types).order_by("on", "pk")
        for each in corrections:
            place = (key(each.staff_id), each.type)
            if each.days > 0:
                self._added[place].append(Added(each.on, each.days, each.reason, each.until))
            else:
                self._uses[place].append(Use(each.on, -each.days, f"更正：{each.reason}"))
        overtime = Overtime.objects.filter(
            staff__in=rows, state=Overtime.State.APPROVED, compensation=Overtime.Compensation.LEAVE
        ).order_by("work_date", "pk")
        for staff_id, work_date, hours in overtime.values_list("staff_id", "work_date", "hours"):
            self._earned[key(staff_id)].append(Earned(work_date, hours))
        self._load_leave(rows, types)

    def _load_leave(self, rows: Sequence[int], types: Collection[str]) -> None:
        since = min(held[0].first for held in self._held.values())
        near = leaves_near(since, self._horizon).filter(staff__in=rows, type__in=types, approved=True)
        leaves = list(near.order_by("starts_on", "pk"))
        waiting = list(
            LeaveRequest.objects.filter(
                staff__in=rows, type__in=types, state=LeaveRequest.State.ASKED
            ).order_by("starts_on", "pk")
        )
        both: list[Leave | LeaveRequest] = [*leaves, *waiting]
        if not both:
            return
        owed = days_owed_of({each.staff_id for each in both}, min(each.starts_on for each in both))
        for each in both:
            place = (self._same.key(each.staff_id), each.type)
            self._uses[place] += uses_of(each, owed[each.staff_id])


def uses_of(leave: Leave | LeaveRequest, owed: DaysOwed) -> list[Use]:
    """The days that a leave takes off a balance: those owed, of natural leave every day."""
    waits = isinstance(leave, LeaveRequest)
    what = f"{leave.get_type_display()}{shown(leave.days)}天{'（待审批）' if waits else ''}"
    if leave.natural:
        parts = _natural(leave.starts_on, leave.days)
    else:
        parts = owed.leave(leave.starts_on, leave.days)
    return [Use(on, part, what, None if waits else leave.pk or 0, waits) for on, part in parts]


def _natural(starts_on: date, days: Decimal) -> list[tuple[date, Decimal]]:
    return [
        (starts_on + timedelta(days=passed), min(days - passed, WHOLE))
        for passed in range(int(days.to_integral_value("ROUND_CEILING")))
    ]


def _kinds(rules: Rules) -> list[LeaveBalance]:
    return [rule.kind for rule in rules.of_kind(LeaveBalance)]


def _held(timeline: Timeline, place: _Place, terms: Iterable[Term], type_: str) -> list[Held]:
    """The days of a row on which a rule about the type binds the person.

    A rule that begins within a year holds from the year's first day on for what is due by the year, from the
    month's for what is due by the month: nobody has less of a year because it was written down late.
    """
    segments = _from_the_start(timeline.segments(place.first, place.last), place.first, type_)
    found: list[Held] = []
    for start, end, rules in segments:
        about = [rule for rule in rules.of_kind(LeaveBalance) if rule.kind.type == type_]
        if not about:
            continue
        for first, last, role in _roles(terms, start, end):
            kind = next((rule.kind for rule in about if rule.binds(role)), None)
            if kind is not None and found and found[-1].kind == kind and found[-1].last + DAY == first:
                found[-1] = Held(found[-1].first, last, kind)
            elif kind is not None:
                found.append(Held(first, last, kind))
    return found


def _from_the_start(segments: list[Segment], first: date, type_: str) -> list[Segment]:
    at = next(
        (n for n, (_, _, rules) in enumerate(segments) if any(kind.type == type_ for kind in _kinds(rules))),
        None,
    )
    if at is None:
        return []
    start, end, rules = segments[at]
    kind = next(kind for kind in _kinds(rules) if kind.type == type_)
    if kind.is_annual:
        start = max(first, date(start.year, 1, 1))
    elif kind.accrual == MONTHLY:
        start = max(first, first_of(start))
    return [(start, end, rules), *segments[at + 1 :]]


def _roles(terms: Iterable[Term], first: date, last: date) -> list[tuple[date, date, str]]:
    """The days cut where the role changes."""
    known = list(terms)
    starts = sorted(
        {
            first,
            *(term.valid.lower for term in known if term.valid.lower and first < term.valid.lower <= last),
        }
    )
    ends = [start - DAY for start in starts[1:]] + [last]
    return [
        (start, end, next((term.role for term in known if start in term.valid), Role.AGENT))
        for start, end in zip(starts, ends, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One person's balance of one type, as tables list it."""

    staff: Staff
    balance: Balance

    @property
    def untaken(self) -> Decimal | None:
        """What somebody who has left did not take (its money is another matter); None while employed."""
        return self.balance.left if self.staff.left_on == self.balance.on else None


def leave_account_of(
    staff: Staff, type_: str, on: date, timeline: Timeline | None = None
) -> LeaveAccount | None:
    """Somebody's account of one type under the rules of a day (`timeline`: those of the department)."""
    timelines = None if timeline is None else {staff.department_id: timeline}
    return LeaveAccounts([staff.pk], on, timelines).account(staff.pk, type_, on)


def departments_with_balances() -> QuerySet[Department]:
    """The departments of which some published rules give a leave a balance."""
    provisions = Provision.objects.filter(
        kind=LeaveBalance.name, version__department=OuterRef("pk"), version__published_at__isnull=False
    )
    return Department.objects.filter(Exists(provisions)).order_by("code")


def balances_shown_to(account: Account, on: date) -> QuerySet[Staff]:
    """Whose balances an account is shown, those who left this year among them: as it is shown leave.

    Of who was transferred only the department of the day is.
    """
    return Staff.objects.filter(
        not_left(date(on.year, 1, 1)),
        Q(moved_to__isnull=True) | Q(moved_to__joined_on__gt=on),
        department__in=departments_with_leave_shown(account),
        pk__in=staff_visible_to(account).values("pk"),
        joined_on__lte=on,
    )


def balance_rows(staff: Sequence[Staff], on: date) -> list[BalanceRow]:
    """What these people have left on a day, by person and type."""
    accounts = LeaveAccounts([each.pk for each in staff], on)
    return [BalanceRow(each, balance) for each in staff for balance in accounts.balances(each.pk, on)]
