"""Two spot checks on phones: both are contested, one is taken back, the other paid into the fund in cash."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_accessibility import troubles
from tests.browser.test_contest import PICTURE
from tests.browser.test_faults import forgive
from tests.browser.test_flows import press, told

SPOT_CHECK = "demo-14"  # 20 yuan in cash
FUND = reverse("fund") + "?department=demo"


def clean(seen: Visit) -> None:
    """Nothing serious for axe-core, nothing wider than the phone; it is a phone's page again afterwards."""
    forgive(seen)
    assert troubles(seen) == []
    seen.narrow()


def recorded(seen: Visit, note: str) -> str:
    """The path of an incident that somebody recorded on a phone, with a picture."""
    page = seen.go(reverse("incident_new"))
    page.get_by_label("员工").fill("8103")
    page.locator("#people").get_by_role("link", name="8103").click()
    page.get_by_label("找条款").fill(SPOT_CHECK)
    page.locator(f"[name=code][value={SPOT_CHECK}]").check()
    page.get_by_role("heading", name="记下以后").wait_for()
    page.get_by_label("经过").fill(note)
    page.set_input_files("[name=attached]", PICTURE)
    page.get_by_role("button", name="记录", exact=True).click()
    told(page, "等待确认")
    clean(seen)
    return str(page.url).removeprefix(seen.site.url)


def appealed(seen: Visit, path: str, reason: str) -> None:
    page = seen.go(path)
    page.locator("summary", has_text="申诉").click()
    page.get_by_label("申诉理由").fill(reason)
    page.get_by_role("button", name="提出申诉").click()
    told(page, "申诉已提出")


def decided(seen: Visit, path: str, answer: str, button: str) -> None:
    page = seen.go(path)
    page.get_by_label("答复").fill(answer)
    page.get_by_role("button", name=button, exact=True).click()
    told(page, "申诉")


def cash_of(page: Any) -> str:
    """What the fund has in cash, by the head of its page."""
    return str(page.locator(".stat", has_text="其中现金").locator(".stat-figure").inner_text())


def test_of_two_contested_fines_one_is_taken_back_and_one_paid_into_the_fund(
    visit: Callable[..., Visit],
) -> None:
    lead = visit("demo-lead", viewport=PHONE)
    mistaken, rightly = (recorded(lead, note) for note in ("工位上有外卖", "没有戴工牌"))

    manager = visit("demo-manager", viewport=PHONE)
    for path in (mistaken, rightly):
        page = manager.go(path)
        press(page, "确认")
        told(page, "已确认 1 条记录")

    agent = visit("demo-agent", viewport=PHONE)
    appealed(agent, mistaken, "外卖是隔壁工位的")
    appealed(agent, rightly, "工牌在包里")
    clean(agent)

    # Who recorded or confirmed it is not asked; somebody else decides.
    assert manager.go(mistaken).get_by_role("button", name="批准申诉").count() == 0
    gm = visit("demo-gm", viewport=PHONE)
    decided(gm, mistaken, "照片里是隔壁工位", "批准申诉")
    decided(gm, rightly, "在包里不算戴", "不批准")
    clean(gm)
    assert "已撤销" in agent.go(mistaken).locator("main").inner_text()

    keeper = visit("demo-supervisor", viewport=PHONE)
    page = keeper.go(FUND)
    before = cash_of(page)
    page = keeper.go(f"{FUND}&view=fines")
    own = page.locator("tbody tr", has_text="8103").filter(has_text="抽查不合格")
    assert own.count() == 1  # what was taken back is not owed
    own.get_by_role("link", name="收款").click()
    clean(keeper)
    assert page.get_by_label("金额").input_value() == "20.00"
    page.get_by_role("button", name="登记收款").click()
    told(page, "已收款并记账")
    assert own.count() == 0
    clean(keeper)

    page = agent.go(FUND)
    line = page.locator("tbody tr", has_text="抽查不合格").filter(has_text="现金缴纳")
    assert line.count() == 1 and "20.00" in line.inner_text()
    assert float(cash_of(page).replace(",", "")) == float(before.replace(",", "")) + 20
    assert page.get_by_role("button", name="代扣转入现金").count() == 0  # the agent reads, nothing else
    clean(agent)
