"""The page of holiday notices: who may enter one, that it is kept, what is refused."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shifts.models import HolidayNotice
from tests import factories

pytestmark = pytest.mark.django_db
GIVEN = {
    "year": "2027",
    "off": "2027-02-05 2027-02-06，2027-02-07",
    "worked": "2027-02-20",
    "source": "国办发明电",
}


def client_of(group: str) -> Client:
    client = Client()
    client.force_login(factories.account(group, factories.department()))
    return client


def test_hr_enters_a_notice_and_corrects_it() -> None:
    client = client_of("hr")
    assert client.post("/shifts/holidays/", GIVEN).status_code == 302
    (notice,) = HolidayNotice.objects.all()
    assert notice.off == [date(2027, 2, day) for day in (5, 6, 7)] and notice.worked == [date(2027, 2, 20)]
    page = client.get("/shifts/holidays/?year=2027").content.decode()
    assert "2027-02-05 2027-02-06 2027-02-07" in page and "国办发明电" in page
    assert client.post("/shifts/holidays/?year=2027", {**GIVEN, "off": "2027-02-05"}).status_code == 302
    assert HolidayNotice.objects.get().off == [date(2027, 2, 5)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"worked": "2027-10-01"}, "是法定节假日"), ({"off": "二月五日"}, "不是日期"), ({"source": ""}, "必填")],
)
def test_what_no_notice_says_is_refused_and_nothing_is_entered(changed: dict[str, str], told: str) -> None:
    page = client_of("hr").post("/shifts/holidays/", GIVEN | changed)
    assert page.status_code == 200 and told in page.content.decode()
    assert not HolidayNotice.objects.exists()


@pytest.mark.parametrize("group", ["agent", "lead", "supervisor", "auditor"])
def test_who_keeps_no_staff_neither_sees_nor_enters_notices(group: str) -> None:
    client = client_of(group)
    assert client.get("/shifts/holidays/").status_code == 404
    assert client.post("/shifts/holidays/", GIVEN).status_code == 404
    assert not HolidayNotice.objects.exists()


def test_the_page_costs_as_many_queries_for_many_years() -> None:
    client = client_of("hr")
    counts = []
    for years in (range(2027, 2028), range(2028, 2060)):
        for year in years:
            HolidayNotice.objects.create(
                year=year, off=[date(year, 2, 5)], source="通知", entered_at=factories.WHEN
            )
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/shifts/holidays/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
