"""A correction to a month that is approved or paid says so, before and after, and where it goes."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payroll.models import SettlementPeriod
from payroll.selectors.periods import frozen_months
from people.models import Account, Department
from tests import factories
from tests.imports.uploads import State, brought, imported, orders, text, work
from tests.published import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]

SAID = "2026-10 已批准，差额计入 2026年11月。"


def frozen(place: Department, by: Account, month: date, state: str = "approved") -> None:
    SettlementPeriod.objects.create(
        department=place, month=month, state=state, approved_by=by, approved_at=timezone.now()
    )


FILES = {
    "orders": "订单号,付款时间,金额\n7002,2026-10-04 10:00:00,50\n",
    "attribution": "订单号,落实客服工号\n7001,1001\n",
    "attendance": "工号,日期,迟到分钟\n1001,2026-10-09,5\n",
    "leave": "工号,开始日期,天数,类型\n1001,2026-10-09,1,事假\n",
    "metrics": "工号,指标,数值,月份\n1001,转化率,60%,2026-10\n",
    "opening": "工号,期初项目,截至日期,数值\n1001,得分,2026-10-31,90\n",
    "bases": "工号,缴费基数,起月\n1001,5000,2026-10\n",
    "deductions": "工号,扣除项目,每月金额,起月\n1001,住房租金,1500,2026-10\n",
    "tax_openings": "工号,截至月份,累计收入,累计已预扣税额\n1001,2026-10,50000,0\n",
    "incidents": "工号,条款,日期\n1001,x-late,2026-10-09\n",
    "staff": "工号,姓名,入职日期\n1009,王五,2026-10-10\n",
}


@pytest.mark.parametrize("kind", FILES)
def test_every_import_says_it_in_the_preview_and_on_its_page(
    page: Client, place: Department, hr: Account, kind: str
) -> None:
    factories.staff(place, "1001")
    publish(place)
    imported(page, orders("7001,2026-10-03 10:00:00,100.00,"))
    upload = brought(page, FILES[kind])
    assert "差额计入" not in text(page, f"/imports/{upload.pk}/")
    frozen(place, hr, date(2026, 10, 1))
    upload = brought(page, FILES[kind] + "\n")
    assert upload.state == State.READY
    assert SAID in text(page, f"/imports/{upload.pk}/")
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    assert work(upload).state == State.DONE
    assert SAID in text(page, f"/imports/done/{upload.batch_id}/")


def test_the_command_says_it(place: Department, hr: Account, tmp_path: Path) -> None:
    factories.staff(place, "1001")
    frozen(place, hr, date(2026, 10, 1))
    path = tmp_path / "考勤.csv"
    path.write_text(FILES["attendance"], encoding="utf-8")
    for more in ([], ["--dry-run"])[::-1]:
        out = StringIO()
        call_command("import_attendance", str(path), "--department", "A", *more, stdout=out)
        assert SAID in out.getvalue()


def test_rows_that_change_nothing_in_a_frozen_month_say_nothing(
    page: Client, place: Department, hr: Account
) -> None:
    factories.staff(place, "1001")
    imported(page, FILES["attendance"])
    frozen(place, hr, date(2026, 10, 1))
    again = brought(page, FILES["attendance"] + "1001,2026-11-03,5\n")
    assert "差额计入" not in text(page, f"/imports/{again.pk}/")


def test_several_frozen_months_go_to_the_month_after_the_last(place: Department, hr: Account) -> None:
    frozen(place, hr, date(2026, 9, 1), "paid")
    frozen(place, hr, date(2026, 10, 1))
    days = [date(2026, 9, 3), date(2026, 10, 31), date(2026, 11, 2)]
    with CaptureQueriesContext(connection) as queries:
        assert frozen_months(place, days) == ["2026-09 已发放、2026-10 已批准，差额计入 2026年11月。"]
    assert len(queries) == 1
    assert frozen_months(place, days[:1]) == ["2026-09 已发放，差额计入 2026年11月。"]
    assert frozen_months(factories.department("B"), days) == []
