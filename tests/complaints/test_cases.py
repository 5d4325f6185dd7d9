"""Opening a case, walking its path, ending it: what does not fit is refused and changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from complaints.errors import CaseRefused
from complaints.models import Alarm, Case, CaseEvent, CasePart, Clock, ClockEvent, Complainant
from complaints.selectors.cases import cases_alike, cases_visible_to
from complaints.services.cases import case_open, case_step, event_record
from complaints.services.lifecycle import (
    callback_record,
    case_assign,
    case_merge,
    case_reopen,
    complainants_erase,
    phone_show,
)
from files.errors import FileRefused
from tests import factories
from tests.complaints.opened import PATH, SLOW, WEEK, Place, at, place, told

pytestmark = pytest.mark.django_db

COUNTED = (Case, CaseEvent, CasePart, Clock, ClockEvent, Alarm, Complainant)


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]  # type: ignore[attr-defined]


def close(here: Place, case: Case, when: Any, **fields: Any) -> Case:
    given = {"brings": {"处理结果": "补发"}, "by": here.accounts["agent"], "at": when}
    return case_step(case=case, decision="结案", **(given | fields))


def test_a_case_has_the_next_number_of_its_day_and_its_clocks() -> None:
    here = place()
    first, second = here.open(), here.open(at(3, "10:30"))
    assert (first.number, second.number) == ("20261003-001", "20261003-002")
    assert told(first) == [("started", at(10))]
    assert told(first, "x-call") == []
    assert list(Alarm.objects.filter(clock__case=first).values_list("level", "at").order_by("at")) == [
        ("before-48", at(8)),
        ("before-24", at(9)),
        ("due", at(10, "09:01")),
        ("after-1", at(11)),
    ]


def test_the_same_key_gives_the_case_opened_under_it() -> None:
    here = place()
    fields: dict[str, Any] = {
        "department": here.department,
        "title": "漏发",
        "received_at": at(3),
        "key": "once",
        "by": here.accounts["agent"],
        "at": at(3),
    }
    assert case_open(**fields) == case_open(**fields)
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"title": " "}, "没有写事项"),
        ({"title": "长" * 201}, "事项有201字"),
        ({"received_at": at(3) + timedelta(hours=1)}, "时间在将来"),
        ({"provision_code": "x-week"}, "没有案件类型"),
        ({"provision_code": "x-path", "card": {}}, "没有填“客户要求”"),
        ({"provision_code": "x-path", "card": {"客户要求": "送礼"}}, "可选：退货、减价"),
        ({"provision_code": "x-path", "card": {"客户要求": "退货", "别的": "1"}}, "没有栏目“别的”"),
        ({"deadlines": ["x-none"]}, "没有时限“x-none”"),
        ({"platform_due_at": at(2)}, "平台时限早于接到时间"),
        ({"channel": "pigeon"}, "没有来源"),
        ({"phone": "1" * 33}, "电话有33字"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(fields: dict[str, Any], word: str) -> None:
    here = place()
    before = counts()
    given = {"received_at": at(3), "title": "漏发", "by": here.accounts["agent"], "at": at(3)} | fields
    with pytest.raises(CaseRefused, match=word):
        case_open(department=here.department, key="k", **given)
    assert counts() == before


def test_a_file_that_is_no_picture_is_refused_with_its_case() -> None:
    here = place()
    before = counts()
    with pytest.raises(FileRefused, match="不是JPEG"):
        here.open(files=[SimpleUploadedFile("证据.jpg", b"MZ not a picture")])
    assert counts() == before


def test_a_case_is_not_given_to_whom_it_is_about_or_to_another_department() -> None:
    here, there = place(), place()
    with pytest.raises(CaseRefused, match="不能承办自己的投诉"):
        here.open(about=here.holder)
    with pytest.raises(CaseRefused, match="不属于"):
        here.open(holder=there.holder)
    with pytest.raises(CaseRefused, match="您不能在"):
        here.open(by=there.accounts["agent"])
    case = here.open(about=here.colleague)
    with pytest.raises(CaseRefused, match="不能承办自己的投诉"):
        case_assign(case=case, holder=here.colleague, by=here.accounts["supervisor"], at=at(4))
    assert Case.objects.get().holder == here.holder


def test_a_case_walks_its_path_with_different_people() -> None:
    here = place()
    case = here.open(provision_code="x-path", card={"客户要求": "退货"}, by=here.accounts["hr"])
    agent, supervisor, hr, manager = (
        here.accounts[each] for each in ("agent", "supervisor", "hr", "manager")
    )
    case = case_step(case=case, decision="受理", by=agent, at=at(3, "10:00"))
    assert case.step == "inquire"
    with pytest.raises(CaseRefused, match="不由您办理"):
        case_step(case=case, decision="报批", brings={"发生原因": "漏检"}, by=agent, at=at(4))
    with pytest.raises(CaseRefused, match="您已是本案的登记人"):
        case_step(case=case, decision="报批", brings={"发生原因": "漏检"}, by=hr, at=at(4))
    with pytest.raises(CaseRefused, match="没有填“发生原因”"):
        case_step(case=case, decision="报批", by=supervisor, at=at(4))
    case = case_step(case=case, decision="报批", brings={"发生原因": "漏检"}, by=supervisor, at=at(4))
    case = case_step(case=case, decision="重查", by=manager, at=at(4, "15:00"))
    case = case_step(case=case, decision="报批", brings={"发生原因": "漏检二"}, by=supervisor, at=at(5))
    case = case_step(case=case, decision="同意", by=manager, at=at(5, "15:00"))
    case = case_step(case=case, decision="答复并结案", brings={"答复内容": "退货"}, by=agent, at=at(6))
    assert (case.state, case.closed_at, case.is_upheld) == ("closed", at(6), True)
    kinds = list(case.events.values_list("kind", flat=True))
    assert kinds == [
        *("received", "decided", "accepted", "decided", "decided", "decided", "decided"),
        *("decided", "replied", "closed"),
    ]
    assert told(case) == [("started", at(10)), ("stopped", None)]
    assert not Alarm.objects.filter(clock__case=case).exists()


def test_one_person_has_one_part_whatever_the_code_says() -> None:
    here = place()
    case = here.open()
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePart.objects.create(case=case, part="decider", account=here.accounts["agent"], at=at(4))


def test_a_decision_that_the_step_does_not_have_names_those_that_it_has() -> None:
    here = place()
    case = here.open()
    with pytest.raises(CaseRefused, match="可选：结案、不成立，婉拒"):
        case_step(case=case, decision="同意", by=here.accounts["agent"], at=at(4))


def test_two_who_decide_at_once_find_one_step() -> None:
    here = place()
    case = here.open()
    close(here, case, at(4))
    with pytest.raises(CaseRefused, match="已结案，不能再处理"):
        close(here, case, at(4))
    assert case.events.filter(kind="closed").count() == 1


def test_closing_after_its_time_takes_a_word_why() -> None:
    here = place()
    case = here.open()
    with pytest.raises(CaseRefused, match="“7天结案”已逾期"):
        close(here, case, at(11))
    assert Case.objects.get(pk=case.pk).is_open
    assert close(here, case, at(11), note="工厂放假").closed_at == at(11)


def test_closing_counts_by_its_own_time() -> None:
    here = place()
    case = here.open()
    close(here, case, at(12), happened_at=at(10))
    assert told(case)[-1] == ("stopped", None)
    with pytest.raises(CaseRefused, match="早于接到投诉"):
        close(here, here.open(), at(12), happened_at=at(2))


def test_a_declined_case_stays_with_its_reason() -> None:
    here = place()
    case = here.open()
    with pytest.raises(CaseRefused, match="没有写不受理的理由"):
        case_step(
            case=case,
            decision="不成立，婉拒",
            brings={"处理结果": "无"},
            by=here.accounts["agent"],
            at=at(4),
        )
    case = case_step(
        case=case,
        decision="不成立，婉拒",
        brings={"处理结果": "已说明"},
        note="客户自己拆坏",
        by=here.accounts["agent"],
        at=at(4),
    )
    assert (case.state, case.is_upheld) == ("declined", False)
    assert told(case)[-1] == ("ended", None)


def test_a_reopened_case_has_a_second_round_and_keeps_the_first() -> None:
    here = place()
    case = here.open()
    close(here, case, at(5))
    with pytest.raises(CaseRefused, match="没有写重新打开的理由"):
        case_reopen(case=case, reason=" ", by=here.accounts["supervisor"], at=at(6))
    case = case_reopen(case=case, reason="客户不认", by=here.accounts["supervisor"], at=at(6))
    assert (case.state, case.closed_at, case.step) == ("open", None, "handle")
    assert told(case) == [("started", at(10)), ("stopped", None)]
    assert told(case, round=2) == [("started", at(13))]
    with pytest.raises(CaseRefused, match="处理中，不能重新打开"):
        case_reopen(case=case, reason="再来", by=here.accounts["supervisor"], at=at(7))


def test_a_merge_keeps_the_earliest_receipt_and_ends_the_other_clocks() -> None:
    here = place()
    early, late = here.open(at(1)), here.open(at(3))
    into = case_merge(case=early, into=late, reason="同一客户", by=here.accounts["supervisor"], at=at(4))
    early.refresh_from_db()
    assert (early.state, early.merged_into) == ("merged", into)
    assert into.received_at == at(1)
    assert told(into) == [("started", at(10)), ("restart", at(8))]
    assert told(early)[-1] == ("ended", None)
    assert not Alarm.objects.filter(clock__case=early).exists()


def test_a_closed_and_an_open_case_are_not_merged() -> None:
    here = place()
    closed, running = here.open(), here.open()
    close(here, closed, at(4))
    before = counts()
    for case, into in ((closed, running), (running, closed)):
        with pytest.raises(CaseRefused, match="只有处理中的可以并案"):
            case_merge(case=case, into=into, reason="同", by=here.accounts["supervisor"], at=at(5))
    with pytest.raises(CaseRefused, match="不能并入自己"):
        case_merge(case=running, into=running, reason="同", by=here.accounts["supervisor"], at=at(5))
    assert counts() == before


def test_who_sees_which_case() -> None:
    here, there = place(), place()
    own, other = here.open(), here.open(holder=here.colleague, by=here.accounts["supervisor"])
    against = here.open(about=here.colleague, holder=here.holder, by=here.accounts["colleague"])

    def seen(who: str) -> set[Case]:
        return set(cases_visible_to(here.accounts[who]))

    assert seen("agent") == {own, against}
    assert seen("colleague") == {other}
    assert seen("supervisor") == seen("hr") == seen("manager") == {own, other, against}
    assert seen("gm") == seen("auditor") == {own, other, against}
    assert not cases_visible_to(there.accounts["manager"])
    with pytest.raises(CaseRefused, match="您不经办"):
        event_record(
            case=own, kind="note", happened_at=at(4), note="看看", by=here.accounts["colleague"], at=at(4)
        )


def test_a_customer_is_known_again_by_phone_or_order() -> None:
    here = place()
    case = here.open(complainant="王女士", phone="138 0000-1111")
    alike = cases_alike(here.department, phone="13800001111", received_at=at(20))
    assert list(alike) == [case]
    assert not cases_alike(here.department, phone="13800001112", received_at=at(20))
    assert not cases_alike(here.department, name="", phone="", received_at=at(20))


def test_looking_at_a_phone_is_noted() -> None:
    here = place()
    case = here.open(complainant="王女士", phone="13800001111")
    with pytest.raises(CaseRefused, match="您不经办"):
        phone_show(case=case, by=here.accounts["auditor"], at=at(4))
    assert phone_show(case=case, by=here.accounts["agent"], at=at(4)) == "13800001111"
    assert case.events.filter(kind="shown", by=here.accounts["agent"]).count() == 1


def test_who_complained_is_forgotten_when_the_rule_says_so() -> None:
    here = place(WEEK, SLOW, {"code": "x-keep", "title": "保存", "kind": "retention", "params": {"days": 10}})
    over, running = (here.open(complainant="王女士", phone="13800001111") for _ in range(2))
    close(here, over, at(5))
    assert complainants_erase(department=here.department, at=at(15)) == 0
    assert complainants_erase(department=here.department, at=at(16)) == 1
    assert list(Complainant.objects.values_list("case", flat=True)) == [running.pk]
    assert over.events.filter(kind="erased").count() == 1
    over.refresh_from_db()
    assert over.customer_key
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM complaints_casepast past WHERE past::text LIKE '%13800001111%'")
        assert cursor.fetchone() == (0,)


def test_a_call_back_says_how_content_the_customer_is() -> None:
    here = place()
    case = here.open()
    fields: dict[str, Any] = {"case": case, "by": here.accounts["agent"], "at": at(6)}
    with pytest.raises(CaseRefused, match="还不能回访"):
        callback_record(happened_at=at(6), is_reached=True, satisfaction=5, **fields)
    close(here, case, at(5))
    for is_reached, score in ((True, None), (False, 3), (True, 6)):
        with pytest.raises(CaseRefused, match="满意度不对"):
            callback_record(happened_at=at(6), is_reached=is_reached, satisfaction=score, **fields)
    callback_record(happened_at=at(6), is_reached=True, satisfaction=4, **fields)
    assert case.events.filter(kind="revisited").count() == 1


def test_a_lead_takes_steps_of_what_the_team_holds_and_of_nothing_else() -> None:
    path = {
        "steps": [
            {"code": "s", "label": "审", "by": ["lead"], "decisions": [{"label": "结", "to": "closed"}]}
        ]
    }
    here = place(WEEK, SLOW, PATH | {"code": "x-lead", "params": path})
    team = factories.team(here.department)
    leader = factories.staff(here.department, role="lead", team=team)
    lead = factories.account("lead", staff=leader)
    member = factories.staff(here.department, team=team)
    mine = here.open(at(3), provision_code="x-lead", holder=member)
    others = here.open(at(3), provision_code="x-lead", holder=here.colleague)
    assert list(cases_visible_to(lead)) == [mine]
    with pytest.raises(CaseRefused, match="不由您办理"):
        case_step(case=others, decision="结", by=lead, at=at(4))
    assert case_step(case=mine, decision="结", by=lead, at=at(4)).state == "closed"


def test_a_group_counts_only_where_it_acts() -> None:
    """Manager in one department, agent in another: no manager's step there."""
    here, there = place(), place()
    path = {
        "steps": [
            {"code": "s", "label": "批", "by": ["manager"], "decisions": [{"label": "批", "to": "closed"}]}
        ]
    }
    here = place(WEEK, SLOW, PATH | {"code": "x-boss", "params": path})
    both = here.accounts["agent"]
    both.groups.add(there.accounts["manager"].groups.get())
    both.departments.add(there.department)
    both.known_actions = None
    case = here.open(at(3), provision_code="x-boss")
    with pytest.raises(CaseRefused, match="不由您办理"):
        case_step(case=case, decision="批", by=both, at=at(4))
    assert case_step(case=case, decision="批", by=here.accounts["manager"], at=at(4)).state == "closed"
