"""Pages of cases: the list and one case; who sees and may do what, and what a refusal leaves."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from complaints.models import Callback, Case, CaseEvent, Clock, ClockEvent, Complainant
from complaints.selectors.cases import cases_visible_to
from complaints.selectors.powers import powers_of
from complaints.selectors.waiting import cases_awaiting
from complaints.services.cases import case_step, event_record
from complaints.services.lifecycle import case_pause
from tests import factories
from tests.complaints.opened import CALL, PATH, SLOW, WEEK, Place, at, place
from tests.complaints.visits import page, post, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PICTURE = b"\x89PNG\r\n\x1a\n0000"
PHONE = "13812345678"
COUNTED = (Case, CaseEvent, Clock, ClockEvent, Complainant, Callback)


@pytest.fixture
def here() -> Place:
    return place(WEEK, CALL, SLOW)


def counts() -> list[int]:
    return [model._default_manager.count() for model in COUNTED]


# The list


@pytest.mark.parametrize("number", [3, 60])
def test_the_list_takes_under_twelve_queries_at_any_size(here: Place, number: int) -> None:
    for _ in range(number):
        here.open(complainant="王女士", phone=PHONE)
    client = signed_in(here.accounts["manager"])
    client.get(reverse("cases"))
    with CaptureQueriesContext(connection) as captured:
        text = page(client, "cases")
    assert text.count("漏发一件") == min(number, 50)
    assert len(captured) < 12, [each["sql"][:80] for each in captured]


def test_the_list_shows_what_ends_first_on_top_with_words_and_remaining_time(here: Place, clock: Any) -> None:
    here.open(at(3), title="还早")
    clock(9)
    here.open(at(9), title="刚来", at=at(9))
    by = here.accounts["supervisor"]
    text = page(signed_in(by), "cases")
    assert text.index("还早") < text.index("刚来")
    assert "将到期，剩1天" in text
    clock(10, "09:00")
    assert "将到期，剩不到1分钟" in page(signed_in(by), "cases")
    clock(12, "11:00")
    client = signed_in(by)
    assert "逾期2天2小时" in page(client, "cases")
    assert "刚来" not in page(client, "cases", due="over")
    assert "还早" in page(client, "cases", due="over")
    assert "还早" not in page(client, "cases", due="soon")


def test_a_paused_or_answered_clock_is_not_found_as_overdue(here: Place, clock: Any) -> None:
    paused = here.open(at(3), title="等客户寄回")
    by = here.accounts["supervisor"]
    case_pause(case=paused, reason="等客户寄回", happened_at=at(4), by=by, at=at(4))
    clock(20)
    client = signed_in(by)
    assert "等客户寄回" not in page(client, "cases", due="over")
    assert "已暂停计时" in page(client, "cases")


def test_the_list_is_filtered_and_searched(here: Place) -> None:
    here.open(title="面膜过敏", product="面膜", complainant="王女士", holder=None)
    here.open(title="少发一支", complainant="李先生")
    client = signed_in(here.accounts["hr"])
    for asked in ({"q": "面膜"}, {"q": "王女士"}, {"whose": "nobody"}, {"q": "20261003-001"}):
        text = page(client, "cases", **asked)
        assert "面膜过敏" in text and "少发一支" not in text, asked
    assert "没有符合的投诉" in page(client, "cases", month="2026-09")
    assert "少发一支" in page(client, "cases", month="2026-10", type="plain", sort="old", page="9")
    assert "没有处理中的投诉" in page(signed_in(here.accounts["colleague"]), "cases")
    mine = page(signed_in(here.accounts["agent"]), "cases", whose="mine")
    assert "少发一支" in mine and "面膜过敏" not in mine


def test_who_sees_which_cases(here: Place) -> None:
    here.open(title="别人的", by=here.accounts["supervisor"], holder=here.colleague)
    case = here.open(title="自己的", about=here.colleague)
    other = factories.account("manager", factories.department())
    seen = {"agent": True, "supervisor": True, "auditor": True, "gm": True, "colleague": False}
    for name, is_seen in seen.items():
        client = signed_in(here.accounts[name])
        assert client.get(reverse("case", args=[case.pk])).status_code == (200 if is_seen else 404), name
        assert ("自己的" in page(client, "cases")) is is_seen
    assert signed_in(other).get(reverse("case", args=[case.pk])).status_code == 404
    assert "自己的" not in page(signed_in(other), "cases")


def test_an_agent_does_not_read_a_case_against_oneself(here: Place) -> None:
    case = here.open(by=here.accounts["supervisor"], about=here.holder, holder=here.colleague)
    client = signed_in(here.accounts["agent"])
    assert client.get(reverse("case", args=[case.pk])).status_code == 404
    before = counts()
    assert client.post(reverse("case_event", args=[case.pk]), {"kind": "note"}).status_code == 404
    assert counts() == before


def test_the_workbook_holds_the_filtered_cases_without_who_complained(here: Place) -> None:
    here.open(title="面膜过敏", complainant="王女士", phone=PHONE)
    here.open(title="少发一支")
    client = signed_in(here.accounts["manager"])
    response: Any = client.get(reverse("cases_export"), {"q": "面膜"})
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert "面膜过敏" in cells and "少发一支" not in cells
    assert not {"王女士", PHONE} & set(cells)


# One case


def test_the_page_shows_the_arithmetic_and_turns_red_when_overdue(here: Place, clock: Any) -> None:
    case = here.open(at(3))
    client = signed_in(here.accounts["agent"])
    assert "已逾期：" not in page(client, "case", case.pk)
    assert "怎样算出来" in page(client, "case", case.pk)
    clock(11)
    assert "已逾期：" in page(signed_in(here.accounts["agent"]), "case", case.pk)


def test_a_step_is_taken_once_with_what_it_must_bring(here: Place) -> None:
    case = here.open(at(3))
    client = signed_in(here.accounts["agent"])
    given = {"step": "handle", "decision": "结案", "happened_at": "2026-10-03T09:30", "upheld": "no"}
    before = counts()
    assert "没有办成" in post(client, "case_step", case.pk, **given, note="讲了很多")
    assert counts() == before
    text = post(client, "case_step", case.pk, **given, **{"brings-0": "补发"})
    assert "已办理：结案" in text and "补发" in text
    after = counts()
    assert "没有再办" in post(client, "case_step", case.pk, **given, **{"brings-0": "补发"})
    assert counts() == after
    case.refresh_from_db()
    assert (case.state, case.is_upheld) == ("closed", False)


def test_a_form_that_was_refused_keeps_what_was_typed(here: Place, clock: Any) -> None:
    case = here.open(at(3))
    clock(12)
    client = signed_in(here.accounts["agent"])
    given = {"step": "handle", "decision": "结案", "happened_at": "2026-10-12T08:00", "upheld": "yes"}
    text = post(client, "case_step", case.pk, **given, **{"brings-0": "写了很久的结果"})
    assert "请在说明里写明延误的原因" in text and "写了很久的结果" in text
    case.refresh_from_db()
    assert case.is_open


def test_a_double_press_takes_one_step_of_a_path() -> None:
    here = place(WEEK, PATH)
    case = here.open(provision_code="x-path", card={"客户要求": "退货"}, by=here.accounts["hr"])
    client = signed_in(here.accounts["agent"])
    for _ in range(2):
        post(client, "case_step", case.pk, step="accept", decision="受理", happened_at="2026-10-03T09:30")
    case.refresh_from_db()
    assert case.step == "inquire"
    assert CaseEvent.objects.filter(case=case, kind="decided").count() == 1
    assert "由主管、行政人事办理" in page(client, "case", case.pk)
    assert "发生原因" in page(signed_in(here.accounts["supervisor"]), "case", case.pk)


def test_what_is_noted_twice_stands_once(here: Place) -> None:
    case = here.open(at(3))
    client = signed_in(here.accounts["agent"])
    given = {"kind": "messaged", "happened_at": "2026-10-03T09:30", "note": "请看短信"}
    for _ in range(2):
        assert "已记下" in post(client, "case_event", case.pk, **given)
    assert CaseEvent.objects.filter(kind="messaged").count() == 1
    text = page(client, "case", case.pk)
    assert "留言或发短信" in text and "48小时无回应改打电话：起算" in text


def test_what_is_told_later_says_so(here: Place, clock: Any) -> None:
    case = here.open(at(3))
    clock(5)
    event_record(case=case, kind="phoned", happened_at=at(4), by=here.accounts["agent"], at=at(5))
    assert "10-05 09:00 补记" in page(signed_in(here.accounts["agent"]), "case", case.pk)


def test_the_phone_is_masked_everywhere_until_it_is_asked_for(here: Place) -> None:
    case = here.open(complainant="王女士", phone=PHONE)
    for name in ("agent", "manager", "auditor"):
        client = signed_in(here.accounts[name])
        for text in (page(client, "cases", q="王女士"), page(client, "case", case.pk)):
            assert PHONE not in text
        assert "138****5678" in page(client, "case", case.pk)
    before = CaseEvent.objects.count()
    auditor = signed_in(here.accounts["auditor"])
    assert auditor.get(reverse("case_phone", args=[case.pk])).status_code == 405
    assert auditor.post(reverse("case_phone", args=[case.pk])).status_code == 404
    assert CaseEvent.objects.count() == before
    response = signed_in(here.accounts["agent"]).post(reverse("case_phone", args=[case.pk]))
    assert PHONE in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert CaseEvent.objects.filter(kind="shown").count() == 1
    text = page(signed_in(here.accounts["manager"]), "case", case.pk)
    assert "查看电话" in text and PHONE not in text


def test_what_an_account_may_not_do_is_neither_offered_nor_done(here: Place) -> None:
    case = here.open(at(3))
    agent, auditor = signed_in(here.accounts["agent"]), signed_in(here.accounts["auditor"])
    before = counts()
    assert "记一笔" not in page(auditor, "case", case.pk)
    assert "并入另一件" not in page(agent, "case", case.pk)
    steering = ("case_assign", "case_pause", "case_resume", "case_reopen", "case_merge", "case_ruling")
    for client, names in (
        (agent, steering),
        (auditor, (*steering, "case_event", "case_step", "case_callback", "case_take", "case_loss")),
    ):
        for name in names:
            given = {"reason": "不该有", "decision": "结案"}
            assert client.post(reverse(name, args=[case.pk]), given).status_code == 404, name
    assert counts() == before


def test_a_supervisor_assigns_pauses_and_resumes(here: Place, clock: Any) -> None:
    case = here.open(at(3), holder=None)
    client = signed_in(here.accounts["supervisor"])
    assert "已指定承办人" in post(client, "case_assign", case.pk, holder=here.colleague.number)
    given = {"happened_at": "2026-10-03T09:30", "reason": "等检验"}
    assert "已暂停计时" in post(client, "case_pause", case.pk, **given)
    before = counts()
    assert "请先恢复计时" in post(client, "case_pause", case.pk, **given)
    assert counts() == before
    clock(4)
    client = signed_in(here.accounts["supervisor"])
    assert "期限按暂停的时间顺延" in post(client, "case_resume", case.pk, happened_at="2026-10-04T08:00")


def test_an_agent_takes_a_case_that_nobody_holds(here: Place) -> None:
    case = here.open(at(3), holder=None)
    client = signed_in(here.accounts["agent"])
    for _ in range(2):
        post(client, "case_take", case.pk)
    case.refresh_from_db()
    assert case.holder == here.holder
    assert CaseEvent.objects.filter(kind="assigned").count() == 1


def test_a_merge_names_the_other_by_its_number(here: Place) -> None:
    one, two = here.open(at(3)), here.open(at(3, "09:30"))
    client = signed_in(here.accounts["supervisor"])
    before = counts()
    assert "没有投诉“20261003-009”" in post(
        client, "case_merge", one.pk, into="20261003-009", reason="同一件"
    )
    assert counts() == before
    assert "已并案" in post(client, "case_merge", two.pk, into=one.number, reason="同一件")
    two.refresh_from_db()
    assert two.merged_into == one
    assert one.number in page(client, "case", two.pk)


def test_a_closed_case_is_called_back_about_and_reopened(here: Place, clock: Any) -> None:
    case = here.open(at(3))
    agent = here.accounts["agent"]
    case_step(case=case, decision="结案", brings={"处理结果": "补发"}, by=agent, at=at(4))
    clock(5)
    client = signed_in(here.accounts["supervisor"])
    given = {"happened_at": "2026-10-05T08:00", "satisfaction": "4", "note": "还行"}
    for _ in range(2):
        assert "已记下回访" in post(client, "case_callback", case.pk, **given)
    assert Callback.objects.get().satisfaction == 4
    assert "满意度4分" in page(client, "case", case.pk)
    reopened = {"happened_at": "2026-10-05T08:30", "reason": "客户又来电"}
    assert "已重新打开" in post(client, "case_reopen", case.pk, **reopened)
    case.refresh_from_db()
    assert case.is_open


def test_a_picture_of_a_case_is_opened_by_who_sees_the_case(here: Place) -> None:
    case = here.open(files=[SimpleUploadedFile("漏发.png", PICTURE)])
    address = reverse("case_file", args=[case.pk, case.attachments.get().stored_name])
    assert b"".join(signed_in(here.accounts["agent"]).get(address)) == PICTURE
    assert signed_in(here.accounts["colleague"]).get(address).status_code == 404
    other = here.open()
    wrong = reverse("case_file", args=[other.pk, case.attachments.get().stored_name])
    assert signed_in(here.accounts["agent"]).get(wrong).status_code == 404
    attachment = reverse("attachment", args=[case.attachments.get().stored_name])
    assert signed_in(here.accounts["manager"]).get(attachment).status_code == 404


def test_the_page_of_a_case_takes_as_many_queries_whatever_has_happened(here: Place) -> None:
    case = here.open(at(3), complainant="王女士", phone=PHONE)
    client = signed_in(here.accounts["manager"])
    page(client, "case", case.pk)
    with CaptureQueriesContext(connection) as few:
        page(client, "case", case.pk)
    for number in range(60):
        event_record(
            case=case,
            kind="note",
            happened_at=at(3),
            note=f"第{number}次",
            by=here.accounts["agent"],
            at=at(3),
        )
    with CaptureQueriesContext(connection) as many:
        text = page(client, "case", case.pk)
    assert text.count("<time") == 50
    assert len(many) == len(few) <= 40


def test_a_form_from_elsewhere_does_nothing(here: Place) -> None:
    case = here.open(at(3))
    client = Client(enforce_csrf_checks=True)
    client.force_login(here.accounts["agent"])
    before = counts()
    for name in ("case_step", "case_event", "case_phone", "case_loss"):
        assert client.post(reverse(name, args=[case.pk]), {}).status_code == 403
    assert counts() == before


def test_a_case_goes_into_the_handover_book(here: Place) -> None:
    case = here.open(at(3))
    client = signed_in(here.accounts["agent"])
    assert "转到交接" in page(client, "case", case.pk)
    text = page(client, "me_handover", text=f"投诉{case.number}：漏发一件")
    assert f"投诉{case.number}：漏发一件" in text


def test_a_case_that_ended_without_its_clocks_is_not_called_in_time(here: Place) -> None:
    case = here.open(at(3), title="不是我们卖的")
    by = here.accounts["agent"]
    told: dict[str, Any] = {"brings": {"处理结果": "别家的货"}, "note": "别家的货"}
    case_step(case=case, decision="不成立，婉拒", by=by, at=at(3, "09:30"), **told)
    assert "不再计时" in page(signed_in(by), "cases", state="declined")


def test_an_overdue_clock_is_not_offered_a_pause(here: Place, clock: Any) -> None:
    case = here.open(at(3))
    clock(12)
    assert "暂停计时" not in page(signed_in(here.accounts["supervisor"]), "case", case.pk)


def test_what_waits_on_the_first_page_is_what_its_link_shows(here: Place, clock: Any) -> None:
    here.open(at(3), title="超过了")
    clock(12)
    here.open(at(12, "08:00"), title="刚来", holder=None, at=at(12, "08:00"))
    client = signed_in(here.accounts["supervisor"])
    response = client.get(reverse("home"))
    card = next(each for each in response.context["cards"] if each.template == "home/complaints.html")
    found = {tile.label: (tile.figure, tile.url) for tile in card.shown["tiles"]}
    assert {label: figure for label, (figure, _) in found.items()} == {
        "件投诉逾期": 1,
        "件投诉我承办": 0,
        "件投诉等我办理": 2,
    }
    for figure, url in found.values():
        assert len(client.get(url).context["rows"]) == figure
    agent = signed_in(here.accounts["agent"])
    assert "超过了" in page(agent, "me") and "刚来" not in page(agent, "me")


def test_a_step_waits_for_those_whose_it_is_alone() -> None:
    here = place(WEEK, PATH)
    fields: Any = {"provision_code": "x-path", "card": {"客户要求": "退货"}, "by": here.accounts["hr"]}
    case = here.open(**fields)
    here.open(**fields, about=factories.staff(here.department))
    case_step(case=case, decision="受理", by=here.accounts["agent"], at=at(3))
    waits = {"agent": 1, "colleague": 0, "supervisor": 2, "hr": 0, "manager": 0, "gm": 0, "auditor": 0}
    for name, number in waits.items():
        account = here.accounts[name]
        awaiting = set(cases_awaiting(account))
        assert len(awaiting) == number, name
        seen = cases_visible_to(account).select_related("holder", "about", "provision", "department")
        taking = {each for each in seen if powers_of(account, each, at(3).date()).takes_step}
        assert awaiting == taking, name


@pytest.mark.parametrize("where", ["me_handover", "me"])
def test_what_is_open_on_a_case_stands_in_the_handover_of_who_holds_it(here: Place, where: str) -> None:
    held, done = here.open(title="等厂家回电"), here.open(title="寄错城市")
    here.open(title="同事那件", holder=here.colleague, by=here.accounts["supervisor"])
    brings = {"处理结果": "补发"}
    case_step(case=done, decision="结案", brings=brings, by=here.accounts["agent"], at=at(4))
    shown = page(signed_in(here.accounts["agent"]), where)
    assert "等厂家回电" in shown and reverse("case", args=[held.pk]) in shown
    assert "同事那件" not in shown and "寄错城市" not in shown
