"""Recording: what fits no provision is refused with the reason and the remedy, and changes nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from penalties import services
from penalties.models import Incident, MoneyEntry, Reversal
from people.models import Department, FactChange, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import COMPLAINT, RANGE, Publish

DAY = date(2026, 10, 5)


def record(staff: Staff, code: str, day: date = DAY, **fields: Any) -> Incident:
    return services.incident_record(staff=staff, code=code, work_date=day, by=None, at=WHEN, **fields)


def test_an_incident_keeps_the_team_tier_and_version_of_its_day(agent: Staff) -> None:
    incident = record(agent, "x-complaint", note="旺旺截图")
    assert (incident.team.name, incident.tier, incident.state) == ("A", "junior", "recorded")
    assert incident.provision.version.number == 1
    assert not MoneyEntry.objects.exists()


def test_a_covered_catalogue_id_stands_for_its_provision(agent: Staff) -> None:
    incident = record(agent, "s999-07", amount=Decimal("20.00"))
    assert incident.code == "x-range"


def test_a_title_stands_for_its_provision(agent: Staff) -> None:
    assert record(agent, "客户表扬").code == "x-award"


def test_a_missed_duty_falls_under_the_provision_that_it_names(agent: Staff, publish: Publish) -> None:
    duty = {"code": "x-duty", "title": "周报", "kind": "duty", "params": {"every": "week"}}
    owed = {**duty, "code": "x-report", "params": {"every": "week", "missing": "x-complaint"}}
    publish(agent.department, date(2026, 10, 1), [COMPLAINT, duty, owed])
    assert record(agent, "x-report").code == "x-complaint"
    with pytest.raises(services.IncidentRefused, match="没有写未完成时依据的条款"):
        record(agent, "x-duty")


def test_two_provisions_of_one_title_are_not_guessed(agent: Staff, publish: Publish) -> None:
    publish(agent.department, date(2026, 10, 1), [RANGE, {**RANGE, "code": "x-range-2", "covers": []}])
    with pytest.raises(services.IncidentRefused, match="不止一条（x-range、x-range-2）"):
        record(agent, "视情节罚款", amount=Decimal("20.00"))


def test_an_automatic_provision_counts_at_once(agent: Staff) -> None:
    incident = record(agent, "x-joint")
    assert (incident.state, incident.decided_by, incident.decided_at) == ("confirmed", None, WHEN)
    assert [entry.amount for entry in MoneyEntry.objects.of_incident(incident.pk)] == [-20]


@pytest.mark.parametrize(
    ("code", "fields", "said"),
    [
        ("x-range", {"amount": Decimal("1000.01")}, "金额1000.01不在20.00至1000.00元之内"),
        ("x-range", {"amount": Decimal("19.99")}, "不在20.00至1000.00元之内"),
        ("x-range", {}, "请定金额，20.00至1000.00元"),
        ("x-range", {"amount": Decimal("20.005")}, "最多两位小数"),
        ("x-range", {"amount": Decimal("-20")}, "应不为负"),
        ("x-range", {"amount": Decimal("NaN")}, "金额NaN不对"),
        ("x-complaint", {"amount": Decimal("20.00")}, "不能另定金额"),
        ("x-complaint", {"quantity": 0}, "次数0不在1至10000之内"),
        ("x-complaint", {"quantity": 10001}, "次数10001"),
        ("x-sick", {"magnitude": Decimal("-1")}, "数量-1不对"),
        ("x-sick", {"magnitude": Decimal(10) ** 10}, "小于一百亿"),
        ("x-nothing", {}, "没有条款“x-nothing”"),
        ("x-text", {}, "不能直接记录奖惩"),
        ("x-blank", {}, "未填的数字（amount）"),
        ("x-design", {}, "不约束岗位“客服”（工号1001）"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(
    agent: Staff, code: str, fields: dict[str, Any], said: str
) -> None:
    changes = FactChange.objects.count()
    with pytest.raises(services.IncidentRefused) as refused:
        record(agent, code, **fields)
    assert said in str(refused.value)
    assert not Incident.objects.exists()
    assert FactChange.objects.count() == changes


def test_who_is_not_employed_that_day_is_named(department: Department) -> None:
    gone = factories.staff(department, "1009", left_on=date(2026, 10, 4))
    with pytest.raises(services.IncidentRefused, match="工号1009在2026-10-05不在职"):
        record(gone, "x-complaint")
    assert record(gone, "x-complaint", date(2026, 10, 4)).code == "x-complaint"


def test_a_day_before_the_first_version_is_refused(agent: Staff) -> None:
    with pytest.raises(services.IncidentRefused, match="没有生效的制度"):
        record(agent, "x-complaint", date(2025, 12, 31))


def test_staff_of_another_department_are_refused(department: Department) -> None:
    stranger = factories.staff(factories.department("D2"), "1")
    fact = services.IncidentFact(staff=stranger, code="x-complaint", work_date=DAY)
    with pytest.raises(services.IncidentsRefused, match="不属于"):
        services.incidents_record(department=department, facts=[fact], by=None, at=WHEN)


def test_one_refusal_among_many_stores_none_and_says_which(agent: Staff) -> None:
    facts = [
        services.IncidentFact(staff=agent, code=code, work_date=DAY)
        for code in ("x-joint", "x-nothing", "x-joint", "x-text")
    ]
    with pytest.raises(services.IncidentsRefused) as refused:
        services.incidents_record(department=agent.department, facts=facts, by=None, at=WHEN)
    assert list(refused.value.refusals) == [1, 3]
    assert not Incident.objects.exists()
    assert not MoneyEntry.objects.exists()


def test_a_known_key_is_recorded_only_once(agent: Staff) -> None:
    first = record(agent, "x-joint", key="duty:7")
    again = record(agent, "x-joint", key="duty:7")
    assert again.pk == first.pk
    assert MoneyEntry.objects.filter(staff=agent).count() == 1


def test_a_rejected_incident_never_counts(agent: Staff) -> None:
    incident = services.incident_reject(
        incident=record(agent, "x-complaint"), reason="查无此事", by=None, at=WHEN
    )
    assert incident.state == "rejected"
    with pytest.raises(services.IncidentRefused, match="不成立"):
        services.incident_confirm(incident=incident, by=None, at=WHEN)
    with pytest.raises(services.IncidentRefused, match="不能撤销"):
        services.incident_reverse(incident=incident, on=DAY, reason="误记", by=None, at=WHEN)
    assert not MoneyEntry.objects.exists()


@pytest.mark.parametrize(
    ("on", "reason", "said"), [(DAY, " ", "理由"), (date(2026, 10, 4), "误记", "早于记录日期")]
)
def test_a_reversal_needs_a_reason_and_a_possible_date(
    agent: Staff, on: date, reason: str, said: str
) -> None:
    incident = services.incident_confirm(incident=record(agent, "x-complaint"), by=None, at=WHEN)
    with pytest.raises(services.IncidentRefused, match=said):
        services.incident_reverse(incident=incident, on=on, reason=reason, by=None, at=WHEN)
    assert not Reversal.objects.exists()
    assert MoneyEntry.objects.count() == 1


def test_month_proposals_are_opened_renewed_withdrawn_and_left_when_decided(agent: Staff) -> None:
    department, month = agent.department, date(2026, 10, 1)
    other = factories.staff(department, "1002")

    def sync(*wanted: services.MonthProposal) -> dict[tuple[str, str], tuple[str, Any]]:
        services.proposals_sync_month(
            department=department, month=month, wanted=wanted, codes={"x-warn", "x-low"}, at=WHEN
        )
        return {
            (each.staff.number, each.code): (each.state, each.evidence)
            for each in department.proposals.exclude(state="withdrawn").select_related("staff")
        }

    warn = services.MonthProposal(agent.pk, "x-warn", "warning", {"points": "5.0"})
    low = services.MonthProposal(other.pk, "x-low", "talk", {"points": "3.0"})
    assert sync(warn, low) == {
        ("1001", "x-warn"): ("open", {"points": "5.0"}),
        ("1002", "x-low"): ("open", {"points": "3.0"}),
    }
    services.proposal_decide(
        proposal=other.proposals.get(), accepted=True, decision="谈过", by=factories.account("gm"), at=WHEN
    )
    worse = services.MonthProposal(agent.pk, "x-warn", "warning", {"points": "4.0"})
    assert sync(worse)["1001", "x-warn"] == ("open", {"points": "4.0"})
    assert sync() == {("1002", "x-low"): ("accepted", {"points": "3.0"})}
    assert sync(warn)["1001", "x-warn"] == ("open", {"points": "5.0"})
    assert agent.proposals.filter(state="withdrawn").count() == 1


def test_month_proposals_take_as_many_queries_for_many(
    department: Department, django_assert_num_queries: Any
) -> None:
    people = [factories.staff(department, str(number)) for number in range(3001, 3021)]
    for month, some in ((date(2026, 9, 1), people[:2]), (date(2026, 10, 1), people)):
        wanted = [services.MonthProposal(each.pk, "x-warn", "warning", {}) for each in some]
        with django_assert_num_queries(4):
            services.proposals_sync_month(
                department=department, month=month, wanted=wanted, codes={"x-warn"}, at=WHEN
            )
    assert department.proposals.count() == 22
