"""What a person says against a disciplinary decision: by the person, in time, answered by who had no part."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from notices.models import Notice
from penalties.errors import AppealRefused
from penalties.models import DisciplinaryCase, DisciplineAppeal, Incident, Reversal
from penalties.open_appeals import open_appeals
from penalties.selectors import discipline_to_review
from penalties.services import (
    appeal_hindrance,
    discipline_appeal,
    discipline_appeal_decide,
    discipline_appeal_withdraw,
    discipline_decide,
    discipline_hear,
    discipline_propose,
    discipline_reverse,
    incident_appeal,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.roles import as_application

pytestmark = pytest.mark.django_db
LATER = WHEN + timedelta(hours=2)
State = DisciplineAppeal.State


@pytest.fixture
def office(department: Department, agent: Staff) -> dict[str, Account]:
    """hr proposes and hears, the manager (of a dismissal the gm) decides, others are there to answer."""
    made = {group: factories.account(group, department) for group in ("hr", "manager", "gm", "supervisor")}
    made["second"] = factories.account("manager", department)
    made["person"] = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    return made


@pytest.fixture
def decided(agent: Staff, office: dict[str, Account]) -> Callable[..., DisciplinaryCase]:
    def make(level: str = "minor") -> DisciplinaryCase:
        by = office["hr"]
        case = discipline_propose(staff=agent, level=level, grounds="旷工一天", by=by, at=WHEN)
        discipline_hear(case=case, statement="当天发烧", heard_at=WHEN, by=by, at=WHEN)
        decider = office["gm" if level == "dismissal" else "manager"]
        return discipline_decide(case=case, accept=True, decision="事实清楚", by=decider, at=WHEN)

    return make


def rows() -> list[Any]:
    stored = (DisciplineAppeal, DisciplinaryCase, Incident, Reversal, Notice)
    return [list(each.objects.order_by("pk").values()) for each in stored]


def refused(act: Callable[[], object], words: str) -> None:
    before = rows()
    with pytest.raises(AppealRefused, match=re.escape(words)), transaction.atomic():
        act()
    assert rows() == before


def appealed(case: DisciplinaryCase, by: Account, **given: Any) -> DisciplineAppeal:
    return discipline_appeal(case=case, **{"reason": "有病假条", "by": by, "at": LATER, **given})


def answered(appeal: DisciplineAppeal, by: Account, state: str = State.APPROVED, answer: str = "属实") -> Any:
    return discipline_appeal_decide(appeal=appeal, state=state, answer=answer, by=by, at=LATER)


def test_a_granted_appeal_takes_the_decision_and_what_it_cost_back(
    decided: Any, office: dict[str, Account], agent: Staff
) -> None:
    case = decided()
    told = Notice.objects.filter(account=office["person"], text__contains="申诉到2026-10-18")
    assert told.filter(kind="discipline").exists()
    appeal = appealed(case, office["person"])
    waiting = Notice.objects.filter(text__contains="提出申诉，等您决定").values_list("account", flat=True)
    assert set(waiting) == {office["second"].pk}  # not who decided; the gm acts everywhere
    assert list(discipline_to_review(office["second"])) == [case]
    assert not discipline_to_review(office["manager"]) and not discipline_to_review(office["hr"])
    answered(appeal, office["second"])
    case.refresh_from_db()
    assert (case.state, case.reversed_by, case.reversal) == ("reversed", office["second"], "申诉成立：属实")
    assert Reversal.objects.get().incident == case.incident
    before = rows()
    answered(appeal, office["second"])  # again changes nothing
    assert rows() == before


def test_a_refused_appeal_needs_a_word_and_leaves_the_decision(
    decided: Any, office: dict[str, Account]
) -> None:
    case = decided()
    appeal = appealed(case, office["person"])
    refused(lambda: answered(appeal, office["second"], State.REFUSED, " "), "不批准须写明原因")
    answered(appeal, office["second"], State.REFUSED, "病假条是后补的")
    case.refresh_from_db()
    assert case.state == "decided" and not Reversal.objects.exists()
    assert Notice.objects.filter(account=office["person"], text__contains="申诉未批准").count() == 1
    refused(lambda: appealed(case, office["person"]), "已经申诉过（未批准）")
    refused(lambda: answered(appeal, office["gm"]), "不能再决定")


def test_nobody_who_proposed_heard_or_decided_answers_nor_who_may_not(
    decided: Any, office: dict[str, Account], department: Department
) -> None:
    appeal = appealed(decided(), office["person"])
    for group in ("hr", "manager"):
        refused(lambda group=group: answered(appeal, office[group]), "提出、听取或决定这项处分的人")
    elsewhere = factories.account("manager", factories.department("D9"))
    for by in (office["person"], office["supervisor"], elsewhere):
        refused(lambda by=by: answered(appeal, by), "您不能决定此人的申诉")
    answered(appeal, office["gm"])


def test_a_dismissal_by_the_only_gm_is_reviewed_by_a_manager_without_a_part_in_it(
    decided: Any, office: dict[str, Account]
) -> None:
    case = decided("dismissal")
    appeal = appealed(case, office["person"])
    refused(lambda: answered(appeal, office["gm"]), "提出、听取或决定这项处分的人")
    answered(appeal, office["manager"])
    case.refresh_from_db()
    assert case.state == "reversed" and not Reversal.objects.exists()


def test_only_the_person_appeals_once_with_a_reason_and_in_time(
    decided: Any, office: dict[str, Account]
) -> None:
    case, person = decided(), office["person"]
    refused(lambda: appealed(case, office["hr"]), "只能对本人的处分申诉")
    refused(lambda: appealed(case, person, reason=" "), "申诉没有写理由")
    refused(lambda: appealed(case, person, reason="长" * 201), "写了201字")
    refused(lambda: appealed(case, person, at=WHEN + timedelta(days=4)), "申诉期限到2026-10-18为止")
    appeal = appealed(case, person)
    refused(lambda: appealed(case, person), "已经申诉过（待审批）")
    with pytest.raises(IntegrityError, match="disciplineappeal_once"), transaction.atomic():
        DisciplineAppeal.objects.create(staff=case.staff, case=case, reason="再", asked_at=WHEN)
    refused(lambda: discipline_appeal_withdraw(appeal=appeal, by=office["hr"], at=LATER), "只能撤回自己的")
    discipline_appeal_withdraw(appeal=appeal, by=person, at=LATER)
    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        DisciplineAppeal.objects.filter(pk=appeal.pk).update(state="approved")
    assert appealed(case, person).state == State.ASKED


def test_what_is_not_decided_is_not_contested(office: dict[str, Account], agent: Staff) -> None:
    case = discipline_propose(staff=agent, level="minor", grounds="旷工", by=office["hr"], at=WHEN)
    refused(lambda: appealed(case, office["person"]), "没有要申诉的；决定以后才能申诉")


def test_what_a_decision_takes_is_contested_with_the_decision(
    decided: Any, office: dict[str, Account], agent: Staff
) -> None:
    case, person = decided(), office["person"]
    assert case.incident is not None
    hindrance = appeal_hindrance(case.incident, by=person, at=LATER)
    assert "请在处分的页面对处分申诉" in str(hindrance)
    refused(lambda: incident_appeal(incident=case.incident, reason="x", by=person, at=LATER), "这是处分")
    appealed(case, person)
    (found,) = open_appeals(agent.department_id, date(2026, 10, 1), date(2026, 10, 31))
    assert str(found) == f"{agent}处分CF-D1-2026-001（记小过）"
    assert found.url == f"/discipline/{case.pk}/"
    assert open_appeals(agent.department_id, date(2026, 11, 1), date(2026, 11, 30)) == []


def test_taking_the_decision_back_grants_the_appeal_that_waits(
    decided: Any, office: dict[str, Account]
) -> None:
    case = decided()
    appeal = appealed(case, office["person"])
    discipline_reverse(case=case, reason="查错了人", by=office["gm"], at=LATER)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer) == (State.APPROVED, "处分已撤销：查错了人")
    refused(lambda: answered(appeal, office["second"], State.REFUSED), "不能再决定")


def test_the_database_itself_lets_nobody_but_a_gm_dismiss(agent: Staff, office: dict[str, Account]) -> None:
    by = office["hr"]
    case = discipline_propose(staff=agent, level="dismissal", grounds="旷工三天", by=by, at=WHEN)
    discipline_hear(case=case, statement="没有异议", heard_at=WHEN, by=by, at=WHEN)

    def write(decider: Account) -> None:
        with transaction.atomic():
            DisciplinaryCase.objects.filter(pk=case.pk).update(
                state="decided", decided_by=decider, decided_at=LATER, number="x"
            )

    with as_application():
        for group in ("manager", "supervisor"):
            with pytest.raises(IntegrityError, match="解除劳动合同只能由总经理决定"):
                write(office[group])
        case.refresh_from_db()
        assert case.state == "heard"
        write(office["gm"])
        with pytest.raises(IntegrityError, match="解除劳动合同只能由总经理决定"), transaction.atomic():
            DisciplinaryCase.objects.filter(pk=case.pk).update(decided_by=office["manager"])
    office["gm"].groups.clear()  # who was gm then may be something else today
    case.refresh_from_db()
    case.state, case.reversal, case.reversed_at = "reversed", "查错", LATER
    case.save()
    assert connection.in_atomic_block and DisciplinaryCase.objects.get().state == "reversed"


def test_a_demerit_is_not_the_gms_alone(decided: Any) -> None:
    assert decided().state == "decided"
    assert decided().incident.work_date == date(2026, 10, 15)
    assert Decimal("0.3") == Decimal(decided().incident.provision.params["rate"])
