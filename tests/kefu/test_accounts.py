"""Accounts for a whole department, first-password slips, resets."""

import re
from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from people.models import Account, Department, Staff, TwoStepRemoval
from people.permissions import IN_OWN_EMPLOYMENT
from people.services import staff_leave, staff_transfer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Department:
    return factories.department("A")


@pytest.fixture
def hr(client: Client, department: Department) -> Account:
    account = factories.account("hr", department)
    client.force_login(account)
    return account


def slips_in(page: str) -> dict[str, str]:
    """Login names and passwords on a page of slips."""
    return dict(re.findall(r"<code>([^<]+)</code></dd>\s*<dt>首次口令</dt><dd><code>([^<]+)</code>", page))


def test_slips_let_everybody_in_once_and_are_stored_nowhere(
    client: Client, department: Department, hr: Account
) -> None:
    for number in ("1", "2"):
        factories.staff(department, number)
    factories.staff(department, "3", left_on=date(2020, 2, 1))
    response = client.post("/accounts/A/open")
    slips = slips_in(response.content.decode())
    assert set(slips) == {"A-1", "A-2"}
    assert "no-store" in response.headers["Cache-Control"]
    account = Account.objects.get(username="A-1")
    assert set(account.groups.values_list("name", flat=True)) == {"agent"}
    assert account.must_change_password and not account.is_staff
    assert slips["A-1"] not in account.password
    assert Staff.objects.get(number="1").account == account
    person = Client()
    assert person.post("/login", {"username": "A-1", "password": slips["A-1"]}).headers["Location"] == "/"
    assert person.get("/").headers["Location"] == "/password"


def test_opening_twice_makes_no_second_accounts(client: Client, department: Department, hr: Account) -> None:
    factories.staff(department, "1")
    client.post("/accounts/A/open")
    stored = Account.objects.get(username="A-1").password
    response = client.post("/accounts/A/open", follow=True)
    assert "没有新开" in response.content.decode()
    assert Account.objects.get(username="A-1").password == stored


def test_a_taken_login_name_gets_a_number(client: Client, department: Department, hr: Account) -> None:
    factories.account("agent", username="A-1")
    factories.staff(department, "1")
    assert set(slips_in(client.post("/accounts/A/open").content.decode())) == {"A-1-2"}


def test_opening_takes_as_many_queries_for_many_as_for_few(
    client: Client, department: Department, hr: Account
) -> None:
    counts = []
    for start, size in ((10, 2), (20, 40)):
        for number in range(start, start + size):
            factories.staff(department, str(number))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post("/accounts/A/open")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_reset_gives_a_new_first_password_and_unlocks(
    client: Client, department: Department, hr: Account
) -> None:
    person = factories.staff(department, "1")
    account = factories.account("agent", staff=person, username="zhang")
    for _ in range(5):
        Client().post("/login", {"username": "zhang", "password": "wrong"})
    assert AccessAttempt.objects.filter(username="zhang").exists()
    page = client.post(f"/accounts/A/{person.pk}/reset").content.decode()
    password = slips_in(page)["zhang"]
    account.refresh_from_db()
    assert account.must_change_password
    entered = Client().post("/login", {"username": "zhang", "password": password})
    assert entered.status_code == 302


@pytest.mark.parametrize("group", ["hr", "manager", "gm", "auditor"])
def test_who_could_approve_or_see_pay_is_not_reset_by_hr(
    client: Client, department: Department, hr: Account, group: str
) -> None:
    person = factories.staff(department, "1")
    account = factories.account(group, department, staff=person)
    page = client.post(f"/accounts/A/{person.pk}/reset", follow=True).content.decode()
    assert "只能由系统管理员重置口令" in page
    before = account.password
    account.refresh_from_db()
    assert account.password == before


def test_a_supervisor_of_another_department_is_not_reset(
    client: Client, department: Department, hr: Account
) -> None:
    person = factories.staff(department, "1")
    factories.account("supervisor", department, factories.department("B"), staff=person)
    page = client.post(f"/accounts/A/{person.pk}/reset", follow=True).content.decode()
    assert "在别的部门任职或管事" in page


def transferred(department: Department, group: str, days: int = 0) -> tuple[Staff, Account]:
    """Somebody whom another department employs from today on, or in that many days."""
    person, account = guarded(group, department, "1")
    day = timezone.localdate() + timedelta(days=days)
    staff_transfer(staff=person, to=factories.department("B"), on=day, by=None, at=timezone.now())
    return person, account


@pytest.mark.parametrize("group", ["agent", "lead"])
def test_the_former_department_does_not_reset_the_password_of_who_was_transferred(
    client: Client, department: Department, hr: Account, group: str
) -> None:
    person, account = transferred(department, group)
    page = client.post(f"/accounts/A/{person.pk}/reset", follow=True).content.decode()
    assert "在别的部门任职或管事" in page and not slips_in(page)
    before = account.password
    account.refresh_from_db()
    assert account.password == before and not account.must_change_password
    moved = Staff.objects.get(department__code="B")
    client.force_login(factories.account("hr", moved.department))
    assert slips_in(client.post(f"/accounts/B/{moved.pk}/reset").content.decode())


@pytest.mark.parametrize("group", ["agent", "lead"])
def test_nor_does_it_take_the_second_step_away(
    client: Client, department: Department, hr: Account, group: str
) -> None:
    person, account = transferred(department, group)
    page = client.post(f"/accounts/A/{person.pk}/two-step", {"reason": "x"}, follow=True).content.decode()
    assert "请其上级或系统管理员解除" in page
    assert TOTPDevice.objects.filter(user=account).exists()
    moved = Staff.objects.get(department__code="B")
    client.force_login(factories.account("hr", moved.department))
    client.post(f"/accounts/B/{moved.pk}/two-step", {"reason": "x"})
    assert not TOTPDevice.objects.filter(user=account).exists()


def test_until_the_day_of_the_transfer_the_former_department_helps(
    client: Client, department: Department, hr: Account
) -> None:
    person, _ = transferred(department, "agent", days=1)
    assert slips_in(client.post(f"/accounts/A/{person.pk}/reset").content.decode())


def test_the_last_department_still_helps_who_has_left(
    client: Client, department: Department, hr: Account
) -> None:
    person, _ = guarded("agent", department, "1")
    staff_leave(staff=person, last_day=date(2026, 1, 31), by=None, at=timezone.now())
    assert slips_in(client.post(f"/accounts/A/{person.pk}/reset").content.decode())


def test_another_departments_accounts_are_not_there(client: Client, hr: Account) -> None:
    other = factories.department("B")
    person = factories.staff(other, "1", name="别的部门")
    assert client.get("/accounts/B/").status_code == 404
    assert client.post("/accounts/B/open").status_code == 404
    assert client.post(f"/accounts/B/{person.pk}/reset").status_code == 404
    assert client.post(f"/accounts/A/{person.pk}/reset").status_code == 404
    assert not Account.objects.filter(staff=person).exists()


@pytest.mark.parametrize("group", ["agent", "lead", "supervisor", "gm", "auditor"])
def test_other_groups_have_no_accounts_page(client: Client, department: Department, group: str) -> None:
    person = factories.staff(department, "9")
    client.force_login(factories.account(group, department, staff=person))
    assert client.get("/accounts/A/").status_code == 404
    assert client.post("/accounts/A/open").status_code == 404


def test_the_list_shows_fifty_with_few_queries_and_finds_by_initials(
    client: Client, department: Department, hr: Account
) -> None:
    for number in range(60):
        factories.staff(department, f"{number:03}")
    factories.staff(department, "900", name="欧阳雪")
    client.post("/accounts/A/open")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/accounts/A/").content.decode()
    assert len(queries) <= 12
    assert page.count("重置口令？") == 50
    found = client.get("/accounts/A/", {"q": "oyx"}).content.decode()
    assert "欧阳雪" in found and found.count("重置口令？") == 1


def test_a_script_in_a_name_is_only_text(client: Client, department: Department, hr: Account) -> None:
    factories.staff(department, "1", name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/accounts/A/").content.decode()
    assert "<script>alert" not in client.post("/accounts/A/open").content.decode()


def test_accounts_already_open_are_not_counted_as_missing(
    client: Client, department: Department, hr: Account
) -> None:
    factories.account("agent", staff=factories.staff(department, "1"))
    assert "还没有账号" not in client.get("/accounts/A/").content.decode()
    factories.staff(department, "2", hired_on=timezone.localdate())
    assert "<strong>1</strong> 名在职员工还没有账号" in client.get("/accounts/A/").content.decode()


def guarded(group: str, department: Department, number: str) -> tuple[Staff, Account]:
    """Somebody of the group who is asked for a code from the phone."""
    person = factories.staff(department, number)
    managed = [] if group in IN_OWN_EMPLOYMENT else [department]
    account = factories.account(group, *managed, staff=person)
    TOTPDevice.objects.create(user=account, confirmed=True)
    return person, account


def test_a_manager_takes_hrs_second_step_away_with_a_reason_that_stays(
    client: Client, department: Department
) -> None:
    person, account = guarded("hr", department, "1")
    manager = factories.account("manager", department)
    client.force_login(manager)
    assert "解除两步验证？" in client.get("/accounts/A/").content.decode()
    url = f"/accounts/A/{person.pk}/two-step"
    assert "须写理由" in client.post(url, {"reason": " "}, follow=True).content.decode()
    assert TOTPDevice.objects.filter(user=account).exists()
    page = client.post(url, {"reason": "手机<b>遗失</b>"}, follow=True).content.decode()
    assert "已解除" in page and "手机&lt;b&gt;遗失" in page and "解除两步验证？" not in page
    assert not TOTPDevice.objects.filter(user=account).exists()
    removal = TwoStepRemoval.objects.get()
    assert (removal.by, removal.account, removal.staff) == (manager, account, person)
    assert "没有打开两步验证" in client.post(url, {"reason": "x"}, follow=True).content.decode()
    before = account.password
    account.refresh_from_db()
    assert account.password == before and not account.must_change_password
    for change in (removal.delete, lambda: TwoStepRemoval.objects.update(reason="x")):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            change()


@pytest.mark.parametrize("group", ["hr", "manager", "gm", "auditor"])
def test_nobody_takes_it_from_an_equal_or_a_superior(
    client: Client, department: Department, hr: Account, group: str
) -> None:
    person, account = guarded(group, department, "1")
    assert "解除两步验证？" not in client.get("/accounts/A/").content.decode()
    page = client.post(f"/accounts/A/{person.pk}/two-step", {"reason": "x"}, follow=True).content.decode()
    assert "其上级或系统管理员" in page
    assert TOTPDevice.objects.filter(user=account).exists()


def test_nobody_takes_the_own_one_nor_that_of_who_acts_elsewhere_too(
    client: Client, department: Department
) -> None:
    own, manager = guarded("manager", department, "1")
    client.force_login(manager)
    page = client.post(f"/accounts/A/{own.pk}/two-step", {"reason": "x"}, follow=True).content.decode()
    assert "不能解除自己的" in page
    person, account = guarded("hr", department, "2")
    account.departments.add(factories.department("B"))
    page = client.post(f"/accounts/A/{person.pk}/two-step", {"reason": "x"}, follow=True).content.decode()
    assert "在别的部门任职、管事" in page
    assert TOTPDevice.objects.count() == 2 and not TwoStepRemoval.objects.exists()


def test_a_group_made_by_hand_is_above_the_table_but_raises_nobody_who_acts(
    client: Client, department: Department
) -> None:
    own = Group.objects.create(name="质检员")
    person, account = guarded("hr", department, "1")
    helped, helped_account = guarded("agent", department, "2")
    helped_account.groups.add(own)
    manager, hr = factories.account("manager", department), factories.account("hr", department)
    url = "/accounts/A/{}/two-step".format
    hr.groups.add(own)
    client.force_login(hr)
    assert "解除两步验证？" not in client.get("/accounts/A/").content.decode()
    client.post(url(person.pk), {"reason": "x"})  # an equal, for all that the other group says
    client.force_login(manager)
    client.post(url(helped.pk), {"reason": "x"})
    assert TOTPDevice.objects.count() == 2
    client.force_login(Account.objects.create_superuser("root"))
    assert "解除两步验证？" in client.get("/accounts/A/").content.decode()
    client.post(url(helped.pk), {"reason": "x"})
    assert not TOTPDevice.objects.filter(user=helped_account).exists()
    account.is_superuser = True
    account.save()
    client.post(url(person.pk), {"reason": "x"})
    assert TOTPDevice.objects.filter(user=account).exists()


def test_the_second_step_of_another_department_is_not_there(client: Client, department: Department) -> None:
    other = factories.department("B")
    person, _ = guarded("hr", other, "1")
    client.force_login(factories.account("manager", department))
    for code in ("A", "B"):
        assert client.post(f"/accounts/{code}/{person.pk}/two-step", {"reason": "x"}).status_code == 404
    for group in ("supervisor", "lead", "agent", "gm"):
        client.force_login(factories.account(group, other))
        assert client.post(f"/accounts/B/{person.pk}/two-step", {"reason": "x"}).status_code == 404
    assert TOTPDevice.objects.exists()
