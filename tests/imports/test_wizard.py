"""The browser asks what a file leaves open, says what it comes to before storing, and remembers."""

import uuid
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissions.models import Order
from core.history import changes_of
from imports import services
from imports.errors import ImportRefused
from imports.models import Answer, FormatName, HeaderMapping, Upload
from people.models import Account, Department, ImportBatch
from tests import factories
from tests.imports.uploads import State, brought, orders, send, text, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder", "place")]
TWO = "订单号,付款时间,金额,实付金额\n{number},2026-10-03 10:00:00,100.00,90.00\n合计,,100,90\n"


def answered(page: Client, upload: Upload, value: str) -> Upload:
    page.post(f"/imports/{upload.pk}/questions", {"question_0": value, "job": upload.job})
    return work(upload)


def confirmed(page: Client, upload: Upload) -> Upload:
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    return work(upload)


def test_a_question_is_a_form_and_its_answer_is_remembered(page: Client, hr: Account) -> None:
    upload = brought(page, TWO.format(number="7001"))
    assert (upload.state, upload.kind) == (State.QUESTIONS, "orders")
    shown = text(page, f"/imports/{upload.pk}/")
    assert "D 列「实付金额」" in shown and "第 2 行：金额 100.00，实付金额 90.00" in shown
    assert not Order.objects.exists() and not Answer.objects.exists()

    upload = answered(page, upload, "实付金额")
    assert (upload.state, upload.answers) == (State.READY, {"column:paid_amount": "实付金额"})
    assert not Answer.objects.exists()  # nothing is stored, so nothing is remembered
    assert confirmed(page, upload).state == State.DONE
    assert Order.objects.get().amount == 90
    assert list(Answer.objects.values_list("key", "value", "by")) == [
        ("column:paid_amount", "实付金额", hr.pk)
    ]
    assert brought(page, TWO.format(number="7002")).state == State.READY


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "还没有回答"),
        ({"question_0": "别的列"}, "别的列"),
        ({"question_0": "金额", "job": "x"}, "已过时"),
    ],
)
def test_what_is_no_answer_is_refused(page: Client, given: dict[str, str], said: str) -> None:
    upload = brought(page, TWO.format(number="7001"))
    response = page.post(f"/imports/{upload.pk}/questions", {"job": str(upload.job), **given}, follow=True)
    assert said in response.content.decode()
    upload.refresh_from_db()
    assert (upload.state, upload.answers) == (State.QUESTIONS, {})


def test_a_checked_file_says_what_it_is_and_what_was_skipped(page: Client) -> None:
    content = "订单号,付款时间,金额,备注\n7001,2026-10-03 10:00,100,\n合计,,100,\n"
    upload = brought(page, content, "订单2026-10-01至2026-10-31.csv")
    assert upload.state == State.READY
    shown = text(page, f"/imports/{upload.pk}/")
    for said in (
        "合计行 1 行没有导入（第 3 行）",
        "2026-10-01 至 2026-10-31",
        "付款时间（B 列）、金额（C 列）",
    ):
        assert said in shown
    assert not ImportBatch.objects.exists()


def test_the_first_rows_are_shown_as_they_will_be_stored(page: Client) -> None:
    upload = brought(page, "订单号,付款时间,金额,备注\n7001,46303.4166666667,10.0,\n")
    assert upload.state == State.READY
    [row] = upload.found["sample"]["rows"]
    assert [(cell["text"], cell["wrong"]) for cell in row["cells"][:3]] == [
        ("7001", False),
        ("2026-10-08 10:00:00", False),
        ("10", False),
    ]


def test_unknown_headers_are_not_needed_with_one_click_but_money_is_asked(page: Client) -> None:
    upload = brought(page, "订单号,付款时间,金额,心情,退款金额合计\n7001,2026-10-03,100,好,30\n")
    assert upload.state == State.MAPPING
    shown = text(page, f"/imports/{upload.pk}/headers")
    assert shown.count('value="-" selected') == 1 and shown.count('value="" selected') == 1
    page.post(f"/imports/{upload.pk}/headers", {"header_0": "-", "header_1": "", "then": "finish"})
    assert not HeaderMapping.objects.exists()
    page.post(
        f"/imports/{upload.pk}/headers", {"header_0": "-", "header_1": "refund_amount", "then": "finish"}
    )
    assert work(upload).state == State.READY
    assert HeaderMapping.objects.get(header="退款金额合计").field == "refund_amount"


def test_several_files_of_one_export_are_brought_at_once_and_asked_once(
    page: Client, place: Department
) -> None:
    files = [
        SimpleUploadedFile(f"{number}.csv", TWO.format(number=number).encode()) for number in (7001, 7002)
    ]
    given: dict[str, Any] = {"department": place.pk, "key": str(uuid.uuid4())}
    for _ in range(2):  # a second click brings nothing twice
        for file in files:
            file.seek(0)
        page.post("/imports/", {**given, "file": files})
    first, second = Upload.objects.order_by("pk")
    assert {work(first).state, work(second).state} == {State.QUESTIONS}
    assert answered(page, first, "实付金额").state == State.READY
    assert work(second).state == State.READY
    assert [confirmed(page, each).state for each in (first, second)] == [State.DONE] * 2
    assert [each.amount for each in Order.objects.order_by("order_no")] == [90, 90]


def test_of_several_files_only_those_that_were_stored_are_counted(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [SimpleUploadedFile(f"{number}.csv", TWO.format(number=number).encode()) for number in range(3)]
    create = services.upload_create

    def refusing_one(*, content: UploadedFile, **given: Any) -> Upload:
        if content.name == "1.csv":
            raise ImportRefused(services.STALE)
        return create(content=content, **given)

    monkeypatch.setattr(services, "upload_create", refusing_one)
    given = {"department": place.pk, "key": str(uuid.uuid4()), "file": files}
    told = page.post("/imports/", given, follow=True).content.decode()
    assert "上传了 2 个文件" in told and "这个页面已过时" in told
    assert Upload.objects.count() == 2


def test_a_sheet_whose_name_ends_with_a_space_can_be_chosen(page: Client) -> None:
    book = openpyxl.Workbook()
    book.active.title = "9月"
    for sheet in (book.active, book.create_sheet("10月 ")):
        for row in (["订单号", "付款时间", "金额"], [sheet.title, "2026-10-03 10:00:00", 100]):
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    upload = brought(page, content.getvalue(), "表.xlsx")
    assert upload.state == State.QUESTIONS
    (key,) = (asked["key"] for asked in upload.found["questions"])
    upload = answered(page, upload, "10月 ")
    assert (upload.state, upload.answers) == (State.READY, {key: "10月 "})


def test_one_bad_file_among_several_is_named_and_none_is_kept(page: Client, place: Department) -> None:
    files = [SimpleUploadedFile("好.csv", b"1,2"), SimpleUploadedFile("坏.csv", b"%PDF-1.7")]
    response = page.post("/imports/", {"department": place.pk, "key": str(uuid.uuid4()), "file": files})
    assert "坏.csv：这不是表格文件" in response.content.decode()
    assert not Upload.objects.exists()


# What is remembered


def remembered(place: Department) -> tuple[HeaderMapping, Answer]:
    given = {"department": place, "kind": "orders", "at": timezone.now()}
    header = HeaderMapping.objects.create(**given, profile="generic", header="心情", field="")
    answer = Answer.objects.create(
        **given,
        key="status:已核销",
        text="“已核销”算成交吗？",
        value="sale",
        choices=[["sale", "算"], ["void", "不算"]],
    )
    return header, answer


def test_what_is_remembered_is_seen_changed_and_forgotten_with_its_history(
    page: Client, place: Department, hr: Account
) -> None:
    header, answer = remembered(place)
    assert "心情" in text(page, "/imports/remembered/?department=A")
    assert "算" in text(page, "/imports/remembered/?department=A&what=answers")
    for _ in range(2):  # pressed twice
        page.post(f"/imports/remembered/answers/{answer.pk}/", {"value": "void"})
        page.post(f"/imports/remembered/headers/{header.pk}/", {"field": "remark"})
    answer.refresh_from_db()
    header.refresh_from_db()
    assert (answer.value, answer.by, header.field) == ("void", hr, "remark")
    (change,) = changes_of(answer)
    assert {(each.old, each.new) for each in change.fields if each.label == "回答"} == {("sale", "void")}
    assert "sale → void" in text(page, f"/imports/remembered/answers/{answer.pk}/")

    for _ in range(2):
        page.post(f"/imports/remembered/answers/{answer.pk}/forget")
        page.post(f"/imports/remembered/headers/{header.pk}/forget")
    answer.refresh_from_db()
    assert answer.forgotten_at and answer.value == "void"
    assert "心情" not in text(page, "/imports/remembered/?department=A")
    assert brought(page, orders("7001,2026-10-03,1,").replace("备注", "心情")).state == State.MAPPING


def test_what_is_no_answer_changes_nothing_remembered(page: Client, place: Department) -> None:
    header, answer = remembered(place)
    page.post(f"/imports/remembered/answers/{answer.pk}/", {"value": "perhaps"})
    page.post(f"/imports/remembered/headers/{header.pk}/", {"field": "number"})
    answer.refresh_from_db()
    header.refresh_from_db()
    assert (answer.value, header.field) == ("sale", "")


def test_a_format_is_called_after_its_shop(page: Client, place: Department) -> None:
    remembered(place)
    page.post("/imports/remembered/name", {"department": "A", "format": "orders.generic", "name": "东门店"})
    assert str(FormatName.objects.get()) == "东门店"
    assert "东门店" in text(page, "/imports/remembered/?department=A")
    upload = brought(page, orders("7001,2026-10-03,1,"))
    assert "通用订单表，东门店" in text(page, f"/imports/{upload.pk}/")
    page.post("/imports/remembered/name", {"department": "A", "format": "orders.nothing", "name": "东门店"})
    assert FormatName.objects.count() == 1


def test_what_another_department_or_kind_remembers_is_not_there(client: Client, place: Department) -> None:
    header, answer = remembered(place)
    for account in (
        factories.account("hr", factories.department("B"), username="elsewhere"),
        factories.account("agent", place, username="agent"),
    ):
        client.force_login(account)
        for url in (f"headers/{header.pk}/", f"answers/{answer.pk}/"):
            assert client.get(f"/imports/remembered/{url}").status_code == 404
            assert client.post(f"/imports/remembered/{url}forget").status_code == 404
        assert client.get("/imports/remembered/?department=A").status_code == 404
    answer.refresh_from_db()
    assert answer.forgotten_at is None


def test_the_list_takes_as_many_queries_for_many_as_for_one(page: Client, place: Department) -> None:
    remembered(place)
    page.get("/imports/remembered/?department=A")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page.get("/imports/remembered/?department=A")
        return len(caught)

    few = queries()
    HeaderMapping.objects.bulk_create(
        HeaderMapping(department=place, kind="orders", profile="generic", header=f"列{n}", at=timezone.now())
        for n in range(60)
    )
    assert queries() == few


def test_a_file_that_is_not_asked_about_has_no_questions_page(page: Client) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    assert page.get(f"/imports/{upload.pk}/questions").status_code == 302
    assert send(page, orders("7002,2026-10-03,1,")).status_code == 302
