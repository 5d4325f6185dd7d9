"""The pages of a month: who sees it, its buttons and refusals, progress, differences, manual lines."""

import io
from datetime import date
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
from payroll.models import ManualLine, Payslip, SettlementPeriod, SettlementRun
from payroll.workflow import period_open
from people.models import AccessLog, Account, Department
from tests import factories
from tests.factories import WHEN
from tests.payroll import months, sample
from tests.payroll.months import at_work

pytestmark = pytest.mark.django_db
URL = "/pay/D1/2026-10/"
PARTS = ("differences", "checks", "history", "manual")


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def take(client: Client, period: SettlementPeriod, key: str, **data: str) -> str:
    """Press a button of the page as it stands now; returns the page that follows."""
    given = {"seen": sample.stamp_of(period)} | ({"reason": "已核对"} if key == "approve" else {}) | data
    response = client.post(f"{URL}step/{key}", given, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def state_of(period: SettlementPeriod) -> str:
    return SettlementPeriod.objects.get(pk=period.pk).state


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200, url
    return len(captured)


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


# Who sees what


def test_who_sees_no_pay_there_gets_404_everywhere_and_changes_nothing(
    department: Department, period: SettlementPeriod
) -> None:
    agent = factories.account("agent", staff=department.staff.get(number="1001"))
    lead = factories.account("lead", staff=department.staff.get(number="1002"))
    supervisor = factories.account("supervisor", department)
    stranger = factories.account("manager", factories.department("D2"))
    before = sample.stamp_of(period)
    for account in (agent, lead, supervisor, stranger):
        client = client_of(account)
        for part in ("", "progress", "export", *PARTS, "1001/", "1002/", "1001/orders"):
            response = client.get(URL + part)
            assert response.status_code == 404, (account, part)
            assert ("林芳" if account is agent else "陈晓") not in response.content.decode()
        for key in ("settle", "submit", "approve", "send-back", "pay"):
            assert client.post(f"{URL}step/{key}", {"seen": before}).status_code == 404
        assert client.post(f"{URL}manual", {"who": "1001"}).status_code == 404
        assert "客服一部" not in client.get("/pay/", follow=True).content.decode()
    period.refresh_from_db()
    assert sample.stamp_of(period) == before
    assert not AccessLog.objects.exists()


def test_nobody_sees_anything_without_signing_in(period: SettlementPeriod) -> None:
    for url in ("/pay/", URL, f"{URL}1001/", "/objections/", "/me/", "/me/pay/"):
        assert Client().get(url).headers["Location"].startswith("/login")


def test_an_auditor_looks_and_has_no_buttons(period: SettlementPeriod) -> None:
    auditor = client_of(factories.account("auditor"))
    page = text(auditor, URL)
    assert "陈晓" in page and "导出工资表" in page and "/step/" not in page
    assert "登记手工项目" not in text(auditor, f"{URL}manual")
    for key in ("settle", "approve", "send-back", "pay"):
        assert auditor.post(f"{URL}step/{key}", {"seen": sample.stamp_of(period)}).status_code == 404
    assert state_of(period) == "computed"


def test_looking_at_a_month_and_exporting_it_is_noted(period: SettlementPeriod, hr: Account) -> None:
    client_of(hr).get(URL)
    assert client_of(hr).get(f"{URL}export").status_code == 200
    noted = AccessLog.objects.order_by("id").values_list("by", "what", "department", "month", "staff")
    here = (period.department_id, date(2026, 10, 1), None)
    assert list(noted) == [(hr.pk, "period", *here), (hr.pk, "export", *here)]


def test_the_list_of_months_leads_to_them(period: SettlementPeriod, hr: Account) -> None:
    page = text(client_of(hr), "/pay/")
    assert URL in page and "待批准" in page and "12,900" not in page
    response = client_of(hr).get("/pay/", {"department": "D1", "month": "2026-09"})
    assert response.headers["Location"] == "/pay/D1/2026-09/"
    assert "月份请写成" in text(client_of(hr), "/pay/?department=D1&month=soon")


def test_a_month_not_begun_can_be_started_and_one_to_come_does_not_exist(hr: Account) -> None:
    assert "开始结算" in text(client_of(hr), "/pay/D1/2026-09/")
    assert not SettlementPeriod.objects.exists()
    assert client_of(hr).get("/pay/D1/2126-09/").status_code == 404
    assert client_of(hr).get("/pay/D1/2026-13/").status_code == 404
    assert client_of(hr).get("/pay/D1/2026-09/differences").status_code == 404
    assert client_of(hr).post("/pay/D1/2026-09/step/approve", {"seen": ""}).status_code == 404


# The list of payslips


def test_payslips_are_found_by_number_name_and_pinyin_and_sorted(department: Department, hr: Account) -> None:
    sample.agent(department, "1003", name="安宁", sales="90000.00")
    sample.settled(department, by=hr)
    client = client_of(hr)
    for sought in ("1002", "林", "linfang", "lf"):
        page = text(client, f"{URL}?q={sought}")
        assert "林芳" in page and "陈晓" not in page, sought
    assert "没有找到" in text(client, f"{URL}?q=nobody")
    by_net = text(client, f"{URL}?sort=net")
    assert by_net.index("安宁") < by_net.index("陈晓")
    by_name = text(client, f"{URL}?sort=name")
    assert by_name.index("安宁") < by_name.index("陈晓") < by_name.index("林芳")
    assert text(client, f"{URL}?sort=nonsense&page=x")


def test_pages_of_a_month_cost_the_same_for_any_number_of_people(
    department: Department, period: SettlementPeriod, hr: Account, manager: Account
) -> None:
    client = client_of(hr)
    urls = [URL, f"{URL}?q=a&sort=change", "/pay/", *(URL + part for part in PARTS)]
    before = {url: queries(client, url) for url in urls}
    for i in range(60):
        sample.agent(department, f"20{i:02}")
    sample.settled(department, by=hr)
    assert {url: queries(client, url) for url in urls} == before
    del before[f"{URL}checks"]  # one table of fixed length, not a list
    assert max(before.values()) <= 13
    page = text(client, URL)
    assert page.count('<td data-label="实发"') == 50 and "第 1 页，共 2 页，62 条" in page
    assert text(client, f"{URL}?page=2").count('<td data-label="实发"') == 12


# Steps


def test_the_preparer_is_told_that_another_person_approves(period: SettlementPeriod, hr: Account) -> None:
    manager = factories.account("manager", period.department)
    period = sample.settled(period.department, by=manager)
    page = text(client_of(manager), URL)
    assert "不能批准：编制人不能批准自己编制的工资" in page and "/step/approve" not in page
    assert "编制人不能批准自己编制的工资" in take(client_of(manager), period, "approve")
    assert "/step/approve" not in text(client_of(hr), URL)
    assert state_of(period) == "computed"


def test_a_month_goes_from_approval_to_paid_by_the_buttons_of_each(
    period: SettlementPeriod, hr: Account, manager: Account
) -> None:
    assert "/step/approve" in text(client_of(manager), URL)
    assert "已批准，本月工资不再变动" in take(client_of(manager), period, "approve")
    assert "退回须写理由" in take(client_of(manager), period, "send-back", reason=" ")
    assert "已退回" in take(client_of(manager), period, "send-back", reason="漏了<b>一笔</b>")
    history = text(client_of(hr), f"{URL}history")
    assert "漏了&lt;b&gt;一笔&lt;/b&gt;" in history and "待批准 → 已批准" in history
    take(client_of(manager), period, "approve")
    assert "已标为已发放" in take(client_of(hr), period, "pay")
    page = text(client_of(manager), URL)
    assert "已经办完" in page and "/step/" not in page
    assert state_of(period) == "paid"


def test_a_draft_of_the_system_is_submitted_first(department: Department, hr: Account) -> None:
    period = sample.settled(department)
    manager = factories.account("manager", department)
    assert "先由人事复核并提交" in text(client_of(manager), URL)
    assert "已复核并提交" in take(client_of(hr), period, "submit")
    assert "/step/submit" not in text(client_of(hr), URL)
    take(client_of(manager), period, "approve")
    assert state_of(period) == "approved"


def test_nobody_approves_a_draft_that_was_recomputed_since_the_page_was_shown(
    period: SettlementPeriod, hr: Account, manager: Account
) -> None:
    seen = sample.stamp_of(period)
    assert f'name="seen" value="{seen}"' in text(client_of(manager), URL).replace("&#x2B;", "+")
    months.settled(period.department, sample.MONTH, by="hr", at=months.moment("2026-11-05 09:00"))
    response = client_of(manager).post(f"{URL}step/approve", {"seen": seen}, follow=True)
    assert "在您核对以后有变化" in response.content.decode()
    assert state_of(period) == "computed"
    assert not period.events.filter(after="approved").exists()


def test_approving_twice_approves_once_and_says_so(period: SettlementPeriod, manager: Account) -> None:
    seen = sample.stamp_of(period)
    for expected in ("已批准，本月工资不再变动", "现为“已批准”"):
        given = {"seen": seen, "reason": "已核对"}
        response = client_of(manager).post(f"{URL}step/approve", given, follow=True)
        assert expected in response.content.decode()
    assert period.events.filter(after="approved").count() == 1


def test_failed_payslips_come_first_with_what_to_mend(
    department: Department, hr: Account, manager: Account
) -> None:
    department.staff.get(number="1002").metrics.all().delete()
    period = sample.settled(department, by=hr)
    page = text(client_of(manager), URL)
    assert "1 人未能结算" in page and "导入1002 林芳的询单转化率" in page
    assert page.index("导入1002 林芳的询单转化率") < page.index("陈晓")
    assert "/step/approve" not in page and "不能批准：1人未能结算（1002 林芳）" in page
    assert "不能批准" in take(client_of(manager), period, "approve")
    assert "未能结算" in text(client_of(hr), f"{URL}1002/")


def test_steps_need_a_post_with_a_token(period: SettlementPeriod, manager: Account) -> None:
    assert client_of(manager).get(f"{URL}step/approve").status_code == 405
    assert client_of(manager).post(f"{URL}step/nonsense").status_code == 404
    enforcing = Client(enforce_csrf_checks=True)
    enforcing.force_login(manager)
    assert enforcing.post(f"{URL}step/approve", {"seen": sample.stamp_of(period)}).status_code == 403
    assert state_of(period) == "computed"


# Runs


@pytest.mark.django_db(transaction=True)
def test_starting_hands_the_month_to_the_real_broker_and_the_page_waits(
    department: Department, hr: Account
) -> None:
    app.control.purge()
    response = client_of(hr).post(f"{URL}step/settle", follow=True)
    page = response.content.decode()
    assert app.control.purge() == 1
    assert "等待结算进程接手" in page and f'hx-get="{URL}progress?seen_run=0&amp;looks=29"' in page
    assert "/step/" not in page
    last = client_of(hr).get(f"{URL}progress?seen_run=0&looks=1")
    assert last.headers["HX-Redirect"] == f"{URL}?seen_run=0&looks=1"
    nobody = text(client_of(hr), f"{URL}?seen_run=0&looks=1")
    assert "没有结算进程接手" in nobody and "/step/settle" in nobody


@pytest.mark.django_db(transaction=True)
def test_a_worker_settles_what_the_button_started(
    department: Department, hr: Account, worker_process: Any
) -> None:
    client = client_of(hr)
    url = client.post(f"{URL}step/settle").headers["Location"].replace(URL, f"{URL}progress")
    for _ in range(300):
        response = client.get(url)
        if "HX-Redirect" in response.headers:
            break
        connection.ensure_connection()
        worker_process.poll()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")
    assert response.headers["HX-Redirect"] == URL
    assert "陈晓" in text(client, URL)
    run = SettlementRun.objects.get()
    assert (run.state, run.total, run.by) == ("succeeded", 2, hr)


@pytest.mark.django_db(transaction=True)
def test_a_live_run_shows_its_progress_and_holds_up_no_page(period: SettlementPeriod, hr: Account) -> None:
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computing")
    SettlementRun.objects.create(period=period, by=hr, started_at=WHEN, step="计算工资条", done=1, total=2)
    with at_work(period):
        page = text(client_of(hr), URL)
        assert "正在结算" in page and 'value="50"' in page and "/step/" not in page
        part = client_of(hr).get(f"{URL}progress")
        assert "HX-Redirect" not in part.headers and 'hx-trigger="every 2s"' in part.content.decode()
        assert "正在结算，请等它完成" in take(client_of(hr), period, "settle")
        stale = client_of(factories.account("gm")).post(
            f"{URL}step/approve", {"seen": "computed"}, follow=True
        )
        assert "现为“计算中”" in stale.content.decode()
        given = {"who": "1001", "title": "a", "amount": "1", "reason": "b", "seen": "0"}
        assert "正在结算" in client_of(hr).post(f"{URL}manual", given).content.decode()
        assert "正在结算，不能导出" in client_of(hr).get(f"{URL}export", follow=True).content.decode()


def test_a_run_that_died_is_told_and_can_be_started_again(period: SettlementPeriod, hr: Account) -> None:
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computing")
    SettlementRun.objects.create(period=period, by=hr, started_at=WHEN, step="计算工资条", done=1, total=2)
    page = text(client_of(hr), URL)
    assert "结算中断了" in page and "可以立即重新结算" in page and "/step/settle" in page
    assert state_of(period) == "computed" and "陈晓" in page
    assert "中断" in text(client_of(hr), f"{URL}history")


def test_without_a_broker_the_page_says_so(
    period: SettlementPeriod, hr: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: Any) -> None:
        at_once = {"max_retries": 1, "interval_start": 0}
        nowhere = Connection("redis://127.0.0.1:1/0", transport_options=at_once)
        tasks.settle.apply_async(args, connection=nowhere, retry=False)

    monkeypatch.setattr(tasks.settle, "delay", unreachable)
    assert "任务队列连不上" in take(client_of(hr), period, "settle")


# Differences, control totals, export


def test_differences_are_sorted_by_size_with_the_reasons_of_both_months() -> None:
    made = months.department(months.COMMISSION, months.FINE, code="D1")
    one, two = months.agent(made, "1001", name="陈晓"), months.agent(made, "1002", name="林芳")
    months.order(one, date(2026, 9, 5), "10000.00")
    months.approved(made, months.SEPTEMBER)
    months.order(two, date(2026, 10, 5), "90000.00")
    months.incident(one, "t-fine", date(2026, 10, 6))
    months.settled(made, months.OCTOBER)
    hr = client_of(factories.account("hr", made))
    page = text(hr, f"{URL}differences")
    for figure in ("+900.00", "−100.00", "−10.00"):
        assert figure in page
    assert page.index("+900.00") < page.index("−100.00") < page.index("−10.00")
    assert "净销售额90000" in page and "上月：销售提成" in page and "本月没有这一项" in page
    only_two = text(hr, f"{URL}differences?q=lf")
    assert "林芳" in only_two and "陈晓" not in only_two
    listed = text(hr, f"{URL}?sort=change")
    assert listed.index("林芳") < listed.index("陈晓") and "+900.00" in listed
    assert "没有可比的月份" in text(hr, "/pay/D1/2026-09/differences")


def test_differences_come_fifty_to_a_page(department: Department, hr: Account) -> None:
    for i in range(60):
        sample.agent(department, f"20{i:02}")
    period = period_open(department=department, month=months.SEPTEMBER)
    months.settled(department, months.SEPTEMBER)
    sample.settled(department, by=hr)
    page = text(client_of(hr), f"{URL}differences")
    assert page.count('<td data-label="差额"') == 50 and "第 1 页" in page
    assert period.payslips.exists()


def test_control_totals_show_what_does_not_agree(
    department: Department, period: SettlementPeriod, hr: Account
) -> None:
    assert "项全部一致" in text(client_of(hr), f"{URL}checks")
    person = department.staff.get(number="1001")
    months.order(person, date(2026, 10, 20), "500.00", no="late")
    page = text(client_of(hr), f"{URL}checks")
    assert "不一致" in page and "结算后有变更" in page and "500.00" in page


def test_the_workbook_comes_as_a_download(period: SettlementPeriod, hr: Account) -> None:
    response = client_of(hr).get(f"{URL}export")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert "明细" in book.sheetnames
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_month_without_a_draft_is_not_exported(department: Department, hr: Account) -> None:
    period_open(department=department, month=sample.MONTH)
    assert "还没有结算" in client_of(hr).get(f"{URL}export", follow=True).content.decode()


# Manual lines


def test_a_manual_line_is_added_once_and_withdrawn(period: SettlementPeriod, hr: Account) -> None:
    client = client_of(hr)
    given = {"who": "陈晓", "title": "带教", "amount": "200.00", "reason": "带新人", "seen": "0"}
    assert "已记下“带教”" in client.post(f"{URL}manual", given, follow=True).content.decode()
    again = client.post(f"{URL}manual", given).content.decode()
    assert "可能是同一项提交了两次" in again
    line = ManualLine.objects.get()
    assert (line.staff.number, line.amount, line.by) == ("1001", Decimal("200.00"), hr)
    assert f'value="{line.pk}"' in again  # the form now knows of the line
    page = client.post(f"{URL}manual/{line.pk}/withdraw", follow=True).content.decode()
    assert "已撤回" in page
    line.refresh_from_db()
    assert line.withdrawn_by == hr
    assert "已经撤回" in client.post(f"{URL}manual/{line.pk}/withdraw", follow=True).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("who", "9999", "没有这个工号"),
        ("amount", "0", "填写不为零"),
        ("amount", "1.234", "小数"),
        ("reason", " ", "必填"),
        ("title", "<script>x" * 40, "200"),
    ],
)
def test_a_bad_manual_line_is_refused_beside_its_field(
    period: SettlementPeriod, hr: Account, field: str, value: str, told: str
) -> None:
    given = {"who": "1001", "title": "补", "amount": "1.00", "reason": "因", "seen": "0", field: value}
    page = client_of(hr).post(f"{URL}manual", given).content.decode()
    assert told in page and "<script>x" not in page
    assert not ManualLine.objects.exists()


def test_a_name_that_two_have_needs_the_number(department: Department, hr: Account) -> None:
    sample.agent(department, "1003", name="陈晓")
    sample.settled(department, by=hr)
    given = {"who": "陈晓", "title": "补", "amount": "1.00", "reason": "因", "seen": "0"}
    assert "有重名，请写工号" in client_of(hr).post(f"{URL}manual", given).content.decode()


def test_an_approved_month_takes_no_manual_line(
    period: SettlementPeriod, hr: Account, manager: Account
) -> None:
    take(client_of(manager), period, "approve")
    page = text(client_of(hr), f"{URL}manual")
    assert "登记手工项目" not in page and "下一个未批准的月份" in page
    given = {"who": "1001", "title": "补", "amount": "1.00", "reason": "因", "seen": "0"}
    client_of(hr).post(f"{URL}manual", given)
    assert not ManualLine.objects.exists()
    assert Payslip.objects.count() == 2
