"""Codes and numbers stand in addresses: what would break one is refused in words that name the remedy."""

import pytest
from django.urls import reverse

from people.codes import code_trouble
from people.errors import PeopleError
from people.models import Department, Staff
from tests import factories

FIT = ["kf", "D1", "客服一部", "A-01", "s000.06_x", "8103（兼）"]
UNFIT = ["a/b", "a\\b", "a?b", "a#b", "50%", "a b", "a\u3000b", "a\nb", "a\u200bb", ".", "..", ".well"]


@pytest.mark.parametrize("code", FIT)
def test_a_fitting_code_has_an_address(code: str) -> None:
    assert code_trouble(code) == ""
    assert reverse("rules_department", args=[code])


@pytest.mark.parametrize("code", UNFIT)
def test_an_unfit_code_is_told(code: str) -> None:
    assert code_trouble(code).startswith("不能")


@pytest.mark.django_db
def test_neither_a_department_nor_a_person_is_made_with_one() -> None:
    with pytest.raises(PeopleError, match="代码：不能含“/”。请只用文字、数字"):
        factories.department("客服/一部")
    department = factories.department("A")
    with pytest.raises(PeopleError, match="工号：不能含“/”"):
        factories.staff(department, "8/103")
    assert Department.objects.count() == 1 and not Staff.objects.exists()
