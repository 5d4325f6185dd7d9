"""Lists: as many queries for many rows as for few, pages that lead on, filters, made-up cursors."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from commissions.models import Metric, Order
from kefu.api import router
from payroll.models import Payslip, SettlementPeriod
from penalties.models import FundCount, Incident, IncidentAppeal, Proposal
from penalties.services import IncidentFact, Withheld, incidents_record, withheld_post
from people.models import ApiToken, ImportBatch
from people.services import alias_add
from rules.models import Edition, LibraryProvision, Rulebook
from tests.api.conftest import Client, Place, place
from tests.factories import WHEN
from tests.payroll import sample

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12
LISTS = [
    "departments", "staff", "aliases", "rulebooks", "library-provisions", "versions", "provisions",
    "incidents", "incident-appeals", "fund-transactions", "fund-counts", "proposals", "orders",
    "order-splits", "metrics",
    "imports", "settlements", "payslips",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """Settled once for all tests here, each of which undoes what it did; rolled back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield place("D1")
        transaction.set_rollback(True)


@pytest.fixture
def one(made: Place, db: None) -> Place:
    return deepcopy(made)


def fill(one: Place, count: int) -> None:
    """`count` more people with an order, a metric, a fine and a payslip each, and as many of the rest."""
    people = [sample.agent(one.department, f"5{index:03}") for index in range(count)]
    for each in people:
        alias_add(
            department=one.department, text=f"旺旺{each.number}", staff=each, from_on=date(2026, 10, 1),
            by=None, at=WHEN,
        )  # fmt: skip
    facts = [IncidentFact(staff=each, code="t-fine", work_date=date(2026, 10, 6)) for each in people]
    made = incidents_record(department=one.department, facts=facts, confirm=True, by=None, at=WHEN)
    Proposal.objects.bulk_create(
        Proposal(
            department=one.department,
            staff=each.staff,
            code="t-fine",
            kind="talk",
            incident=each,
            opened_at=WHEN,
        )
        for each in made
    )
    IncidentAppeal.objects.bulk_create(
        IncidentAppeal(staff=each.staff, incident=each, reason="不对", asked_at=WHEN) for each in made
    )
    withheld = [Withheld(f"line:{each.pk}", each.pk, Decimal("10.00"), "罚款") for each in people]
    withheld_post(department=one.department, month=date(2026, 10, 1), lines=withheld, by=None, at=WHEN)
    FundCount.objects.bulk_create(
        FundCount(
            department=one.department, counted_at=WHEN, counted=0, booked=0, counted_by=one.managers["hr"],
            witness=one.managers["manager"], state="agreed", witnessed_at=WHEN,
        )
        for _ in people
    )  # fmt: skip
    for index in range(count):
        book = Rulebook.objects.create(code=f"s900-{index}", name="制度")
        edition = Edition.objects.create(rulebook=book, number=1, digest="0", loaded_at=WHEN)
        LibraryProvision.objects.create(
            edition=edition, code="a", title="罚款", kind="fine", params={"amount": "1.00"}
        )
        summary = {"created": 0, "changed": 0, "unchanged": 0, "months": [], "notes": []}
        ImportBatch.objects.create(
            department=one.department, kind="staff", profile="x", file_name="a", digest="0", rows=1, at=WHEN,
            summary=summary,
        )  # fmt: skip
    later = [
        SettlementPeriod(department=one.department, month=date(2027, month, 1)) for month in range(1, 13)
    ]
    SettlementPeriod.objects.bulk_create(later)
    slips = [Payslip(period=later[0], staff=each, number=each.number, name=each.name) for each in people]
    Payslip.objects.bulk_create(slips)


@pytest.mark.parametrize("name", LISTS)
def test_many_rows_take_as_many_queries_as_few(one: Place, client_of: Client, name):
    client = client_of(one.managers["manager"])

    def queries() -> int:
        ApiToken.objects.update(last_used_at=None)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/{name}/?page_size=200")
        assert answer.status_code == 200
        return len(captured)

    few = queries()
    fill(one, 30)
    assert queries() <= max(few, 5)
    assert few <= MOST_QUERIES


def everything(client: Any, address: str) -> list[dict[str, Any]]:
    """The rows of all pages, by following `next`."""
    rows, pages = [], 0
    while address:
        page = client.get(address).json()
        rows += page["results"]
        address, pages = page["next"], pages + 1
    assert pages > 1
    return rows


@pytest.mark.parametrize("ordering", ["id", "-id", "work_date", "-work_date", "recorded_at"])
def test_pages_give_every_row_once_whatever_the_order(one: Place, client_of: Client, ordering):
    facts = [
        IncidentFact(staff=person, code="t-fine", work_date=date(2026, 10, day))
        for person in (one.agent, one.colleague) for day in range(1, 15)
    ]  # fmt: skip
    incidents_record(department=one.department, facts=facts, by=None, at=WHEN)
    client = client_of(one.managers["manager"])
    rows = everything(client, f"/api/v1/incidents/?page_size=7&ordering={ordering}")
    assert len(rows) == len({row["id"] for row in rows}) == Incident.objects.count()
    values = [row[ordering.lstrip("-")] for row in rows]
    assert values == sorted(values, reverse=ordering.startswith("-"))


def test_a_page_has_fifty_rows_and_at_most_two_hundred(one: Place, client_of: Client):
    Order.objects.bulk_create(
        Order(department=one.department, order_no=f"P{index}", amount=1, as_of=date(2026, 10, 31))
        for index in range(260)
    )
    client = client_of(one.managers["manager"])
    assert len(client.get("/api/v1/orders/").json()["results"]) == 50
    assert len(client.get("/api/v1/orders/?page_size=1000").json()["results"]) == 200


FOUND = [
    ("staff/?number=1102", ["1102"]),
    ("staff/?name=赵当", ["1102"]),
    ("staff/?name=zlx", []),
    ("staff/?name=zdstx", ["1102"]),
    ("staff/?team=A&ordering=number", ["1101", "1102", "1103"]),
    ("staff/?team=B", []),
    ("staff/?employed_on=2019-12-31", []),
    ("staff/?employed_on=2020-01-01&ordering=-number", ["1103", "1102", "1101"]),
    ("staff/?department=D2", []),
    ("incidents/?number=1102&state=recorded", ["1102"]),
    ("incidents/?state=rejected", []),
    ("incidents/?since=2026-10-06&until=2026-10-06", ["1102"]),
    ("proposals/?state=open&kind=talk", ["1102"]),
    ("incident-appeals/?state=asked&number=1102", ["1102"]),
    ("incident-appeals/?state=approved", []),
    ("fund-transactions/?kind=payroll&since=2026-10-15&until=2026-10-15", ["1102"]),
    ("fund-transactions/?until=2026-10-14", []),
    ("metrics/?month=2026-10&code=conversion_rate&number=1103", ["1103"]),
    ("metrics/?month=2026-09", []),
    ("payslips/?month=2026-10&number=1101", ["1101"]),
    ("payslips/?failed=true", []),
]


@pytest.mark.parametrize(("query", "numbers"), FOUND)
def test_filters_find_what_they_say(one: Place, two: Place, client_of: Client, query, numbers):
    rows = client_of(one.managers["manager"]).get(f"/api/v1/{query}").json()["results"]
    assert [row["number"] for row in rows] == numbers


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("orders/?agent=1102&paid_since=2026-10-10&paid_until=2026-10-10", 1),
        ("orders/?paid_until=2026-10-09", 0),
        ("orders/?order_no=O1103&attribution=file", 1),
        ("imports/?kind=staff&since=2026-10-15", 1),
        ("imports/?kind=orders", 0),
        ("fund-counts/?state=open", 1),
        ("fund-counts/?state=agreed", 0),
        ("settlements/?month=2026-10&state=approved", 1),
        ("settlements/?state=open", 0),
        ("versions/?on=2026-10-01", 1),
        ("versions/?on=2026-09-30", 0),
        ("provisions/?on=2026-10-02&kind=fine", 1),
        ("provisions/?q=餐补", 1),
    ],
)
def test_other_filters(one: Place, client_of: Client, query, count):
    assert len(client_of(one.managers["manager"]).get(f"/api/v1/{query}").json()["results"]) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("staff/?employed_on=yesterday", "employed_on"),
        ("staff/?employed_on=0001-01-01", "employed_on"),
        ("metrics/?month=2026-13", "month"),
        ("incidents/?state=unknown", "state"),
        ("orders/?paid_until=9999-12-31", "paid_until"),
        ("payslips/?settlement=99999999999999999999", "settlement"),
        ("staff/?number=%00", "number"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(one: Place, client_of: Client, query, field):
    refused = client_of(one.managers["manager"]).get(f"/api/v1/{query}")
    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("name", LISTS)
def test_what_a_list_does_not_know_is_refused_and_what_it_knows_is_told(one: Place, client_of: Client, name):
    client = client_of(one.managers["manager"])
    known, orderings = known_to(name)
    refused = client.get(f"/api/v1/{name}/?departmnet=D1&ordering=nonsense,id&Ordering=id&page_size=5")
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    messages = {each["field"]: each["message"] for each in refused.json()["errors"]}
    assert messages.keys() == {"departmnet", "ordering", "Ordering"}
    for field in "departmnet", "Ordering":
        assert f"“{field}”" in messages[field]
        assert set(messages[field].partition("：")[2].strip("。").split("、")) == known
    assert "“nonsense" in messages["ordering"]
    assert messages["ordering"].partition("：")[2].strip("。").split("、") == orderings


@pytest.mark.parametrize("name", LISTS)
def test_nothing_that_the_description_names_is_refused(one: Place, client_of: Client, name):
    client = client_of(one.managers["manager"])
    known, orderings = known_to(name)
    by_all = ",".join(f"{sign}{each}" for each in orderings for sign in ("", "-"))
    query = {**dict.fromkeys(known, ""), "page_size": "5", "ordering": by_all}
    answer = client.get(f"/api/v1/{name}/", query)
    assert answer.status_code == 200, answer.json()


def test_a_list_that_has_rows_is_not_given_whole_for_a_misspelt_filter(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    assert client.get("/api/v1/staff/?number=1102").json()["results"]
    for query in ("nubmer=1102", "ordering=-hired", "ordering=--id", "number=1102&ordering=id&ordering=x"):
        assert client.get(f"/api/v1/staff/?{query}").status_code == 400, query


def known_to(name: str) -> tuple[set[str], list[str]]:
    """The parameters of a list by the API's description, and by what it can be ordered."""
    described: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    parameters = described["paths"][f"/api/v1/{name}/"]["get"]["parameters"]
    viewset: Any = next(viewset for prefix, viewset, _ in router.registry if prefix == name)
    return {each["name"] for each in parameters if each["in"] == "query"}, list(viewset.ordering_fields)


@pytest.mark.parametrize(
    "cursor", ["x", "cD1ub25zZW5zZQ==", "bz05OTk5OTk5OTk5OTk5OTk5OTk=", "cD0lMDA=", "%FF"]
)
def test_a_made_up_cursor_is_refused_or_harmless(one: Place, client_of: Client, cursor):
    client = client_of(one.managers["manager"])
    for name in LISTS:
        assert client.get(f"/api/v1/{name}/?cursor={cursor}").status_code in (200, 404)
    assert Metric.objects.exists()
