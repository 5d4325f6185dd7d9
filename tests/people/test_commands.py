"""The commands that set up a department and its accounts."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from people.models import Account, Department
from people.selectors import may
from tests import factories

pytestmark = pytest.mark.django_db


def test_department_without_minimum_wage_has_no_caps(capsys):
    call_command("create_department", code="D1", name="客服一部")
    assert capsys.readouterr().out == "已建部门 D1 客服一部（未启用封顶）。\n"
    call_command("create_department", "--code=D2", "--name=客服二部", "--minimum-wage=2490")
    second = Department.objects.get(code="D2")
    assert (second.minimum_wage, second.caps) == (Decimal("2490.00"), True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--code=D1"], "代码"),
        (["--code=D2", "--caps"], "启用封顶须填写当地最低工资"),
        (["--code=D2", "--minimum-wage=很多"], "最低工资不是金额：很多"),
        (["--code=D2", "--minimum-wage=-1"], "当地最低工资：确保该值大于或等于0"),
        (["--code=D2", "--minimum-wage=NaN"], "最低工资|数字"),
    ],
)
def test_department_that_cannot_be_is_refused_in_words(arguments, said):
    factories.department("D1")
    with pytest.raises(CommandError, match=said):
        call_command("create_department", "--name=客服", *arguments)
    assert Department.objects.count() == 1


def test_account_may_do_what_its_group_may(capsys):
    department = factories.department("D1")
    staff = factories.staff(department, "1001")
    call_command("sync_groups")
    call_command("create_account", "wang", "--group=manager", "--department=D1", "--staff=D1/1001")
    said = capsys.readouterr().out
    account = Account.objects.get(username="wang")
    password = said.split("口令 ")[1].split("（")[0]
    assert account.check_password(password)
    assert may(account, "approve_pay", department)
    staff.refresh_from_db()
    assert staff.account == account
    call_command("create_account", "li", "--group=hr", "--password=given-by-hand")
    assert "given-by-hand" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["wang", "--group=hr"], "用户名"),
        (["li", "--group=hr", "--department=X"], "没有代码为“X”的部门"),
        (["li", "--group=agent", "--staff=D1/9"], "没有工号“9”"),
    ],
)
def test_account_that_cannot_be_is_refused_in_words(arguments, said):
    factories.department("D1")
    factories.account("hr", username="wang")
    with pytest.raises(CommandError, match=said):
        call_command("create_account", *arguments)
    assert Account.objects.count() == 1
