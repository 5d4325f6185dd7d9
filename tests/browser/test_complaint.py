"""A complaint played in the browser, from the store's call to the payslip line of the person responsible.

A department of its own under the regulation of the library (s000-09) lives in October 2026, through whose
days the clock is moved.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.urls import reverse
from django.utils import timezone

from commissions.services import order_record
from complaints.tasks import clocks_sweep
from people.models import Department, Staff
from people.services import account_create
from rules.services import version_publish
from shifts.models import Roster, RosterDay, ShiftPattern
from tests import factories
from tests.browser.conftest import PASSWORD, PHONE, WIDE, Site, Visit
from tests.browser.test_accessibility import troubles
from tests.browser.test_evening import aside
from tests.browser.test_flows import WORKER_MILLISECONDS, press, told
from tests.rostered import moment

PICTURE = b"\x89PNG\r\n\x1a\n0000"
NUMBER = "20261005-001"
MONTH = "2026-10"
# What each step of the regulation must bring.
CARD = {"客户类别": "终端消费者", "客户诉求": "换货", "客户要求": "换一件没有破损的，今天寄出"}
INQUIRY = {
    "调查方式": "现品调查",
    "投诉范围（数量、金额等）是否属实": "属实，一件",
    "投诉理由是否合理": "合理，出库前没有复核",
    "投诉目的": "换货",
    "投诉调查分析": "当班客服没有转告客户的加固要求",
    "客户要求是否正当": "正当",
}
REPORT = {
    "发生原因": "没有转告仓库加固",
    "经过": "客户下单时已要求加固",
    "责任人": "当班客服与售后",
    "结论": "责任在我方",
    "对策": "换货并致歉",
    "防范措施": "加固要求写进备注",
}


@dataclass
class Story:
    """The department and its people in the browser; `at` moves the clock of the site."""

    department: Department
    clock: Any
    visit: Callable[..., Visit]
    prefix: str = "story"  # of the names by which they sign in
    known: dict[str, tuple[Visit, date]] = field(default_factory=dict)

    def at(self, day: int, clock: str, month: int = 10) -> None:
        at = moment(day, clock) if month == 10 else _moment(date(2026, month, day), clock)
        self.clock.return_value = at

    def seen(self, name: str, *, phone: bool = False) -> Visit:
        """The person's page, signed in today: sessions of other days have ended."""
        today = timezone.localdate()
        visit, day = self.known.get(name) or (self.visit(viewport=PHONE if phone else WIDE), None)
        if day != today:
            visit.page.context.clear_cookies()
            visit.sign_in(f"{self.prefix}-{name}")
            self.known[name] = visit, today
        return visit

    def open(self, name: str, *, phone: bool = False) -> Any:
        """The page of the case, found by its number in the list."""
        page = self.seen(name, phone=phone).go(f"{reverse('cases')}?state=all&q={NUMBER}")
        page.locator("main table a").first.click()
        page.locator("#step, #story").first.wait_for()
        return page


def _moment(day: date, clock: str) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


@pytest.fixture(scope="module")
def department(site: Site, django_db_blocker: Any) -> Department:
    """The regulation, two teams, a shift of the clerk on the 5th, an order of hers."""
    with django_db_blocker.unblock():
        made: Department = aside(_department)
        return made


def _department() -> Department:
    made = factories.department()
    at = timezone.make_aware(datetime(2020, 1, 1))
    version_publish(
        department=made, effective_on=date(2020, 1, 1), rulebooks=["s000-09"], provisions=[], by=None, at=at
    )
    sales, service = factories.team(made, "售前"), factories.team(made, "售后")
    people = {
        "taker": _person(made, "5101", "接电话的人", service, points="2"),
        "holder": _person(made, "5102", "承办的人", service, points="1"),
        "clerk": _person(made, "5103", "当班的人", sales, points="1"),
    }
    for name, group in (("supervisor", "supervisor"), ("manager", "manager"), ("hr", "hr"), ("gm", "gm")):
        places = [] if group == "gm" else [made]
        account_create(username=f"story-{name}", group=group, password=PASSWORD, departments=places)
    for name, staff in people.items():
        account_create(username=f"story-{name}", group="agent", password=PASSWORD, staff=staff)
    _on_duty(made, people["clerk"])
    order_record(
        department=made,
        order_no="50050050",
        paid_at=moment(1, "12:00"),
        amount=Decimal("480.00"),
        remark="工号5103",
        by=None,
        at=moment(1, "13:00"),
    )
    return made


def _person(department: Department, number: str, name: str, team: Any, *, points: str) -> Staff:
    return factories.staff(
        department,
        number,
        name=name,
        team=team,
        base_pay=Decimal("3000.00"),
        performance_bonus=Decimal("600.00"),
        base_points=Decimal(points),
        at=timezone.make_aware(datetime(2020, 1, 1)),
    )


def _on_duty(department: Department, staff: Staff) -> None:
    pattern = ShiftPattern.objects.create(department=department, code="白", name="白班")
    roster = Roster.objects.create(
        department=department,
        month=date(2026, 10, 1),
        state=Roster.State.PUBLISHED,
        published_at=timezone.make_aware(datetime(2026, 9, 25)),
    )
    RosterDay.objects.create(
        roster=roster,
        staff=staff,
        work_date=date(2026, 10, 5),
        pattern=pattern,
        starts_at=moment(5, "08:30"),
        ends_at=moment(5, "17:30"),
    )


@pytest.fixture
def story(department: Department, visit: Callable[..., Visit]) -> Iterator[Story]:
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now)) as clock:
        yield Story(department, clock, visit)


def fill(page: Any, values: dict[str, str]) -> None:
    """Fields by their labels, as people find them."""
    for label, value in values.items():
        found = page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s*选填)?\s*$"))
        if found.evaluate("each => each.tagName") == "SELECT":
            found.select_option(label=value)
        else:
            found.fill(value)


def step(page: Any, decision: str, values: dict[str, str] | None = None) -> None:
    """Take the present step."""
    card = page.locator("section", has=page.locator("#step"))
    fill(card, values or {})
    card.get_by_role("button", name=decision, exact=True).click()
    told(page, f"已办理：{decision}")


def fold(page: Any, label: str) -> Any:
    """One thing that can be done, folded open."""
    question = page.locator("details.confirm", has=page.locator("summary", has_text=label))
    question.locator("summary").first.click()
    return question


def test_a_complaint_from_the_stores_call_to_the_payslip_line(
    story: Story, worker: None, tmp_path: Path
) -> None:
    _recorded(story)
    _worked_on(story)
    _missed(story)
    _answered(story)
    _shared(story, tmp_path)
    _appealed(story)
    _paid(story)


def _recorded(story: Story) -> None:
    """The store calls; an agent records it on the phone, a colleague is to hold it."""
    story.at(5, "09:20")
    seen = story.seen("taker", phone=True)
    page = seen.go(reverse("cases"))
    page.locator(".page-head").get_by_role("link", name="登记投诉").click()
    page.get_by_role("link", name="客户投诉案件").click()
    fill(page, {"事项": "收到时外壳已破", "接到时间": "2026-10-05T09:10", "来源": "门店"})
    fill(page, {"订单号": "50050050"})
    page.locator("#order", has_text="当班的人").wait_for()
    fill(page, {"事由": "包装不良", "投诉人": "林女士", "电话": "13812345678", **CARD, "承办人": "5102"})
    seen.narrow()
    page.locator("main form").get_by_role("button", name="登记").click()
    told(page, f"已登记投诉{NUMBER}")
    assert "2026-10-12 09:10" in page.locator("section", has=page.locator("#clocks")).inner_text()
    seen.narrow()


def _worked_on(story: Story) -> None:
    """The holder looks at the phone number, notes a call and accepts; who only stands beside sees nothing."""
    story.at(5, "10:00")
    page = story.open("holder", phone=True)
    facts = page.locator("section", has=page.locator("#facts"))
    assert "13812345678" not in page.content()
    facts.get_by_role("button", name="显示").click()
    facts.get_by_text("13812345678").wait_for()
    page = story.open("holder")
    assert "13812345678" not in page.content()
    assert "电话" in page.locator(".story li", has_text="承办的人").first.inner_text()
    note = fold(page, "记一笔")
    note.get_by_label("做了什么").select_option(label="打电话")
    note.get_by_label("内容").fill("已致歉，请客户寄照片")
    note.get_by_role("button", name="记下").click()
    told(page, "已记下")
    step(page, "受理，甲类（质量、规格、数量）", {"核实情况": "照片与投诉相符"})
    assert "已致歉，请客户寄照片" in page.locator("section", has=page.locator("#story")).inner_text()
    story.seen("holder").narrow()
    address = page.url

    colleague = story.seen("clerk", phone=True)
    colleague.expects = 404
    answer = colleague.page.goto(address)
    assert answer.status == 404
    colleague.expects = 0
    assert NUMBER not in colleague.go(f"{reverse('cases')}?state=all").content()

    step(story.open("hr"), "已分派，调查", {"受理部门": "售后", "处理通知": "两天内查明"})


def _missed(story: Story) -> None:
    """Nobody goes on; at the deadline the supervisor is told, the case is red, the inquiry is made."""
    story.at(12, "09:12")
    assert aside(clocks_sweep) > 0
    assert aside(clocks_sweep) == 0
    page = story.seen("supervisor").go(reverse("notices"))
    page.get_by_role("link", name=f"投诉{NUMBER}已逾期").first.click()
    page.locator(".badge-bad", has_text="已逾期").first.wait_for()
    assert "已到期" in page.locator(".story li.is-bad").first.inner_text()
    row = story.seen("supervisor").go(f"{reverse('cases')}?due=over").locator("main tbody tr")
    assert row.count() == 1 and row.locator(".badge-bad").count() == 1
    page = story.open("supervisor")
    step(page, "查明", INQUIRY)
    step(page, "送主管审核", REPORT)
    step(page, "通过，交行政人事部")


def _answered(story: Story) -> None:
    """Opinion, ruling, countermeasure, and the answer on the phone, which must say why it is late."""
    story.at(13, "10:00")
    step(story.open("hr"), "呈总经理", {"行政人事部意见": "同意换货"})
    step(story.open("gm"), "核准，回复受理部门", {"批示": "同意"})
    page = story.open("supervisor")
    step(page, "送主管审核", {"受理部门处理意见": "当天换货并致歉"})
    step(page, "通过，由客服答复")
    page = story.open("holder", phone=True)
    answer = {"答复方式": "口头（电话）", "答复内容": "今天寄出新的一件，运费我们承担"}
    fill(page, answer)
    page.get_by_role("button", name="客户接受，结案").click()
    page.locator("#step_error, .has-error, .message-error", has_text="延误的原因").first.wait_for()
    page.get_by_label("说明").fill("等行政人事部分派")
    page.get_by_role("button", name="客户接受，结案").click()
    told(page, "已办理：客户接受，结案")
    story.seen("holder").narrow()


def _shared(story: Story, folder: Path) -> None:
    """The loss with a picture; shares are proposed by one, who may not decide, and decided by another."""
    story.at(13, "15:00")
    page = story.open("supervisor")
    proof = folder / "退款.png"
    proof.write_bytes(PICTURE)
    loss = fold(page, "登记损失")
    loss.get_by_label("损失金额").fill("500")
    loss.get_by_label("核算依据").fill("换货一件的成本与两次运费")
    loss.get_by_label("凭据").set_input_files(proof)
    loss.get_by_role("button", name="登记损失").click()
    told(page, "已登记损失")
    losses = page.locator("section", has=page.locator("#losses"))
    assert losses.get_by_role("link", name="退款.png").is_visible()
    proposed = losses.locator("li", has_text="5103 当班的人").inner_text()
    assert "订单50050050归此人" in proposed and "接到投诉时在班" in proposed

    form = fold(page, "提出归责")
    parties = form.locator("fieldset.party")
    parties.nth(0).get_by_label("人员").fill("5103")
    parties.nth(0).get_by_label("比例").fill("74.99")
    parties.nth(1).get_by_label("谁").select_option(label="售后组")
    parties.nth(1).get_by_label("比例").fill("25")
    form.get_by_label("归责理由").fill("没有转告加固要求；售后没有复核")
    form.get_by_role("button", name="提出归责").click()
    page.get_by_text("各责任方的比例合计为99.99%").first.wait_for()
    form = page.locator("details.confirm", has=page.locator("fieldset.party"))
    form.locator("fieldset.party").nth(0).get_by_label("比例").fill("75")
    form.get_by_role("button", name="提出归责").click()
    told(page, "已提出归责")
    assert page.get_by_role("button", name="采纳并扣款").count() == 0

    story.at(14, "09:30")
    page = story.seen("manager").go(reverse("home"))
    page.locator("a", has_text="归责").first.click()
    page.locator("main table a", has_text="收到时外壳已破").click()
    page.get_by_label("裁定意见").fill("同意")
    page.get_by_role("button", name="采纳并扣款").click()
    told(page, "已裁定")
    assert {"375.00 元", "83.33 元", "41.67 元"} <= set(
        page.locator(".ruling .row-head span").all_inner_texts()
    )


def _appealed(story: Story) -> None:
    """Who bears most of it sees the own share alone, says something against it, and is answered."""
    story.at(14, "12:00")
    seen = story.seen("clerk", phone=True)
    page = seen.go(reverse("me_all"))
    page.get_by_role("link", name="投诉损失").click()
    shown = page.locator("main").inner_text()
    assert NUMBER in shown and "375.00 元" in shown and "83.33" not in shown
    fold(page, "申诉").get_by_label("申诉理由").fill("加固要求写在订单备注里，仓库没有看")
    page.get_by_role("button", name="提出申诉").click()
    told(page, "申诉已提出")
    seen.narrow()

    story.at(15, "10:00")
    page = story.open("manager")
    assert page.get_by_role("button", name="批准申诉").count() == 0
    page = story.open("gm")
    page.get_by_label("答复").fill("备注里没有，聊天里有")
    page.get_by_role("button", name="不批准").click()
    told(page, "不批准")
    assert troubles(story.seen("gm")) == []

    page = story.seen("clerk").go(reverse("me_charges"))
    assert "备注里没有，聊天里有" in page.locator("main").inner_text()
    assert troubles(story.seen("clerk")) == []


def _paid(story: Story) -> None:
    """hr settles, another approves; the payslip says what was taken, why, and what waits for next month."""
    story.at(2, "10:00", month=11)
    page = story.seen("hr").go(reverse("pay"))
    page.get_by_label("月份").fill(MONTH)
    page.get_by_role("button", name="打开这个月").click()
    page.get_by_role("button", name="开始结算").click()
    page.locator("summary", has_text="重新结算").wait_for(timeout=WORKER_MILLISECONDS)
    slip = story.seen("hr").go(reverse("pay_slip", args=[story.department.code, MONTH, "5103"]))
    line = slip.locator("details.line", has_text="投诉损失的分担")
    line.locator("summary").click()
    line.get_by_role("link", name="看这件投诉").click()
    slip.get_by_role("heading", name="收到时外壳已破").wait_for()
    manager = story.seen("manager").go(reverse("pay_period", args=[story.department.code, MONTH]))
    press(manager, "批准")
    told(manager, "已批准")

    for size in (PHONE, WIDE):
        page = story.seen("clerk").page
        page.set_viewport_size(size)
        story.seen("clerk").go(reverse("me_slip", args=[MONTH]))
        line = page.locator("details.line", has_text="投诉损失的分担")
        line.locator("summary").click()
        told_of = line.inner_text()
        assert "−300.00" in told_of and "余 75.00 元转下月" in told_of
        assert NUMBER in told_of and "75%" in told_of and "83.33" not in told_of
        line.get_by_role("link", name="看理由、算式与申诉").click()
        page.get_by_text("备注里没有，聊天里有").wait_for()
    story.seen("clerk").narrow()


def test_who_recorded_or_investigated_is_not_offered_the_decision(story: Story) -> None:
    story.at(20, "09:00")
    page = story.seen("manager").go(f"{reverse('case_new')}?type=s000-09-05")
    fill(page, {"事项": "交期晚了十天", "接到时间": "2026-10-20T08:30", **CARD})
    page.locator("main form").get_by_role("button", name="登记").click()
    told(page, "已登记投诉")
    address = page.url
    step(page, "受理，乙类（合同纠纷）", {"核实情况": "合同写明十月十日"})
    supervisor = story.seen("supervisor").page
    supervisor.goto(address)
    step(supervisor, "送公司领导", {"受理部门处理意见": "退还差价"})

    page.goto(address)
    card = page.locator("section", has=page.locator("#step"))
    assert "您已是本案的登记人" in card.inner_text() and card.get_by_role("button").count() == 0
    waiting = f"{reverse('cases')}?whose=step"
    assert "交期晚了十天" not in story.seen("manager").go(waiting).content()
    gm = story.seen("gm").go(waiting)
    gm.get_by_role("link", name="交期晚了十天").click()
    step(gm, "裁定，由客服答复", {"裁定": "退还差价"})
