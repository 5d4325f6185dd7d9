"""Disciplinary action: proposed, heard, decided by another, taken back; nothing follows by itself."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from files.selectors import attachments_visible_to
from notices.models import Notice
from penalties.models import DisciplinaryCase, Incident, Proposal, Reversal
from penalties.selectors import discipline_visible_to, discipline_waiting
from penalties.services import (
    DisciplineRefused,
    discipline_decide,
    discipline_hear,
    discipline_propose,
    discipline_reverse,
    incident_confirm,
    incident_record,
    incident_reverse,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import MINOR, WARNING
from tests.roles import as_application

pytestmark = pytest.mark.django_db
LATER = WHEN + timedelta(hours=2)


@pytest.fixture
def office(department: Department, agent: Staff) -> dict[str, Account]:
    """Who proposes (hr, lead), decides (manager, second), dismisses (gm), looks (auditor), and the person."""
    made = {group: factories.account(group, department) for group in ("hr", "manager", "gm", "auditor")}
    made["second"] = factories.account("manager", department)
    lead = factories.staff(department, "1009", name="组长", team=factories.team(department, "A"), role="lead")
    made["lead"] = factories.account("lead", staff=lead)
    made["person"] = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    return made


@pytest.fixture
def propose(agent: Staff, office: dict[str, Account]) -> Callable[..., DisciplinaryCase]:
    def make(**given: Any) -> DisciplinaryCase:
        fields = {
            "staff": agent,
            "level": "minor",
            "grounds": "10月9日旷工一天，电话不接",
            "by": office["hr"],
        }
        return discipline_propose(**{**fields, "at": WHEN, **given})

    return make


@pytest.fixture
def heard(propose: Any, office: dict[str, Account]) -> Callable[..., DisciplinaryCase]:
    def make(**given: Any) -> DisciplinaryCase:
        case = propose(**given)
        return discipline_hear(
            case=case, statement="当天发烧，忘了请假", heard_at=WHEN, by=office["hr"], at=WHEN
        )

    return make


def decide(case: DisciplinaryCase, by: Account, **given: Any) -> DisciplinaryCase:
    fields = {"accept": True, "decision": "事实清楚，未请假", "at": LATER}
    return discipline_decide(case=case, by=by, **{**fields, **given})


def refused(act: Callable[[], object], words: str) -> DisciplineRefused:
    """The refusal, after which nothing has changed."""

    def rows() -> list[Any]:
        cases = list(DisciplinaryCase.objects.order_by("pk").values())
        return [cases, Incident.objects.count(), Reversal.objects.count(), Notice.objects.count()]

    before = rows()
    with pytest.raises(DisciplineRefused, match=re.escape(words)) as caught, transaction.atomic():
        act()
    assert rows() == before
    return caught.value


def test_a_key_of_another_persons_case_is_told(
    propose: Callable[..., DisciplinaryCase], office: dict[str, Account], agent: Staff
) -> None:
    case = propose(key="k")
    other = factories.staff(agent.department, "1077")
    refused(lambda: propose(key="k", staff=other), "这个页面已经用过；请重新打开页面再填")
    assert propose(key="k") == case


def test_a_decided_demerit_becomes_an_incident_that_costs_its_share_of_pay(
    heard: Any, office: dict[str, Account]
) -> None:
    case = decide(heard(), office["manager"])
    assert (case.state, case.number) == ("decided", "CF-D1-2026-001")
    assert case.effect == "按x-minor：小过一次扣绩效奖金的30%"
    incident = case.incident
    assert incident is not None
    assert (incident.code, incident.work_date, incident.state) == ("x-minor", date(2026, 10, 15), "confirmed")
    assert (incident.decided_by, incident.key) == (office["manager"], f"discipline:{case.pk}")
    assert incident.note.startswith("处分CF-D1-2026-001：10月9日旷工")


def test_letters_are_numbered_within_department_and_year(heard: Any, office: dict[str, Account]) -> None:
    first, second = (decide(heard(), office["manager"]) for _ in range(2))
    assert [first.number, second.number] == ["CF-D1-2026-001", "CF-D1-2026-002"]


def test_the_person_is_asked_told_and_may_speak_for_themselves(
    propose: Any, office: dict[str, Account]
) -> None:
    case = propose()
    asked = Notice.objects.get(account=office["person"])
    assert (asked.kind, asked.text) == ("discipline", "对您提出了处分（记小过），请陈述")
    case = discipline_hear(case=case, statement="当天发烧", heard_at=WHEN, by=office["person"], at=WHEN)
    assert (case.state, case.statement, case.heard_by) == ("heard", "当天发烧", office["person"])
    waiting = Notice.objects.filter(text__contains="等您决定")
    assert set(waiting.values_list("account", flat=True)) == {office["manager"].pk, office["second"].pk}
    decide(case, office["manager"])
    told = Notice.objects.filter(text__contains="已决定", account__in=[office["person"], office["hr"]])
    assert told.count() == 2


def test_where_the_only_manager_proposed_the_gm_is_told(department: Department, agent: Staff) -> None:
    manager, gm = factories.account("manager", department), factories.account("gm")
    case = discipline_propose(staff=agent, level="minor", grounds="旷工一天", by=manager, at=WHEN)
    discipline_hear(case=case, statement="没有异议", heard_at=WHEN, by=manager, at=WHEN)
    assert [each.account for each in Notice.objects.filter(text__contains="等您决定")] == [gm]


def test_nothing_is_decided_before_the_person_was_heard(propose: Any, office: dict[str, Account]) -> None:
    case = propose()
    refused(lambda: decide(case, office["manager"]), "还没有听取本人陈述")
    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        DisciplinaryCase.objects.filter(pk=case.pk).update(state="decided")


def test_who_proposed_does_not_decide(heard: Any, office: dict[str, Account]) -> None:
    case = heard(by=office["manager"])
    refused(lambda: decide(case, office["manager"]), "提出处分的人不能决定；请由另一位经理或总经理决定")
    with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
        DisciplinaryCase.objects.filter(pk=case.pk).update(
            state="decided", decided_by=office["manager"], decided_at=LATER, number="x"
        )
    assert decide(case, office["second"]).state == "decided"


def test_a_dismissal_is_decided_by_the_gm_alone_and_ends_no_employment(
    heard: Any, office: dict[str, Account], agent: Staff
) -> None:
    case = heard(level="dismissal")
    refused(lambda: decide(case, office["manager"]), "只能由总经理决定；请提交总经理")
    decided = decide(case, office["gm"])
    agent.refresh_from_db()
    assert (decided.incident, agent.left_on) == (None, None)
    assert decided.effect == "不另扣款，也不会自动办理离职：最后工作日由人事登记"


def test_two_people_decide_one_case_and_the_first_counts(heard: Any, office: dict[str, Account]) -> None:
    case = heard()
    decide(case, office["manager"])
    refused(lambda: decide(case, office["second"], accept=False), "已决定，不能再决定")
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("who", ["auditor", "lead", "hr"])
def test_who_has_no_right_does_not_decide(heard: Any, office: dict[str, Account], who: str) -> None:
    case = heard(by=office["manager"])
    refused(lambda: decide(case, office[who]), "您不能决定此人的处分")


def test_nobody_handles_the_own_case(propose: Any, heard: Any, office: dict[str, Account]) -> None:
    boss = factories.staff(office["manager"].departments.get(), "1020", role="manager")
    boss.account = office["manager"]
    boss.save()
    refused(lambda: propose(staff=boss, by=office["manager"]), "不能处理自己的处分")
    case = heard(staff=boss)
    refused(lambda: decide(case, office["manager"]), "不能处理自己的处分")
    assert not discipline_waiting(office["manager"]).exists()


def test_a_lead_proposes_about_the_own_team_alone(
    propose: Any, office: dict[str, Account], department: Department
) -> None:
    assert propose(by=office["lead"]).proposed_by == office["lead"]
    other = factories.staff(department, "1030", team=factories.team(department, "B"))
    refused(lambda: propose(staff=other, by=office["lead"]), "您不能对此人提出处分")
    refused(lambda: propose(by=office["person"], staff=other), "您不能对此人提出处分")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"grounds": "  "}, "没有写事实与依据"),
        ({"grounds": "字" * 2001}, "写了2001字；最多2000字"),
        ({"level": "stocks"}, "没有写哪一种处分"),
        ({"source": "9" * 65}, "最多64字"),
    ],
)
def test_a_proposal_without_what_it_needs_is_refused(propose: Any, given: Any, words: str) -> None:
    refused(lambda: propose(**given), words)


def test_a_hearing_is_neither_empty_nor_to_come_nor_twice(propose: Any, office: dict[str, Account]) -> None:
    case = propose()

    def hear(**given: Any) -> DisciplinaryCase:
        fields = {"statement": "没有异议", "heard_at": WHEN, "by": office["hr"], "at": WHEN}
        return discipline_hear(case=case, **{**fields, **given})

    refused(lambda: hear(statement=" "), "没有写本人怎么说；请如实写")
    refused(lambda: hear(heard_at=LATER), "陈述的时间还没有到")
    refused(lambda: hear(by=office["auditor"]), "您不能登记此人的陈述")
    hear()
    refused(lambda: hear(statement="另一种说法"), "不能再登记陈述")


def test_a_level_whose_figure_is_blank_stands_without_money(
    heard: Any, office: dict[str, Account], department: Department, publish: Any
) -> None:
    blank = {**WARNING, "params": {"level": "warning", "rate": None}}
    publish(department, date(2026, 10, 1), [blank])
    assert decide(heard(level="warning"), office["manager"]).effect == "条款x-warning的比例还没有填，不扣款"
    case = decide(heard(level="major"), office["manager"])
    assert (case.effect, case.incident) == ("部门的制度里没有记大过扣款的条款，不扣款", None)
    assert not Incident.objects.exists()


def test_of_two_provisions_one_is_chosen(
    heard: Any, office: dict[str, Account], department: Department, publish: Any
) -> None:
    publish(department, date(2026, 10, 1), [MINOR, {**MINOR, "code": "y-minor"}])
    case = heard()
    error = refused(lambda: decide(case, office["manager"]), "不止一条扣款条款（x-minor、y-minor）")
    assert error.field == "code"
    refused(lambda: decide(case, office["manager"], code="z"), "没有条款“z”")
    assert decide(case, office["manager"], code="y-minor").incident.code == "y-minor"


def test_a_reversal_takes_the_incident_back_once(heard: Any, office: dict[str, Account]) -> None:
    case = decide(heard(), office["manager"])
    refused(lambda: discipline_reverse(case=case, reason=" ", by=office["gm"], at=LATER), "没有写撤销的理由")
    refused(lambda: discipline_reverse(case=case, reason="查错了人", by=office["hr"], at=LATER), "不能撤销")
    case = discipline_reverse(case=case, reason="查错了人", by=office["gm"], at=LATER)
    assert (case.state, case.incident.reversal.reason) == (
        "reversed",
        "处分CF-D1-2026-001撤销：查错了人",
    )
    refused(
        lambda: discipline_reverse(case=case, reason="再撤", by=office["gm"], at=LATER), "已撤销，不能撤销"
    )


def test_an_incident_taken_back_before_is_not_taken_back_again(
    heard: Any, office: dict[str, Account]
) -> None:
    case = decide(heard(), office["manager"])
    incident_reverse(incident=case.incident, on=date(2026, 10, 15), reason="误", by=office["gm"], at=LATER)
    assert discipline_reverse(case=case, reason="查错了人", by=office["gm"], at=LATER).state == "reversed"
    assert Reversal.objects.count() == 1


def _suggested(agent: Staff) -> Proposal:
    for day in (1, 2, 3):
        row = incident_record(
            staff=agent, code="x-complaint", work_date=date(2026, 10, day), by=None, at=WHEN
        )
        incident_confirm(incident=row, by=None, at=WHEN)
    return Proposal.objects.get()


def test_deciding_the_case_decides_the_suggestion_behind_it(
    heard: Any, office: dict[str, Account], agent: Staff
) -> None:
    suggestion = _suggested(agent)
    case = heard(level="dismissal", proposal=suggestion)
    refused(lambda: heard(proposal=suggestion), "这项建议已经发起过处分")
    decide(case, office["gm"])
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == ("accepted", office["gm"])
    assert suggestion.decision == "处分CF-D1-2026-001：事实清楚，未请假"


def test_a_case_whose_suggestion_lost_its_basis_is_only_dropped(
    heard: Any, office: dict[str, Account], agent: Staff
) -> None:
    suggestion = _suggested(agent)
    case = heard(level="dismissal", proposal=suggestion)
    incident = Incident.objects.earliest("pk")
    incident_reverse(incident=incident, on=date(2026, 10, 15), reason="误记", by=None, at=WHEN)
    refused(lambda: decide(case, office["gm"]), "所据的建议已因记录撤销而失去依据")
    assert decide(case, office["gm"], accept=False).state == "dropped"
    refused(lambda: heard(proposal=suggestion), "依据已撤销")


def test_a_suggestion_about_somebody_else_is_refused(
    propose: Any, agent: Staff, department: Department
) -> None:
    other = factories.staff(department, "1030")
    refused(lambda: propose(staff=other, proposal=_suggested(agent)), "所据的建议是别人的")


def test_who_sees_a_case_and_its_evidence(
    propose: Any, office: dict[str, Account], department: Department, settings: Any, tmp_path: Any
) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    picture = SimpleUploadedFile("打卡.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    case = propose(by=office["lead"], files=[picture])
    colleague = factories.account("agent", staff=factories.staff(department, "1031"))
    other = factories.account("manager", factories.department("D2"))
    seeing = [*office.values(), colleague, other]
    allowed = {office[name] for name in ("hr", "manager", "second", "gm", "auditor", "lead", "person")}
    assert {each for each in seeing if discipline_visible_to(each).filter(pk=case.pk).exists()} == allowed
    assert {each for each in seeing if attachments_visible_to(each).exists()} == allowed


def test_what_was_proposed_stays_as_it_was(heard: Any, office: dict[str, Account]) -> None:
    case = heard()
    for change in ({"grounds": "别的"}, {"level": "major"}):
        with pytest.raises(InternalError, match=r"(?i)cannot update rows"), transaction.atomic():
            DisciplinaryCase.objects.filter(pk=case.pk).update(**change)


def test_the_application_role_can_play_a_whole_case(heard: Any, office: dict[str, Account]) -> None:
    with as_application():
        case = decide(heard(), office["manager"])
        assert discipline_reverse(case=case, reason="误", by=office["gm"], at=LATER).state == "reversed"


def test_a_decision_takes_a_fixed_number_of_queries(heard: Any, office: dict[str, Account]) -> None:
    counts = []
    for _ in range(2):
        case = heard()
        with CaptureQueriesContext(connection) as queries:
            decide(case, office["manager"])
        counts.append(len(queries))
    assert counts[1] <= counts[0] <= 60, counts
