"""Recording with what it will cost before it is saved; several people at once."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from files.models import Attachment
from penalties.models import Incident, MoneyEntry
from penalties.services import incident_confirm, incident_record
from people.models import Account, Department, Staff
from rules.models import Edition, LibraryProvision, Provision, Rulebook, Version
from tests import factories

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 24
STEPS = {
    "code": "x-steps",
    "title": "接待投诉",
    "roles": ["agent"],
    "kind": "escalating_fine",
    "params": {"steps": ["50.00", "100.00"], "after": "none", "final": {"at": 3, "proposal": "termination"}},
}
COPIED = ("code", "title", "kind", "params", "confirm", "roles")
RATE = {
    "code": "x-rate",
    "title": "上班打瞌睡",
    "kind": "rate_deduction",
    "window": "quarter",
    "params": {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}]},
}


@pytest.fixture
def agent(department: Department) -> Staff:
    version = Version.objects.create(department=department, number=2, effective_on="2020-01-02")
    rows = [*Provision.objects.filter(version__number=1).values(*COPIED)]
    for place, each in enumerate([*rows, STEPS, RATE]):
        Provision.objects.create(version=version, position=place, **each)
    Version.objects.filter(pk=version.pk).update(published_at=factories.WHEN)
    return factories.staff(department, "8103", name="陆晚晴")


@pytest.fixture
def manager(client: Client, department: Department) -> Account:
    account = factories.account("manager", department)
    client.force_login(account)
    return account


def part(client: Client, **asked: Any) -> str:
    given = {"who": "8103", "work_date": str(timezone.localdate()), **asked}
    return client.get("/incidents/provisions", given).content.decode()


def confirmed(staff: Staff, code: str = "x-steps", **given: Any) -> Incident:
    now = timezone.now()
    made = incident_record(staff=staff, code=code, work_date=timezone.localdate(), by=None, at=now, **given)
    return incident_confirm(incident=made, by=None, at=now)


def test_the_page_says_what_it_will_cost_and_why_before_anything_is_saved(
    client: Client, agent: Staff, manager: Account
) -> None:
    shown = part(client, code="x-steps")
    assert "−50.00 元" in shown and "第1次50元" in shown.replace(".00", "") and "确认以后才计" in shown
    confirmed(agent)
    assert "−100.00 元" in part(client, code="x-steps")
    confirmed(agent)
    shown = part(client, code="x-steps")
    assert "不扣钱也不扣分" in shown and "第 3 次" in shown and "由人决定" in shown
    assert "结算工资时算" in part(client, code="x-rate")
    assert "记下即生效" in part(client, code="x-auto")
    assert Incident.objects.count() == 2 and MoneyEntry.objects.count() == 2


def test_an_earlier_day_says_what_it_changes_afterwards(
    client: Client, agent: Staff, manager: Account
) -> None:
    confirmed(agent)
    day = timezone.localdate()
    if day.day == 1:
        pytest.skip("the first of a month has no day before it in its month")
    shown = part(client, code="x-steps", work_date=str(day.replace(day=1)))
    assert "−50.00 元" in shown and "以后各次随之变化 −50.00 元" in shown


def test_what_does_not_fit_is_said_before_saving(client: Client, agent: Staff, manager: Account) -> None:
    assert "请定金额，20.00至99.00元" in part(client, code="x-range")
    assert "金额500.00不在" in part(client, code="x-range", amount="500.00")
    assert "−30.00 元" in part(client, code="x-range", amount="30")
    assert 'name="amount"' not in part(client, code="x-late")


def test_provisions_stand_in_the_order_of_the_rulebook_and_are_found_by_what_is_typed(
    client: Client, agent: Staff, manager: Account
) -> None:
    shown = part(client)
    places = [shown.index(f'value="{code}"') for code in ("x-late", "x-auto", "x-range", "x-steps")]
    assert places == sorted(places)
    for what in ("接待", "X-STEPS", "jdts"):
        shown = part(client, what=what)
        assert 'value="x-steps"' in shown and 'value="x-late"' not in shown
    assert "没有找到这样的条款" in part(client, what="无此条款")


def test_the_first_people_are_a_touch_away(client: Client, agent: Staff, manager: Account) -> None:
    assert "?who=A/8103%20" in client.get("/incidents/new").content.decode()
    assert "先选员工" not in client.get("/incidents/new?who=A/8103").content.decode()


def test_a_photo_is_kept_with_the_incident_once(client: Client, agent: Staff, manager: Account) -> None:
    for _ in range(2):
        given = {"who": "8103", "work_date": str(timezone.localdate()), "code": "x-late", "quantity": "1"}
        picture = SimpleUploadedFile("现场.png", PICTURE)
        client.post("/incidents/new", {**given, "key": "k1", "attached": picture})
    kept = Incident.objects.get().attachments.get()
    assert (kept.staff, kept.by, Attachment.objects.count()) == (agent, manager, 1)
    bad = SimpleUploadedFile("x.png", b"no picture")
    page = client.post("/incidents/new", {**given, "key": "k2", "attached": bad}).content.decode()
    assert "不是JPEG" in page and Incident.objects.count() == 1


def batch(people: list[Staff], **changed: Any) -> dict[str, Any]:
    given = {"department": "A", "work_date": str(timezone.localdate()), "code": "x-late", "quantity": "1"}
    return {**given, "people": [each.pk for each in people], "key": "k1", "note": "抽查聊天记录", **changed}


def test_a_spot_check_records_several_people_once(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    other = factories.staff(department, "8104", name="方知夏")
    for _ in range(2):
        picture = SimpleUploadedFile("名单.png", PICTURE)
        told = client.post("/incidents/batch", batch([agent, other], attached=picture), follow=True)
        assert "已记录 2 条" in told.content.decode()
    rows = Incident.objects.order_by("staff__number")
    assert [(each.staff, each.code, each.note) for each in rows] == [
        (agent, "x-late", "抽查聊天记录"),
        (other, "x-late", "抽查聊天记录"),
    ]
    assert [each.attachments.get().staff for each in rows] == [agent, other]


def test_of_several_none_is_recorded_where_one_does_not_fit(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    designer = factories.staff(department, "8104", role="designer")
    refused = client.post("/incidents/batch", batch([agent, designer], code="x-steps")).content.decode()
    assert f"{designer}：条款“x-steps 接待投诉”不约束岗位“美工”" in refused
    assert f"{agent}：" not in refused
    assert "请勾选要记录的人" in client.post("/incidents/batch", batch([])).content.decode()
    stranger = factories.staff(factories.department("B"), "1")
    assert client.post("/incidents/batch", batch([agent, stranger])).status_code == 200
    assert not Incident.objects.exists()


def test_the_spot_check_shows_what_each_would_cost_with_a_fixed_number_of_queries(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    confirmed(agent)
    people = [agent, *(factories.staff(department, f"9{n:03}") for n in range(20))]
    counts = []
    for some in (people[:2], people):
        asked = batch(some, code="x-steps")
        with CaptureQueriesContext(connection) as queries:
            shown = client.get("/incidents/batch/part", asked).content.decode()
        counts.append(len(queries))
        assert shown.count("−100.00 元") == 1
        assert shown.count("−50.00 元") == len(some) - 1
    assert counts[0] == counts[1] <= 20
    assert not MoneyEntry.objects.exclude(amount=Decimal(-50))


def test_the_form_of_an_only_department_names_it(client: Client, agent: Staff, manager: Account) -> None:
    shown = client.get("/incidents/batch").content.decode()
    assert '<input type="hidden" name="department" value="A"' in shown


def test_people_are_found_by_team_and_only_who_may_record_comes_here(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    factories.staff(department, "8201", name="早班的人", team=factories.team(department, "早班"))
    shown = client.get("/incidents/batch/part", {"find": "早班"}).content.decode()
    assert "早班的人" in shown and "陆晚晴" not in shown
    client.force_login(factories.account("agent", staff=agent))
    for address in ("/incidents/batch", "/incidents/batch/part"):
        assert client.get(address).status_code == 404


def shelf(number: int, fines: int) -> list[LibraryProvision]:
    """A rulebook of the library with so many fines."""
    book = Rulebook.objects.create(code=f"b{number}", name=f"第{number}本制度", trade="网店")
    edition = Edition.objects.create(rulebook=book, number=1, digest=str(number), loaded_at=factories.WHEN)
    rows = [
        LibraryProvision(edition=edition, position=n, code=f"b{number}-{n:03}", title=f"第{n}项", kind="fine")
        for n in range(fines)
    ]
    return LibraryProvision.objects.bulk_create(rows)


def adopted(department: Department, *sources: LibraryProvision) -> None:
    """A version with these provisions and one of the department's own."""
    number = department.versions.count() + 1
    version = Version.objects.create(department=department, number=number, effective_on="2020-02-01")
    given = {"version": version, "kind": "fine", "params": {"amount": "10"}}
    own = Provision(**given, position=0, code="x-own", title="串岗")
    rows = [
        Provision(**given, position=place, source=each, code=each.code, title=each.title)
        for place, each in enumerate(sources, 1)
    ]
    Provision.objects.bulk_create([*rows, own])
    Version.objects.filter(pk=version.pk).update(published_at=factories.WHEN)


def test_every_provision_stands_under_its_rulebook_however_many_there_are(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    first, second = shelf(1, 90), shelf(2, 30)
    adopted(department, first[0], second[0])
    part(client)
    with CaptureQueriesContext(connection) as few:
        part(client)
    adopted(department, *first, *second)
    with CaptureQueriesContext(connection) as many:
        shown = part(client)
    assert len(few) == len(many)
    assert shown.count('name="code"') == 121
    headings = ["本部门自己的条款（1 条）", "第1本制度（90 条）", "第2本制度（30 条）"]
    places = [shown.index(each) for each in [*headings[:2], "b1-089", headings[2], "b2-029"]]
    assert places == sorted(places)
    assert shown.count("<details open>") == 1 and shown.index("<details open>") < places[0]


def test_what_is_found_lies_open_and_what_is_picked_stands_first(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    adopted(department, *shelf(1, 12), *shelf(2, 12))
    found = part(client, what="第11项")
    assert found.count("<details open>") == 2 and found.count('name="code"') == 2
    shown = part(client, code="b2-005")
    assert "<details open>" not in shown and shown.count('value="b2-005" checked') == 1
    assert shown.index("b2-005") < shown.index("本部门自己的条款") and "第2本制度（11 条）" in shown
    assert "没有找到这样的条款" in part(client, what="无此条款")
    assert "没有找到这样的条款" not in part(client, what="无此条款", code="b2-005")
