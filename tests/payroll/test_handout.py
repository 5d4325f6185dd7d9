"""Days of payment, payslips that are confirmed, asked for and printed: by whom, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from notices.models import Notice
from payroll.errors import ConfirmationRefused, PeriodRefused
from payroll.models import (
    PAY_ON,
    Payslip,
    PayslipConfirmation,
    PeriodEvent,
    SettlementPeriod,
)
from payroll.selectors.confirmations import confirmation_progress, unconfirmed
from payroll.services.confirmations import confirmations_remind, payslip_confirm
from payroll.services.pay_day import pay_day_set
from payroll.services.periods import period_approve, period_mark_paid, period_send_back
from payroll.services.steps import stamp
from people.models import AccessLog, Account, Department
from tests import factories
from tests.papers import pages_of
from tests.payroll import sample
from tests.payroll.months import next_month, user
from tests.payroll.taken import taken

pytestmark = pytest.mark.django_db
URL = "/pay/D1/2026-10/"
LATER = next_month(sample.MONTH, 2)
NOVEMBER_10 = date(2026, 11, 10)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def department() -> Department:
    return sample.department("D1", name="客服一部")


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department)


@pytest.fixture
def period(department: Department) -> SettlementPeriod:
    for number in ("1001", "1002"):
        sample.agent(department, number)
    return sample.settled(department, by=user("编制人"))


def approve(period: SettlementPeriod) -> SettlementPeriod:
    return period_approve(period=period, reason="测试", by=user("批准人"), at=LATER)


def stamp_of(period: SettlementPeriod) -> str:
    period.refresh_from_db()
    return stamp(period.state, period.facts_read_at)


def slip_of(period: SettlementPeriod, number: str = "1001") -> Payslip:
    return Payslip.objects.select_related("period", "staff").get(period=period, number=number)


# The day of payment


def test_the_day_of_payment_is_the_months_last_until_hr_fixes_it_once(
    period: SettlementPeriod, hr: Account
) -> None:
    assert period.pays_on == date(2026, 10, 31)
    client = client_of(hr)
    for _ in range(2):
        page = client.post(f"{URL}pay-day", {"on": "2026-11-10"}, follow=True).content.decode()
        assert "发薪日定为 2026-11-10" in page
    period.refresh_from_db()
    assert period.pays_on == NOVEMBER_10 and "2026-11-10" in page
    assert PeriodEvent.objects.filter(period=period, reason="发薪日定为2026-11-10").count() == 1


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (date(2026, 9, 30), "早于2026年10月1日"),
        (date(2027, 11, 1), "晚了一年以上"),
        (date(2026, 10, 9), "早于客服一部 2026年09月的发薪日2026-10-10"),
        (date(2026, 12, 2), "晚于客服一部 2026年11月的发薪日2026-12-01"),
    ],
)
def test_a_day_that_cannot_be_is_refused_and_nothing_changes(
    department: Department, period: SettlementPeriod, hr: Account, on: date, told: str
) -> None:
    for month, pay_on in ((9, date(2026, 10, 10)), (11, date(2026, 12, 1))):
        SettlementPeriod.objects.create(department=department, month=date(2026, month, 1), pay_on=pay_on)
    with pytest.raises(PeriodRefused, match=told):
        pay_day_set(period=period, on=on, by=hr, at=LATER)
    period.refresh_from_db()
    assert period.pay_on is None and not PeriodEvent.objects.filter(reason__contains="发薪日").exists()


@pytest.mark.parametrize("month", [date(2026, 9, 1), date(2027, 3, 1), date(1901, 1, 1)])
def test_a_pay_day_begins_no_month_that_nobody_settles(
    department: Department, period: SettlementPeriod, hr: Account, month: date
) -> None:
    with pytest.raises(PeriodRefused) as error:
        pay_day_set(period=SettlementPeriod(department=department, month=month), on=month, by=hr, at=LATER)
    assert error.value.field == "on"
    assert list(SettlementPeriod.objects.all()) == [period]
    ahead = SettlementPeriod(department=department, month=date(2027, 2, 1))
    assert pay_day_set(period=ahead, on=date(2027, 2, 10), by=hr, at=LATER).pay_on == date(2027, 2, 10)


def test_a_draft_of_another_day_is_not_approved_before_it_is_settled_anew(
    period: SettlementPeriod, hr: Account
) -> None:
    SettlementPeriod.objects.filter(pk=period.pk).update(control={**period.control, PAY_ON: "2026-10-31"})
    pay_day_set(period=period, on=NOVEMBER_10, by=hr, at=LATER)
    assert "请重新结算" in client_of(hr).get(URL).content.decode()
    with pytest.raises(PeriodRefused, match="草稿按2026-10-31发放计算个税，发薪日现为2026-11-10"):
        approve(period)
    period.refresh_from_db()
    assert period.state == "computed"


def test_a_frozen_month_keeps_its_day_and_only_who_settles_sets_one(
    department: Department, period: SettlementPeriod, hr: Account
) -> None:
    auditor = factories.account("auditor")
    with pytest.raises(PermissionDenied):
        pay_day_set(period=period, on=NOVEMBER_10, by=auditor, at=LATER)
    assert client_of(auditor).post(f"{URL}pay-day", {"on": "2026-11-10"}).status_code == 404
    approve(period)
    period.refresh_from_db()
    with pytest.raises(PeriodRefused, match="已批准，发薪日不能再改；未发放的可退回后再算"):
        pay_day_set(period=period, on=NOVEMBER_10, by=hr, at=LATER)
    period.refresh_from_db()
    assert period.pay_on is None


def test_a_month_with_tax_is_paid_in_its_tax_month_and_once(period: SettlementPeriod, hr: Account) -> None:
    taken(slip_of(period))
    approve(period)
    with pytest.raises(PeriodRefused, match="个税按2026年10月发放计算，不能标为2026-11-02发放"):
        period_mark_paid(period=period, on=LATER.date(), by=hr, at=LATER)
    period.refresh_from_db()
    assert (period.state, period.paid_on) == ("approved", None)
    period = period_send_back(period=period, reason="改发薪日", by=user("批准人"), at=LATER)
    period = pay_day_set(period=period, on=NOVEMBER_10, by=hr, at=LATER)
    # Settled for that day, in which all came out the same.
    SettlementPeriod.objects.filter(pk=period.pk).update(control={**period.control, PAY_ON: "2026-11-10"})
    approve(period)
    period_mark_paid(period=period, by=hr, at=LATER)
    with pytest.raises(PeriodRefused, match="不能标为已发放"):
        period_mark_paid(period=period, by=hr, at=LATER)
    assert PeriodEvent.objects.filter(period=period, after="paid").count() == 1


@pytest.mark.parametrize(("on", "told"), [("2026-11-03", "还没有到"), ("2026-09-30", "早于2026年10月1日")])
def test_a_day_on_which_nothing_can_have_been_paid_is_refused(
    period: SettlementPeriod, hr: Account, on: str, told: str
) -> None:
    approve(period)
    with pytest.raises(PeriodRefused, match=told):
        period_mark_paid(period=period, on=date.fromisoformat(on), by=hr, at=LATER)
    period.refresh_from_db()
    assert (period.state, period.paid_on) == ("approved", None)


def test_what_was_paid_on_the_last_day_of_the_month_is_marked_as_paid_later(
    period: SettlementPeriod, hr: Account
) -> None:
    taken(slip_of(period))
    approve(period)
    page = client_of(hr).get(URL).content.decode()
    assert 'name="on" value="2026-10-31"' in page
    pay = reverse("pay_step", args=[period.department.code, "2026-10", "pay"])
    answer = client_of(hr).post(pay, {"seen": stamp_of(period), "on": "2026-10-31"}, follow=True)
    assert "已标为已发放" in answer.content.decode()
    period.refresh_from_db()
    assert (period.state, period.paid_on) == ("paid", date(2026, 10, 31))
    assert PeriodEvent.objects.filter(period=period, after="paid").count() == 1


# Confirming


def test_one_confirms_the_own_payslip_once(period: SettlementPeriod) -> None:
    slip = slip_of(period)
    account = factories.account("agent", staff=slip.staff)
    approve(period)
    client, sent = client_of(account), {"staff": slip.staff_id, "net": f"{slip.net}"}
    page = client.get("/me/pay/2026-10/").content.decode()
    assert "确认工资条" in page
    assert not [name for name, value in sent.items() if f'name="{name}" value="{value}"' not in page]
    for _ in range(2):
        page = client.post("/me/pay/2026-10/confirm", sent, follow=True).content.decode()
    assert "已确认" in page and "确认工资条</button>" not in page
    assert list(PayslipConfirmation.objects.values_list("staff", "net", "by")) == [
        (slip.staff_id, slip.net, account.pk)
    ]
    period.refresh_from_db()
    assert [each.number for each in unconfirmed(period)] == ["1002"]


def test_a_confirmation_holds_for_what_was_seen_and_until_the_month_is_sent_back(
    period: SettlementPeriod,
) -> None:
    slip = slip_of(period)
    account = factories.account("agent", staff=slip.staff)
    with pytest.raises(ConfirmationRefused, match="已退回重算"):
        payslip_confirm(slip=slip, net=slip.net, by=account, at=LATER)
    approve(period)
    with pytest.raises(ConfirmationRefused, match=r"与您看到的1\.00元不同"):
        payslip_confirm(slip=slip, net=Decimal("1.00"), by=account, at=LATER)
    with pytest.raises(PermissionDenied):
        payslip_confirm(slip=slip, net=slip.net, by=user("别人"), at=LATER)
    assert not PayslipConfirmation.objects.exists()
    payslip_confirm(slip=slip, net=slip.net, by=account, at=LATER)
    period.refresh_from_db()
    period_send_back(period=period, reason="漏了一笔", by=user("批准人"), at=next_month(sample.MONTH, 3))
    period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(sample.MONTH, 4))
    period.refresh_from_db()
    assert confirmation_progress(period).confirmed == 0


def test_nobody_confirms_or_prints_anothers_payslip(department: Department, period: SettlementPeriod) -> None:
    mine, other = slip_of(period), slip_of(period, "1002")
    approve(period)
    client = client_of(factories.account("agent", staff=mine.staff))
    sent = {"staff": other.staff_id, "net": f"{other.net}"}
    assert client.post("/me/pay/2026-10/confirm", sent).status_code == 404
    for net in ("x", "sNaN", "NaN", "Infinity"):
        answer = client.post("/me/pay/2026-10/confirm", {**sent, "staff": mine.staff_id, "net": net})
        assert answer.status_code == 404
    assert client.get(f"{URL}handout/papers?number=1002").status_code == 404
    (page,) = pages_of(client.get("/me/pay/2026-10/paper").content)
    assert mine.staff.name in page and other.staff.name not in page
    stranger = client_of(factories.account("hr", factories.department("D2")))
    assert stranger.get(f"{URL}handout/papers").status_code == 404
    assert stranger.post(f"{URL}handout/remind").status_code == 404
    assert (
        not PayslipConfirmation.objects.exists() and not Notice.objects.filter(text__contains="确认").exists()
    )


def test_hr_sees_who_has_not_confirmed_and_reminds_them_once_a_day(
    period: SettlementPeriod, hr: Account
) -> None:
    slip = slip_of(period)
    account = factories.account("agent", staff=slip.staff)
    client = client_of(hr)
    with pytest.raises(ConfirmationRefused, match="还没有批准"):
        confirmations_remind(period=period, by=hr, at=LATER)
    assert "还没有批准" in client.get(f"{URL}handout").content.decode()
    approve(period)
    page = client.get(f"{URL}handout").content.decode()
    assert "1001 员工1001" in page and "1002 员工1002" in page and "提醒没有确认的人" in page
    assert "已提醒 1 人" in client.post(f"{URL}handout/remind", follow=True).content.decode()
    assert "没有新的提醒" in client.post(f"{URL}handout/remind", follow=True).content.decode()
    assert Notice.objects.filter(account=account, text="请确认2026年10月的工资条").count() == 1
    payslip_confirm(slip=slip, net=slip.net, by=account, at=LATER)
    page = client.get(f"{URL}handout").content.decode()
    assert "1001 员工1001" not in page and "1002 员工1002" in page


# Papers


def test_a_batch_is_printed_when_the_month_is_approved_and_looking_is_noted(
    period: SettlementPeriod, hr: Account
) -> None:
    client = client_of(hr)
    assert "还没有批准" in client.get(f"{URL}handout/papers", follow=True).content.decode()
    approve(period)
    assert len(pages_of(client.get(f"{URL}handout/papers?team=A").content)) == 2
    assert len(pages_of(client.get(f"{URL}handout/papers?number=1002").content)) == 1
    noted = AccessLog.objects.exclude(what="period").order_by("pk").values_list("what", "staff")
    assert list(noted) == [("export", None), ("payslip", slip_of(period, "1002").staff_id)]
    for wrong in ("team=没有", "part=2", "part=x", "number=9999"):
        page = client.get(f"{URL}handout/papers?{wrong}", follow=True).content.decode()
        assert "没有打印：没有这样的" in page
