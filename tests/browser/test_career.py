"""A career played in the browser, from the first day of training to the payslip of a senior.

A department of its own under the ladder of the library (s004-05), through whose year 2026 the clock is moved.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.urls import reverse
from django.utils import timezone

from appraisals.models import Sheet
from appraisals.services import item_score, sheets_close, sheets_publish
from commissions.services import metric_record
from core.periods import last_of
from penalties.services import incident_confirm, incident_record
from people.models import Account, Department, Staff
from people.services import account_create
from promotions.services import attestation_record, change_decide, change_propose
from rules.services import version_publish
from tests import factories
from tests.browser.conftest import PASSWORD, Site, Visit
from tests.browser.test_accessibility import troubles
from tests.browser.test_complaint import Story, fill, fold
from tests.browser.test_evening import aside
from tests.browser.test_faults import forgive
from tests.browser.test_flows import WORKER_MILLISECONDS, press, told

LONG_AGO = timezone.make_aware(datetime(2020, 1, 1))
NEWCOMER, MENTOR = "7101", "7102"
BASIC = {"code": "basic", "retake_after_days": 3}
PROBATION = {"code": "probation", "confirm_after_days": 1}
PROGRAMME = {
    "code": "x-training",
    "title": "新客服培训",
    "kind": "programme",
    "params": {
        "steps": [
            {"code": "d1", "day": 1, "title": "公司概况", "teacher": "mentor"},
            {"code": "d2", "day": 2, "title": "基本能力考试", "exam": BASIC},
            {"code": "d5", "day": 5, "title": "转正考试", "exam": PROBATION},
        ]
    },
}  # fmt: skip
SCHEME = {
    "code": "s004-05-4-4H.2",
    "title": "月度考评",
    "kind": "evaluation",
    "roles": ["agent"],
    "params": {
        "items": [
            {"name": "满意度", "source": "metric", "metric": "satisfaction", "weight": "60"},
            {"name": "态度", "source": "supervisor", "weight": "40"},
        ]
    },
}
GRADES = {
    "code": "s004-05-4-2G.2",
    "title": "季度考核等级",
    "kind": "grade",
    "roles": ["agent"],
    "params": {
        "brackets": [{"from": 90, "grade": "A"}, {"from": 80, "grade": "B"}, {"from": 0, "grade": "C"}]
    },
}
REVIEW, TITLE = "s004-05-4-3", "s004-05-4-3F.2"
JUDGED = (
    "沟通强、熟练把握客户心态，得多数客户、同事、领导认可",
    "同事不在岗时主动承担",
    "善于发现不足，提有效方案，协助领导完善制度流程",
    "在领导提点下合理安排并督促同事快速完成任务",
    "在团队建设中活跃、乐于奉献，能引导影响同事",
)
QUESTIONS = "判断\t入门\t退款须核对订单号\t\t对\n单选\t入门\t先做什么\t问候|挂断\tA\n"


@pytest.fixture(scope="module")
def department(site: Site, django_db_blocker: Any) -> Department:
    """The ladder with a scheme, grades and a short programme; a team of four under a lead."""
    with django_db_blocker.unblock():
        made: Department = aside(_department)
        return made


def _department() -> Department:
    made = factories.department(name="晋升的客服部")
    version_publish(
        department=made, effective_on=LONG_AGO.date(), rulebooks=["s004-05"],
        provisions=[PROGRAMME, SCHEME, GRADES], by=None, at=LONG_AGO,
    )  # fmt: skip
    team = factories.team(made, "甲组")
    given = {"team": team, "at": LONG_AGO}
    hired = {"hired_on": date(2026, 3, 2)}
    people = {
        "newcomer": factories.staff(made, NEWCOMER, name="新来的人", tier="trial", **hired, **given),
        "mentor": factories.staff(made, MENTOR, name="带人的人", tier="senior", **given),
        "mate": factories.staff(made, "7103", name="同组的人", tier="junior", **given),
        "other": factories.staff(made, "7104", name="对面的人", tier="junior", **given),
        "lead": factories.staff(made, "7109", name="组长", role="lead", **given),
    }
    for name, staff in people.items():
        group = "lead" if name == "lead" else "agent"
        account_create(username=f"career-{name}", group=group, password=PASSWORD, staff=staff)
    for group in ("supervisor", "manager", "hr"):
        account_create(username=f"career-{group}", group=group, password=PASSWORD, departments=[made])
    return made


@pytest.fixture
def story(department: Department, visit: Callable[..., Visit]) -> Iterator[Story]:
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now)) as clock:
        yield Story(department, clock, visit, prefix="career")


def by(name: str) -> Account:
    return Account.objects.get(username=f"career-{name}")


def newcomer() -> Staff:
    return Staff.objects.select_related("department").get(account=by("newcomer"))


def entry(page: Any, label: str) -> None:
    """Follow the main navigation, as people find a page."""
    with page.expect_navigation():
        page.locator("nav[aria-label=主导航]").get_by_role("link", name=label, exact=True).click()


def of_month(page: Any, label: str, month: date) -> None:
    """A page of the navigation for another month than it begins with; what is chosen is sent at once."""
    entry(page, label)
    chosen = page.locator("[type=month]")
    if chosen.input_value() != f"{month:%Y-%m}":
        with page.expect_navigation():
            chosen.fill(f"{month:%Y-%m}")


def own(story: Story, label: str, name: str = "newcomer") -> Any:
    """One's own page on the phone, by way of the thumb's bar."""
    page = story.seen(name, phone=True).go(reverse("me"))
    page.locator(".thumb-bar").get_by_role("link", name="我的").click()
    with page.expect_navigation(url=lambda url: not url.endswith(reverse("me_all"))):
        page.locator("main").get_by_role("link", name=label, exact=True).click()
    return page


def clean(seen: Visit) -> None:
    """Nothing serious for axe-core, nothing wider than the phone."""
    forgive(seen)
    assert troubles(seen) == []
    seen.narrow()


def test_a_newcomer_becomes_a_senior_and_is_paid_as_one(story: Story, worker: None) -> None:
    _enrolled(story)
    _examined(story)
    _risen(story, "junior", date(2026, 4, 1))
    _graded(story, quarter=2)
    _risen(story, "intermediate", date(2026, 7, 6))
    _told_what_is_missing(story)
    _graded(story, quarter=3)
    _ready(story)
    _voted(story)
    _decided(story)
    _paid(story)


def _enrolled(story: Story) -> None:
    """The manager enrols the newcomer, whose mentor records the first day on the phone."""
    story.at(2, "09:00", month=3)
    page = story.seen("manager").go(reverse("home"))
    entry(page, "培训")
    page.get_by_role("link", name="登记新人").first.click()
    fill(page, {"新人": NEWCOMER, "师傅": MENTOR})
    page.get_by_role("button", name="登记").click()
    told(page, "新来的人的培训已登记")

    page = own(story, "培训")
    first = page.locator("section", has=page.locator("#ahead")).locator("li").first
    assert "公司概况" in first.inner_text() and "今天" in first.inner_text()
    assert "师傅带人的人" in page.locator("main").inner_text()
    clean(story.seen("newcomer"))

    page = own(story, "我带的新人", "mentor")
    page.get_by_role("link", name="新来的人").click()
    page.locator("tr", has_text="公司概况").get_by_role("link", name="登记").click()
    page.locator("#record").get_by_role("button", name="登记").click()
    told(page, "已登记")
    clean(story.seen("mentor"))
    page = own(story, "培训")
    assert "带人的人登记" in page.locator("section", has=page.locator("#steps")).inner_text()


def _examined(story: Story) -> None:
    """Two exams: the first is failed and taken again after three days, the second passed at once."""
    story.at(3, "09:00", month=3)
    page = story.seen("manager").go(reverse("home"))
    entry(page, "题库")
    page.get_by_role("link", name="批量出题").click()
    page.get_by_label("题目").fill(QUESTIONS)
    page.get_by_role("button", name="加入题库").click()
    told(page, "已加入题库：2题")
    window = {"开放": "2026-03-03T09:00", "截止": "2026-03-06T18:00", "时长（分钟）": "30", "及格分": "60"}
    tries = {"可补考次数": "1", "补考间隔天数": "3"}
    for code, title, more in (("basic", "基本能力考试", tries), ("probation", "转正考试", {})):
        entry(page, "考试")
        page.get_by_role("link", name="出卷").click()
        given = {"考试编号": code, "名称": title, **window, **more}
        fill(page, {**given, "考生工号": NEWCOMER, "入门：抽几题": "2"})
        page.get_by_role("button", name="出卷").click()
        told(page, "已出卷")

    story.at(3, "10:00", month=3)
    assert "0分" in _sat(story, "基本能力考试", right=False)
    page = own(story, "培训")
    assert "3月6日 换题补考" in page.locator("main").inner_text()
    story.at(6, "10:00", month=3)
    assert "100分" in _sat(story, "基本能力考试", right=True)
    assert "100分" in _sat(story, "转正考试", right=True)
    page = own(story, "培训")
    assert "3月7日 起可以转正" in page.locator("main").inner_text()
    clean(story.seen("newcomer"))


def _sat(story: Story, title: str, *, right: bool) -> str:
    """Sit an exam on the phone; what its result says."""
    page = own(story, "我的考试")
    card = page.locator("section", has_text=title)
    card.locator("summary").click()
    card.get_by_role("button", name="开始", exact=True).click()
    page.locator("#clock", has_text="收卷").wait_for()
    for text, answers in (("退款须核对", ("对", "错")), ("先做什么", ("问候", "挂断"))):
        asked = page.locator("[id^=question-]", has_text=text)
        asked.get_by_label(answers[0 if right else 1]).check()
        asked.get_by_text("已保存").wait_for()
    press(page, "交卷")
    told(page, "已交卷")
    return str(page.locator(".facts").inner_text())


def _risen(story: Story, tier: str, day: date) -> None:
    """The tiers below senior are laid, each from its day."""
    story.clock.return_value = at = timezone.make_aware(datetime.combine(day, datetime.min.time()))

    def rise() -> None:
        change = change_propose(staff=newcomer(), to_tier=tier, reason="符合条件", by=by("lead"), at=at)
        change_decide(
            change=change, accept=True, decision="评审通过", effective_on=day, by=by("manager"), at=at
        )

    aside(rise)


def _graded(story: Story, *, quarter: int) -> None:
    """Two months are laid; the third is scored, published, signed and closed; the grade is confirmed."""
    months = [date(2026, quarter * 3 - 2 + index, 1) for index in range(3)]
    story.at(8, "09:00", month=months[-1].month + 1)
    aside(lambda: _laid(story.department, months))
    last = months[-1]
    page = story.seen("supervisor").go(reverse("home"))
    of_month(page, "考评", last)
    page.get_by_role("link", name="新来的人").click()
    form = fold(page, "评分")
    fill(form, {"得分（满分100）": "95", "理由": "主动帮同事"})
    form.get_by_role("button", name="保存“态度”的评分").click()
    told(page, "已评“态度”")
    of_month(page, "考评", last)
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="公布所选").click()
    told(page, "已公布4份考评单")

    page = own(story, "考评单与季度等级")
    page.get_by_role("link", name=f"{last.month}月").click()
    page.get_by_role("button", name="签字").click()
    told(page, "签字")
    clean(story.seen("newcomer"))

    page = story.seen("manager").go(reverse("home"))
    of_month(page, "考评", last)
    page.get_by_label("全选本页").check()
    page.get_by_label("说明").fill("其余三人已当面看过")
    page.get_by_role("button", name="定所选").click()
    told(page, "已定4份考评单")
    page.locator("nav[aria-label=考评]").get_by_role("link", name="季度等级").click()
    row = page.locator("tr", has_text="新来的人")
    assert row.get_by_label("新来的人的等级").input_value() == "A"
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="定所选的等级").click()
    told(page, "已定1人的等级")

    page = own(story, "考评单与季度等级")
    grades = page.locator("section", has=page.locator("#grades")).inner_text()
    assert grades.count("A") == quarter - 1


def _laid(department: Department, months: list[date]) -> None:
    """Everybody's figures and marks, save the newcomer's of the last month; the earlier months are closed."""
    at = timezone.now()
    people = list(Staff.objects.filter(department=department, number__in=[NEWCOMER, MENTOR, "7103", "7104"]))
    for month in months:
        for staff in people:
            share = Decimal("0.95") if staff.number == NEWCOMER else Decimal("0.8")
            metric_record(
                department=department, staff=staff, month=month, code="satisfaction", value=share,
                as_of=last_of(month), source="客服系统", by=None, at=at,
            )  # fmt: skip
            if month == months[-1] and staff.number == NEWCOMER:
                continue
            given = {"item": "态度", "reason": "照常", "by": by("supervisor"), "at": at}
            item_score(staff=staff, month=month, score=share * 100, **given)
        if month == months[-1]:
            continue
        given = {"department": department, "month": month}
        sheets_publish(**given, staff=[each.pk for each in people], by=by("supervisor"), at=at)
        sheets = Sheet.objects.filter(**given)
        sheets_close(
            editions={each.pk: each.edition for each in sheets}, text="已当面看过", by=by("manager"), at=at
        )


def _told_what_is_missing(story: Story) -> None:
    """After the first quarter the own ladder tells what is met, what is not, and the earliest day."""
    story.at(10, "10:00", month=7)
    page = own(story, "晋升")
    with page.expect_navigation():
        page.get_by_label("截至月末").fill("2026-07")
    step = page.get_by_role("region", name="中级客服升高级客服")
    assert "最早\n2026-09-30" in step.inner_text() and "高级客服 3,000.00 元" in step.inner_text()
    criteria = {
        "季度等级连续2次为A": "最早 2026-09-30",
        "入职满6个月": "最早 2026-09-02",
        "获奖1次": "没有获奖",
        JUDGED[0]: "还没有人认定",
    }
    for criterion, evidence in criteria.items():
        assert evidence in step.locator("li", has_text=criterion).inner_text()
    clean(story.seen("newcomer"))


def _ready(story: Story) -> None:
    """A title is won, the manager certifies the last criterion: every one is met."""
    story.at(9, "10:00", month=10)
    aside(_won_and_judged)
    page = story.seen("manager").go(reverse("home"))
    of_month(page, "晋升", date(2026, 10, 1))
    row = page.locator("tr", has_text="新来的人")
    assert "只差一项" in row.inner_text() and JUDGED[-1] in row.inner_text()
    row.get_by_role("link").click()
    page.get_by_label("事项").select_option(label=f"中级客服升高级客服：{JUDGED[-1]}")
    page.get_by_label("符合", exact=True).check()
    page.get_by_label("依据").fill("组织了两次技能竞赛")
    page.get_by_role("button", name="登记认定").click()
    told(page, "认定已登记")
    assert page.get_by_label("截至月末").input_value() == "2026-10"
    step = page.get_by_role("region", name="中级客服升高级客服")
    assert step.locator(".badge-good", has_text="满足").count() == 1 + len(JUDGED) + 4
    assert "最早\n现在" in step.inner_text()


def _won_and_judged() -> None:
    at = timezone.now()
    won = incident_record(staff=newcomer(), code=TITLE, work_date=date(2026, 9, 28), by=by("lead"), at=at)
    incident_confirm(incident=won, by=by("manager"), at=at)
    for item in JUDGED[:-1]:
        attestation_record(
            staff=newcomer(), code=REVIEW, item=item, answer=True, note="共事三个月", on=at.date(),
            by=by("supervisor"), at=at,
        )  # fmt: skip


def _voted(story: Story) -> None:
    """hr opens a review with a ballot and a panel; three of the team vote, two of the panel give points."""
    page = story.seen("hr").go(reverse("home"))
    entry(page, "评审")
    page.get_by_role("link", name="发起评审").first.click()
    fill(page, {"类别": "季度评审", "原职级": "中级客服", "评审职级": "高级客服"})
    fill(page, {"评委": "career-supervisor 7109"})
    page.get_by_label("匿名投票").check()
    page.get_by_role("button", name="发起", exact=True).click()
    fill(page, {"员工": NEWCOMER})
    page.get_by_role("button", name="列入").click()
    told(page, "已列为候选人")
    address = page.url
    press(page, "开始投票")
    told(page, "投票已开始")

    for name, answer in (("mentor", "同意"), ("mate", "同意"), ("other", "弃权")):
        voter = own(story, "职级、评审与投票", name)
        card = voter.locator("form", has_text="新来的人")
        card.get_by_label(answer, exact=True).check()
        card.get_by_role("button", name="投票").click()
        told(voter, "您的一票已计入")
        clean(story.seen(name))

    page.goto(address)
    assert "已投 3/4" in page.locator("main").inner_text()
    press(page, "结束投票")
    told(page, "投票已结束")
    assert "同意 2，不同意 0，弃权 1" in page.locator("main").inner_text()

    for name, score in (("supervisor", "92"), ("lead", "88")):
        page = story.seen(name).go(reverse("home"))
        entry(page, "评审")
        page.get_by_role("link", name="季度评审").click()
        page.locator("main table").get_by_role("link", name="新来的人").click()
        fill(page, {"评分": score})
        page.get_by_role("button", name="记下评分").click()
        told(page, "评分已记下")
    fill(page, {"理由": "两季度A，独立处理疑难"})
    page.get_by_role("button", name="推举").click()
    told(page, "已推举")


def _decided(story: Story) -> None:
    """The manager decides from the 15th on; the letter is there to print, the person is told."""
    page = story.seen("manager").go(reverse("home"))
    page.locator(".stat", has_text="项职级变动待决定").click()
    page.locator("main table").get_by_role("link", name="晋升").click()
    page.get_by_role("heading", name="决定", exact=True).wait_for()
    shown = page.locator("main").inner_text()
    assert "同意 2，不同意 0，弃权 1" in shown and "90.00（2人）" in shown and "两季度A" in shown
    fill(page, {"生效日期": "2026-10-15", "决定的理由": "符合条件"})
    page.get_by_role("button", name="决定晋升").click()
    told(page, "中级客服→高级客服，已决定")
    letter = page.get_by_role("link", name="通知书").get_attribute("href")
    answer = page.request.get(story.seen("manager").site.url + letter)
    assert answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF")

    page = own(story, "通知")
    page.get_by_role("link", name="您自2026-10-15起晋升：中级客服→高级客服").click()
    page.get_by_text("符合条件").wait_for()
    assert "同意 2" not in page.content()  # how the review went is not told
    clean(story.seen("newcomer"))


def _paid(story: Story) -> None:
    """October is settled and approved; the payslip on the phone has two base pays, each with its days."""
    story.at(2, "10:00", month=11)
    page = story.seen("hr").go(reverse("home"))
    entry(page, "工资")
    fill(page, {"月份": "2026-10"})
    page.get_by_role("button", name="打开这个月").click()
    page.get_by_role("button", name="开始结算").click()
    page.locator("summary", has_text="重新结算").wait_for(timeout=WORKER_MILLISECONDS)
    manager = story.seen("manager").page
    manager.goto(page.url)
    press(manager, "批准")
    told(manager, "已批准")

    page = own(story, "工资条")
    page.get_by_role("link", name="10月").click()
    line = page.locator("details.line", has_text="级别薪资")
    line.locator("summary").click()
    # 2,500.00 × 14/31 + 3,000.00 × 17/31
    assert "2,774.19" in line.inner_text()
    parts = "10-01至10-14 2500.00×14/31天＋10-15至10-31 3000.00×17/31天"
    line.get_by_text(parts).wait_for()
    line.get_by_text("s004-05-6-00").wait_for()
    clean(story.seen("newcomer"))
