"""What each role finds after signing in, at any size with fifteen queries at most."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissions.models import Order
from core.periods import shift_months
from imports.models import Upload
from payroll.models import Objection, Payslip, SettlementPeriod
from penalties.models import FundExpense, Incident, Proposal
from penalties.services import (
    Withheld,
    count_record,
    count_witness,
    incident_record,
    incidents_confirm,
    withheld_post,
)
from people.models import Account, Department, ImportBatch, Staff
from rules.models import Provision, Version
from tests import factories
from tests.published import publish

pytestmark = pytest.mark.django_db


def fill(department: Department, people: int) -> list[Staff]:
    """Incidents of this month and the last, a computed month with a failure, an import, a next version."""
    today, now = timezone.localdate(), timezone.now()
    last_month = today.replace(day=1) - timedelta(days=1)
    staff = [factories.staff(department, f"{1000 + i}") for i in range(people)]
    given = {"by": None, "at": now}
    for each in staff:
        fine = incident_record(staff=each, code="x-late", work_date=today, **given)
        award = incident_record(staff=each, code="x-praise", work_date=last_month, **given)
        incidents_confirm(incidents=[fine, award], **given)
    incident_record(staff=staff[0], code="x-late", work_date=today, **given)
    period = SettlementPeriod.objects.create(
        department=department, month=last_month.replace(day=1), state="computed"
    )
    Payslip.objects.create(
        period=period,
        staff=staff[0],
        number=staff[0].number,
        name=staff[0].name,
        failure="缺少指标",
        remedy="请导入",
    )
    ImportBatch.objects.create(
        department=department, kind="orders", profile="x", file_name="订单.xlsx", digest="", rows=7, at=now
    )
    Version.objects.create(department=department, number=2, effective_on=today + timedelta(days=9))
    Proposal.objects.create(
        department=department, staff=staff[0], code="x", kind="talk", month=period.month, opened_at=now
    )
    return staff


SEEN = {
    "manager": ["条奖惩待确认", "项处理建议待决定", "缺少指标", "交接未写", "本月提成", "第2版"],
    "hr": ["待批准", "1 人", "缺少指标", "请导入", "订单.xlsx", "第2版"],
    "gm": ["各部门", "条奖惩待确认", "交接未写", "第2版"],
    "auditor": ["各部门", "待批准", "交接未写"],
    "supervisor": ["交接未写", "订单.xlsx", "第2版"],
}
UNSEEN = {
    "hr": ["条奖惩待确认", "本月提成"],
    "supervisor": ["缺少指标", "条奖惩待确认", "本月提成"],
    "auditor": ["条奖惩待确认"],
}


@pytest.mark.parametrize("group", SEEN)
def test_each_role_finds_what_waits_for_it(client: Client, department: Department, group: str) -> None:
    fill(department, 2)
    client.force_login(factories.account(group, department))
    page = client.get("/").content.decode()
    for words in SEEN[group]:
        assert words in page, words
    for words in UNSEEN.get(group, []):
        assert words not in page, words


@pytest.mark.parametrize("group", [*SEEN, "lead"])
def test_home_takes_few_queries_at_any_size(client: Client, department: Department, group: str) -> None:
    fill(department, 12)
    others = [factories.department(f"B{i}") for i in range(4)]
    for other in others:
        publish(other)
        fill(other, 2)
    team = factories.team(department)
    person = factories.staff(department, "9", team=team, role="lead")
    client.force_login(factories.account(group, department, *others, staff=person))
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    assert len(queries) <= 18, [each["sql"][:90] for each in queries]


def test_figures_agree_with_the_rows_behind_them(client: Client, department: Department) -> None:
    fill(department, 3)
    client.force_login(factories.account("manager", department))
    page = client.get("/").content.decode()
    waiting = Incident.objects.filter(state="recorded").count()
    assert f'<span class="stat-figure">{waiting}</span><span class="stat-label">条奖惩待确认' in page
    assert "−60.00" in page  # three fines of 20 this month
    assert "上月 90.00" in page  # three awards of 30 last month
    rows = client.get("/incidents/").content.decode()
    assert rows.count('name="incident"') == waiting


def test_the_last_imports_say_what_became_of_them(client: Client, department: Department) -> None:
    now = timezone.now()
    hr = factories.account("hr", department)
    given = {"department": department, "kind": "orders", "profile": "x", "digest": "", "rows": 7, "at": now}
    ImportBatch.objects.create(**given, file_name="甲.csv")
    ImportBatch.objects.create(**given, file_name="乙.csv", undone_at=now, undo_asked_at=now)
    ImportBatch.objects.create(**given, file_name="丙.csv", undo_refusal="月份已定")
    uploaded = {"department": department, "by": hr, "at": now, "queued_at": now, "size": 1}
    for name, state in (("丁.csv", "invalid"), ("戊.csv", "discarded")):
        job = uuid4()
        Upload.objects.create(**uploaded, file_name=name, stored_name=job.hex, job=job, state=state)
    client.force_login(hr)
    page = client.get("/").content.decode()
    said = {name: re.search(rf"{name}\.csv</a>\s*(?:<span[^>]*>(.*?)</span>)?", page) for name in "甲乙丙"}
    assert [found and found[1] for found in said.values()] == [None, "已撤销", "撤销失败"]
    assert re.search(r"丁\.csv.*有错误", page) and "戊.csv" not in page


def test_objections_wait_for_who_answers_them(client: Client, department: Department) -> None:
    (person,) = fill(department, 1)
    period = SettlementPeriod.objects.get(department=department)
    given = {"period": period, "staff": person, "code": "x", "title": "迟到", "amount": 1}
    given |= {"line_reason": "x", "reason": "x", "at": timezone.now()}
    Objection.objects.create(**given, line="a")
    answered = {"state": "rejected", "answer": "x", "answered_by": factories.account("hr")}
    Objection.objects.create(**given, **answered, answered_at=given["at"], line="b")
    for group in ("hr", "manager"):
        client.force_login(factories.account(group, department))
        page = client.get("/").content.decode()
        tile = re.search(r'href="([^"]+)"><span class="stat-figure">(\d+)</span>[^/]*条工资异议待答复', page)
        assert tile and tile[2] == "1"
        assert client.get(tile[1]).content.decode().count("<tr>") == 2
    for account in (factories.account("gm"), factories.account("manager", factories.department())):
        client.force_login(account)
        assert not re.search(r">1</span><span[^>]*>条工资异议", client.get("/").content.decode())


def test_the_overviews_figures_lead_to_the_departments_own_rows(
    client: Client, department: Department
) -> None:
    other = factories.department("B")
    publish(other)
    fill(department, 2)
    fill(other, 3)
    client.force_login(factories.account("gm"))
    page = client.get("/").content.decode()
    found = re.findall(r'href="(/incidents/\?department=[AB])">(\d+)</a>', page)
    assert len(found) == 2
    for url, figure in found:
        assert client.get(url).content.decode().count('name="incident"') == int(figure)
    assert f'href="/pay/A/{shift_months(timezone.localdate().replace(day=1), -1):%Y-%m}/">1 人</a>' in page


def test_another_departments_people_and_months_are_not_on_it(client: Client, department: Department) -> None:
    fill(department, 2)
    other = factories.department("Z", name="别的部门")
    client.force_login(factories.account("manager", other))
    page = client.get("/").content.decode()
    assert "缺少指标" not in page and "客服A" not in page and "交接未写" not in page
    assert client.get("/commission/A/").status_code == 404


def test_a_lead_sees_the_own_team_only(client: Client, department: Department) -> None:
    team = factories.team(department)
    lead = factories.staff(department, "1", team=team, role="lead")
    member = factories.staff(department, "2", team=team)
    outsider = factories.staff(department, "3")
    now = timezone.now()
    for person, code in ((member, "x-auto"), (outsider, "x-auto")):
        incident_record(staff=person, code=code, work_date=timezone.localdate(), by=None, at=now)
    client.force_login(factories.account("lead", staff=lead))
    page = client.get("/").content.decode()
    assert "−5.00" in page and "−10.00" not in page


def test_an_agents_first_page_is_the_own_one(client: Client, department: Department) -> None:
    agent, colleague = factories.staff(department, "1"), factories.staff(department, "2")
    now = timezone.now()
    for person, quantity in ((agent, 1), (colleague, 3)):
        incident_record(
            staff=person,
            code="x-auto",
            work_date=timezone.localdate(),
            quantity=quantity,
            by=None,
            at=now,
        )
    client.force_login(factories.account("agent", staff=agent))
    page = client.get("/", follow=True).content.decode()
    assert "工资" in page
    assert "−15.00" not in page


def test_a_new_department_is_told_what_to_do_next(client: Client) -> None:
    client.force_login(factories.account("hr", factories.department()))
    page = client.get("/").content.decode()
    assert "开始结算" in page and "先导入员工表" in page
    client.force_login(factories.account("hr"))
    assert "没有归您管的部门" in client.get("/").content.decode()


def test_commission_so_far_is_that_of_the_months_orders(client: Client, department: Department) -> None:
    version = Version.objects.create(department=department, number=3, effective_on="2020-01-02")
    params = {"measure": "net_sales", "rate": "0.01"}
    Provision.objects.create(version=version, code="c-1", title="销售提成", kind="commission", params=params)
    version.published_at = timezone.now()
    version.save()
    now = timezone.now()
    counts = []
    for size in (1, 25):
        for i in range(size):
            person = factories.staff(department, f"{size}{i:03}", name=f"张{size}{i}")
            Order.objects.create(
                department=department,
                order_no=f"{size}-{i}",
                amount=1000 + i,
                paid_at=now,
                agent=person,
                attribution="file",
                as_of=timezone.localdate(),
            )
        client.force_login(factories.account("manager", department))
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/commission/A/", headers={"HX-Request": "true"}).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 18
    assert "10.24" in page and "另有 6 人" in page and "<html" not in page
    assert "263.00" in page  # 1,000 yuan of one person and 25 × 1,000 + (0 + … + 24) of the others, at 1 %
    for group in ("lead", "supervisor"):
        client.force_login(factories.account(group, department))
        assert client.get("/commission/A/").status_code == 404


def test_the_months_are_those_of_last_month_and_before(client: Client, department: Department) -> None:
    old = shift_months(timezone.localdate().replace(day=1), -7)
    SettlementPeriod.objects.create(department=department, month=old)
    client.force_login(factories.account("hr", department))
    assert f"{old.year}年{old.month}月" not in client.get("/").content.decode()


def test_what_waits_of_the_fund_is_on_the_home_of_whoever_it_waits_for(
    client: Client, department: Department
) -> None:
    keeper, boss = (factories.account(group, department) for group in ("supervisor", "manager"))
    gm, auditor = factories.account("gm"), factories.account("auditor")
    lead = factories.account("lead", staff=factories.staff(department, role="lead"))
    agent = factories.account("agent", staff=factories.staff(department))
    elsewhere = factories.account("manager", factories.department("B"))
    now = timezone.now()
    first = timezone.localdate().replace(day=1)
    withheld = Withheld("k", agent.staff.get().pk, Decimal("20.00"), "罚款")
    long_ago = now - timedelta(days=40)
    withheld_post(department=department, month=first, lines=[withheld], by=None, at=long_ago)
    FundExpense.objects.create(
        staff=agent.staff.get(), asked_by=agent, amount=5, on=first, reason="买水", asked_at=now, key="e"
    )
    uncounted, to_approve, to_witness = "个基金上月没有盘点", "项基金支出待批准", "次基金盘点等我见证"

    def told(account: Account) -> list[str]:
        client.force_login(account)
        page = client.get("/", follow=True).content.decode()
        return [words for words in (uncounted, to_approve, to_witness) if words in page]

    assert told(keeper) == [uncounted]
    assert told(boss) == [uncounted, to_approve]
    assert told(gm) == [to_approve]
    assert told(auditor) == told(lead) == told(elsewhere) == []
    for witness in (lead, boss):
        count = count_record(department=department, counted=Decimal(0), witness=witness, by=keeper, at=now)
        assert told(keeper) == []
        assert (to_witness in told(lead), to_witness in told(boss)) == (witness == lead, witness == boss)
        count_witness(count=count, agrees=True, by=witness, at=now)
    count_record(department=department, counted=Decimal(0), witness=agent, by=keeper, at=now)
    client.force_login(agent)
    assert "有 1 次基金盘点等您见证" in client.get("/me/").content.decode()
