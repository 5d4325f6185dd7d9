"""Random months of people who join, leave, move, change role and pay, fall ill, offend and sell.

A `Story` is what happens, in days of its month; a `World` tells it to the application and settles it. The
same story can be told with and without its transfers, and with what became known late known in time.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from hypothesis import strategies as st

from commissions.models import Order
from commissions.services import refund_record
from core.errors import Refused
from core.periods import days_between, last_of, shift_months
from payroll.models import PayLine, SettlementPeriod
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.services import incident_reverse
from people.models import Department, Staff
from people.services import (
    proration_set,
    staff_hired_correct,
    staff_leave,
    staff_terms_change,
    staff_transfer,
)
from shifts.planning.holidays import HolidayCalendar
from shifts.services import attendance_record, leave_record
from tests.payroll import months
from tests.payroll.months import COMMISSION, LONG_AGO, next_month
from tests.shifts.days import pattern, rostered

MARCH, JULY, OCTOBER = (date(2026, month, 1) for month in (3, 7, 10))
STEPS, FIXED, LOSS = "t-steps", "t-fine", "t-loss"
SICK, PERSONAL, LONG = "sick", "personal", "long"
MULTIPLES = {SICK: D("0.5"), PERSONAL: D(1)}


def rules(*, later: bool = False, dearer: bool = False) -> list[dict[str, Any]]:
    """What holds in both departments: `later` the version of the middle of the month, `dearer` the second
    department's where the two differ.
    """
    rate, fine = ("0.02", "15.00") if later else ("0.01", "10.00")
    if dearer:
        rate, fine = "0.03", "35.00"
    return [
        {**COMMISSION, "roles": ["agent"], "params": {"measure": "net_sales", "rate": rate}},
        {**COMMISSION, "code": "t-lead", "roles": ["lead"], "params": {"measure": "net_sales", "rate": rate}},
        {"code": "t-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "300.00"}},
        {"code": "t-full", "title": "全勤奖", "kind": "full_attendance", "params": {"amount": "100.00"}},
        {"code": "t-floor", "title": "保底", "kind": "guarantee",
         "params": {"minimum": {"*": "200.00"}, "of": "t-comm"}},
        {"code": FIXED, "title": "记录疏漏", "kind": "fine", "params": {"amount": fine}},
        {"code": STEPS, "title": "辱骂顾客", "kind": "escalating_fine", "window": "year",
         "params": {"steps": ["50.00", "100.00"], "after": "repeat"}},
        {**months.LOSS, "code": LOSS},
        {"code": "t-late", "title": "迟到", "kind": "late",
         "params": {"amount": "20.00", "free_per_month": 1}},
        {"code": "t-absence", "title": "旷工", "kind": "absence", "params": {"multiple": "1"}},
        {"code": "t-leave", "title": "请假扣款", "kind": "leave",
         "params": {"types": {name: {"multiple": str(each)} for name, each in MULTIPLES.items()}}},
    ]  # fmt: skip


@dataclass(frozen=True)
class Sale:
    """An order paid on a day and what is given back of it, by days from the first of the month."""

    day: int
    amount: D
    refunds: tuple[tuple[int, D], ...] = ()


@dataclass(frozen=True)
class Person:
    """What happens to somebody; days are those of the month, None is never."""

    base_pay: D
    bonus: D
    hired: int | None = None
    left: int | None = None
    again: int | None = None  # hired once more after `left`
    moves: tuple[int, ...] = ()  # to the other department and back
    starts_in: int = 0
    lead_from: int | None = None
    raised_from: int | None = None
    absent: tuple[tuple[int, D], ...] = ()
    leaves: tuple[tuple[int, D, str], ...] = ()
    late: tuple[int, ...] = ()
    sales: tuple[Sale, ...] = ()
    fines: tuple[tuple[int, str, D], ...] = ()


@dataclass(frozen=True)
class Story:
    """A month of two departments under one set of rules; `later` is what becomes known after approval."""

    month: date
    people: tuple[Person, ...]
    version_on: int | None = None
    unequal: bool = False  # the second department has other figures
    rhythm: int | None = None  # a published roster with every so-manieth day off
    divisor: str = "21.75"
    method: str = "earn"
    minimum_wage: D | None = None  # with caps
    later: tuple[tuple[int, str, int, D], ...] = ()  # of whom, what, the day, a figure

    def without_transfers(self) -> "Story":
        return replace(self, people=tuple(replace(each, moves=()) for each in self.people))


DAY = st.integers(1, 28)
ANY_DAY = st.one_of(DAY, st.integers(29, 58))  # of the month or the next one
SOMETIMES = st.one_of(st.none(), st.none(), DAY)
MONEY = st.decimals("0.01", "20000.00", places=2)
PART = st.sampled_from([D("0.5"), D(1)])
SALES = st.builds(Sale, ANY_DAY, MONEY, st.lists(st.tuples(ANY_DAY, MONEY), max_size=2).map(tuple))
PEOPLE = st.builds(
    Person,
    base_pay=st.sampled_from([D("1000.00"), D("2175.00"), D("3000.01"), D("4350.00")]),
    bonus=st.sampled_from([D(0), D("500.01")]),
    hired=SOMETIMES,
    left=SOMETIMES,
    again=SOMETIMES,
    moves=st.lists(st.integers(1, 45), max_size=2, unique=True).map(lambda days: tuple(sorted(days))),
    starts_in=st.integers(0, 1),
    lead_from=SOMETIMES,
    raised_from=SOMETIMES,
    absent=st.lists(st.tuples(DAY, PART), max_size=3, unique_by=lambda each: each[0]).map(tuple),
    leaves=st.lists(
        st.tuples(
            DAY,
            st.sampled_from([D("0.5"), D(1), D("1.5"), D(4), D(30)]),
            st.sampled_from([SICK, PERSONAL, LONG]),
        ),
        max_size=2,
    ).map(tuple),
    late=st.lists(DAY, max_size=3, unique=True).map(tuple),
    sales=st.lists(SALES, max_size=3).map(tuple),
    fines=st.lists(
        st.tuples(ANY_DAY, st.sampled_from([STEPS, FIXED, LOSS]), st.decimals("1.00", "6000.00", places=2)),
        max_size=4,
    ).map(tuple),
)
CHANGES = ("refund", "raise", "lead", "leave", "leaves", "reverse", "fine", "hired", "order", "transfer")
STORIES = st.builds(
    Story,
    month=st.sampled_from([MARCH, JULY, OCTOBER]),
    people=st.lists(PEOPLE, min_size=1, max_size=2).map(tuple),
    version_on=SOMETIMES,
    unequal=st.booleans(),
    rhythm=st.sampled_from([None, None, 3, 7]),
    divisor=st.sampled_from(["21.75", "due", "calendar"]),
    method=st.sampled_from(["earn", "deduct"]),
    minimum_wage=st.sampled_from([None, D("1800.00")]),
    later=st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(CHANGES), DAY, MONEY), min_size=1, max_size=3
    ).map(tuple),
)


@dataclass
class World:
    """A story as the application has it."""

    story: Story
    departments: list[Department] = field(init=False)
    rows: list[list[Staff]] = field(init=False, default_factory=list)  # by person, in the order of the days

    def __post_init__(self) -> None:
        story = self.story
        caps = {} if story.minimum_wage is None else {"caps": True, "minimum_wage": story.minimum_wage}
        given = [rules(), rules(dearer=story.unequal)]
        self.departments = [months.department(*each, **caps) for each in given]
        for of in self.departments:
            if story.version_on:
                months.publish(of, *rules(later=True), on=self.on(story.version_on))
            proration_set(
                department=of,
                from_on=date(2020, 1, 1),
                divisor=story.divisor,
                method=story.method,
                by=None,
                at=LONG_AGO,
            )
        for number, person in enumerate(story.people):
            self.rows.append(self._employed(str(1001 + number), person))
            self._happened(self.rows[-1], person)

    def on(self, day: int) -> date:
        """A day counted from the first of the month, which may lie in the next one."""
        return self.story.month + timedelta(days=day - 1)

    @property
    def next(self) -> date:
        return shift_months(self.story.month, 1)

    def _employed(self, number: str, person: Person) -> list[Staff]:
        hired = self.on(person.hired) if person.hired else date(2020, 1, 1)
        rows = [self._hired(number, person, hired)]
        for day, terms in (
            (person.lead_from, {"role": "lead"}),
            (person.raised_from, {"base_pay": D("5000.00")}),
        ):
            if day and hired < self.on(day) and day <= (person.left or day):
                staff_terms_change(staff=rows[0], on=self.on(day), by=None, at=LONG_AGO, **terms)
        if person.left and self.on(person.left) >= hired:
            rows[0] = staff_leave(staff=rows[0], last_day=self.on(person.left), by=None, at=LONG_AGO)
        for day in map(self.on, person.moves):
            if rows[-1].joined_on < day <= (rows[-1].left_on or date.max):
                rows.append(self._transfer(rows[-1], day, LONG_AGO))
        if person.again and rows[-1].left_on and self.on(person.again) > rows[-1].left_on:
            rows.append(self._hired(number, person, self.on(person.again)))
        return _fresh(rows)

    def _hired(self, number: str, person: Person, on: date) -> Staff:
        return months.agent(
            self.departments[person.starts_in],
            number,
            base_pay=str(person.base_pay),
            hired_on=on,
            performance_bonus=person.bonus,
        )

    def _transfer(self, row: Staff, on: date, at: datetime) -> Staff:
        to = self.departments[1 - self.departments.index(row.department)]
        return staff_transfer(staff=row, to=to, on=on, by=None, at=at)

    def row(self, rows: Sequence[Staff], on: date) -> Staff | None:
        """The row of a day, None where the person was not employed."""
        return next((each for each in rows if each.is_employed_on(on)), None)

    def _happened(self, rows: list[Staff], person: Person) -> None:
        if self.story.rhythm:
            self._rostered(rows)
        for day, part in person.absent:
            self._at_work(rows, day, absent_days=part)
        for day in person.late:
            if day not in dict(person.absent):
                self._at_work(rows, day, late_minutes=10)
        for day, days, type_ in person.leaves:
            self._away(rows, day, days, type_, LONG_AGO)
        for sale in person.sales:
            self._sold(rows, sale, LONG_AGO)
        for day, code, amount in person.fines:
            self._fined(rows, day, code, amount, LONG_AGO)

    def _rostered(self, rows: list[Staff]) -> None:
        for day in days_between(self.story.month, last_of(self.story.month)):
            row = self.row(rows, day)
            if row is not None:
                works = day.day % (self.story.rhythm or 1) != 0
                of = pattern(row.department) if works else None
                rostered(row, day, of, *(("08:30", "17:30") if works else ()))

    def owes(self, rows: Sequence[Staff], day: date) -> bool:
        """Whether the person works on a day, as roster or calendar have it."""
        if self.row(rows, day) is None:
            return False
        if self.story.rhythm and day <= last_of(self.story.month):
            return day.day % self.story.rhythm != 0
        return not HolidayCalendar()[day].is_off

    def _at_work(self, rows: list[Staff], day: int, **figures: Any) -> None:
        row = self.row(rows, self.on(day))
        if row is not None and self.owes(rows, self.on(day)):
            attendance_record(staff=row, work_date=self.on(day), by=None, at=LONG_AGO, **figures)

    def _away(self, rows: list[Staff], day: int, days: D, type_: str, at: datetime) -> None:
        row = self.row(rows, self.on(day))
        if row is None:
            return
        with suppress(Refused):  # it overlaps another
            leave_record(staff=row, starts_on=self.on(day), days=days, type=type_, by=None, at=at)

    def _sold(self, rows: list[Staff], sale: Sale, at: datetime) -> None:
        row = self.row(rows, self.on(sale.day))
        if row is None:
            return
        order = months.order(row, self.on(sale.day), str(sale.amount), at=at)
        for day, amount in sale.refunds:
            self._refunded(order, max(day, sale.day), amount, at)

    def _refunded(self, order: Order, day: int, amount: D, at: datetime) -> None:
        left = order.amount - sum((each.amount for each in order.refunds.all()), D(0))
        if left:
            refund_record(
                department=order.department,
                order_no=order.order_no,
                refunded_at=months.moment(f"{self.on(day)} 12:00"),
                amount=min(amount, left),
                by=None,
                at=at,
            )

    def _fined(self, rows: list[Staff], day: int, code: str, amount: D, at: datetime) -> None:
        row = self.row(rows, self.on(day))
        if row is not None:
            months.incident(row, code, self.on(day), str(amount) if code == LOSS else None, at=at)

    def learn(self) -> None:
        """What becomes known on the tenth of the next month; what the application refuses does not."""
        at = next_month(self.story.month, 10)
        for who, what, day, amount in self.story.later:
            rows = self.rows[who % len(self.rows)]
            try:
                self._learn(rows, what, day, amount, at)
            except Refused:
                continue
            rows[:] = _fresh(rows)

    def _learn(self, rows: list[Staff], what: str, day: int, amount: D, at: datetime) -> None:
        on, last = self.on(day), rows[-1]
        row = self.row(rows, on)
        if what == "refund":
            for order in Order.objects.filter(agent__in=rows, paid_at__isnull=False).order_by("pk")[:1]:
                paid = (months.moment(f"{self.story.month} 00:00"), order.paid_at)
                self._refunded(order, max(day + 10, (paid[1] - paid[0]).days + 1), amount, at)
        elif what == "raise" and row is not None:
            staff_terms_change(staff=row, on=on, base_pay=D("3333.33"), by=None, at=at)
        elif what == "lead" and row is not None:
            staff_terms_change(staff=row, on=on, role="lead", by=None, at=at)
        elif what == "leave":
            self._away(rows, day, D("1.5"), PERSONAL, at)
        elif what == "leaves" and on >= last.joined_on:
            staff_leave(staff=last, last_day=on, by=None, at=at)
        elif what == "reverse":
            for incident in last.incidents.filter(reversal=None).order_by("pk")[:1]:
                incident_reverse(incident=incident, on=at.date(), reason="误记", by=None, at=at)
        elif what == "fine":
            self._fined(rows, day, STEPS, amount, at)
        elif what == "hired":
            staff_hired_correct(staff=rows[0], hired_on=on, by=None, at=at)
        elif what == "order":
            self._sold(rows, Sale(day, amount), at)
        elif what == "transfer":
            rows.append(self._transfer(last, on, at))

    def settle(self, month: date, *, newer_first: bool = False) -> list[SettlementPeriod]:
        """The drafts of a month in both departments, in the order of the departments."""
        order = reversed(self.departments) if newer_first else self.departments
        found = []
        for of in order:
            period = period_open(department=of, month=month)
            draft_write(period=period, by=months.user("编制人"), at=next_month(month, 1))
            found.append(SettlementPeriod.objects.get(pk=period.pk))
        return sorted(found, key=lambda each: each.department_id)

    def approve(self, month: date) -> list[SettlementPeriod]:
        """The month settled and approved, one department after the other, which then knows of the debts."""
        found = []
        for of in self.departments:
            period = period_open(department=of, month=month)
            draft_write(period=period, by=months.user("编制人"), at=next_month(month, 1))
            found.append(
                period_approve(
                    period=period, reason="测试", by=months.user("批准人"), at=next_month(month, 2)
                )
            )
        return found

    def lines(self, month: date) -> Iterator[PayLine]:
        """All lines of the month's payslips in both departments."""
        yield from (
            PayLine.objects.filter(
                payslip__period__month=month, payslip__period__department__in=self.departments
            )
            .select_related("payslip")
            .order_by("pk")
        )


def _fresh(rows: Sequence[Staff]) -> list[Staff]:
    return [Staff.objects.select_related("department").get(pk=each.pk) for each in rows]
