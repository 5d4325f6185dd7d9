"""A faulty file comes back: as the whole sheet, in part, under another name; its forerunner is closed."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from commissions.models import Order
from imports.files import path_of
from imports.models import Upload
from people.models import Department
from tests.imports.uploads import State, brought, orders, text, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder", "place")]

FAULTY = orders("7001,2026-10-03,多少,=1+1", "7002,2026-10-04,5,", "7003,2026-10-05,6,")


def marked(page: Client, upload: Upload) -> Any:
    """The workbook that the page offers for a faulty upload."""
    response = page.get(f"/imports/{upload.pk}/errors")
    assert "%E9%97%AE%E9%A2%98.xlsx" in response["Content-Disposition"]
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def saved(workbook: Any) -> bytes:
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def confirmed(page: Client, upload: Upload) -> Upload:
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    assert work(upload).state == State.DONE, upload.message
    return upload


def test_a_mended_whole_sheet_is_taken_with_its_explanations_and_closes_its_forerunner(
    page: Client, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    faulty = brought(page, FAULTY, "十月.csv")
    assert faulty.found["rows"] == 3
    workbook = marked(page, faulty)
    workbook.active["C2"] = 100
    mended = brought(page, saved(workbook), "十月-问题 (1).xlsx")
    assert (mended.state, mended.found["warnings"]) == (State.READY, [])
    page.post(f"/imports/{mended.pk}/confirm", {"job": mended.job})
    with django_capture_on_commit_callbacks(execute=True):
        assert work(mended).state == State.DONE
    faulty.refresh_from_db()
    assert (faulty.state, faulty.successor) == (State.DISCARDED, mended)
    assert not path_of(faulty).exists() and not list(folder.glob(f"{faulty.stored_name}*"))
    assert "十月-问题 (1).xlsx" in text(page, f"/imports/{faulty.pk}/")
    assert "十月.csv" in text(page, f"/imports/done/{mended.batch_id}/")
    assert Order.objects.get(order_no="7001").remark == "=1+1"
    assert "十月.csv" not in text(page, "/imports/?waiting=1")


@pytest.mark.parametrize("name", ["十月.csv", "十月-问题.csv", "改好.csv"])
def test_only_the_mended_rows_are_warned_about_and_leave_the_forerunner_open(page: Client, name: str) -> None:
    faulty = brought(page, FAULTY, "十月.csv")
    part = brought(page, orders("7001,2026-10-03,100,"), name)
    assert part.state == State.READY
    shown = text(page, f"/imports/{part.pk}/")
    assert "整份" in shown and "3 行" in shown and "十月.csv" in shown
    if name != "改好.csv":
        assert "这份有 1 行，上次整份有 3 行（十月.csv），少了 2 行" in shown
    confirmed(page, part)
    faulty.refresh_from_db()
    assert (faulty.state, faulty.successor) == (State.INVALID, None)


def test_rows_of_a_sheet_of_faults_under_another_name_are_known_by_its_column(page: Client) -> None:
    brought(page, FAULTY, "十月.csv")
    copied = "订单号,付款时间,金额,备注,问题说明\n7001,2026-10-03,100,,「金额」不是金额\n,,,,清空的一行\n"
    part = brought(page, copied, "新的.csv")
    assert part.state == State.READY
    assert "少了 2 行" in text(page, f"/imports/{part.pk}/")
    confirmed(page, part)
    assert Order.objects.count() == 1


def test_a_file_of_another_kind_or_department_is_no_successor(page: Client, place: Department) -> None:
    faulty = brought(page, "工号,日期,迟到分钟\n9999,2026-10-03,5\n", "十月.csv")
    whole = brought(page, orders("7001,2026-10-03,100,"), "十月.csv")
    assert whole.found["warnings"] == []
    confirmed(page, whole)
    faulty.refresh_from_db()
    assert (faulty.state, faulty.successor) == (State.INVALID, None)


def test_a_sheet_of_faults_with_faults_is_explained_anew_in_the_same_column(page: Client) -> None:
    workbook = marked(page, brought(page, FAULTY, "十月.csv"))
    workbook.active["C2"], workbook.active["C3"] = 100, "少许"
    sheet = marked(page, brought(page, saved(workbook), "十月-问题.xlsx")).active
    assert [cell.value for cell in sheet[1]] == ["订单号", "付款时间", "金额", "备注", "问题说明"]
    assert (sheet["E2"].value, "少许" in sheet["E3"].value) == (None, True)


def test_a_cell_beyond_the_headers_stays_a_fault_in_the_sheet(page: Client) -> None:
    faulty = brought(page, orders("7001,2026-10-03,100,x,多"), "十月.csv")
    assert faulty.state == State.INVALID
    again = brought(page, saved(marked(page, faulty)), "十月-问题.xlsx")
    assert (again.state, len(again.found["errors"])) == (State.INVALID, 1)


def test_row_numbers_of_the_sheet_are_those_of_the_file(page: Client) -> None:
    content = "十月订单\n\n" + orders("7001,2026-10-03,100,", "", "7002,2026-10-03,多少,")
    faulty = brought(page, content, "十月.csv")
    (error,) = faulty.found["errors"]
    sheet = marked(page, faulty).active
    assert sheet.cell(error["row"], 3).value == "多少"
    assert sheet.cell(error["row"], 3).fill.fill_type == "solid"


def test_a_sheet_that_breaks_below_two_hundred_errors_says_so(page: Client) -> None:
    rows = [f"{7000 + n},2026-10-03,x," for n in range(250)]
    faulty = brought(page, orders(*rows, '"9999,2026-10-03,1,'), "十月.csv")
    assert (faulty.state, len(faulty.found["errors"])) == (State.INVALID, 200)
    assert "引号不成对" in faulty.message
    assert "标好错误" not in text(page, f"/imports/{faulty.pk}/")


def test_closing_takes_as_many_queries_for_many_forerunners_as_for_one(
    page: Client,
) -> None:
    def close(first: int) -> int:
        whole = brought(page, orders(*(f"{n},2026-10-03,1," for n in range(first, first + 3))), "十月.csv")
        page.post(f"/imports/{whole.pk}/confirm", {"job": whole.job})
        with CaptureQueriesContext(connection) as queries:
            work(whole)
        return len(queries)

    brought(page, FAULTY, "十月.csv")
    for_one = close(7001)
    for _ in range(5):
        brought(page, FAULTY, "十月.csv")
    assert close(8001) == for_one
    assert Upload.objects.filter(successor__isnull=False).count() == 6
