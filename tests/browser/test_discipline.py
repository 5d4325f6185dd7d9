"""A disciplinary case on a phone: proposed with a picture, answered by the person, decided, printed."""

from collections.abc import Callable
from pathlib import Path

from django.urls import reverse

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_flows import told
from tests.papers import fonts_of, paper_text


def test_a_case_goes_from_the_proposal_to_the_letter_on_phones(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    picture = tmp_path / "打卡记录.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)

    hr = visit("demo-hr", viewport=PHONE)
    page = hr.go(reverse("discipline"))
    hr.narrow()
    page.get_by_role("link", name="提出处分").click()
    page.get_by_label("员工").fill("8103")
    page.get_by_label("记小过").check()
    page.get_by_label("事实与依据").fill("11月9日旷工一天，电话不接，当班三单没有人接待。")
    page.set_input_files("[name=attached]", picture)
    hr.narrow()
    page.get_by_role("button", name="提出", exact=True).click()
    told(page, "等本人陈述")
    address = page.url

    agent = visit("demo-agent", viewport=PHONE)
    own = agent.go(reverse("notices"))
    own.get_by_text("对您提出了处分").first.click()
    own.get_by_role("link", name="打卡记录.png").wait_for()
    own.get_by_label("我的陈述").fill("当天发烧，忘了请假")
    agent.narrow()
    own.get_by_role("button", name="提交陈述").click()
    told(own, "陈述已登记")

    manager = visit("demo-manager", viewport=PHONE)
    page = manager.go(address.removeprefix(manager.site.url))
    assert "当天发烧" in page.locator("main").inner_text()
    page.get_by_label("决定的理由").fill("事实清楚，没有请假")
    manager.narrow()
    page.get_by_role("button", name="决定记小过").click()
    told(page, "处分已决定")
    manager.narrow()
    link = page.get_by_role("link", name="通知书（PDF）").get_attribute("href")
    letter = page.request.get(manager.site.url + str(link)).body()
    assert "记小过处分通知书" in paper_text(letter) and "当天发烧，忘了请假" in paper_text(letter)
    assert all("/FontFile3" in font for font in fonts_of(letter))
