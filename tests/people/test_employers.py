"""Who says which legal person pays a department."""

import pytest
from django.test import Client

from people.errors import PeopleError
from people.models import Account, Department, Employer, FactChange
from people.services import employer_departments_set, groups_sync
from tests import factories

ADD = "/admin/people/employer/add/"


@pytest.fixture
def own(db: None) -> Department:
    return factories.department("cs1")


@pytest.fixture
def hr(own: Department) -> Account:
    return factories.account("hr", own)


def test_hr_adds_an_employer_and_says_which_departments_it_pays(
    client: Client, hr: Account, own: Department
) -> None:
    groups_sync()
    other = factories.department("cs2")
    client.force_login(hr)
    assert other.name not in client.get(ADD).content.decode()
    sent = {"name": "示例公司", "tax_number": "", "city": "杭州"}
    client.post(ADD, sent | {"of_departments": [other.pk]})
    assert not Employer.objects.exists()
    client.post(ADD, sent | {"of_departments": [own.pk]})
    made = Employer.objects.get()
    own.refresh_from_db()
    assert (own.employer, made.city) == (made, "杭州")
    assert FactChange.objects.filter(department=own, source="tax").count() == 1
    change = f"/admin/people/employer/{made.pk}/change/"
    client.post(change, sent | {"city": "宁波"})  # none any more
    own.refresh_from_db()
    made.refresh_from_db()
    assert (own.employer, made.city) == (None, "宁波")
    # Another's department belongs to it too: it is looked at alone.
    Department.objects.filter(pk=other.pk).update(employer=made)
    Department.objects.filter(pk=own.pk).update(employer=made)
    assert client.get(change).status_code == 200
    assert client.post(change, sent).status_code == 403
    made.refresh_from_db()
    assert made.city == "宁波"


def test_a_department_of_another_employer_or_account_is_refused(hr: Account, own: Department) -> None:
    first, second = (Employer.objects.create(name=name) for name in ("甲公司", "乙公司"))
    other = factories.department("cs2")
    Department.objects.filter(pk=own.pk).update(employer=first)
    FactChange.objects.all().delete()
    for department, said in ((own, "属于甲公司"), (other, "您不登记")):
        with pytest.raises(PeopleError, match=said):
            employer_departments_set(employer=second, departments=[department], by=hr, at=factories.WHEN)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.employer, other.employer) == (first, None)
    assert not FactChange.objects.exists()
