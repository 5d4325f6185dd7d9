"""The pages of declarations: who sees whose, what they show, what a refused action leaves as it was."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from people.models import Account, Department, FactChange, Staff
from people.services import staff_transfer
from statutory.models import AnnualBonus, ContributionBase, FirstJob, TaxDeduction, TaxHistory, TaxOpening
from statutory.services import base_declare, deduction_declare
from tests import factories

BY: Any = {"by": None, "at": factories.WHEN}
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
LISTS = ("", "deductions/", "openings/", "histories/", "first-jobs/", "bonuses/", "changes/")


@pytest.fixture
def hr(cs1: Department) -> Account:
    return factories.account("hr", cs1)


@pytest.fixture
def page(client: Client, hr: Account) -> Client:
    client.force_login(hr)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def declare(staff: Staff, base: int = 5000, since: date = JANUARY) -> ContributionBase:
    return base_declare(staff=staff, base=Decimal(base), since=since, **BY)


def test_a_base_is_declared_changed_ended_and_withdrawn(page: Client, lin: Staff) -> None:
    assert "逐个填" in text(page, "/declarations/")
    sent = {"who": "1001", "item": "*", "base": "3000", "since": "2026-07"}
    said = page.post("/declarations/base/new", sent).content.decode()
    assert "养老保险4492至24042元" in said and not ContributionBase.objects.exists()
    page.post("/declarations/base/new", sent | {"base": "5000"})
    page.post("/declarations/base/new", sent | {"base": "6000", "since": "2026-10"})
    first, second = ContributionBase.objects.order_by("since")
    assert (first.until, second.base) == (date(2026, 9, 1), 6000)
    page.post(f"/declarations/base/{second.pk}/end", {"until": "2026-11"})
    second.refresh_from_db()
    assert second.until == date(2026, 11, 1)
    page.post(f"/declarations/base/{second.pk}/withdraw")
    first.refresh_from_db()
    assert first.until is None
    shown = text(page, f"/declarations/people/{lin.pk}/")
    assert "已撤回" in shown and "5,000.00" in shown


def test_lists_are_filtered_sorted_and_exported(page: Client, cs1: Department, lin: Staff) -> None:
    declare(lin)
    chen = factories.staff(cs1, "1002", name="陈晓")
    declare(chen, 6000)
    base_declare(staff=chen, base=Decimal(3000), item="fund", since=JANUARY, **BY)
    assert text(page, "/declarations/?q=1002").count("<tr>") == 3
    assert text(page, "/declarations/?kind=fund").count("<tr>") == 2
    found = text(page, "/declarations/?sort=amount")
    assert found.index("6,000.00") < found.index("5,000.00") < found.index("3,000.00")
    content = b"".join(page.get("/declarations/export?noun=base&kind=fund").streaming_content)  # type: ignore[arg-type]
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert [row[:5] for row in rows[1:]] == [("1002", "陈晓", "住房公积金", 3000, "2026-01起")]
    content = b"".join(page.get("/declarations/template?noun=deduction").streaming_content)  # type: ignore[arg-type]
    head, *people = load_workbook(BytesIO(content)).active.iter_rows(values_only=True)
    assert head[:4] == ("工号", "姓名", "扣除项目", "每月金额")
    assert [row[:2] for row in people] == [("1001", "林晓"), ("1002", "陈晓")]


def test_a_list_has_as_many_queries_for_one_as_for_many(
    page: Client, cs1: Department, lin: Staff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    declare(lin)
    urls = [f"/declarations/{end}" for end in ("", "changes/?month=2026-07")]
    page.get(urls[0])
    for number in range(20):
        declare(factories.staff(cs1, str(2000 + number)), since=JULY)
    for url in urls:
        with django_assert_num_queries(10 if "changes" in url else 7):
            page.get(url)


def test_pasted_bases_are_shown_before_they_are_saved(page: Client, cs1: Department, lin: Staff) -> None:
    declare(lin)
    sent = {"month": "2026-07", "item": "*", "lines": "1001\t林晓\t6,000\n"}
    said = page.post("/declarations/changes/", sent).content.decode()
    # Of 1,000 more the person pays 8 % pension and 7 % to the fund.
    assert "还没有保存" in said and "750.00" in said and "900.00" in said and "150.00" in said
    assert ContributionBase.objects.get().until is None
    page.post("/declarations/changes/", sent | {"save": "1"})
    assert ContributionBase.objects.count() == 2
    assert "6000" in text(page, "/declarations/changes/?month=2026-07")


@pytest.mark.parametrize(
    "lines, said",
    [
        ("1009 6000", "第1行：本部门没有工号1009"),
        ("1001 张三 6000", "工号1001是林晓，不是张三"),
        ("1001 六千", "不是数"),
        ("1001 3000", "第1行：2026年07月的基数3000元在上下限以外"),
        ("1001 6000\n1001 7000", "第2行"),
        ("1001", "看不懂"),
    ],
)
def test_pasted_bases_that_do_not_fit_are_named_by_line(
    page: Client, lin: Staff, lines: str, said: str
) -> None:
    sent = {"month": "2026-07", "item": "*", "lines": lines, "save": "1"}
    assert said in page.post("/declarations/changes/", sent).content.decode()
    assert not ContributionBase.objects.exists()


def test_a_bonus_is_shown_both_ways_before_it_is_saved(page: Client, lin: Staff) -> None:
    sent = {"who": "1001", "paid_on": "2026-02-10", "amount": "36000", "expected": "100000"}
    said = page.post("/declarations/bonus/new", sent).content.decode()
    # 7,480 of the wages; apart 1,080, merged 136,000 × 10 % − 2,520 − 7,480 = 3,600.
    assert "1,080.00" in said and "3,600.00" in said and "少缴 2,520.00" in said
    assert not AnnualBonus.objects.exists()
    page.post("/declarations/bonus/new", sent | {"method": "apart"})
    assert AnnualBonus.objects.get().method == "apart"
    said = page.post("/declarations/bonus/new", sent | {"method": "apart", "paid_on": "2026-03-10"}).content
    assert "一年只有一次" in said.decode() and AnnualBonus.objects.count() == 1


def test_figures_of_the_year_are_recorded(page: Client, lin: Staff) -> None:
    sent = {"who": "1001", "through": "2026-06", "income": "48000", "contributions": "0"}
    page.post("/declarations/opening/new", sent | {"deductions": "0", "withheld": "540"})
    assert TaxOpening.objects.get().withheld == 540
    page.post("/declarations/history/new", {"who": "1001", "year": "2025", "months": "12", "income": "6"})
    page.post("/declarations/first-job/new", {"who": "1001", "year": "2026"})
    shown = text(page, f"/declarations/people/{lin.pk}/")
    assert "2026年截至06月" in shown and "任职12个月" in shown
    assert "减除费用从1月起算" not in shown  # hired in 2020


def test_nobody_but_the_person_and_hr_sees_declarations(client: Client, cs1: Department, lin: Staff) -> None:
    chen = factories.staff(cs1, "1002", name="陈晓")
    base = declare(lin)
    deduction_declare(staff=chen, kind="rent", amount=Decimal(1500), since=JANUARY, **BY)
    deduction = TaxDeduction.objects.get()
    strangers = [
        factories.account("manager", cs1),
        factories.account("lead", staff=chen),
        factories.account("supervisor", cs1),
        factories.account("hr", factories.department()),
    ]
    for account in strangers:
        client.force_login(account)
        others = account.departments.filter(pk=cs1.pk).exists() or not account.departments.exists()
        for end in LISTS:
            response = client.get(f"/declarations/{end}")
            assert response.status_code == (404 if others else 200)
            assert "林晓" not in response.content.decode()
        for end in (f"people/{lin.pk}/", "export?noun=base", "template?noun=base"):
            response = client.get(f"/declarations/{end}?department=cs1")
            assert response.status_code == 404 or others is False
        for noun, row in (("base", base), ("deduction", deduction)):
            assert client.post(f"/declarations/{noun}/{row.pk}/withdraw").status_code == 404
    assert not ContributionBase.objects.filter(withdrawn_at__isnull=False).exists()
    own = factories.account("agent", staff=factories.staff(cs1, "1003"))
    client.force_login(own)
    assert "还没有登记" in text(client, "/me/declarations/")
    client.force_login(strangers[1])
    shown = text(client, "/me/declarations/")
    assert "1,500.00" in shown and "5,000.00" not in shown


def test_a_form_that_is_sent_twice_declares_once(page: Client, cs1: Department) -> None:
    hired = factories.staff(cs1, "1008", hired_on=date(2026, 3, 2))
    who = {"who": hired.number}
    sent = [
        ("base/new", who | {"item": "*", "base": "5000", "since": "2026-03"}),
        ("deduction/new", who | {"kind": "rent", "amount": "1500", "since": "2026-03"}),
        ("first-job/new", who | {"year": "2026"}),
        ("history/new", who | {"year": "2025", "months": "1", "income": "100"}),
        ("opening/new", who | {"through": "2026-03", "income": "1", "withheld": "0"} | OPENING_ZEROS),
        ("bonus/new", who | {"paid_on": "2026-04-01", "amount": "100", "method": "merged"}),
        ("changes/", {"month": "2026-07", "item": "*", "lines": "1008 6000", "save": "1"}),
    ]
    base = "base/{}/end", {"until": "2026-09"}
    for end, fields in [*sent, base, ("base/{}/withdraw", {})]:
        url = "/declarations/" + end.format(getattr(ContributionBase.objects.order_by("pk").last(), "pk", 0))
        before = _rows()
        page.post(url, fields)
        once = _rows()
        assert once != before, url
        page.post(url, fields)
        assert _rows() == once, url


OPENING_ZEROS = {"contributions": "0", "deductions": "0"}


def _rows() -> list[Any]:
    models = (AnnualBonus, ContributionBase, TaxDeduction, TaxOpening, TaxHistory, FirstJob, FactChange)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_former_department_keeps_what_counts_in_its_days(page: Client, cs1: Department, lin: Staff) -> None:
    first = declare(lin)
    cs2 = factories.department("cs2")
    moved = staff_transfer(staff=lin, to=cs2, number="2001", on=JULY, **BY)
    own = base_declare(staff=moved, base=Decimal(7000), since=JULY, **BY)
    shown = text(page, f"/declarations/people/{lin.pk}/")
    assert "5,000.00" in shown and "7,000.00" not in shown
    before = _rows()
    assert page.post(f"/declarations/base/{own.pk}/end", {"until": "2026-08"}).status_code == 404
    assert page.post(f"/declarations/base/{own.pk}/withdraw").status_code == 404
    sent = {"who": "1001", "item": "*", "base": "6000", "since": "2026-08"}
    assert "已离开本部门" in page.post("/declarations/base/new", sent).content.decode()
    sent = {"who": "1001", "kind": "rent", "amount": "1500", "since": "2026-08"}
    assert "已离开本部门" in page.post("/declarations/deduction/new", sent).content.decode()
    assert _rows() == before
    # Who keeps the person now keeps what was declared before as well.
    page.force_login(factories.account("hr", cs2, username="hr2"))
    shown = text(page, f"/declarations/people/{moved.pk}/")
    assert "5,000.00" in shown and "7,000.00" in shown
    response = page.post(f"/declarations/base/{first.pk}/end", {"until": "2026-03"})
    assert response["Location"] == f"/declarations/people/{moved.pk}/"
    first.refresh_from_db()
    assert first.until == date(2026, 3, 1)
    page.post(f"/declarations/base/{first.pk}/withdraw")
    first.refresh_from_db()
    assert first.withdrawn_at is not None
