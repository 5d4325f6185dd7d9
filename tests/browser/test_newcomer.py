"""The HR guide followed from nothing to a workbook: its commands, then its pages, with the demo's files."""

import re
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from tests.browser.conftest import PASSWORD, Visit
from tests.browser.test_evening import aside
from tests.browser.test_flows import WORKER_MILLISECONDS, press, told
from workbench.demonstration.pay import FILES

GUIDE = Path(settings.BASE_DIR) / "docs" / "guide-hr.md"
MONTH = reverse("pay_period", args=["kf", "2026-10"])
# The demonstration stands beside it in the database and has the name of the files.
NAME, HERE = "演示客服部", "新来的客服部"
BOOKS = ("s000-05", "s004-05")
MONTHS_FILES = ("orders-2026-10.csv", "metrics-2026-10.csv", "appraisal-2026-10.csv", "leave-2026-10.csv")


def first_commands() -> list[list[str]]:
    """The first block of commands in the guide; accounts with a password that the test knows."""
    block = re.search(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    block_here = block[1].replace(NAME, HERE)
    found = [shlex.split(line)[2:] for line in block_here.splitlines()]
    return [[*words, "--password", PASSWORD] if "create_account" in words else words for words in found]


def of_here(name: str, folder: Path) -> Path:
    """A staff list, in the spreadsheet's usual encoding, for this department."""
    text = (FILES / name).read_bytes().decode("gb18030")
    file = folder / name
    file.write_bytes(text.replace(NAME, HERE).encode("gb18030"))
    return file


def bring(seen: Visit, file: Path, since: str = "") -> None:
    """Upload, look, confirm; changes of staff hold since a day."""
    page = seen.go(reverse("imports"))
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并检查").click()
    confirm = page.get_by_role("button", name="确认导入")
    confirm.or_(page.get_by_role("heading", name="错误")).wait_for(timeout=WORKER_MILLISECONDS)
    assert confirm.is_visible(), page.locator("main").inner_text()
    if since:
        page.locator("summary", has_text="设置").first.click()
        page.get_by_label("变更的生效日期").fill(since)
        page.get_by_role("button", name="按此重新检查").click()
        page.locator("summary", has_text=since).wait_for(timeout=WORKER_MILLISECONDS)
        confirm.wait_for(timeout=WORKER_MILLISECONDS)
    confirm.click()
    page.get_by_text("已导入", exact=True).wait_for(timeout=WORKER_MILLISECONDS)


def adopt(manager: Visit) -> None:
    """Two rulebooks of the library, published from October."""
    page = manager.go(reverse("rules"))
    page.locator("main").get_by_role("link", name=HERE, exact=True).click()
    page.get_by_role("button", name="开始制定").click()
    for book in BOOKS:
        page.get_by_label("制度", exact=True).select_option(book)
        page.get_by_role("button", name="放进草案").click()
        told(page, f"已把 {book} 放进草案")
    page.get_by_role("link", name="预览与发布").first.click()
    page.get_by_label("从哪天起生效").fill(f"{date(2026, 10, 1)}")
    page.get_by_label("说明").fill("采用两部制度")
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("heading", name="第1版").wait_for()


@pytest.mark.usefixtures("worker")
def test_a_newcomer_follows_the_guide_from_nothing_to_a_workbook(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    for words in first_commands():
        aside(lambda words=words: call_command(*words, verbosity=0))
    staff = tmp_path / "staff.csv"
    staff.write_bytes(
        (FILES / "staff-2026-09.csv").read_bytes().replace(NAME.encode("gb18030"), HERE.encode("gb18030"))
    )
    hr, manager = visit("kf-hr"), visit("kf-manager")

    bring(hr, of_here("staff-2026-09.csv", tmp_path))
    bring(hr, of_here("staff-changes-2026-10-16.csv", tmp_path), since="2026-10-16")
    page: Any = hr.go(reverse("accounts_department", args=["kf"]))
    page.locator("summary", has_text="开通账号并打印口令条").click()
    page.get_by_role("button", name="全部开通").click()
    page.get_by_text("kf-8103").wait_for()
    adopt(manager)
    for name in MONTHS_FILES:
        bring(hr, FILES / name)

    page = hr.go(reverse("pay"))
    page.get_by_label("月份").fill("2026-10")
    page.get_by_role("button", name="打开这个月").click()
    page.get_by_role("button", name="开始结算").click()
    page.locator("summary", has_text="重新结算").wait_for(timeout=WORKER_MILLISECONDS)
    page = manager.go(MONTH)
    press(page, "批准")
    told(page, "已批准")

    page = hr.go(MONTH)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出工资表").click()
    download.value.save_as(tmp_path / "month.xlsx")
    book = load_workbook(tmp_path / "month.xlsx", read_only=True)
    assert {"8102", "8103"} <= {str(cell) for row in book["工资表"].values for cell in row}
    assert "不一致" not in {cell for row in book["核对"].values for cell in row}
