"""The sheet for the tax bureau says what is stored, and what the bureau reckoned is compared with it."""

import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import openpyxl
import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payroll.errors import FilingRefused
from payroll.filings.filers import filer_of, months_waiting
from payroll.filings.layouts import LAYOUTS, LayoutMistake, all_layouts, layout_of, load_layout
from payroll.filings.result_file import OLD_WORKBOOK
from payroll.filings.tax_sheet import tax_month, tax_rows
from payroll.models import (
    PayLine,
    Payslip,
    SettlementPeriod,
    TaxFiling,
    TaxFilingResult,
    TaxFilingRow,
    Withholding,
)
from payroll.services.tax_filings import tax_filing_export, tax_filing_file, tax_result_read
from people.models import AccessLog, Account, Employer
from statutory.models import AnnualBonus
from tests import factories
from tests.payroll import filed as made
from tests.payroll.filed import NOVEMBER_3, Filed, filed, resident_number

pytestmark = pytest.mark.django_db

WAGES = ("wages-28", "wages-29", "wages-30")
RESULT = (
    *("工号", "姓名", "证件类型", "证件号码", "税款所属期起", "税款所属期止", "所得项目", "本期收入"),
    *("累计收入额", "累计减除费用", "累计专项扣除", "累计子女教育支出扣除", "累计其他扣除"),
    *("累计应扣缴税额", "已缴税额", "应补(退)税额"),
)
SAME = ("20000.00", "40000.00", "10000.00", "4500.00", "4000.00", "200.00", "840.00", "420.00", "420.00")


def hr_of(*departments: Any) -> Account:
    return factories.account("hr", *departments, username="hr")


def export(of: Filed, layout: str = "wages-29", by: Account | None = None) -> TaxFiling:
    return tax_filing_export(period=of.period, layout=layout, by=by or hr_of(of.department), at=NOVEMBER_3)


def sheet(of: Filed, filing: TaxFiling) -> list[list[Any]]:
    """The exported file as a spreadsheet program reads it: header and rows."""
    book = openpyxl.load_workbook(io.BytesIO(content(of, filing)))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]


def content(of: Filed, filing: TaxFiling) -> bytes:
    target = io.BytesIO()
    tax_filing_file(period=of.period, filing=filing, by=filing.by, at=NOVEMBER_3).write(target=target)
    return target.getvalue()


def result_file(*rows: Sequence[str], name: str = "税款计算.csv") -> SimpleUploadedFile:
    lines = [",".join(RESULT), *(",".join(row) for row in rows)]
    return SimpleUploadedFile(name, "\n".join(lines).encode("gb18030"))


def result_row(
    number: int, figures: Sequence[str] = SAME, month: str = "2026-10", item: str = "正常工资薪金"
) -> tuple[str, ...]:
    who = (str(number), f"员工{number}", "居民身份证", resident_number(number % 1000))
    return (*who, f"{month}-01", f"{month}-30", item, *figures)


def read(of: Filed, file: SimpleUploadedFile, kind: str = "wages") -> TaxFilingResult:
    by = Account.objects.filter(username="hr").first() or hr_of(of.department)
    return tax_result_read(period=of.period, kind=kind, file=file, by=by, at=NOVEMBER_3)


def pay() -> list[Any]:
    """Everything that somebody is paid by."""
    models = (Payslip, PayLine, Withholding)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("layout", WAGES)
def test_the_sheet_says_what_is_stored_in_each_layout(layout: str) -> None:
    of = filed()
    rows = sheet(of, export(of, layout))
    assert len(rows[0]) == int(layout.removeprefix("wages-"))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert [row[0] for row in rows[1:]] == ["1001", "1002", "1003"]
    assert (first["*证件类型"], first["*证件号码"]) == ("居民身份证", resident_number(1))
    amounts = {key: str(first[key]) for key in ("本期收入", "基本养老保险费", "基本医疗保险费", "失业保险费")}
    assert amounts == {
        "本期收入": "20000", "基本养老保险费": "800", "基本医疗保险费": "200", "失业保险费": "50"
    }  # fmt: skip
    assert (first["住房公积金"], first["累计子女教育"], first["其他"]) == (1200, 4000, 200)
    assert first["累计住房租金"] is None


def test_numbers_of_documents_are_text_and_amounts_have_two_decimals() -> None:
    of = filed()
    file = content(of, export(of))
    active: Any = openpyxl.load_workbook(io.BytesIO(file)).active
    assert (active["D2"].data_type, active["D2"].number_format) == ("s", "@")
    assert (active["E2"].data_type, active["E2"].number_format) == ("n", "0.00")
    read_otherwise = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file))
    assert read_otherwise.sheet_names == ["正常工资薪金收入"]
    assert read_otherwise.get_sheet_by_index(0).to_python()[1][3] == resident_number(1)


def test_the_bonus_has_a_sheet_of_its_own() -> None:
    of = filed(approve=False)
    slip = Payslip.objects.get(number="1002")
    made.withheld(slip, "1080.00", kind="bonus", income=Decimal("36000.00"), social=0, fund=0)
    of = approved(of)
    filing = export(of, "bonus-11")
    rows = sheet(of, filing)
    assert [(row[0], row[4]) for row in rows[1:]] == [("1002", 36000)]
    assert (filing.income, filing.tax, filing.kind) == (Decimal("36000.00"), Decimal("1080.00"), "bonus")


def approved(of: Filed) -> Filed:
    from_period = made.period_approve(
        period=of.period, reason="测试", by=made.months.user("批准人"), at=made.next_month(made.OCTOBER, 2)
    )
    return Filed(of.department, from_period, of.people)


def test_an_employers_departments_are_one_sheet_and_one_person_one_row() -> None:
    employer = Employer.objects.create(name="甲公司", tax_number="91")
    one = filed(employer=employer)
    two = filed("D2", numbers=("2001",), employer=employer, documents=False, approve=False)
    Withholding.objects.filter(payslip__number="2001").update(
        year_income=Decimal("60000.00"), year_deductions={"children": "6000.00", "other": "300.00"}
    )
    approved(two)
    person = two.people["2001"]
    person.moved_from = one.people["1001"]
    person.save()
    by = hr_of(one.department, two.department)
    filing = export(one, by=by)
    rows = sheet(one, filing)
    assert (filing.people, filing.income) == (3, Decimal("80000.00"))
    last = dict(zip(rows[0], rows[-1], strict=True))
    assert (last["工号"], last["本期收入"], last["基本养老保险费"], last["累计子女教育"]) == (
        "2001", 40000, 1600, 6000
    )  # fmt: skip


def test_whoever_may_not_file_for_each_department_files_for_none() -> None:
    employer = Employer.objects.create(name="甲公司")
    one = filed(employer=employer)
    filed("D2", numbers=("2001",), employer=employer, documents=False)
    with pytest.raises(FilingRefused, match="还有您无权报税的部门"):
        export(one)
    assert not TaxFiling.objects.exists()


def test_nobody_is_filed_without_a_document() -> None:
    of = filed(documents=False)
    made.document(of.people["1001"], 1)
    with pytest.raises(FilingRefused, match="2人没有登记身份证件：1002 员工1002、1003 员工1003；请在"):
        export(of)
    assert not TaxFiling.objects.exists()


def test_drafts_are_not_filed() -> None:
    of = filed(approve=False)
    with pytest.raises(FilingRefused, match="还没有批准"):
        export(of)
    assert not TaxFiling.objects.exists()


def test_lines_that_are_not_what_the_tax_was_reckoned_with_are_refused() -> None:
    of = filed(approve=False)
    PayLine.objects.filter(payslip__number="1001", code="c-pension").update(amount=Decimal("-801.00"))
    with pytest.raises(FilingRefused, match=r"员工1001的社保公积金明细合计2251.00元，计税时是2250.00元"):
        export(approved(of))


def test_what_is_given_back_without_a_provision_is_filed_under_its_code() -> None:
    of = filed(approve=False)
    PayLine.objects.filter(code="c-pension").update(provision=None)
    of = approved(of)
    assert sheet(of, export(of))[1][6] == 800


def test_each_export_is_counted_and_who_saw_whose_number_is_noted() -> None:
    of = filed()
    by = hr_of(of.department)
    assert [export(of, by=by).nth, export(of, "wages-28", by=by).nth] == [1, 2]
    noted = AccessLog.objects.filter(by=by, what="identity")
    assert {each.staff_id for each in noted} == {each.pk for each in of.people.values()}
    assert noted.first().reason == "2026年10月报税表"  # type: ignore[union-attr]
    with pytest.raises(DatabaseError), transaction.atomic():
        TaxFiling.objects.update(people=0)


def test_the_same_export_or_file_again_makes_nothing_new() -> None:
    of = filed()
    by = hr_of(of.department)
    assert export(of, by=by) == export(of, by=by)
    rows = [result_row(number) for number in (1001, 1002, 1003)]
    assert read(of, result_file(*rows)) == read(of, result_file(*rows))
    assert (TaxFiling.objects.count(), TaxFilingRow.objects.count()) == (1, 3)


def test_a_file_that_would_say_something_else_by_now_is_not_the_same() -> None:
    of = filed()
    filing = export(of)
    assert content(of, filing)
    made.document(of.people["1001"], 999)
    with pytest.raises(FilingRefused, match="内容已经不同"):
        content(of, filing)


def test_the_number_of_queries_does_not_depend_on_people() -> None:
    counts = []
    for code, numbers in (("D1", ["1001"]), ("D2", [f"2{index:03}" for index in range(1, 30)])):
        of = filed(code, numbers=numbers)
        by = factories.account("hr", of.department, username=f"hr{code}")
        with CaptureQueriesContext(connection) as queries:
            export(of, by=by)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_result_that_agrees_says_so_and_pay_stays_as_it_is() -> None:
    of = filed()
    before = pay()
    result = read(of, result_file(*(result_row(number) for number in (1001, 1002, 1003))))
    assert (result.people, result.differing) == (3, 0)
    assert set(result.rows.values_list("outcome", "difference")) == {("same", Decimal("0.00"))}
    assert pay() == before


def test_differences_unknown_and_missing_people_are_listed_with_their_cause() -> None:
    of = filed()
    before = pay()
    less = (*SAME[:2], "5000.00", *SAME[3:6], "990.00", "420.00", "570.00")
    result = read(of, result_file(result_row(1001, less), result_row(1002), result_row(1777)))
    rows = {row.name: row for row in result.rows.all()}
    assert {name: row.outcome for name, row in rows.items()} == {
        "员工1001": "different", "员工1002": "same", "员工1777": "unknown", "员工1003": "missing",
    }  # fmt: skip
    first = rows["员工1001"]
    assert (first.expected, first.found, first.difference) == (
        Decimal("420.00"), Decimal("570.00"), Decimal("150.00")
    )  # fmt: skip
    assert "减除费用的月数不同" in first.cause
    assert first.figures == [["累计减除费用", "10000.00", "5000.00"]]
    assert rows["员工1777"].staff is None and "*" in rows["员工1777"].document
    assert result.differing == 3
    assert pay() == before


def test_what_the_bureau_gives_back_only_after_the_year_is_no_difference() -> None:
    of = filed(tax="0.00")
    minus = (*SAME[:6], "0.00", "0.00", "-35.00")
    result = read(of, result_file(*(result_row(number, figures=minus) for number in (1001, 1002, 1003))))
    assert result.differing == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([result_row(1001, month="2026-09")], "文件是2026年09月的，这里是2026年10月"),
        ([result_row(1001), result_row(1001)], "第3行与第2行是同一个证件号码"),
        ([result_row(1001, figures=(*SAME[:-1], "四百"))], r"第2行的应补\(退\)税额不是金额"),
        ([result_row(1001, item="劳务报酬")], "没有这个所得项目的人"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_whole(rows: list[tuple[str, ...]], said: str) -> None:
    of = filed()
    with pytest.raises(FilingRefused, match=said):
        read(of, result_file(*rows))
    assert not TaxFilingResult.objects.exists()


def test_what_is_no_export_of_the_bureau_is_refused() -> None:
    of = filed()
    for file, said in (
        (SimpleUploadedFile("a.csv", "姓名,工号\n张三,1".encode()), "没有找到表头"),
        (
            SimpleUploadedFile("a.xls", OLD_WORKBOOK + b"\0" * 600),
            "打不开这个 .xls 文件",
        ),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "不是表格文件"),
    ):
        with pytest.raises(FilingRefused, match=said):
            read(of, file)
    assert not TaxFilingResult.objects.exists()


def test_the_page_exports_reads_back_filters_and_exports_again(client: Client) -> None:
    of = filed()
    client.force_login(hr_of(of.department))
    url = f"/pay/{of.department.code}/2026-10/filings"
    page = client.post(f"{url}/tax", {"layout": "wages-30"}, follow=True).content.decode()
    assert "第1次" in page and page.count(">报税与发放<") == 1
    filing = TaxFiling.objects.get()
    response = client.get(f"{url}/tax/{filing.pk}")
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    file = result_file(result_row(1001), result_row(1777))
    page = client.post(f"{url}/results", {"kind": "wages", "file": file}, follow=True).content.decode()
    assert "税局没有此人" in page and "员工1002" in page
    result = TaxFilingResult.objects.get()
    page = client.get(f"{url}/results/{result.pk}?outcome=unknown").content.decode()
    assert "员工1777" in page and "员工1002" not in page
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(f"{url}/results/{result.pk}/export").streaming_content))  # type: ignore[attr-defined]
    )
    assert book.active.max_row == 6  # type: ignore[union-attr]


@pytest.mark.parametrize("group", ["manager", "gm", "auditor", "supervisor"])
def test_only_who_files_taxes_sees_the_page(client: Client, group: str) -> None:
    of = filed()
    client.force_login(factories.account(group, of.department))
    url = f"/pay/{of.department.code}/2026-10/filings"
    assert client.get(url).status_code == 404
    assert client.post(f"{url}/tax", {"layout": "wages-29"}).status_code == 404
    assert not TaxFiling.objects.exists()


def test_files_and_results_are_found_under_their_own_department_alone(client: Client) -> None:
    one, two = filed(), filed("D2", numbers=("2001",), documents=False)
    filing = export(one)
    result = read(one, result_file(*(result_row(number) for number in (1001, 1002, 1003))))
    client.force_login(factories.account("hr", two.department))
    for of in (one, two):
        url = f"/pay/{of.department.code}/2026-10/filings"
        for part in (f"tax/{filing.pk}", f"results/{result.pk}", f"results/{result.pk}/export"):
            assert client.get(f"{url}/{part}").status_code == 404, part


def test_a_layout_file_that_is_wrong_says_where(tmp_path: Any) -> None:
    assert {each.kind for each in all_layouts().values()} == {"wages", "bonus", "bank", "result"}
    wrong = tmp_path / "wages-9.yaml"
    wrong.write_text((LAYOUTS / "wages-29.yaml").read_text().replace("source: income", "source: salary"))
    with pytest.raises(LayoutMistake, match=r"wages-9\.yaml: 本期收入 has the unknown source salary"):
        load_layout(wrong)


def test_rows_of_a_result_stay_as_they_were_read() -> None:
    of = filed()
    read(of, result_file(*(result_row(number) for number in (1001, 1002, 1003))))
    for model in (TaxFilingResult, TaxFilingRow):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()


def test_a_bonus_that_the_bureau_reckons_alike_is_no_difference() -> None:
    of = filed(approve=False)
    slip = Payslip.objects.get(number="1002")
    made.withheld(
        slip, "1080.00", kind="bonus", income=Decimal("36000.00"), social=0, fund=0, year_income=0,
        year_allowance=0, year_contributions=0, year_deductions={}, year_withheld=0,
    )  # fmt: skip
    of = approved(of)
    figures = ("36000.00", "0.00", "0.00", "0.00", "0.00", "0.00", "1080.00", "0.00", "1080.00")
    row = result_row(1002, figures=figures, item="全年一次性奖金收入")
    result = read(of, result_file(row), kind="bonus")
    assert [each.outcome for each in result.rows.all()] == ["same"]
    more = ("36001.00", *figures[1:-1], "1080.03")
    result = read(of, result_file(result_row(1002, figures=more, item="全年一次性奖金收入")), kind="bonus")
    found = result.rows.get()
    assert (found.outcome, found.difference) == ("different", Decimal("0.03"))
    assert found.figures == [["本期收入", "36000.00", "36001.00"]]


def two_departments(**second: Any) -> tuple[Filed, Filed]:
    """Drafts of two departments of an employer."""
    employer = Employer.objects.create(name="甲公司", tax_number="91")
    one = filed(employer=employer, approve=False)
    given = {"numbers": ("0901",), "employer": employer, "documents": False, "approve": False, **second}
    two = filed("D2", **given)
    return one, two


def moved(one: Filed, two: Filed) -> tuple[Filed, Filed]:
    """Both approved, the person of the second one transferred there from the first."""
    one, two = approved(one), approved(two)
    person = two.people["0901"]
    person.moved_from = one.people["1001"]
    person.save()
    return one, two


def test_a_back_payment_on_the_slip_before_a_transfer_is_filed_with_the_tax_of_the_month() -> None:
    one, two = two_departments()
    Withholding.objects.filter(payslip__number="1001").delete()
    lines = PayLine.objects.filter(payslip__number="1001", column__in=["social", "fund"])
    lines.exclude(code="c-pension").delete()
    lines.update(amount=Decimal("-80.00"), nature="adjustment")
    Withholding.objects.filter(payslip__number="0901").update(social=Decimal("1130.00"))
    one, two = moved(one, two)
    rows = sheet(one, export(one, by=hr_of(one.department, two.department)))
    assert [(row[0], row[6]) for row in rows[1:]] == [("0901", 880), ("1002", 800), ("1003", 800)]


def test_figures_of_the_year_are_those_of_the_last_payment_whatever_the_numbers() -> None:
    one, two = two_departments()
    Withholding.objects.filter(payslip__number="0901").update(
        year_deductions={"children": "6000.00", "other": "300.00"}
    )
    one, two = moved(one, two)
    assert list(Withholding.objects.order_by("pk").values_list("payslip__number", flat=True))[-1] == "0901"
    rows = sheet(one, export(one, by=hr_of(one.department, two.department)))
    assert [(row[0], row[4], row[10]) for row in rows[1:]] == [
        ("0901", 40000, 6000), ("1002", 20000, 4000), ("1003", 20000, 4000)
    ]  # fmt: skip


def test_deductions_of_before_are_among_the_other_ones_once_and_named(client: Client) -> None:
    of = filed(approve=False)
    slip = Payslip.objects.get(number="1001")
    Withholding.objects.filter(payslip=slip).update(
        year_deductions={"opening": "7000.00", "children": "1000.00", "other": "200.00"}
    )
    of = approved(of)
    rows = sheet(of, export(of))
    told = dict(zip(rows[0], rows[1], strict=True))
    assert (told["其他"], told["备注"], told["累计子女教育"]) == (7200, "含期初附加扣除", 1000)
    assert (rows[2][24], rows[2][28]) == (200, None)
    client.force_login(Account.objects.get(username="hr"))
    page = client.get(f"/pay/{of.department.code}/2026-10/filings").content.decode()
    assert "含期初附加扣除”：1001 员工1001。" in page
    figures = (*SAME[:4], "1000.00", "7200.00", *SAME[6:])
    result = read(of, result_file(result_row(1001, figures=figures)))
    assert result.rows.get(name="员工1001").outcome == "same"


def test_what_was_among_the_other_deductions_is_not_there_again_the_month_after() -> None:
    of = filed(approve=False)
    slips = Payslip.objects.filter(number="1001")
    deducted = {"opening": "7000.00", "other": "200.00"}
    Withholding.objects.filter(payslip__in=slips).update(year_deductions=deducted)
    made.withheld(slips.get(), "0.00", paid_on=date(2026, 9, 30), social=0, fund=0, year_deductions=deducted)
    of = approved(of)
    rows = sheet(of, export(of))
    assert (rows[1][24], rows[1][28]) == (0, None)


def test_a_deduction_without_a_column_is_not_left_out_silently() -> None:
    of = filed(approve=False)
    Withholding.objects.filter(payslip__number="1001").update(year_deductions={"annuity": "100.00"})
    of = approved(of)
    with pytest.raises(FilingRefused, match=r"1001 员工1001有annuity100\.00元，正常工资.*没有这一列"):
        export(of)
    assert not TaxFiling.objects.exists()


def test_two_people_with_one_number_are_not_filed_as_one() -> None:
    one = filed()
    two = filed("D2", numbers=("0901",), documents=False)
    made.document(two.people["0901"], 1)
    employer = Employer.objects.create(name="甲公司")
    for of in (one, two):
        of.department.employer = employer
        of.department.save()
        of.period = SettlementPeriod.objects.get(pk=of.period.pk)
    with pytest.raises(FilingRefused, match="1001 员工1001与0901 员工0901登记的是同一个证件号码"):
        export(one, by=hr_of(one.department, two.department))
    assert not TaxFiling.objects.exists()


def test_an_amount_that_nobody_earns_is_refused_with_its_row_and_column() -> None:
    of = filed()
    with pytest.raises(FilingRefused, match=r"第2行的应补\(退\)税额是12345678901.00元"):
        read(of, result_file(result_row(1001, figures=(*SAME[:-1], "12345678901.00"))))
    assert not TaxFilingResult.objects.exists()


def test_the_digest_of_a_file_gives_no_number_away(settings: Any) -> None:
    of = filed()
    filing = export(of)
    month = tax_month(filer_of(of.period), "wages", on=NOVEMBER_3.date())
    rows = tax_rows(month, layout_of("wages-29", "wages"))
    told = ["wages-29", *([None if cell is None else str(cell) for cell in row] for row in rows)]
    assert filing.digest != sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
    settings.DATA_KEYS = ["a-new-key-for-tests-only", *settings.DATA_KEYS]
    assert content(of, filing)  # known by the key of before
    assert export(of, by=filing.by) == filing


def test_a_bonus_of_another_month_than_the_wages_is_filed_in_its_own(client: Client) -> None:
    of = filed(approve=False)
    slip = Payslip.objects.get(number="1002")
    made.withheld(
        slip, "1080.00", kind="bonus", income=Decimal("36000.00"), paid_on=date(2026, 9, 20), social=0,
        fund=0, year_deductions={},
    )  # fmt: skip
    of = approved(of)
    client.force_login(hr_of(of.department))
    url = f"/pay/{of.department.code}/2026-10/filings"
    assert f'href="{url}?tax=2026-09"' in client.get(url).content.decode()
    answer = client.post(f"{url}/tax", {"layout": "bonus-11", "tax": "2026-09"})
    assert answer["Location"].endswith("?tax=2026-09")
    filing = TaxFiling.objects.get()
    assert (filing.month, filing.income) == (date(2026, 9, 1), Decimal("36000.00"))
    assert f"{url}/tax/{filing.pk}" in client.get(f"{url}?tax=2026-09").content.decode()
    assert client.get(f"{url}/tax/{filing.pk}").status_code == 200
    for wrong in ("2026-08", "x"):
        assert client.get(f"{url}?tax={wrong}").status_code == 404
    with pytest.raises(FilingRefused, match="没有在2026年08月发放的个税"):
        tax_filing_export(
            period=of.period, layout="bonus-11", month=date(2026, 8, 1), by=filing.by, at=NOVEMBER_3
        )
    assert TaxFiling.objects.count() == 1


def test_a_draft_with_a_bonus_of_the_tax_month_is_waited_for() -> None:
    of = filed(approve=False)
    SettlementPeriod.objects.filter(pk=of.period.pk).update(pay_on=date(2026, 11, 10))
    AnnualBonus.objects.create(
        staff=of.people["1001"], department=of.department, paid_on=date(2026, 10, 20), amount=36000,
        method=AnnualBonus.Method.APART, by=hr_of(of.department), at=NOVEMBER_3,
    )  # fmt: skip
    period = SettlementPeriod(department=of.department, month=date(2026, 9, 1), pay_on=date(2026, 10, 10))
    assert months_waiting(filer_of(period)) == [of.period]
