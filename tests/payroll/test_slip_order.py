"""The order of a payslip of which the law takes: on pages, on paper, in the workbook, by years."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payroll.exports import payroll_export
from payroll.models import PayLine, SettlementPeriod, Withholding
from payroll.papers import Options, payslips_paper, slips_to_print
from payroll.selectors.pay_year import months_of_year, people_of_year, summed, totals_of_year
from payroll.selectors.reconciliation import checks
from payroll.services.periods import period_approve
from payroll.slip_order import Part, part_sums, statutory_of
from people.models import AccessLog, Account, Department
from tests import factories
from tests.api.conftest import issue, with_token
from tests.papers import pages_of, paper_text
from tests.payroll import months, sample
from tests.payroll.months import next_month, user
from tests.payroll.taken import line_of, taken

pytestmark = pytest.mark.django_db
URL = "/pay/D1/2026-10/"
ORDER = ["应发", "税前扣减", "社保个人", "公积金个人", "个税", "税后扣款", "实发"]


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def approve(period: SettlementPeriod) -> SettlementPeriod:
    return period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(sample.MONTH, 2))


@pytest.fixture
def department() -> Department:
    return sample.department("D1", name="客服一部")


@pytest.fixture
def period(department: Department) -> SettlementPeriod:
    """A payslip of which the law takes, with a leave before tax and a fine after it, and a plain one."""
    sample.incident(sample.agent(department, "1001", name="陈晓"), "t-fine")
    sample.agent(department, "1002", name="林芳")
    made = sample.settled(department, by=user("编制人"))
    slip = made.payslips.get(number="1001")
    line_of(
        slip, code="t-leave", title="事假", column="leave", amount=Decimal("-150.00"), basis="performance"
    )
    taken(slip)
    return made


def test_the_parts_come_in_the_order_in_which_the_law_takes_and_sum_to_the_net_pay(
    period: SettlementPeriod,
) -> None:
    slip = period.payslips.get(number="1001")
    sums = part_sums(slip.lines.all(), statutory_of(slip))
    assert list(sums) == list(Part)
    assert list(sums.values()) == [
        Decimal(each) for each in ("3450.00", "-150.00", "-300.00", "-200.00", "-45.00", "-10.00")
    ]
    assert sum(sums.values()) == slip.net == Decimal("2745.00")


def test_pay_not_earned_is_before_tax_and_what_the_law_gives_back_is_no_pay(period: SettlementPeriod) -> None:
    slip = period.payslips.get(number="1001")
    given = {"code": "x", "basis": "discipline"}
    line_of(slip, title="缺勤", column="fine", amount=Decimal("-9.00"), trace={"unearned": "9.00"}, **given)
    line_of(slip, title="旷工罚款", column="leave", amount=Decimal("-7.00"), trace={"unearned": "0"}, **given)
    line_of(slip, title="退回养老保险", column="social", amount=Decimal("20.00"), **given)
    line_of(
        slip, title="转为欠款", column="other", amount=Decimal("5.00"), nature=PayLine.Nature.DEBT, **given
    )
    sums = part_sums(slip.lines.all(), statutory_of(slip))
    assert sums[Part.BEFORE_TAX] == Decimal("-159.00") and sums[Part.SOCIAL] == Decimal("-280.00")
    assert sums[Part.GROSS] == Decimal("3450.00") and sums[Part.AFTER_TAX] == Decimal("-12.00")


def test_the_page_shows_the_order_the_tax_and_the_employers_part_beside_it(
    department: Department, period: SettlementPeriod
) -> None:
    client = client_of(factories.account("hr", department))
    page = text(client, f"{URL}1001/")
    places = [page.index(f"<dt>{label}</dt>") for label in ORDER]
    assert places == sorted(places)
    groups = [page.index(f'aria-label="{label}"') for label in ("基本工资", *ORDER[1:6], "单位承担")]
    assert groups == sorted(groups)
    for told in (
        "扣减后应发",
        "税后工资",
        "5,000.00（1个月）",
        "<dt>累计住房租金</dt><dd>1,500.00</dd>",
        "800.00",
    ):
        assert told in page, told
    with CaptureQueriesContext(connection) as captured:
        plain = text(client, f"{URL}1002/")
    assert "税前扣减" not in plain and "单位承担" not in plain and "<dt>应扣</dt>" in plain
    assert len(captured) <= 13


def test_what_settlement_takes_is_told_step_by_step_and_agrees_with_its_records() -> None:
    made = months.department(
        {"code": "t-tax", "title": "个人所得税", "kind": "income_tax"},
        {
            "code": "t-fund",
            "title": "住房公积金",
            "kind": "contribution",
            "params": {"item": "fund", "rate": "0.05", "employer_rate": "0.05"},
        },
        {**months.CARELESS, "code": "t-careless"},
        code="D1",
    )
    person = months.agent(made, "1001", base_pay="20000.00")
    months.incident(person, "t-careless", date(2026, 1, 9), "30.00")
    made_period = months.settled(made, date(2026, 1, 1))
    slip = months.slip(made_period)
    sums = part_sums(slip.lines.all(), statutory_of(slip))
    # 14,000 × 3 %; the fine is taken after tax.
    assert [str(sums[part]) for part in (Part.FUND, Part.TAX, Part.AFTER_TAX)] == [
        "-1000.00", "-420.00", "-30.00",
    ]  # fmt: skip
    assert slip.net == sum(sums.values()) == Decimal("18550.00")
    page = text(client_of(factories.account("hr", made)), "/pay/D1/2026-01/1001/")
    for told in (
        "减除费用",
        "14000.00×3%",
        "纪律类扣款在税后扣",
        "<dt>累计应纳税所得额</dt><dd>14,000.00</dd>",
    ):
        assert told in page, told
    assert not [each.title for each in checks(made_period) if each.difference]


def test_a_payment_without_tax_tells_its_steps_all_the_same(
    department: Department, period: SettlementPeriod
) -> None:
    row = taken(period.payslips.get(number="1002"), tax=Decimal("0.00"))
    row.trace |= {"provision": {"code": "t-tax", "title": "个人所得税", "version": 3, "provision": 71}}
    row.save(update_fields=["trace"])
    PayLine.objects.filter(payslip__number="1002", column="tax").delete()
    page = text(client_of(factories.account("hr", department)), f"{URL}1002/")
    assert "预扣税额怎么算" in page and "住房租金：1500×1个月" in page and "纪律类扣款在税后扣" in page
    assert "t-tax 个人所得税，第3版" in page and "减少收入的" not in page


def test_the_workbook_has_the_new_columns_behind_what_was_read_by_place(period: SettlementPeriod) -> None:
    stream = io.BytesIO()
    payroll_export(period=period, target=stream)
    book = openpyxl.load_workbook(stream)
    header, one, two, total = book["工资表"].iter_rows(values_only=True)
    assert header[7:18] == (
        "基本工资", "绩效", "提成", "奖金", "补贴", "罚款", "请假扣款", "其他", "应发", "应扣", "实发",
    )  # fmt: skip
    assert header[18:] == ("社保个人", "公积金个人", "应税", "个税", "单位社保", "单位公积金", "签名")
    assert [float(each) for each in one[15:24]] == [3450, 705, 2745, -300, -200, 3450, -45, 600, 200]
    assert [float(each) for each in two[18:24]] == [0] * 6
    assert [float(each) for each in total[18:24]] == [-300, -200, 3450, -45, 600, 200]
    origins = [row[5] for row in book["明细"].iter_rows(min_row=2, values_only=True)]
    assert origins.count("单位承担") == 2
    verdicts = {row[0]: row[6] for row in book["核对"].iter_rows(values_only=True) if row[6]}
    assert {
        verdicts[name] for name in ("应发合计", "实发合计", "各栏合计", "社保个人", "个税", "公积金人数")
    } == {"一致"}


def test_the_checks_find_what_does_not_agree(period: SettlementPeriod) -> None:
    slip = period.payslips.get(number="1001")
    slip.withholdings.update(tax=Decimal("46.00"))
    slip.employer_costs.filter(item="fund").delete()
    wrong = {each.title: each.difference for each in checks(period) if each.difference}
    assert wrong == {"个税": Decimal("1.00"), "公积金人数": Decimal("1")}


def test_the_api_gives_parts_tax_and_the_employers_part_and_sets_the_day(
    department: Department, period: SettlementPeriod
) -> None:
    slip = period.payslips.get(number="1001")
    hr = factories.account("hr", department)
    client = with_token(issue(hr, departments=[department])[1])
    given = client.get(f"/api/v1/payslips/{slip.pk}/").json()
    assert [each["part"] for each in given["parts"]] == list(Part)
    assert given["withholdings"][0]["year_deductions"] == {"rent": "1500.00"}
    assert sum(Decimal(each["amount"]) for each in given["employer_costs"]) == Decimal("800.00")
    assert client.get(f"/api/v1/payslips/{slip.pk + 1}/").json()["parts"] == []
    address = f"/api/v1/settlements/{period.pk}/"
    assert client.get(address).json()["pays_on"] == "2026-10-31"
    answer = client.post(f"{address}pay-day/", {"on": "2026-11-10"}, format="json")
    assert answer.json()["pays_on"] == "2026-11-10"
    refused = client.post(f"{address}pay-day/", {"on": "2026-09-10"}, format="json")
    assert refused.status_code == 409 and "早于2026年10月1日" in str(refused.json())
    period.refresh_from_db()
    assert period.pay_on == date(2026, 11, 10)


def test_a_year_counts_months_by_their_day_of_payment_and_sums_what_was_taken(
    department: Department, period: SettlementPeriod
) -> None:
    hr = factories.account("hr", department)
    client = client_of(hr)
    assert "这一年没有工资条" in text(client, "/pay/D1/year/?year=2026")
    approve(period)
    page = text(client, "/pay/D1/year/?year=2026")
    assert page.count("<tr>") == 3 and "2,745.00" in page and "800.00" in page
    person = period.payslips.get(number="1001").staff
    noted = AccessLog.objects.latest("pk").pk
    own = text(client, f"/pay/D1/year/{person.pk}/?year=2026")
    for told in ("2026-10-31", "3,450.00", "1,500.00", "2,745.00"):
        assert told in own, told
    assert list(AccessLog.objects.filter(pk__gt=noted).values_list("what", "staff")) == [
        ("payslip", person.pk)
    ]
    SettlementPeriod.objects.filter(pk=period.pk).update(pay_on=date(2027, 1, 10))
    assert [months_of_year(period.payslips.all(), year)[:1] != [] for year in (2026, 2027)] == [False, True]
    with CaptureQueriesContext(connection) as captured:
        book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get("/pay/D1/year/?year=2027&as=xlsx"))))
    assert [row[0] for row in book["逐月"].iter_rows(values_only=True)] == ["工号", "1001", "1002", "合计"]
    assert len(captured) <= 16
    assert client.get("/pay/D1/year/?year=1").status_code == 404


def test_a_bonus_taxed_apart_belongs_to_the_year_of_its_own_day(period: SettlementPeriod) -> None:
    slip = period.payslips.get(number="1001")
    Withholding.objects.filter(payslip=slip).update(paid_on=date(2027, 1, 10))
    Withholding.objects.create(
        payslip=slip, kind="bonus", paid_on=date(2026, 10, 20), income=Decimal(36000), tax=Decimal(1080)
    )
    SettlementPeriod.objects.filter(pk=period.pk).update(pay_on=date(2027, 1, 10))
    SettlementPeriod.objects.filter(pk=period.pk).update(
        state="approved", approved_by=user("批准人"), approved_at=factories.WHEN
    )
    (bonus,) = months_of_year(period.payslips.all(), 2026)
    assert (bonus.gross, bonus.net) == (None, None)
    assert (bonus.taken.income, bonus.taken.tax, bonus.taken.social) == (36000, 1080, 0)
    assert totals_of_year([bonus])["gross"] == 0
    wages = next(each for each in months_of_year(period.payslips.all(), 2027) if each.slip == slip)
    assert (wages.gross, wages.taken.income, wages.taken.tax) == (slip.gross, slip.gross, 45)
    department = period.department_id
    for year, count, tax in ((2026, 0, 1080), (2027, 1, 45)):
        (person, *_) = summed(people_of_year(department, year), department, year)
        assert (person.months, person.gross, person.taken.tax) == (count, slip.gross * count, tax)


def test_ones_own_year_is_shown_on_the_phone_and_nobody_elses(
    department: Department, period: SettlementPeriod
) -> None:
    approve(period)
    mine, other = (period.payslips.get(number=number).staff for number in ("1001", "1002"))
    client = client_of(factories.account("agent", staff=mine))
    page = text(client, "/me/pay/year/?year=2026")
    assert "2,745.00" in page and "合计" in page and page.count("2026年10月") == 1
    assert client.get(f"/pay/D1/year/{other.pk}/").status_code == 404
    assert client.get("/pay/D1/year/").status_code == 404


def paper_of(period: SettlementPeriod, **options: Any) -> bytes:
    slips = list(slips_to_print(period.payslips.order_by("number")))
    return payslips_paper(slips, options=Options(**options), at=factories.WHEN)


def test_every_payslip_is_one_page_with_company_order_stamp_and_signature(period: SettlementPeriod) -> None:
    one, two = pages_of(paper_of(period))
    for told in (
        "客服一部工资条",
        "1001陈晓",
        "应发合计",
        "税前扣减",
        "社保个人",
        "单位（盖章）",
        "员工签名",
    ):
        assert told in one.replace("　", ""), told
    assert "单位社保" not in one and "600.00" not in one
    assert "1002林芳" in two and "应扣合计" in two and "税前扣减" not in two


def test_details_and_evidence_are_printed_behind_it_when_asked_for(period: SettlementPeriod) -> None:
    lines = paper_text(paper_of(period, with_lines=True))
    assert "陈晓的明细" in lines and "净销售额" in lines and "计算依据" not in lines
    trace = paper_text(paper_of(period, with_lines=True, with_trace=True))
    assert "计算依据" in trace and "累计减除费用" in trace


def test_papers_take_the_same_queries_for_any_number_of_payslips(
    department: Department, period: SettlementPeriod
) -> None:
    with CaptureQueriesContext(connection) as one:
        paper_of(period, with_lines=True, with_trace=True)
    for number in ("1003", "1004", "1005"):
        sample.agent(department, number)
    again = sample.settled(department)
    with CaptureQueriesContext(connection) as many:
        paper_of(again, with_lines=True, with_trace=True)
    assert len(many) <= len(one) == 4
