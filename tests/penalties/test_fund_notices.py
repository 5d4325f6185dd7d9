"""Who learns what of the fund: people, of cash they owe; approvers, witnesses and keepers, of what waits."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from notices.models import Notice
from penalties.cash_fines import cash_fines
from penalties.fund import counts_to_witness, expenses_to_approve, funds_uncounted, own_fines_due
from penalties.models import FundCount, Incident
from penalties.services import (
    Withheld,
    cash_fines_remind,
    cash_payment_record,
    count_record,
    count_witness,
    expense_decide,
    expense_request,
    incident_confirm,
    incident_record,
    incident_reverse,
    incidents_confirm,
    withheld_post,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.test_fund import PNG

pytestmark = pytest.mark.django_db
CASH = {
    "code": "c-cash",
    "title": "抽查不合格",
    "kind": "fine",
    "params": {"amount": "20.00", "also": {"lead": "10.00"}},
    "collection": {"by": "cash", "due_days": 3, "overdue_multiplier": "2"},
}


def on(day: int, hour: int = 8, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=WHEN.tzinfo)


@pytest.fixture
def place(db: None, publish: object) -> Department:
    made = factories.department("D7", name="客服七部")
    publish(made, date(2026, 1, 1), [CASH])  # type: ignore[operator]
    return made


@pytest.fixture
def person(place: Department) -> Staff:
    return factories.staff(place, "7001", name="陆晚晴", account=factories.account("agent"))


def fined(staff: Staff, day: int = 5) -> Incident:
    row = incident_record(staff=staff, code="c-cash", work_date=date(2026, 10, day), by=None, at=on(day))
    return incident_confirm(incident=row, by=None, at=on(day))


def paid(incident: Incident, amount: str, day: int = 6) -> None:
    cash_payment_record(
        incident=incident,
        staff=incident.staff,
        amount=Decimal(amount),
        on=date(2026, 10, day),
        key=f"{incident.pk}-{day}",
        by=None,
        at=on(day),
    )


def told(account: Account | None) -> list[str]:
    rows = Notice.objects.filter(account=account, kind="fund").order_by("id")
    return list(rows.values_list("text", flat=True))


def state_on(staff: Staff, incident: Incident, day: date) -> tuple[str, str] | None:
    found = own_fines_due(staff.account, on=day)  # type: ignore[arg-type]
    return next(((each.state.label, each.state.text) for each in found if each.incident == incident), None)


def test_a_fine_in_cash_is_told_with_its_day_reminded_of_before_and_once_overdue(
    place: Department, person: Staff
) -> None:
    incident = fined(person)
    first = "2026-10-05的罚款应在2026-10-08以前交现金20.00元，逾期按2倍"
    assert told(person.account) == [first]
    assert Notice.objects.filter(kind="fund").get().url == f"/incidents/{incident.pk}/"
    assert [cash_fines_remind(place, at=on(day)) for day in (6, 7, 7, 8, 9, 10)] == [0, 1, 0, 0, 1, 0]
    overdue = "2026-10-05的罚款2026-10-08到期，已按2倍计，应交40.00元；没有交的随2026年10月的工资扣"
    assert told(person.account) == [first, first, overdue]


def test_what_is_paid_or_taken_back_is_not_reminded_of(place: Department, person: Staff) -> None:
    paid(fined(person), "20.00")
    gone = fined(person)
    incident_reverse(incident=gone, on=date(2026, 10, 6), reason="记错", by=None, at=on(6))
    before = told(person.account)
    assert [cash_fines_remind(place, at=on(day)) for day in (7, 9)] == [0, 0]
    assert told(person.account) == before


def test_a_lead_who_answers_owes_the_own_share(place: Department) -> None:
    team = factories.team(place, "A")
    lead = factories.staff(place, "7009", name="组长", team=team, role="lead")
    lead.account = factories.account("lead", staff=lead)
    incident = fined(factories.staff(place, "7008", team=team))
    assert told(lead.account) == ["2026-10-05的罚款应在2026-10-08以前交现金10.00元，逾期按2倍"]
    assert state_on(lead, incident, date(2026, 10, 6)) is not None


def test_many_at_once_are_one_notice(place: Department, person: Staff) -> None:
    rows = [
        incident_record(staff=person, code="c-cash", work_date=date(2026, 10, day), by=None, at=on(5))
        for day in (3, 5)
    ]
    incidents_confirm(incidents=rows, by=None, at=on(5))
    assert told(person.account) == ["有2笔罚款共40.00元要交现金，最早的2026-10-08到期"]


def test_how_a_fine_stands_is_said_from_the_due_day_to_pay(place: Department, person: Staff) -> None:
    incident = fined(person)

    def says(day: date) -> tuple[str, str] | None:
        return state_on(person, incident, day)

    assert says(date(2026, 10, 8)) == ("待交现金", "应在2026-10-08以前交现金20.00元，逾期按2倍")
    late = "2026-10-08到期，已按2倍计，应交40.00元；没有交的随2026年10月的工资扣"
    assert says(date(2026, 10, 9)) == ("已逾期", late)
    assert says(date(2026, 11, 1)) is None  # no cash any more: pay has it
    paid(incident, "20.00")
    assert says(date(2026, 10, 9)) is None
    incident_reverse(incident=incident, on=date(2026, 10, 9), reason="记错", by=None, at=on(9))
    assert says(date(2026, 10, 9)) == ("待退还", "多交了20.00元，凭此向基金保管人领回现金")


def test_how_a_fine_that_pay_took_stands(place: Department, person: Staff) -> None:
    incident = fined(person)
    (fine,) = cash_fines(Incident.objects.all())
    gone = fine.state(date(2026, 11, 1))
    assert (gone.label, gone.text) == ("转工资", "2026-10-08到期未交，已按2倍计，40.00元随2026年10月的工资扣")
    line = Withheld("payroll:1", person.pk, Decimal("40.00"), "罚款", incident.pk)
    withheld_post(department=place, month=date(2026, 10, 1), lines=[line], by=None, at=on(10, month=11))
    (fine,) = cash_fines(Incident.objects.all())
    said = fine.state(date(2026, 11, 11))
    assert (said.label, said.text) == ("工资已扣", "2026-10-08到期未交，工资扣了40.00元")


def test_an_expense_is_told_to_who_approves_and_its_answer_to_who_asked(
    place: Department, person: Staff
) -> None:
    paid(fined(person), "20.00")
    boss, keeper = factories.account("manager", place), factories.account("supervisor", place)
    receipt = SimpleUploadedFile("发票.png", PNG)
    expense = expense_request(
        staff=person, amount=Decimal("12.50"), on=date(2026, 10, 6), reason="买水", receipts=[receipt],
        key="e", by=person.account, at=on(6),  # type: ignore[arg-type]
    )  # fmt: skip
    assert told(boss) == [f"{person}申请基金支出12.50元（买水），等您批准"]
    assert told(keeper) == []
    assert list(expenses_to_approve(boss)) == [expense]
    assert not expenses_to_approve(person.account) and not expenses_to_approve(keeper)  # type: ignore[arg-type]
    for _ in range(2):
        expense_decide(expense=expense, state="approved", by=boss, at=on(7))
    assert told(person.account)[-1:] == ["基金支出12.50元已批准"]
    assert not expenses_to_approve(boss)


def test_a_count_is_told_to_its_witness_alone(place: Department, person: Staff) -> None:
    paid(fined(person), "20.00")
    keeper, boss = factories.account("supervisor", place), factories.account("manager", place)
    count = count_record(
        department=place, counted=Decimal(20), witness=person.account, by=keeper, at=on(20)  # type: ignore[arg-type]
    )  # fmt: skip
    assert told(person.account)[-1] == "客服七部的基金盘点等您见证：实有现金20元，账面20.00元"
    assert told(boss) == told(keeper) == []
    assert list(counts_to_witness(person.account)) == [count]  # type: ignore[arg-type]
    assert not counts_to_witness(boss)
    count_witness(count=count, agrees=True, by=person.account, at=on(20))  # type: ignore[arg-type]
    assert not counts_to_witness(person.account)  # type: ignore[arg-type]


def test_a_month_without_a_count_is_told_from_the_first_of_the_next_until_somebody_counts(
    place: Department, person: Staff
) -> None:
    keeper, boss = factories.account("supervisor", place), factories.account("manager", place)
    paid(fined(person), "20.00")

    def uncounted(day: date, by: Account = keeper) -> bool:
        return funds_uncounted(by, on=day).filter(pk=place.pk).exists()

    last, first = date(2026, 10, 31), date(2026, 11, 1)
    assert [uncounted(day) for day in (last, first)] == [False, True]
    assert uncounted(first, boss)
    for group, of in (("gm", None), ("auditor", None), ("supervisor", factories.department("D8"))):
        assert not uncounted(first, factories.account(group, *([of] if of else [])))
    assert not uncounted(first, person.account)  # type: ignore[arg-type]
    count = count_record(department=place, counted=Decimal(20), witness=boss, by=keeper, at=on(2, month=11))
    assert not uncounted(date(2026, 11, 3))
    count_witness(count=count, agrees=False, word="我没有看到", by=boss, at=on(2, month=11))
    assert uncounted(date(2026, 11, 3))
    FundCount.objects.create(
        department=place, counted_at=on(31, 23), counted=20, booked=20, counted_by=keeper, witness=boss,
        state="agreed", witnessed_at=timezone.now() - timedelta(1),
    )  # fmt: skip
    assert [uncounted(date(2026, month, 1)) for month in (11, 12)] == [False, True]
