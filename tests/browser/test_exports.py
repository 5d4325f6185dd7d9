"""Exports as they lie on the disk, to a settled month: nobody opens a spreadsheet program on the way."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from people.models import Department
from rules.models import Provision, Version
from tests.browser.conftest import PASSWORD, Visit
from tests.browser.test_evening import aside
from tests.browser.test_flows import WORKER_MILLISECONDS

SAMPLES = Path(settings.BASE_DIR) / "fixtures" / "samples"
CODE = "exports"
COMMISSION = {
    "code": "x-comm",
    "title": "销售提成",
    "kind": "commission",
    "params": {"measure": "net_sales", "by": "net_sales", "brackets": [{"from": "0", "rate": "0.01"}]},
}


def prepare() -> None:
    """A department with HR and a provision; everything else comes from files."""
    call_command("create_department", "--code", CODE, "--name", "客服部", verbosity=0)
    account = ("exports-hr", "--group", "hr", "--department", CODE, "--password", PASSWORD)
    call_command("create_account", *account, verbosity=0)
    department = Department.objects.get(code=CODE)
    version = Version.objects.create(department=department, number=1, effective_on=date(2020, 1, 1))
    Provision.objects.create(version=version, position=0, **COMMISSION)
    version.published_at = timezone.now()
    version.save()


def bring(seen: Visit, name: str, *said: str) -> None:
    """Upload a file as it is, look at what is said of it, confirm."""
    page = seen.go(reverse("imports"))
    page.set_input_files("[name=file]", SAMPLES / name)
    page.get_by_role("button", name="上传并检查").click()
    confirm = page.get_by_role("button", name="确认导入")
    confirm.or_(page.get_by_role("heading", name="错误")).wait_for(timeout=WORKER_MILLISECONDS)
    shown = page.locator("main").inner_text()
    assert confirm.is_visible(), shown
    assert not [each for each in said if each not in shown], shown
    seen.narrow()
    confirm.click()
    page.get_by_text("已导入", exact=True).wait_for(timeout=WORKER_MILLISECONDS)


@pytest.mark.usefixtures("worker")
def test_exports_from_the_disk_become_a_settled_month(visit: Callable[..., Visit]) -> None:
    aside(prepare)
    seen = visit("exports-hr")
    bring(seen, "staff.default.csv", "合计行 1 行没有导入", "制表、审核等说明行 1 行没有导入")
    bring(seen, "attendance.dingtalk.xlsx", "每日统计（不读：原始记录）", "第 4 行", "11 分钟")
    bring(seen, "orders.taobao.csv", "淘宝卖家中心订单导出")

    page: Any = seen.go(reverse("pay"))
    page.get_by_label("月份").fill("2026-09")
    page.get_by_role("button", name="打开这个月").click()
    page.get_by_role("button", name="开始结算").click()
    page.locator("summary", has_text="重新结算").wait_for(timeout=WORKER_MILLISECONDS)
    for number, commission in (("1001", "1.28"), ("1002", "1.50")):
        page = seen.go(reverse("pay_slip", args=[CODE, "2026-09", number]))
        assert commission in page.locator("main").inner_text()
