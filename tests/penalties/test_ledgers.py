"""What follows from incidents: entries are only ever inserted, each place in a sequence has its price."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from penalties import services
from penalties.models import Incident, MoneyEntry, PointsEntry, Proposal
from people.models import Department, FactChange, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import ALL, COMPLAINT, LATE_RATE, Publish


def confirmed(staff: Staff, code: str, day: date, **fields: object) -> Incident:
    incident = services.incident_record(staff=staff, code=code, work_date=day, by=None, at=WHEN, **fields)
    if incident.state == Incident.State.CONFIRMED:
        return incident
    return services.incident_confirm(incident=incident, by=None, at=WHEN)


def money_of(incident: Incident) -> list[str]:
    return [str(entry.amount) for entry in MoneyEntry.objects.of_incident(incident.pk).order_by("id")]


def points_of(incident: Incident) -> Decimal:
    return sum((entry.points for entry in PointsEntry.objects.of_incident(incident.pk)), Decimal(0))


def reverse(incident: Incident, day: date = date(2026, 10, 31)) -> None:
    services.incident_reverse(incident=incident, on=day, reason="误记", by=None, at=WHEN)


def test_third_complaint_costs_nothing_and_proposes_termination(agent: Staff) -> None:
    days = [date(2026, 10, 5), date(2026, 10, 11), date(2026, 10, 30)]
    first, second, third = (confirmed(agent, "x-complaint", day) for day in days)
    assert [money_of(each) for each in (first, second, third)] == [["-50.00"], ["-100.00"], []]
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.state, proposal.incident_id) == ("termination", "open", third.pk)
    assert [each["date"] for each in proposal.evidence["incidents"]] == [str(day) for day in days]


def test_reversing_the_first_corrects_the_later_ones_by_further_entries(agent: Staff) -> None:
    days = [date(2026, 10, 5), date(2026, 10, 11), date(2026, 10, 30)]
    first, second, third = (confirmed(agent, "x-complaint", day) for day in days)
    before = list(MoneyEntry.objects.order_by("id").values_list())
    reverse(first)
    assert money_of(first) == ["-50.00", "50.00"]
    assert money_of(second) == ["-100.00", "100.00", "-50.00"]
    assert money_of(third) == ["-100.00"]
    assert list(MoneyEntry.objects.order_by("id").values_list())[: len(before)] == before
    assert Proposal.objects.get().state == "withdrawn"
    assert MoneyEntry.objects.of_incident(second.pk).filter(reverses__amount=-100).count() == 1


def test_a_decided_proposal_stays_when_its_ground_is_reversed(agent: Staff) -> None:
    boss = factories.account("gm")
    first, *_ = (confirmed(agent, "x-complaint", date(2026, 10, day)) for day in (5, 11, 30))
    services.proposal_decide(
        proposal=Proposal.objects.get(), accepted=False, decision="再给一次机会", by=boss, at=WHEN
    )
    reverse(first)
    assert Proposal.objects.get().state == "declined"
    with pytest.raises(services.ProposalRefused, match="不采纳"):
        services.proposal_decide(
            proposal=Proposal.objects.get(), accepted=True, decision="改主意", by=boss, at=WHEN
        )


def test_a_late_record_does_not_open_again_what_was_decided(agent: Staff) -> None:
    boss = factories.account("gm")
    for day in (5, 11, 30):
        confirmed(agent, "x-complaint", date(2026, 10, day))
    services.proposal_decide(
        proposal=Proposal.objects.get(), accepted=True, decision="同意", by=boss, at=WHEN
    )
    confirmed(agent, "x-complaint", date(2026, 10, 6))
    assert [each.state for each in Proposal.objects.all()] == ["accepted"]


def test_an_undecided_proposal_moves_to_the_incident_that_is_third_now(agent: Staff) -> None:
    _, second, third = (confirmed(agent, "x-complaint", date(2026, 10, day)) for day in (5, 11, 30))
    confirmed(agent, "x-complaint", date(2026, 10, 6))
    by_incident = dict(Proposal.objects.values_list("incident", "state"))
    assert by_incident == {third.pk: "withdrawn", second.pk: "open"}


def test_a_proposal_needs_a_reason_to_be_decided(agent: Staff) -> None:
    for day in (5, 11, 30):
        confirmed(agent, "x-complaint", date(2026, 10, day))
    with pytest.raises(services.ProposalRefused, match="理由"):
        services.proposal_decide(
            proposal=Proposal.objects.get(),
            accepted=True,
            decision=" ",
            by=factories.account("gm"),
            at=WHEN,
        )
    assert Proposal.objects.get().state == "open"


def test_a_late_record_of_an_earlier_day_moves_those_after_it(agent: Staff) -> None:
    later = confirmed(agent, "x-complaint", date(2026, 10, 20))
    earlier = confirmed(agent, "x-complaint", date(2026, 10, 2))
    assert money_of(earlier) == ["-50.00"]
    assert money_of(later) == ["-50.00", "50.00", "-100.00"]


def test_the_count_begins_anew_in_the_next_month(agent: Staff) -> None:
    confirmed(agent, "x-complaint", date(2026, 9, 30))
    assert money_of(confirmed(agent, "x-complaint", date(2026, 10, 1))) == ["-50.00"]


def test_confirming_a_second_time_is_refused_and_posts_nothing(agent: Staff) -> None:
    incident = confirmed(agent, "x-complaint", date(2026, 10, 5))
    with pytest.raises(services.IncidentRefused, match="已确认"):
        services.incident_confirm(incident=incident, by=None, at=WHEN)
    assert money_of(incident) == ["-50.00"]


def test_quantity_counts_as_that_many_occurrences(agent: Staff) -> None:
    assert money_of(confirmed(agent, "x-complaint", date(2026, 10, 5), quantity=2)) == ["-150.00"]
    confirmed(agent, "x-complaint", date(2026, 10, 6))
    assert Proposal.objects.get().kind == "termination"


def test_points_reach_1_2_5_6_10(agent: Staff) -> None:
    totals = []
    for day in range(1, 6):
        confirmed(agent, "x-manner", date(2026, 10, day))
        totals.append(sum(each.points for each in PointsEntry.objects.all()))
    assert totals == [1, 2, 5, 6, 10]


def test_reversing_points_gives_back_what_the_last_added(agent: Staff) -> None:
    first, second, third = (confirmed(agent, "x-manner", date(2026, 10, day)) for day in (1, 2, 3))
    assert [points_of(each) for each in (first, second, third)] == [1, 1, 3]
    reverse(second)
    assert [points_of(each) for each in (first, second, third)] == [1, 0, 1]


def test_joint_liability_falls_on_the_lead_of_the_team_on_that_day(department: Department) -> None:
    team_a, team_b = factories.team(department, "A"), factories.team(department, "B")
    agent = factories.staff(department, "1", team=team_a)
    lead = factories.staff(department, "2", team=team_a, role="lead")
    factories.staff(department, "3", team=team_b, role="lead")
    factories.staff(department, "4", team=team_a, role="lead", left_on=date(2026, 9, 30))
    incident = confirmed(agent, "x-joint", date(2026, 10, 5), quantity=2)
    assert dict(MoneyEntry.objects.values_list("staff__number", "amount")) == {"1": -40, "2": -20}
    reverse(incident)
    assert sum(each.amount for each in MoneyEntry.objects.filter(staff=lead)) == 0
    own = confirmed(lead, "x-joint", date(2026, 10, 6))
    assert money_of(own) == ["-20.00"]


def test_counts_go_on_across_versions_and_each_incident_keeps_its_own_figures(
    agent: Staff, publish: Publish
) -> None:
    dearer = {**COMPLAINT, "params": {"steps": ["60.00", "200.00", "300.00"]}}
    publish(agent.department, date(2026, 10, 15), [dearer, *ALL[1:]])
    first = confirmed(agent, "x-complaint", date(2026, 10, 5))
    second = confirmed(agent, "x-complaint", date(2026, 10, 14))
    third = confirmed(agent, "x-complaint", date(2026, 10, 15))
    assert [money_of(each) for each in (first, second, third)] == [["-50.00"], ["-100.00"], ["-300.00"]]
    reverse(first)
    assert [money_of(each)[-1] for each in (second, third)] == ["-50.00", "-200.00"]


def test_a_wider_window_of_a_later_version_counts_what_came_before(agent: Staff, publish: Publish) -> None:
    publish(agent.department, date(2026, 11, 1), [{**COMPLAINT, "window": "quarter"}, *ALL[1:]])
    october = confirmed(agent, "x-complaint", date(2026, 10, 5))
    november = confirmed(agent, "x-complaint", date(2026, 11, 5))
    assert money_of(november) == ["-100.00"]
    reverse(october)
    assert money_of(november) == ["-100.00", "100.00", "-50.00"]


def test_touched_months_are_recorded_up_to_the_last_one_that_changed(agent: Staff, publish: Publish) -> None:
    publish(agent.department, date(2026, 2, 1), [{**COMPLAINT, "window": "year"}, LATE_RATE])
    FactChange.objects.all().delete()
    for month in (3, 5):
        confirmed(agent, "x-complaint", date(2026, month, 1))
    FactChange.objects.all().delete()
    confirmed(agent, "x-complaint", date(2026, 4, 1))
    months = FactChange.objects.values_list("month", flat=True)
    assert set(months) == {date(2026, 4, 1), date(2026, 5, 1)}


def test_rank_of_a_rate_reaches_into_later_months_without_entries(agent: Staff) -> None:
    confirmed(agent, "x-rate", date(2026, 11, 3))
    FactChange.objects.all().delete()
    confirmed(agent, "x-rate", date(2026, 10, 3))
    months = FactChange.objects.values_list("month", flat=True)
    assert set(months) == {date(2026, 10, 1), date(2026, 11, 1)}
    assert not MoneyEntry.objects.exists()


@pytest.mark.parametrize("table", ["moneyentry", "pointsentry", "reversal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = '改'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_ledger(agent: Staff, table: str, statement: str) -> None:
    confirmed(agent, "x-manner", date(2026, 10, 5))
    reverse(confirmed(agent, "x-complaint", date(2026, 10, 5)))
    name = f"penalties_{table}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name} ORDER BY id")
        before = cursor.fetchall()
        assert before
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            cursor.execute(statement.format(name))
        cursor.execute(f"SELECT * FROM {name} ORDER BY id")
        assert cursor.fetchall() == before


@pytest.mark.parametrize("code", ["x-manner", "x-complaint"])  # points, money
def test_the_database_keeps_an_incident_as_long_as_entries_follow_from_it(agent: Staff, code: str) -> None:
    incident = confirmed(agent, code, date(2026, 10, 5))
    with pytest.raises(IntegrityError, match="分录"), transaction.atomic():
        incident.delete()
    assert Incident.objects.filter(pk=incident.pk).exists()


def test_the_database_refuses_an_entry_of_an_incident_that_is_not_there(agent: Staff) -> None:
    entry = MoneyEntry.objects.of_incident(confirmed(agent, "x-complaint", date(2026, 10, 5)).pk).get()
    entry.pk, entry.key, entry.source_id = None, "x", entry.source_id + 1
    with pytest.raises(IntegrityError, match="不存在"), transaction.atomic():
        entry.save()
    assert MoneyEntry.objects.count() == 1


def test_an_entry_may_follow_from_what_stands_in_an_app_above(agent: Staff, department: Department) -> None:
    incident = confirmed(agent, "x-complaint", date(2026, 10, 5))
    other = factories.staff(department, "1002")
    for number, staff in enumerate((agent, other)):
        MoneyEntry.objects.create(
            source_kind="case_share",
            source_id=incident.pk,
            staff=staff,
            provision_id=incident.provision_id,
            work_date=incident.work_date,
            amount=Decimal("-30.00"),
            key=f"case_share:{incident.pk}:{staff.pk}:{number}",
            reason="分担损失",
            at=WHEN,
        )
    reverse(incident)
    shares = MoneyEntry.objects.filter(source_kind="case_share")
    assert sum(each.amount for each in shares) == -60  # what follows from the incident alone is taken back
    assert sum(each.amount for each in MoneyEntry.objects.of_incident(incident.pk)) == 0


def test_the_database_refuses_to_rewrite_the_facts_of_an_incident(agent: Staff) -> None:
    incident = confirmed(agent, "x-complaint", date(2026, 10, 5))
    with pytest.raises(DatabaseError, match="facts_stay"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(quantity=3)
    incident.refresh_from_db()
    assert incident.quantity == 1


def test_a_ledger_entry_is_reversed_only_once(agent: Staff) -> None:
    incident = confirmed(agent, "x-complaint", date(2026, 10, 5))
    reverse(incident)
    with pytest.raises(services.IncidentRefused, match="已经撤销"):
        reverse(incident)
    assert money_of(incident) == ["-50.00", "50.00"]


@pytest.mark.parametrize("quantity", [40, 10_000])
def test_what_the_ledger_cannot_hold_is_refused(agent: Staff, publish: Publish, quantity: int) -> None:
    doubling = {**COMPLAINT, "params": {"steps": ["50.00"], "after": "double"}}
    publish(agent.department, date(2026, 10, 1), [doubling, *ALL[1:]])
    day = date(2026, 10, 5)
    incident = services.incident_record(
        staff=agent, code="x-complaint", work_date=day, quantity=quantity, by=None, at=WHEN
    )
    with pytest.raises(services.IncidentRefused, match="上限"):
        services.incident_confirm(incident=incident, by=None, at=WHEN)
    incident.refresh_from_db()
    assert incident.state == "recorded"
    facts = [
        services.IncidentFact(staff=agent, code="x-award", work_date=day),
        services.IncidentFact(staff=agent, code="x-complaint", work_date=day, quantity=quantity),
    ]
    with pytest.raises(services.IncidentsRefused) as refused:
        services.incidents_record(department=agent.department, facts=facts, confirm=True, by=None, at=WHEN)
    assert list(refused.value.refusals) == [1]
    assert not MoneyEntry.objects.exists()


def test_many_incidents_take_as_many_queries_as_few(
    department: Department, django_assert_num_queries: Callable
) -> None:
    team = factories.team(department, "A")
    factories.staff(department, "2999", team=team, role="lead")
    codes = ("x-complaint", "x-complaint", "x-complaint", "x-manner", "x-joint")
    for people in (2, 20):
        facts = [
            services.IncidentFact(staff=person, code=code, work_date=date(2026, 10, day))
            for person in [factories.staff(department, team=team) for _ in range(people)]
            for day, code in enumerate(codes, 1)
        ]
        with django_assert_num_queries(25):
            services.incidents_record(department=department, facts=facts, confirm=True, by=None, at=WHEN)
    assert Incident.objects.count() == 110
    assert Proposal.objects.count() == 22
    incidents = Incident.objects.filter(code="x-joint")
    assert MoneyEntry.objects.filter(staff__number="2999").count() == incidents.count()


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_rank_one_after_the_other(agent: Staff) -> None:
    incidents = [
        services.incident_record(
            staff=agent, code="x-complaint", work_date=date(2026, 10, day), by=None, at=WHEN
        )
        for day in (5, 6)
    ]
    both_ready = threading.Barrier(2)
    failures: list[BaseException] = []

    def confirm(incident: Incident) -> None:
        try:
            both_ready.wait(timeout=10)
            services.incident_confirm(incident=incident, by=None, at=WHEN)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=[each]) for each in incidents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    standing = [
        sum(each.amount for each in MoneyEntry.objects.of_incident(incident.pk)) for incident in incidents
    ]
    assert standing == [-50, -100]


@pytest.mark.django_db(transaction=True)
def test_the_same_incident_confirmed_twice_at_once_counts_once(agent: Staff) -> None:
    incident = services.incident_record(
        staff=agent, code="x-complaint", work_date=date(2026, 10, 5), by=None, at=WHEN
    )
    both_ready = threading.Barrier(2)
    outcomes: list[str] = []

    def confirm() -> None:
        try:
            both_ready.wait(timeout=10)
            services.incident_confirm(incident=incident, by=None, at=WHEN)
            outcomes.append("confirmed")
        except services.IncidentRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["confirmed", "refused"]
    assert money_of(incident) == ["-50.00"]
