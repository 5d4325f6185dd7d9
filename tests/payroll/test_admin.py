"""The administration pages of payroll: who sees which month, and what its buttons do and refuse."""

import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu import Connection

from kefu.celery import app
from payroll import tasks
from payroll.models import ManualLine, PayLine, Payslip, PeriodEvent, SettlementPeriod, SettlementRun
from payroll.selectors.periods import payslips_visible_to, periods_visible_to
from payroll.settlement.runner import runs_check
from payroll.settlement.status import period_status
from payroll.traces import trace_html
from payroll.workflow import period_open
from people.models import Account, Department
from tests import factories
from tests.factories import WHEN
from tests.payroll import months, sample
from tests.payroll.months import at_work

pytestmark = pytest.mark.django_db
PERIODS = "/admin/payroll/settlementperiod/"


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def take(client: Client, period: SettlementPeriod, key: str, **data: str) -> str:
    """Press a button of the period's page as it stands now; returns the page that follows."""
    given = {"seen": sample.stamp_of(period)} | ({"reason": "已核对"} if key == "approve" else {}) | data
    response = client.post(f"{PERIODS}{period.pk}/step/{key}/", given, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def state_of(period: SettlementPeriod) -> str:
    return SettlementPeriod.objects.get(pk=period.pk).state


@pytest.fixture
def department() -> Department:
    made = sample.department("D1", name="客服一部")
    sample.agent(made, "1001", name="陈晓")
    sample.agent(made, "1002", name="林芳")
    return made


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department, username="hr")


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department, username="manager")


@pytest.fixture
def period(department: Department, hr: Account) -> SettlementPeriod:
    return sample.settled(department, by=hr)


@pytest.fixture
def approved(period: SettlementPeriod, manager: Account) -> SettlementPeriod:
    take(client_of(manager), period, "approve")
    assert state_of(period) == "approved"
    return period


# Who sees what


def test_another_department_gets_neither_page_nor_file_nor_button(period: SettlementPeriod) -> None:
    stranger = client_of(factories.account("manager", factories.department("D2")))
    assert "客服一部" not in stranger.get(PERIODS).content.decode()
    assert stranger.get(f"{PERIODS}{period.pk}/change/").status_code == 302
    assert stranger.get(f"{PERIODS}{period.pk}/export/").status_code == 404
    assert stranger.post(f"{PERIODS}{period.pk}/step/approve/").status_code == 404
    slip, line = Payslip.objects.first(), PayLine.objects.first()
    assert slip and line
    assert stranger.get(f"/admin/payroll/payslip/{slip.pk}/change/").status_code == 302
    assert stranger.get(f"/admin/payroll/payline/{line.pk}/change/").status_code == 302
    assert state_of(period) == "computed"


def test_an_agent_sees_the_own_payslip_once_it_is_approved(
    department: Department, period: SettlementPeriod, manager: Account
) -> None:
    account = factories.account("agent", staff=department.staff.get(number="1001"))
    agent = client_of(account)
    assert list(payslips_visible_to(account)) == []
    take(client_of(manager), period, "approve")
    assert [slip.number for slip in payslips_visible_to(account)] == ["1001"]
    page = agent.get("/admin/payroll/payslip/").content.decode()
    assert "陈晓" in page and "林芳" not in page
    own, other = period.payslips.order_by("number")
    page = agent.get(f"/admin/payroll/payslip/{own.pk}/change/").content.decode()
    assert "销售提成" in page and "初级客服" in page
    assert agent.get(f"/admin/payroll/payslip/{other.pk}/change/").status_code == 302
    assert agent.get(f"/admin/payroll/payline/{other.lines.first().pk}/change/").status_code == 302
    assert agent.get(PERIODS).status_code == 403
    assert agent.get(f"{PERIODS}{period.pk}/export/").status_code == 404


def test_leads_and_supervisors_see_no_months(department: Department, period: SettlementPeriod) -> None:
    for group in ("lead", "supervisor"):
        assert not periods_visible_to(factories.account(group, department)).exists()
    assert periods_visible_to(factories.account("auditor")).get() == period


def test_whoever_may_look_but_not_act_has_no_buttons_and_is_refused(period: SettlementPeriod) -> None:
    auditor = client_of(factories.account("auditor"))
    page = auditor.get(f"{PERIODS}{period.pk}/change/").content.decode()
    assert "导出工资表" in page and "/step/" not in page
    for key in ("settle", "submit", "approve", "send-back", "pay"):
        assert auditor.post(f"{PERIODS}{period.pk}/step/{key}/").status_code == 403
    assert state_of(period) == "computed"


def test_a_step_is_never_taken_by_following_a_link(period: SettlementPeriod, manager: Account) -> None:
    assert client_of(manager).get(f"{PERIODS}{period.pk}/step/approve/").status_code == 405
    enforcing = Client(enforce_csrf_checks=True)
    enforcing.force_login(manager)
    assert enforcing.post(f"{PERIODS}{period.pk}/step/approve/").status_code == 403
    assert client_of(manager).post(f"{PERIODS}{period.pk}/step/nonsense/").status_code == 403
    assert state_of(period) == "computed"


PAGES = ["settlementperiod", "payslip", "payline", "manualline", "settlementrun", "periodevent"]


@pytest.mark.parametrize("page", PAGES)
def test_every_list_opens_and_is_searched(period: SettlementPeriod, hr: Account, page: str) -> None:
    client = client_of(hr)
    assert client.get(f"/admin/payroll/{page}/").status_code == 200
    assert client.get(f"/admin/payroll/{page}/?period={period.pk}&q=a").status_code in (200, 302)


@pytest.mark.parametrize("page", ["settlementperiod", "payslip", "payline"])
def test_lists_cost_the_same_for_any_number_of_rows(hr: Account, department: Department, page: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client_of(hr).get(f"/admin/payroll/{page}/").status_code == 200
        return len(captured)

    period_open(department=department, month=datetime(2026, 8, 1).date())
    sample.settled(department, by=hr)
    before = queries()
    for i in range(5):
        sample.agent(department, f"20{i}")
        period_open(department=department, month=datetime(2026, 1 + i, 1).date())
    sample.settled(department, by=hr)
    assert queries() == before


# Steps


def test_the_preparer_cannot_approve(department: Department, manager: Account) -> None:
    period = sample.settled(department, by=manager)
    page = take(client_of(manager), period, "approve")
    assert "编制人不能批准自己编制的工资" in page
    assert state_of(period) == "computed"
    assert not PeriodEvent.objects.filter(after="approved").exists()


def test_another_person_approves_once(period: SettlementPeriod, manager: Account) -> None:
    assert "已批准，本月工资不再变动" in take(client_of(manager), period, "approve")
    again = take(client_of(factories.account("gm")), period, "approve")
    assert "现为“已批准”，不能批准" in again
    stored = SettlementPeriod.objects.get(pk=period.pk)
    assert (stored.state, stored.approved_by) == ("approved", manager)
    assert PeriodEvent.objects.filter(after="approved").count() == 1


def test_a_page_opened_before_a_recomputation_does_not_approve_the_new_draft(
    period: SettlementPeriod, manager: Account
) -> None:
    seen = sample.stamp_of(period)
    page = client_of(manager).get(f"{PERIODS}{period.pk}/change/").content.decode()
    assert f'name="seen" value="{seen}"' in page.replace("&#x2B;", "+")
    months.settled(period.department, sample.MONTH, by="hr", at=months.moment("2026-11-05 09:00"))
    for stale in (seen, ""):
        assert "在您核对以后有变化" in take(client_of(manager), period, "approve", seen=stale)
    assert state_of(period) == "computed"
    assert not period.events.filter(after="approved").exists()


def test_what_hinders_the_approval_stands_where_the_button_would_be(
    department: Department, manager: Account
) -> None:
    period = sample.settled(department, by=manager)
    page = client_of(manager).get(f"{PERIODS}{period.pk}/change/").content.decode()
    assert "不能批准：编制人不能批准自己编制的工资" in page and "/step/approve/" not in page


def test_a_draft_of_the_system_is_submitted_before_it_is_approved(
    department: Department, hr: Account, manager: Account
) -> None:
    period = sample.settled(department)
    assert "还没有人复核" in take(client_of(manager), period, "approve")
    assert "已复核并提交" in take(client_of(hr), period, "submit")
    take(client_of(manager), period, "approve")
    assert state_of(period) == "approved"


def test_an_approval_is_sent_back_with_a_reason(approved: SettlementPeriod, manager: Account) -> None:
    client = client_of(manager)
    assert "退回须写理由" in take(client, approved, "send-back", reason="  ")
    assert state_of(approved) == "approved"
    page = take(client, approved, "send-back", reason="漏记一笔请假")
    assert "已退回" in page and "漏记一笔请假" in page
    assert state_of(approved) == "computed"


def test_hr_marks_it_as_paid_and_nothing_can_be_done_any_more(
    approved: SettlementPeriod, hr: Account, manager: Account
) -> None:
    assert "已标为已发放" in take(client_of(hr), approved, "pay")
    assert "不能退回" in take(client_of(manager), approved, "send-back", reason="太晚")
    assert "/step/" not in client_of(manager).get(f"{PERIODS}{approved.pk}/change/").content.decode()
    assert state_of(approved) == "paid"


def test_a_payslip_that_failed_is_named_and_keeps_the_month_from_approval(
    department: Department, hr: Account, manager: Account
) -> None:
    department.staff.get(number="1002").metrics.all().delete()
    period = sample.settled(department, by=hr)
    page = client_of(hr).get(f"{PERIODS}{period.pk}/change/").content.decode()
    assert "1人未能结算" in page and "1002 林芳" in page and "补救：导入1002 林芳的询单转化率" in page
    assert "不能批准" in take(client_of(manager), period, "approve")
    assert state_of(period) == "computed"
    slips = client_of(hr).get("/admin/payroll/payslip/").content.decode()
    assert slips.index("林芳") < slips.index("陈晓")


def test_the_button_hands_the_month_to_a_worker(
    department: Department, hr: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks.settle, "delay", lambda *args: sent.append(args))
    period = period_open(department=department, month=sample.MONTH)
    page = take(client_of(hr), period, "settle")
    assert sent == [(department.pk, "2026-10", hr.pk)]
    assert "已排队" in page and "window.location.replace" in page
    # Once the run is there, the page stays.
    SettlementRun.objects.create(period=period, by=hr, started_at=WHEN, state="succeeded")
    later = client_of(hr).get(f"{PERIODS}{period.pk}/change/?seen_run=0&waiting=20").content.decode()
    assert "已排队" not in later and "window.location.replace" not in later


@pytest.mark.django_db(transaction=True)
def test_the_task_waits_in_the_real_broker(department: Department, hr: Account) -> None:
    app.control.purge()
    take(client_of(hr), period_open(department=department, month=sample.MONTH), "settle")
    assert app.control.purge() == 1


def test_a_frozen_month_is_not_settled_again(approved: SettlementPeriod, hr: Account) -> None:
    assert "不能重新计算" in take(client_of(hr), approved, "settle")


def test_without_a_broker_the_page_says_so(
    period: SettlementPeriod, hr: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: Any) -> None:
        at_once = {"max_retries": 1, "interval_start": 0}
        nowhere = Connection("redis://127.0.0.1:1/0", transport_options=at_once)
        tasks.settle.apply_async(args, connection=nowhere, retry=False)

    monkeypatch.setattr(tasks.settle, "delay", unreachable)
    assert "任务队列连不上" in take(client_of(hr), period, "settle")


# Runs


def test_a_run_whose_worker_died_is_shown_as_cut_off(
    department: Department, period: SettlementPeriod, hr: Account
) -> None:
    """A computing period whose lock nobody holds: the draft from before it stands, and may be replaced."""
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computing")
    SettlementRun.objects.create(period=period, by=hr, started_at=WHEN, step="计算工资条", done=1, total=2)
    page = client_of(hr).get(f"{PERIODS}{period.pk}/change/").content.decode()
    assert "上次结算中断" in page and "可立即重新结算" in page and "/step/settle/" in page
    assert state_of(period) == "computed"
    assert "待批准（上次结算中断）" in client_of(hr).get(PERIODS).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_live_run_shows_its_progress_and_the_page_comes_back(period: SettlementPeriod, hr: Account) -> None:
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computing")
    SettlementRun.objects.create(period=period, by=hr, started_at=WHEN, step="计算工资条", done=1, total=2)
    with at_work(period):
        page = client_of(hr).get(f"{PERIODS}{period.pk}/change/").content.decode()
        assert "正在结算：计算工资条" in page and 'value="50"' in page and "window.location.replace" in page
        exported = client_of(hr).get(f"{PERIODS}{period.pk}/export/", follow=True).content.decode()
        assert "正在结算，不能导出" in exported
        assert "正在结算，请等它完成" in take(client_of(hr), period, "settle")
    assert state_of(period) == "computing"
    period.refresh_from_db()
    assert period_status(period, at=WHEN).has_died
    runs_check(period, at=WHEN)
    assert state_of(period) == "computed"


# Files, lines, manual lines


def test_the_workbook_is_downloaded_under_the_months_name(period: SettlementPeriod, hr: Account) -> None:
    response = client_of(hr).get(f"{PERIODS}{period.pk}/export/")
    assert "2026-10.xlsx" in response.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book["工资表"]["B2"].value == "陈晓"


def test_a_month_without_a_draft_has_nothing_to_download(department: Department, hr: Account) -> None:
    period = period_open(department=department, month=sample.MONTH)
    page = client_of(hr).get(f"{PERIODS}{period.pk}/export/", follow=True).content.decode()
    assert "还没有结算" in page


def test_a_line_shows_its_trace_and_its_orders(period: SettlementPeriod, hr: Account) -> None:
    line = PayLine.objects.get(code="t-comm", payslip__number="1001")
    page = client_of(hr).get(f"/admin/payroll/payline/{line.pk}/change/").content.decode()
    assert "净销售额" in page and "第1版" in page
    assert "共1笔" in page and "O1001：10000.00" in page


def test_nothing_in_a_trace_is_taken_for_markup() -> None:
    html = trace_html({"facts": {"note": "<script>alert(1)</script>", "by": {"conversion_rate": "0.72"}}})
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "分档指标" in html and "询单转化率" in html


def test_a_trace_begins_with_the_arithmetic() -> None:
    html = trace_html({"zzz": 1, "facts": {"sales": "5"}, "arithmetic": ["5×1%"]})
    assert html.index("计算") < html.index("事实") < html.index("销售额") < html.index("zzz")


def test_a_month_is_begun_only_where_one_prepares_pay(hr: Account, department: Department) -> None:
    other = factories.department("D2")
    client = client_of(hr)
    for given in ({"department": other.pk, "month": "2026-11"}, {"department": department.pk, "month": "11"}):
        assert client.post(f"{PERIODS}add/", given).status_code == 200
    assert not SettlementPeriod.objects.exists()
    for _ in range(2):
        response = client.post(f"{PERIODS}add/", {"department": department.pk, "month": "2026-11"})
        assert response.status_code == 302
    assert SettlementPeriod.objects.get().month == datetime(2026, 11, 1).date()
    assert client_of(factories.account("gm")).get(f"{PERIODS}add/").status_code == 403


@pytest.fixture
def add_line(period: SettlementPeriod) -> Callable[..., Any]:
    def post(account: Account, **changes: Any) -> Any:
        person = period.department.staff.get(number="1001")
        given = {"period": period.pk, "staff": person.pk, "title": "垫付", "amount": "8.00", "reason": "快递"}
        return client_of(account).post("/admin/payroll/manualline/add/", {**given, **changes}, follow=True)

    return post


def test_a_manual_line_is_added_and_withdrawn_by_those_who_may(
    add_line: Callable[..., Any], hr: Account, period: SettlementPeriod
) -> None:
    assert "下次结算时计入" in add_line(hr).content.decode()
    line = ManualLine.objects.get()
    assert (line.by, line.amount) == (hr, Decimal("8.00"))
    chosen = {"action": "withdraw", "_selected_action": [line.pk]}
    auditor = client_of(factories.account("auditor"))
    auditor.post("/admin/payroll/manualline/", chosen)
    assert ManualLine.objects.get().withdrawn_at is None
    page = client_of(hr).post("/admin/payroll/manualline/", chosen, follow=True).content.decode()
    assert "已撤回" in page
    assert ManualLine.objects.get().withdrawn_by == hr


def test_a_manual_line_that_is_refused_leaves_nothing(
    add_line: Callable[..., Any], hr: Account, period: SettlementPeriod
) -> None:
    stranger = factories.staff(factories.department("D2"), "2001")
    for changes in ({"reason": " "}, {"amount": "0"}, {"amount": "8.001"}, {"staff": stranger.pk}):
        add_line(hr, **changes)
    assert add_line(factories.account("gm")).status_code == 403
    assert not ManualLine.objects.exists()
