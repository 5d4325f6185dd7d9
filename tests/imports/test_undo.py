"""A whole import taken back, and when it is not."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone

from commissions.models import DepartmentFigure, Metric, Order, OrderClaim, OrderShare, OrderSplit, Refund
from imports import tasks
from imports.batches import run_import
from imports.errors import ImportRefused
from imports.kinds import loader_of
from imports.models import Upload
from imports.undo import batch_undo
from payroll.models import SettlementPeriod
from penalties.models import Incident, OpeningBalance
from penalties.services import incident_confirm, incident_reject
from people.models import (
    Account,
    Alias,
    BankAccount,
    Department,
    FactChange,
    IdentityDocument,
    ImportBatch,
    Staff,
    Term,
)
from people.services import staff_rename
from rules.models import Provision, Version
from shifts.models import Attendance, Leave, Outing, Punch, RosterDay
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)
from tests import factories
from tests.no_queue import queue_down

pytestmark = pytest.mark.django_db

Bring = Callable[..., ImportBatch]
MODELS = (Order, Refund, Metric, Attendance, Leave, Incident, Staff, Term)


@pytest.fixture
def people(place: Department) -> list[Staff]:
    return [factories.staff(place, number, name=f"员工{number}") for number in ("1001", "1002")]


@pytest.fixture
def bring(place: Department, hr: Account, tmp_path: Path) -> Bring:
    """Import a file of a kind into the department."""

    def bring(kind: str, content: str, **options: str) -> ImportBatch:
        path = tmp_path / f"{kind}.csv"
        path.write_text(content)
        upload = Upload(department=place, kind=kind, options=options)
        at = timezone.now()
        report = run_import(
            department=place,
            kind=kind,
            path=path,
            profile=None,
            by=hr,
            at=at,
            dry_run=False,
            load=loader_of(upload, by=hr, at=at),
        )
        assert report.batch is not None
        return report.batch

    return bring


def orders(*rows: str) -> str:
    return "订单号,付款时间,金额,退款金额,备注\n" + "\n".join(rows)


def facts() -> dict[str, list[dict[str, Any]]]:
    """Everything that imports write."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def undo(batch: ImportBatch, by: Account) -> None:
    batch.refresh_from_db()
    batch_undo(batch=batch, by=by, at=timezone.now())


FIRST = {
    "orders": (orders("7001,2026-10-03,100,0,1001"), {"as_of": "2026-10-31"}),
    "attendance": ("工号,日期,迟到分钟\n1001,2026-10-03,5\n", {}),
    "leave": ("工号,开始日期,天数,类型\n1001,2026-10-05,1,事假\n", {}),
    "metrics": ("工号,指标,数值,月份\n1001,转化率,60%,2026-10\n", {}),
    "staff": (
        "工号,姓名,入职日期,底薪\n1009,张三,2026-01-05,3000\n1001,员工1001,2020-01-01,3500\n",
        {
            "effective_on": "2026-10-01",
        },
    ),
}
SECOND = {
    "orders": (orders("7001,2026-10-03,100,30,1002", "7002,2026-10-04,50,0,"), {"as_of": "2026-11-10"}),
    "attendance": ("工号,日期,迟到分钟\n1001,2026-10-03,9\n1002,2026-10-04,1\n", {}),
    "leave": ("工号,开始日期,天数,类型\n1001,2026-10-05,2,事假\n", {}),
    "metrics": ("工号,指标,数值,月份,截至日期\n1001,转化率,70%,2026-10,2026-11-02\n", {}),
    "staff": (
        "工号,姓名,入职日期,离职日期,底薪\n1009,张三,2026-01-05,2026-12-31,3300\n",
        {
            "effective_on": "2026-10-10",
        },
    ),
}


@pytest.mark.parametrize("kind", FIRST)
def test_undoing_the_last_and_then_the_first_import_leaves_every_row_as_it_was(
    bring: Bring, people: list[Staff], hr: Account, kind: str
) -> None:
    before = facts()
    first = bring(kind, FIRST[kind][0], **FIRST[kind][1])
    between = facts()
    second = bring(kind, SECOND[kind][0], **SECOND[kind][1])
    assert before != between != facts()
    undo(second, hr)
    assert facts() == between
    undo(first, hr)
    assert facts() == before


def test_an_attribution_is_undone_to_what_the_remarks_said(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    bring("orders", orders("7001,2026-10-03,100,0,1001"), as_of="2026-10-31")
    before = facts()
    batch = bring("attribution", "订单号,落实客服工号\n7001,1002\n")
    assert Order.objects.get().agent == people[1]
    undo(batch, hr)
    assert facts() == before


def test_an_undo_names_the_months_again_and_the_file_may_come_again(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    content = orders("7001,2026-10-03,100,0,")
    batch = bring("orders", content, as_of="2026-10-31")
    undo(batch, hr)
    batch.refresh_from_db()
    assert (batch.undo_by, batch.undone_at is None) == (hr, False)
    change = FactChange.objects.first()
    assert (change.month, change.note) == (date(2026, 10, 1), "撤销导入 orders.csv")
    assert bring("orders", content, as_of="2026-10-31").summary["created"] == 1
    with pytest.raises(ImportRefused, match="已经撤销"):
        undo(batch, hr)


@pytest.mark.parametrize("state", ["approved", "paid"])
def test_an_import_of_a_frozen_month_is_not_undone(
    bring: Bring, people: list[Staff], place: Department, hr: Account, state: str
) -> None:
    batch = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    at = timezone.now()
    SettlementPeriod.objects.create(
        department=place, month=date(2026, 10, 1), state=state, approved_by=hr, approved_at=at
    )
    before = facts()
    with pytest.raises(ImportRefused, match="2026年10月"):
        undo(batch, hr)
    assert facts() == before


def test_a_month_frozen_after_terms_began_keeps_a_staff_import(
    bring: Bring, people: list[Staff], place: Department, hr: Account
) -> None:
    batch = bring("staff", "工号,姓名,入职日期\n1009,张三,2026-01-05\n", effective_on="2026-10-01")
    month = timezone.localdate().replace(day=1)
    at = timezone.now()
    SettlementPeriod.objects.create(
        department=place, month=month, state="approved", approved_by=hr, approved_at=at
    )
    with pytest.raises(ImportRefused, match="工资已定"):
        undo(batch, hr)


def test_a_later_import_that_changed_the_rows_has_to_go_first(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    first = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    bring("attribution", "订单号,落实客服工号\n7001,1002\n")
    with pytest.raises(ImportRefused, match=r"订单归属 attribution\.csv.*请先撤销那一次"):
        undo(first, hr)


def test_a_later_import_that_found_the_rows_as_they_are_has_to_go_first(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    first = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    bring("orders", orders("7001,2026-10-03,100,0,", "7002,2026-10-04,5,0,"), as_of="2026-10-31")
    with pytest.raises(ImportRefused, match="也含有其中的行"):
        undo(first, hr)


def test_imports_that_share_no_row_are_undone_in_any_order(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    first = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    bring("orders", orders("7002,2026-10-04,5,0,"), as_of="2026-10-31")
    undo(first, hr)
    assert [order.order_no for order in Order.objects.all()] == ["7002"]


def test_rows_that_somebody_changed_since_are_not_overwritten(
    bring: Bring, people: list[Staff], hr: Account
) -> None:
    batch = bring("staff", "工号,姓名,入职日期\n1009,张三,2026-01-05\n", effective_on="2026-10-01")
    staff_rename(staff=Staff.objects.get(number="1009"), name="张三丰")
    with pytest.raises(ImportRefused, match="又改动过"):
        undo(batch, hr)


def test_what_others_built_on_new_rows_keeps_them(bring: Bring, people: list[Staff], hr: Account) -> None:
    batch = bring("staff", "工号,姓名,入职日期\n1009,张三,2026-01-05\n", effective_on="2026-10-01")
    bring("attendance", "工号,日期,迟到分钟\n1009,2026-10-03,5\n")
    before = facts()
    with pytest.raises(ImportRefused, match="考勤"):
        undo(batch, hr)
    assert facts() == before

    batch = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    OrderClaim.objects.create(order=Order.objects.get(), staff=people[0], reason="x", at=timezone.now())
    with pytest.raises(ImportRefused, match="订单认领"):
        undo(batch, hr)


@pytest.fixture
def complaint(place: Department) -> Provision:
    """A provision whose incidents wait to be confirmed."""
    version = Version.objects.create(department=place, number=1, effective_on=date(2026, 1, 1))
    params = {"amount": "20.00"}
    row = Provision.objects.create(
        version=version, position=0, code="x", title="漏发货", kind="fine", params=params
    )
    Version.objects.update(published_at=factories.WHEN)
    return row


INCIDENTS = "工号,条款,日期,说明\n1001,漏发货,2026-10-03,甲\n1002,漏发货,2026-10-04,乙\n"


def test_incidents_that_nobody_decided_are_undone(
    bring: Bring, people: list[Staff], hr: Account, complaint: Provision
) -> None:
    before = facts()
    batch = bring("incidents", INCIDENTS)
    assert Incident.objects.filter(state="recorded").count() == 2
    undo(batch, hr)
    assert facts() == before
    assert bring("incidents", INCIDENTS).summary["created"] == 2


@pytest.mark.parametrize("decide", [incident_confirm, partial(incident_reject, reason="查无此事")])
def test_incidents_that_somebody_decided_have_to_be_reversed_one_by_one(
    bring: Bring, people: list[Staff], hr: Account, complaint: Provision, decide: Callable[..., Incident]
) -> None:
    batch = bring("incidents", INCIDENTS)
    decide(incident=Incident.objects.first(), by=hr, at=timezone.now())
    with pytest.raises(ImportRefused, match=r"其中 1 条奖惩已确认或驳回.*逐条撤销"):
        undo(batch, hr)
    assert Incident.objects.count() == 2


def test_an_undo_takes_as_many_statements_for_two_rows_as_for_two_hundred(
    bring: Bring, people: list[Staff], hr: Account, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for size in (2, 200):
        rows = (f"{size}{n:04},2026-10-03,100,10," for n in range(size))
        batch = bring("orders", orders(*rows), as_of="2026-10-31")
        with django_assert_max_num_queries(40) as captured:
            undo(batch, hr)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_dry_run_and_a_failed_import_leave_no_record_of_rows(
    bring: Bring, people: list[Staff], place: Department
) -> None:
    with pytest.raises(Exception, match="没有此工号"):
        bring("attendance", "工号,日期,迟到分钟\n1001,2026-10-03,5\n9999,2026-10-03,5\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_rowchange WHERE batch_id IS NOT NULL")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT current_setting('kefu.import_batch', true)")
        assert cursor.fetchone()[0] in (None, "")


def test_every_table_that_imports_write_records_its_rows() -> None:
    names = {
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name == "rows_inserted" for trigger in getattr(model._meta, "triggers", ()))
    }
    # Those of a daily report, of opening balances, aliases, shared orders, figures, declarations, documents
    # and accounts, taken back in tests of their own, and these.
    others = (Punch, RosterDay, Outing, OpeningBalance, Alias, OrderSplit, OrderShare, DepartmentFigure)
    others += (ContributionBase, TaxDeduction, TaxHistory, TaxOpening, FirstJob, AnnualBonus)
    others += (IdentityDocument, BankAccount)
    assert names == {model._meta.db_table for model in (*MODELS, *others)}


# On the page


@pytest.fixture
def page(client: Client, hr: Account, settings: LazySettings, tmp_path: Path) -> Client:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    client.force_login(hr)
    return client


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_an_undo_is_asked_for_once_and_done_by_a_worker(
    page: Client, bring: Bring, people: list[Staff], hr: Account
) -> None:
    batch = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    url = f"/imports/done/{batch.pk}/"
    assert "撤销这次导入" in text(page, url)
    for _ in range(2):
        page.post(f"{url}undo")
    assert "正在撤销" in text(page, url)
    for _ in range(2):
        tasks.take_back(batch.pk, hr.pk)
    assert not Order.objects.exists()
    assert "已撤销" in text(page, url) and "撤销这次导入" not in text(page, url)
    assert "HX-Refresh" in page.get(f"{url}undoing").headers


def test_without_a_queue_an_undo_is_not_under_way(
    page: Client, bring: Bring, people: list[Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    queue_down(monkeypatch)
    told = page.post(f"/imports/done/{batch.pk}/undo", follow=True).content.decode()
    assert "任务队列连不上" in told and "撤销这次导入" in told
    assert Order.objects.exists()


def test_a_refused_undo_is_told_with_its_reason(
    page: Client, bring: Bring, people: list[Staff], place: Department, hr: Account
) -> None:
    batch = bring("staff", "工号,姓名,入职日期\n1009,张三,2026-01-05\n", effective_on="2026-10-01")
    page.post(f"/imports/done/{batch.pk}/undo")
    bring("attendance", "工号,日期,迟到分钟\n1009,2026-10-03,5\n")
    tasks.take_back(batch.pk, hr.pk)
    assert "上次撤销没有成功：已有依赖它的记录（考勤）" in text(page, f"/imports/done/{batch.pk}/")


def test_an_undo_that_no_worker_took_may_be_asked_for_again(
    page: Client, bring: Bring, people: list[Staff]
) -> None:
    batch = bring("orders", orders("7001,2026-10-03,100,0,"), as_of="2026-10-31")
    page.post(f"/imports/done/{batch.pk}/undo")
    long_ago = timezone.now() - timedelta(minutes=5)
    ImportBatch.objects.update(undo_asked_at=long_ago)
    assert "撤销没有完成" in text(page, f"/imports/done/{batch.pk}/")
    page.post(f"/imports/done/{batch.pk}/undo")
    batch.refresh_from_db()
    assert batch.undo_asked_at > long_ago


def test_an_import_from_before_rows_were_recorded_is_not_undone(
    page: Client, place: Department, hr: Account
) -> None:
    summary = {"created": 1, "changed": 0, "unchanged": 0, "months": ["2026-10"], "notes": []}
    batch = ImportBatch.objects.create(
        department=place, kind="orders", digest="x", rows=1, summary=summary, by=hr, at=timezone.now()
    )
    assert "没有留下撤销所需的记录" in text(page, f"/imports/done/{batch.pk}/")


def test_amounts_come_back_to_the_last_digit(bring: Bring, people: list[Staff], hr: Account) -> None:
    bring("orders", orders("7001,2026-10-03 23:59:59,100.10,0,=备注\\n"), as_of="2026-10-31")
    batch = bring("orders", orders("7001,2026-10-03 23:59:59,99.99,0,"), as_of="2026-11-01")
    undo(batch, hr)
    order = Order.objects.get()
    assert (order.amount, order.remark) == (Decimal("100.10"), "=备注\\n")
