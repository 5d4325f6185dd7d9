"""Imports in the browser: recognised, explained, checked, confirmed once, looked back at."""

import io
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from commissions.models import Order
from imports import tasks
from imports.models import HeaderMapping, Upload
from people.models import Account, Department, ImportBatch
from tests import factories
from tests.imports.uploads import State, brought, imported, orders, send, text, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_file_is_recognised_checked_and_stored_only_when_confirmed(page: Client, place: Department) -> None:
    upload = brought(page, orders("7001,2026-10-03 10:00:00,100.00,"), "十月.csv")
    assert (upload.kind, upload.profile, upload.state) == ("orders", "generic", State.READY)
    assert not Order.objects.exists()
    shown = text(page, f"/imports/{upload.pk}/")
    assert "新增 1" in shown and "7001" in shown and "涉及月份：2026-10" in shown

    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    work(upload)
    assert Order.objects.get().order_no == "7001"
    batch = ImportBatch.objects.get()
    assert (batch.by.username, batch.file_name) == ("hr", "十月.csv")
    assert "十月.csv" in text(page, "/imports/")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("工号,姓名,入职日期\n1001,张三,2026-01-05\n", "staff"),
        ("订单号,落实客服工号\n7001,1001\n", "attribution"),
        ("工号,日期,迟到分钟\n1001,2026-10-03,5\n", "attendance"),
        ("工号,开始日期,天数,类型\n1001,2026-10-03,1,事假\n", "leave"),
        ("工号,指标,数值,月份\n1001,转化率,60%,2026-10\n", "metrics"),
        ("工号,条款,日期,说明\n1001,迟到,2026-10-03,晚到\n", "incidents"),
    ],
)
def test_every_kind_is_recognised_by_its_headers(page: Client, content: str, kind: str) -> None:
    assert brought(page, content).kind == kind


def test_a_file_that_fits_several_kinds_is_asked_about_and_read_as_what_was_chosen(
    page: Client, place: Department
) -> None:
    factories.staff(place, "1001")
    upload = brought(page, "工号,日期,迟到分钟,接待人数\n1001,2026-10-03,5,80\n")
    assert upload.state == State.ASKING
    assert set(upload.found["candidates"]) == {"attendance.default", "metrics.chitu"}
    page.post(f"/imports/{upload.pk}/kind", {"what": "attendance.default"})
    assert (work(upload).kind, upload.state) == ("attendance", State.MAPPING)


def test_a_file_whose_headers_nobody_knows_is_asked_about_and_then_explained(
    page: Client, place: Department
) -> None:
    upload = brought(page, "甲列,乙列\n1001,2026-10-03\n")
    assert upload.state == State.ASKING
    assert "从表头看不出" in text(page, f"/imports/{upload.pk}/")
    page.post(f"/imports/{upload.pk}/kind", {"what": "attendance.default"})
    upload = work(upload)
    assert (upload.state, [each["header"] for each in upload.found["headers"]]) == (
        State.MAPPING,
        ["甲列", "乙列"],
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 x", "这不是表格文件"),
        (b"\x89PNG\r\n\x1a\n", "这不是表格文件"),
        (b"MZ\x00\x00program", "这不是表格文件"),
        (b"<html><table><tr><td>1</td></tr></table>", "网页格式"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused_and_not_kept(
    page: Client, folder: Path, place: Department, content: bytes, said: str
) -> None:
    response = send(page, content, "表.csv")
    assert (response.status_code, said in response.content.decode()) == (200, True)
    assert not Upload.objects.exists() and not folder.exists()


def test_a_zip_that_calls_itself_xlsx_is_refused_by_the_check(page: Client, place: Department) -> None:
    upload = brought(page, b"PK\x03\x04" + b"\x00" * 40, "表.xlsx")
    assert upload.state == State.INVALID
    assert "已损坏" in text(page, f"/imports/{upload.pk}/")


def test_a_file_above_the_limit_is_refused(page: Client, place: Department, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    assert "超过上限" in send(page, orders("7001,2026-10-03,1,")).content.decode()
    assert not Upload.objects.exists()


def test_uploads_lie_under_random_names_that_only_the_server_reads(page: Client, folder: Path) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"), "../../秘密.csv")
    (stored,) = folder.iterdir()
    assert stored.name == upload.stored_name and "秘密" not in stored.name
    assert (stored.stat().st_mode & 0o777, upload.file_name) == (0o600, "秘密.csv")


def test_the_same_form_twice_is_one_upload(page: Client, place: Department) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        send(page, orders("7001,2026-10-03,1,"), key=key)
    assert Upload.objects.count() == 1
    other = Client()
    other.force_login(factories.account("hr", place))
    send(other, orders("7001,2026-10-03,1,"), key=key)  # somebody else's form
    assert Upload.objects.count() == 1


# Own headers


def unknown(page: Client) -> Upload:
    upload = brought(page, "订单号,到账时刻,金额,心情\n7001,2026-10-03 10:00,100,好\n")
    assert upload.state == State.MAPPING
    return upload


def test_unknown_headers_are_explained_once_and_remembered(page: Client, place: Department) -> None:
    upload = unknown(page)
    assert "到账时刻" in text(page, f"/imports/{upload.pk}/")
    given = {"header_0": "paid_at", "header_1": "-", "then": "finish"}
    page.post(f"/imports/{upload.pk}/headers", given)
    assert work(upload).state == State.READY
    assert set(HeaderMapping.objects.values_list("header", "field")) == {
        ("到账时刻", "paid_at"),
        ("心情", ""),
    }

    again = brought(page, "订单号,到账时刻,金额,心情\n7002,2026-10-04 10:00,100,\n")
    assert again.state == State.READY
    assert again.found["sample"]["rows"][0]["cells"][1]["text"] == "2026-10-04 10:00:00"


def test_another_departments_headers_stay_unknown(page: Client, hr: Account, place: Department) -> None:
    other = factories.department("B", name="乙部")
    HeaderMapping.objects.create(
        department=other, kind="orders", profile="generic", header="心情", field="", at=timezone.now()
    )
    hr.departments.add(other)
    send(page, orders("7001,2026-10-03,1,").replace("备注", "心情"), department=place.pk)
    assert work(Upload.objects.first()).state == State.MAPPING


def test_a_mapping_left_half_way_is_taken_up_again_or_discarded(page: Client, folder: Path) -> None:
    upload = unknown(page)
    page.post(f"/imports/{upload.pk}/headers", {"header_0": "paid_at", "header_1": "", "then": "later"})
    assert not HeaderMapping.objects.exists()
    assert '<option value="paid_at" selected>' in text(page, f"/imports/{upload.pk}/")
    unfinished = page.post(
        f"/imports/{upload.pk}/headers", {"header_0": "paid_at", "header_1": "", "then": "finish"}
    )
    assert "还没有说明：心情" in unfinished.content.decode()

    page.post(f"/imports/{upload.pk}/discard")
    upload.refresh_from_db()
    assert (upload.state, upload.found) == (State.DISCARDED, {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"header_0": "-", "header_1": "-"}, "还缺必需的列：付款时间"),
        ({"header_0": "paid_at", "header_1": "paid_at"}, "已有另一列"),
        ({"header_0": "order_no", "header_1": "-"}, "order_no"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(page: Client, given: dict[str, str], said: str) -> None:
    upload = unknown(page)
    response = page.post(f"/imports/{upload.pk}/headers", {**given, "then": "finish"})
    assert said in response.content.decode()
    assert not HeaderMapping.objects.exists()


def test_a_script_in_a_header_a_cell_or_a_file_name_is_escaped(page: Client, place: Department) -> None:
    bad = "<script>alert(1)</script>"
    upload = brought(page, f"订单号,付款时间,金额,{bad}\n7001,2026-10-03,1,{bad}\n", "<script>.csv")
    for url in (f"/imports/{upload.pk}/", "/imports/"):
        shown = text(page, url)
        assert "&lt;script&gt;.csv" in shown and "<script>.csv" not in shown
    assert "&lt;script&gt;alert(1)" in text(page, f"/imports/{upload.pk}/")
    page.post(f"/imports/{upload.pk}/headers", {"header_0": "remark", "then": "finish"})
    assert "<script>alert" not in text(page, f"/imports/{work(upload).pk}/")


# Errors


def test_every_error_is_told_and_its_cell_is_marked_in_the_whole_sheet(
    page: Client, place: Department
) -> None:
    upload = brought(page, orders("7001,2026-10-03,多少,=1+1", "7002,2026-10-04,5,", "7003,昨天,6,@x"))
    assert upload.state == State.INVALID
    shown = text(page, f"/imports/{upload.pk}/")
    assert "第 2 行" in shown and "多少" in shown and "昨天" in shown

    response = page.get(f"/imports/{upload.pk}/errors")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("订单号", "付款时间", "金额", "备注", "问题说明")
    assert [row[0] for row in rows[1:]] == ["7001", "7002", "7003"]
    assert (rows[1][4].startswith("「金额」（多少）不是金额"), rows[2][4]) == (True, None)
    marked = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fill_type]
    assert marked == ["C2", "B4"]
    # Text stays as it was and is nowhere taken for a formula.
    told = [(cell.value, cell.data_type, cell.quotePrefix) for cell in (sheet["D2"], sheet["D4"])]
    assert told == [("=1+1", "s", True), ("@x", "s", True)]
    assert not Order.objects.exists()


def test_what_was_missing_elsewhere_can_be_checked_again(page: Client, place: Department) -> None:
    upload = brought(page, "工号,日期,迟到分钟\n1001,2026-10-03,5\n")
    assert "本部门没有此工号" in text(page, f"/imports/{upload.pk}/")
    factories.staff(place, "1001")
    page.post(f"/imports/{upload.pk}/retry")
    assert work(upload).state == State.READY


def test_at_most_two_hundred_errors_are_kept(page: Client, place: Department) -> None:
    upload = brought(page, orders(*(f"{7000 + n},2026-10-03,x," for n in range(300))))
    assert len(upload.found["errors"]) == 200
    assert "错误太多" in upload.message
    first, last = (text(page, f"/imports/{upload.pk}/?page={number}") for number in (1, 7))
    assert (first.count("不是金额"), last.count("不是金额")) == (30, 20)


# Confirming


def test_a_second_confirmation_a_stale_page_and_a_second_delivery_do_nothing(
    page: Client, place: Department
) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    first = {"job": upload.job}
    page.post(f"/imports/{upload.pk}/confirm", {"job": uuid.uuid4()})
    upload.refresh_from_db()
    assert upload.state == State.READY
    page.post(f"/imports/{upload.pk}/confirm", first)
    upload.refresh_from_db()
    job = str(upload.job)
    page.post(f"/imports/{upload.pk}/confirm", first)
    upload.refresh_from_db()
    assert str(upload.job) == job
    for _ in range(2):
        tasks.store(upload.pk, job, upload.by_id)
    page.post(f"/imports/{upload.pk}/confirm", first)
    assert ImportBatch.objects.count() == 1


def test_changed_options_are_checked_before_anything_is_stored(page: Client, place: Department) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    assert upload.options == {"as_of": f"{timezone.localdate()}"}
    given = {"as_of": "2026-10-31", "shop": "旗舰店", "job": upload.job}
    page.post(f"/imports/{upload.pk}/options", given)
    upload.refresh_from_db()
    assert upload.state == State.CHECKING
    page.post(f"/imports/{upload.pk}/confirm", {"job": given["job"]})
    upload.refresh_from_db()
    assert upload.state == State.CHECKING
    upload = work(upload)
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    work(upload)
    order = Order.objects.get()
    assert (order.shop, order.as_of) == ("旗舰店", date(2026, 10, 31))


def test_a_date_that_is_none_is_said_beside_its_field(page: Client, place: Department) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    response = page.post(f"/imports/{upload.pk}/options", {"as_of": "gestern", "job": upload.job})
    assert "不是日期" in response.content.decode()


def test_the_same_file_again_is_told_and_cannot_be_imported(page: Client, place: Department) -> None:
    imported(page, orders("7001,2026-10-03,1,"))
    upload = brought(page, orders("7001,2026-10-03,1,"))
    assert upload.state == State.INVALID and "内容相同" in upload.message


# Who may


@pytest.fixture
def stranger(place: Department) -> Client:
    """HR of another department."""
    client = Client()
    client.force_login(factories.account("hr", factories.department("Z", name="丙部")))
    return client


def test_another_departments_uploads_and_imports_do_not_exist(page: Client, stranger: Client) -> None:
    batch = imported(page, orders("7001,2026-10-03,1,"), "秘密.csv")
    waiting = brought(page, orders("7001,2026-10-03,x,"), "秘密2.csv")
    for url in (
        f"/imports/{waiting.pk}/",
        f"/imports/{waiting.pk}/progress",
        f"/imports/{waiting.pk}/kind",
        f"/imports/{waiting.pk}/headers",
        f"/imports/{waiting.pk}/file",
        f"/imports/{waiting.pk}/errors",
        f"/imports/{batch.upload.pk}/file",
        f"/imports/done/{batch.pk}/",
        f"/imports/done/{batch.pk}/undoing",
    ):
        response = stranger.get(url)
        assert (url, response.status_code) == (url, 404)
        assert "秘密" not in response.content.decode()
    for step in ("options", "confirm", "retry", "discard"):
        assert stranger.post(f"/imports/{waiting.pk}/{step}", {"job": waiting.job}).status_code == 404
    assert stranger.post(f"/imports/done/{batch.pk}/undo").status_code == 404
    assert "秘密" not in text(stranger, "/imports/")
    assert page.get(f"/imports/{waiting.pk}/file").status_code == 200


def test_a_file_for_another_department_is_refused(page: Client, stranger: Client) -> None:
    response = send(page, orders("7001,2026-10-03,1,"), department=Department.objects.get(code="Z").pk)
    assert response.status_code == 200
    assert not Upload.objects.exists()


@pytest.mark.parametrize("group", ["agent", "lead", "gm", "auditor"])
def test_who_may_not_import_finds_no_page(client: Client, place: Department, group: str) -> None:
    client.force_login(factories.account(group, place))
    assert client.get("/imports/").status_code == 404


def test_who_may_not_manage_staff_imports_none_in_the_browser_either(
    client: Client, place: Department
) -> None:
    client.force_login(factories.account("supervisor", place))
    upload = brought(client, "工号,姓名,入职日期\n1001,张三,2026-01-05\n")
    assert upload.state == State.ASKING
    assert "员工：" not in text(client, f"/imports/{upload.pk}/kind")
    client.post(f"/imports/{upload.pk}/kind", {"what": "staff.default"})
    Upload.objects.update(kind="staff", profile="default", state=State.READY)
    page = client.post(f"/imports/{upload.pk}/confirm", {"job": upload.job}, follow=True).content.decode()
    assert "员工的导入还须有“维护员工”的权限" in page
    upload.refresh_from_db()
    assert upload.state == State.READY and not place.staff.exists()


def test_who_may_not_manage_staff_hands_no_import_of_staff_to_a_worker_again(
    page: Client, place: Department, hr: Account
) -> None:
    upload = brought(page, "工号,姓名,入职日期\n1001,张三,2026-01-05\n")
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    Upload.objects.update(queued_at=timezone.now() - timedelta(minutes=2))
    job = Upload.objects.get().job
    right = Permission.objects.get(codename="manage_staff", content_type__app_label="people")
    hr.groups.get().permissions.remove(right)
    told = page.post(f"/imports/{upload.pk}/retry", follow=True).content.decode()
    assert "“维护员工”的权限" in told and Upload.objects.get().job == job
    hr.groups.get().permissions.add(right)
    page.post(f"/imports/{upload.pk}/retry")
    assert Upload.objects.get().job != job


def test_who_may_not_manage_staff_takes_no_import_of_staff_back(page: Client, place: Department) -> None:
    batch = imported(page, "工号,姓名,入职日期\n1001,张三,2026-01-05\n")
    supervisor = Client()
    supervisor.force_login(factories.account("supervisor", place))
    told = supervisor.post(f"/imports/done/{batch.pk}/undo", follow=True).content.decode()
    assert "“维护员工”的权限" in told
    batch.refresh_from_db()
    assert batch.undo_asked_at is None


def test_a_staff_list_with_pay_is_hidden_from_who_may_not_see_pay(page: Client, place: Department) -> None:
    batch = imported(page, "工号,姓名,入职日期,底薪\n1001,张三,2026-01-05,4321\n")
    supervisor = Client()
    supervisor.force_login(factories.account("supervisor", place))
    assert supervisor.get(f"/imports/done/{batch.pk}/").status_code == 200
    assert supervisor.get(f"/imports/{batch.upload.pk}/file").status_code == 404
    assert supervisor.get(f"/imports/{batch.upload.pk}/").status_code == 404


def test_incidents_need_the_right_to_record_them(page: Client, hr: Account, place: Department) -> None:
    hr.groups.get().permissions.remove(
        hr.groups.get().permissions.get(codename="record_incidents", content_type__app_label="people")
    )
    upload = brought(page, "工号,条款,日期,说明\n1001,迟到,2026-10-03,晚到\n")
    assert upload.state != State.READY and upload.kind != "incidents"
    page.post(f"/imports/{upload.pk}/kind", {"what": "incidents.default"})
    upload.refresh_from_db()
    assert upload.kind != "incidents"


def test_signed_out_nobody_gets_in(client: Client) -> None:
    assert client.get("/imports/").headers["Location"].startswith("/login")


# Sizes and ages


def test_the_list_takes_few_queries_at_any_length(
    page: Client, place: Department, hr: Account, django_assert_max_num_queries: Any
) -> None:
    at = timezone.now()
    summary = {"created": 1, "changed": 0, "unchanged": 0, "months": ["2026-10"], "notes": []}
    for n in range(60):
        ImportBatch.objects.create(
            department=place,
            kind="orders",
            profile="generic",
            file_name=f"{n}.csv",
            digest=f"{n}",
            rows=1,
            summary=summary,
            by=hr,
            at=at,
        )
        Upload.objects.create(
            department=place,
            file_name=f"u{n}",
            stored_name=f"{n}",
            size=1,
            by=hr,
            at=at,
            state=State.INVALID,
            job=uuid.uuid4(),
            queued_at=at,
        )
    with django_assert_max_num_queries(12):
        shown = text(page, "/imports/")
    assert (shown.count(".csv</a>"), shown.count(">u")) == (40, 10)
    with django_assert_max_num_queries(12):
        assert text(page, "/imports/?waiting=1").count(">u") == 50


def test_pages_of_one_upload_and_one_import_take_few_queries(
    page: Client, place: Department, django_assert_max_num_queries: Any
) -> None:
    batch = imported(page, orders("7001,2026-10-03,1,"))
    upload = brought(page, orders("7001,2026-10-03,x,"))
    with django_assert_max_num_queries(12):
        text(page, f"/imports/{upload.pk}/")
    with django_assert_max_num_queries(15):
        text(page, f"/imports/done/{batch.pk}/")
