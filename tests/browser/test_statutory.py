"""Pay that is paid out, played in the browser: from what HR declares to the payslip that is confirmed.

A department of its own is paid October on the fifth of November 2026, where the clock stands. 9101 has been
here all year, of which the figures up to October are brought; 9102 came in October and is not told again.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from people.models import Department, Employer
from people.services import account_create, account_record, document_record
from rules.services import version_publish
from statutory.services import base_declare
from tests import factories
from tests.browser.conftest import PASSWORD, Site, Visit
from tests.browser.test_accessibility import troubles
from tests.browser.test_complaint import Story, fill, fold
from tests.browser.test_evening import aside
from tests.browser.test_faults import forgive
from tests.browser.test_flows import WORKER_MILLISECONDS, amount, press, told
from tests.payroll.filed import resident_number

LONG_AGO = timezone.make_aware(datetime(2020, 1, 1))
OCTOBER, MONTH = date(2026, 10, 1), "2026-10"
OLD, NEW = "9101", "9102"
COMPANY = "发到手的公司"
CARD = "6222020200112233446"  # keeps Luhn's sum
RULES: list[dict[str, Any]] = [
    {
        "code": "p-pension",
        "title": "养老保险",
        "kind": "contribution",
        "params": {"item": "pension", "rate": "0.08", "employer_rate": "0.16"},
    },
    {
        "code": "p-fund",
        "title": "住房公积金",
        "kind": "contribution",
        "params": {"item": "fund", "rate": "0.12", "employer_rate": "0.12", "rounding": "yuan"},
    },
    {"code": "p-tax", "title": "个人所得税", "kind": "income_tax", "params": {}},
]
# Of 9101. The base is 10,123.00: 8 % are 809.84, 12 % are 1,214.76, in whole yuan 1,215.00.
# The year with November: 220,000.00 − 11 × 5,000.00 − (20,000.00 + 2,024.84) − (15,000.00 + 1,500.00)
# = 126,475.16, × 10 % − 2,520.00 = 10,127.516, in fen 10,127.52; less 8,980.00 withheld before = 1,147.52.
# 20,000.00 − 2,024.84 − 1,147.52 = 16,827.64.
SLIP = {
    "应发": "20,000.00",
    "社保个人": "−809.84",
    "公积金个人": "−1,215.00",
    "个税": "−1,147.52",
    "实发": "16,827.64",
}
TOLD = (
    *("发放日期", "2026-11-05（税款所属2026年11月）"),
    *("累计收入", "220,000.00"),
    *("累计减除费用", "55,000.00（11个月）"),
    *("累计社保公积金", "22,024.84"),
    *("累计住房租金", "1,500.00"),
    *("累计应纳税所得额", "126,475.16"),
    *("此前已预扣", "8,980.00"),
)
STEPS = (
    "2026年1月至11月在职，减除费用11个月",
    "住房租金：1500.00×1个月（11月至11月）＝1500.00",
    "126475.16×10%－速算扣除2520＝10127.52",
    "10127.52－已预扣8980.00＝1147.52",
)
# Of 9102: 12,000.00 on a base of 5,000.00: 400.00 and 600.00; less two months' 10,000.00 = 1,000.00 × 3 %.
PAID = {OLD: Decimal("16827.64"), NEW: Decimal("10970.00")}
TAX = {OLD: Decimal("1147.52"), NEW: Decimal("30.00")}


@pytest.fixture(scope="module")
def department(site: Site, django_db_blocker: Any) -> Department:
    """Two people with insurance, fund and tax; of the second everything is declared."""
    with django_db_blocker.unblock():
        made: Department = aside(_department)
        return made


def _department() -> Department:
    made = factories.department(name="发到手的客服部")
    made.employer = Employer.objects.create(name=COMPANY, tax_number="91330100MA27XXXX0X", city="杭州")
    made.save()
    version_publish(
        department=made, effective_on=LONG_AGO.date(), rulebooks=[], provisions=RULES, by=None, at=LONG_AGO
    )
    given: dict[str, Any] = {"by": None, "at": timezone.make_aware(datetime(2026, 10, 8))}
    old, new = (
        factories.staff(made, number, name=name, hired_on=hired, base_pay=Decimal(pay), at=LONG_AGO)
        for number, name, hired, pay in (
            (OLD, "一直在的人", date(2026, 1, 1), "20000.00"),
            (NEW, "十月来的人", OCTOBER, "12000.00"),
        )
    )
    base_declare(staff=new, base=Decimal("5000.00"), since=OCTOBER, **given)
    held = {"staff": new, "since": OCTOBER, **given}
    document_record(kind="resident", number=resident_number(2), **held)
    account_record(bank="中国工商银行", number="6222020200112233453", **held)
    account_create(username="paid-agent", group="agent", password=PASSWORD, staff=old)
    for group in ("manager", "hr"):
        account_create(username=f"paid-{group}", group=group, password=PASSWORD, departments=[made])
    return made


@pytest.fixture
def story(department: Department, visit: Callable[..., Visit]) -> Iterator[Story]:
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now)) as clock:
        told_of = Story(department, clock, visit, prefix="paid")
        told_of.at(5, "09:00", month=11)
        yield told_of


def clean(seen: Visit) -> None:
    """Nothing serious for axe-core, nothing wider than a phone; the page is wide again afterwards."""
    forgive(seen)
    assert troubles(seen) == []


def downloaded(page: Any, link: Any, folder: Path) -> list[dict[str, Any]]:
    """The rows of a workbook that a link gives, by their headers."""
    with page.expect_download() as download:
        link.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    header, *rows = load_workbook(path).active.values
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_month_is_declared_settled_filed_paid_and_confirmed(
    story: Story, worker: None, tmp_path: Path
) -> None:
    _declared(story)
    _identified(story)
    _settled(story)
    _read(story)
    _approved(story)
    sheet = _filed(story, tmp_path)
    _compared(story, sheet, tmp_path)
    _paid(story, tmp_path)
    _confirmed(story)


def _declared(story: Story) -> None:
    """HR brings the year's figures and declares a base and a deduction."""
    page = story.seen("hr").page
    declared = {
        "declaration_opening_new": {
            "截至哪月": "2026-10",
            "累计收入": "200000",
            "累计专项扣除": "20000",
            "累计专项附加与其他扣除": "15000",
            "累计已预扣税额": "8980",
        },
        "declaration_base_new": {"缴费基数": "10123", "从哪月起": MONTH},
        "declaration_deduction_new": {"扣除项目": "住房租金", "每月金额": "1500", "从哪月起": "2026-11"},
    }
    for name, values in declared.items():
        story.seen("hr").go(reverse(name))
        fill(page, {"员工": OLD, **values})
        page.get_by_role("button", name="登记", exact=True).click()
        told(page, f"已登记：{OLD}")


def _identified(story: Story) -> None:
    """HR records a document and an account; the page shows neither number in full."""
    seen = story.seen("hr")
    page = seen.go(reverse("identities_department", args=[story.department.code]))
    page.locator("main table").get_by_role("link", name=OLD).click()
    document = page.locator("form", has=page.get_by_role("button", name="登记证件"))
    fill(document, {"证件号码": resident_number(1), "从哪天起": "2026-01-01"})
    document.get_by_role("button", name="登记证件").click()
    told(page, "已登记")
    account = page.locator("form", has=page.get_by_role("button", name="登记银行账号"))
    fill(account, {"开户行": "中国建设银行", "银行账号": CARD, "从哪天起": "2026-01-01"})
    account.get_by_role("button", name="登记银行账号").click()
    page.locator("section[aria-label=银行账号] table").wait_for()
    assert resident_number(1) not in page.content() and CARD not in page.content()


def _settled(story: Story) -> None:
    """HR opens the month, fixes the day of payment and settles."""
    page = story.seen("hr").go(reverse("pay"))
    fill(page, {"月份": MONTH})
    page.get_by_role("button", name="打开这个月").click()
    day = fold(page, "改发薪日")
    fill(day, {"发薪日": "2026-11-05"})
    day.get_by_role("button", name="保存发薪日").click()
    told(page, "发薪日定为 2026-11-05")
    page.get_by_role("button", name="开始结算").click()
    page.locator("summary", has_text="重新结算").wait_for(timeout=WORKER_MILLISECONDS)
    assert amount(page, "实发合计") == f"{sum(PAID.values()):,.2f}"


def _read(story: Story) -> None:
    """The payslip in the order of the law; its tax tells the year, its steps and its evidence."""
    seen = story.seen("hr")
    page = seen.go(reverse("pay_slip", args=[story.department.code, MONTH, OLD]))
    sums = page.locator(".slip-sums").inner_text().split("\n")
    assert {label: sums[sums.index(label) + 1] for label in SLIP} == SLIP
    group = page.locator("section[aria-label=个税]")
    for line in group.locator("details").all():
        line.locator("summary").click()
    shown = group.inner_text()
    assert not [each for each in (*TOLD, *STEPS) if each not in shown], shown
    costs = page.locator("section[aria-label=单位承担]").inner_text()
    assert "1,619.68" in costs and "1,215.00" in costs  # 16 % and 12 %
    clean(seen)


def _approved(story: Story) -> None:
    manager = story.seen("manager").go(reverse("pay_period", args=[story.department.code, MONTH]))
    press(manager, "批准")
    told(manager, "已批准")


def _filed(story: Story, folder: Path) -> list[dict[str, Any]]:
    """HR exports the sheet for the tax bureau, of which the rows are given."""
    page = story.seen("hr").go(reverse("pay_period", args=[story.department.code, MONTH]))
    page.get_by_role("link", name="报税与发放").click()
    form = page.locator("section", has=page.locator("#tax"))
    fill(form, {"版式": "正常工资薪金所得（29列）"})
    form.get_by_role("button", name="导出报税表").click()
    told(page, "2人")
    rows = downloaded(page, form.get_by_role("link", name="29列"), folder)
    found = [(each["工号"], each["*证件号码"], each["本期收入"], each["基本养老保险费"]) for each in rows]
    assert found == [
        (OLD, resident_number(1), 20000, 809.84),
        (NEW, resident_number(2), 12000, 400),
    ]
    assert [(each["住房公积金"], each["累计住房租金"] or 0) for each in rows] == [(1215, 1500), (600, 0)]
    return rows


def _compared(story: Story, rows: list[dict[str, Any]], folder: Path) -> None:
    """The bureau reckons the first alike and of the second a fen more, which is told of that person."""
    book = Workbook()
    book.active.append(["姓名", "证件号码", "所得项目", "税款所属期起", "本期收入", "应补(退)税额"])
    for row in rows:
        tax = TAX[row["工号"]] + (Decimal("0.01") if row["工号"] == NEW else 0)
        who = [row["*姓名"], row["*证件号码"], "正常工资薪金", "2026-11-01"]
        book.active.append([*who, row["本期收入"], float(tax)])
    path = folder / "税款计算.xlsx"
    book.save(path)
    page = story.seen("hr").page
    page.set_input_files("[name=file][accept*=xlsx]", path)
    page.get_by_role("button", name="读入并核对").click()
    told(page, "已读入2人，1人不一致；工资没有改动")
    differing = page.locator("main tbody tr", has_text=NEW).locator("td").all_inner_texts()
    assert differing[1:4] == ["30.00", "30.01", "0.01"]
    same = page.locator("main tbody tr", has_text=OLD).locator("td").all_inner_texts()
    assert same[0] == "一致" and same[1:4] == ["1,147.52", "1,147.52", "0.00"]
    clean(story.seen("hr"))


def _paid(story: Story, folder: Path) -> None:
    """HR exports the payment, whose accounts and amounts are whole, and enters the bank's receipt."""
    page = story.seen("hr").go(reverse("pay_filings", args=[story.department.code, MONTH]))
    card = page.locator("section", has=page.locator("#bank"))
    fill(card, {"版式": "通用（XLSX）"})
    card.get_by_role("button", name="导出代发文件").click()
    told(page, "已导出2笔，合计27797.64元")
    rows = downloaded(page, card.get_by_role("link", name="通用（XLSX）"), folder)
    assert [(each["收款户名"], Decimal(str(each["金额"]))) for each in rows] == [
        ("一直在的人", PAID[OLD]),
        ("十月来的人", PAID[NEW]),
    ]
    assert rows[0]["收款账号"] == CARD and rows[0]["开户行"] == "中国建设银行"
    fill(card, {"回单号": "HD20261105001", "回单金额": "27797.64"})
    card.get_by_role("button", name="凭回单标为已发放").click()
    told(page, "已登记回单")
    assert "HD20261105001" in card.inner_text()
    page.get_by_role("heading", name=re.compile("工资.*已发放")).wait_for()
    clean(story.seen("hr"))


def _confirmed(story: Story) -> None:
    """The agent opens the payslip on the phone, sees what was paid and confirms it."""
    own = story.visit(viewport={"width": 375, "height": 812})
    own.sign_in("paid-agent")
    page = own.go(reverse("me_pay"))
    page.get_by_role("link", name="10月").first.click()
    sums = page.locator(".slip-sums").inner_text().split("\n")
    assert sums[sums.index("实发") + 1] == SLIP["实发"]
    page.get_by_role("button", name="确认工资条").click()
    card = page.locator(".card", has_text="已确认")
    assert "实发 16,827.64 元，2026-11-05" in card.inner_text()
    assert page.get_by_role("button", name="确认工资条").count() == 0
    clean(own)

    page = story.seen("hr").go(reverse("pay_handout", args=[story.department.code, MONTH]))
    assert amount(page, "已确认") == "1" and amount(page, "没有确认") == "1"
