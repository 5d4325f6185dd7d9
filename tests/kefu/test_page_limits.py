"""Every page of a department of a thousand: at most fifty rows, 40 kB on the wire and twelve queries.

The lists of the administration have a test of their own.
"""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from people.models import Account
from tests.addresses import Route, pages
from tests.thousand import MEETING, ROLES, it_is_november, thousand

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

ROWS, BYTES, QUERIES = 50, 40_000, 12
ENOUGH = 2  # roles that are shown a page or given a file; those who see most come first
MORE_QUERIES = {
    "home": 18,
    "me": 20,
    # A month's roster with its people, shifts, leave and rules; the number does not grow with people.
    "roster": 16,
    "roster_person": 15,
    "roster_progress": 15,
    "roster_history": 16,
    "leave_request": 15,  # with what is left of such leave
    "me_attendance": 13,
    "me_leave": 13,
    # One thing and all that belongs to it.
    "incident": 15,
    "disciplinary_case": 16,
    "nomination": 20,
    # A month's awards with its rules, candidates and who may see what of them.
    "awards": 14,
    "case": 40,
    "exam": 16,
    # A year of months, each with its figures; the number does not grow with cases.
    "case_statistics": 15,
    # What was answered and what headers mean, with the names of formats.
    "remembered": 13,
    "pay_checks": 22,
    "pay_period": 15,
    # Months of points with what took them; the number does not grow with people.
    "points": 15,
    "points_person": 15,
    # A year of facts of everybody who is ranked; the number does not grow with people.
    "ladder": 18,
    "ladder_person": 18,
    "me_ladder": 18,
    "me_points": 15,
    # Months of appraisal with what they rest on; the number does not grow with people.
    "appraisals": 30,
    "appraisal_sheet": 32,
    "me_appraisal": 30,
    "appraisal_quarter": 15,
    # These compute months; the number does not grow with people.
    "commission_so_far": 19,
    "me_commission_so_far": 21,
    "pay_slip_orders": 13,
    # With what the law takes of it, what the employer pays beside it, whether it is confirmed.
    "pay_slip": 14,
    "me_slip": 16,
    "pay_handout": 14,
    # Layouts, accounts and what came back of a month; the numbers do not grow with people.
    "pay_filings": 15,
    "pay_tax_result": 13,
    # One person and all that was declared or entered of them.
    "declarations_person": 13,
    "identity_person": 14,
    "pay_what_if_result": 66,  # the month twice
    "rules_preview": 71,  # last month twice, under both versions
    # A batch of newcomers with what came of their steps and exams; the number does not grow with them.
    "intake_places": 13,
    "enrolment": 14,  # one newcomer: every step with what was recorded, taught and handed out
}
BODY = re.compile(r"<tbody.*?</tbody>", re.DOTALL)
ITEMS = re.compile(r"<(ul|ol|dl)\b.*?</\1>", re.DOTALL)
STEPS = {"import_kind": "asking", "import_headers": "mapping", "import_questions": "questions"}
# What a list is asked for besides its first page.
ASKED = {
    "incidents": ("?state=", "?state=&who=10001", "?page=20"),
    "proposals": ("?state=", "?page=20"),
    "discipline": ("?page=20", "?state=heard&who=10001"),
    "rounds": ("?page=20", "?state=open"),
    "round": ("?page=20",),
    "grade_changes": ("?page=20", "?state=waiting&who=10001", "?state=appealed"),
    "me_grades": ("?page=2",),
    "objections": ("?state=", "?page=20"),
    "awards": ("?page=20", "?month=2026-10"),
    "honours": ("?page=3",),
    "me_awards": ("?page=3",),
    "appraisals": ("?page=20&month=2026-10&show=published",),
    "appraisal_quarter": ("?page=20&quarter=2026Q4",),
    "me_appraisals": ("?page=3",),
    "fund": ("?page=20", "?view=fines", "?view=fines&page=9", "?view=expenses", "?view=counts"),
    "claims": ("?state=", "?page=20"),
    "orders_give": ("?page=2",),
    "imports": ("?page=20", "?waiting=1"),
    "remembered": ("?page=3", "?what=answers"),
    "accounts": ("?page=2",),
    "accounts_department": ("?page=20", "?q=员工"),
    "pay_period": ("?page=20", "?q=员工"),
    "pay_differences": ("?page=20",),
    "pay_handout": ("?page=20",),
    "pay_year": ("?page=20",),
    "pay_tax_result": ("?page=20", "?outcome=different&q=员工"),
    "me_commission": ("?month=2026-10", "?page=20", "?standing=uncounted&sort=paid&q=1"),
    "pay_what_if": ("?provision=b-fine", "?metric=net_sales&number=10001&value=5"),
    "pay_what_if_result": (
        "?provision=b-fine&params=%7B%22amount%22%3A%225%22%7D",
        "?metric=net_sales&number=10001&value=5",
    ),
    "me_unclaimed": ("?page=2",),
    "me_ledger": ("?page=2",),
    "rules": ("?q=罚款", "?page=5"),
    "rules_draft": ("?page=2",),
    "rules_version": ("?page=2",),
    "rules_signatures": ("?page=9",),
    "me_leave": ("?page=2",),
    "shift_leave": ("?page=9", "?month=2026-11&view=calendar", "?month=2026-11&who=1"),
    "shift_requests": ("?kind=leave&page=9", "?kind=leave&state=all"),
    "handover": ("?page=9", "?state=unsigned&q=退款", "?day=2026-11-03"),
    "me_handover_book": ("?page=9", "?state=open"),
    "duties": ("?page=9", "?day=2026-11-03"),
    "turns": ("?month=2026-12",),
    "declarations": ("?page=20", "?sort=amount&state=all&q=10001"),
    "declarations_changes": ("?page=9&month=2026-11",),
    "declarations_person": ("?page=2",),
    "suggestions": ("?page=9",),
    "me_memos": ("?page=2", "?q=单号"),
    "cases": ("?page=9", "?state=all&due=over&whose=step&q=面膜", "?sort=old&month=2026-10"),
    "case": ("?page=2",),
    "case_new": ("?type=plain",),
    "case_people": ("?about=1",),
    "case_statistics": tuple(
        f"?month=2026-10&view={view}" for view in ("", "cause", "type", "unit", "clocks", "callbacks")
    ),
    "case_notices": ("?month=2026-11&view=charges&page=2", "?month=2026-11"),
    "me_charges": ("?page=2",),
    "enrolments": ("?page=9", "?shown=late&sort=next&who=1"),
    "me_newcomers": ("?page=2",),
    "rosters": ("?page=9",),
    "questions": ("?page=9", "?topic=主题1&state=drawn&q=第"),
    "exams": ("?page=9",),
    "exam": ("?page=9",),
    "marking": ("?page=9",),
    "me_exams": ("?page=2",),
    "roster": ("?page=9",),
    "swaps": ("?page=9", "?state=all"),
    "me_swaps": ("?page=9",),
}
# An address that nobody is shown a page at, and why.
NO_PAGES = {
    "login": "leads who is signed in to the first page",
    "login_code": "leads who is signed in to the first page",
    "pay_export": "a workbook",
    "shift_leave_export": "a workbook",
    "leave_balances_export": "a workbook",
    "aliases_xlsx": "a workbook",
    "roster_export": "a workbook",
    "appraisals_export": "a workbook",
    "appraisal_quarter_export": "a workbook",
    "attachment": "a file",
    "incident_letter": "a paper",
    "charge_letter": "a paper",
    "disciplinary_case_letter": "a paper",
    "grade_change_letter": "a paper",
    "nomination_certificate": "a paper",
    "honours_export": "a workbook",
    "ladder_export": "a workbook",
    "pay_tax_file": "a file",
    "pay_tax_result_export": "a workbook",
    "pay_bank_file": "a file",
    "pay_bank_receipt_file": "a file",
    "pay_slip_bundle": "an archive",
    "pay_papers": "a paper",
    "me_slip_paper": "a paper",
    "case_bundle": "an archive",
    "cases_export": "a workbook",
    "case_statistics_export": "a workbook",
    "fund_export": "a workbook",
    "enrolments_export": "a workbook",
    "material_file": "a file",
    "programme_teacher": "about the step that its address names",
    "programme_material": "about the step that its address names",
    "debts_export": "a workbook",
    "declarations_export": "a workbook",
    "declarations_template": "a workbook",
    "exam_export": "a workbook",
    "case_file": "a file",
    "import_file": "a file",
    "import_errors": "a file",
    "notice": "leads to the page that it is about",
    "healthz": "JSON for a machine",
    "manifest": "JSON for a phone",
    "worker": "a script",
}


@dataclass(frozen=True)
class World:
    accounts: dict[str, Account]
    known: dict[str, Any]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """One department for all tests here, rolled back after the last."""
    folder = tmp_path_factory.mktemp("uploads")
    clock = patch("django.utils.timezone.now", it_is_november())
    with django_db_blocker.unblock(), override_settings(UPLOAD_DIR=folder), clock, transaction.atomic():
        yield World(*thousand())
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Seen:
    """What an address answered, and what it took."""

    address: str
    status: int
    is_page: bool
    rows: int
    size: int
    queries: int

    def troubles(self, role: str, most_queries: int) -> list[str]:
        found = (
            (self.rows, ROWS, "rows"),
            (self.size, BYTES, "bytes"),
            (self.queries, most_queries, "queries"),
        )
        return [f"{role} {self.address}: {is_} {what}" for is_, most, what in found if is_ > most]


def look(client: Client, address: str) -> Seen:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    is_page = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
    text = response.content.decode() if is_page else ""
    tables = [body.count("<tr") for body in BODY.findall(text)]
    lists = [found[0].count("<li") for found in ITEMS.finditer(text)]
    return Seen(
        address=address,
        status=response.status_code,
        is_page=is_page,
        rows=max([sum(tables), *lists]),
        size=len(gzip.compress(text.encode())),
        queries=len(captured),
    )


def addresses(route: Route, known: dict[str, Any]) -> list[str]:
    """Where the page is, with what a list is asked for; every step of an import has its upload."""
    uploads = [key for key in known if key.startswith("upload")]
    if route.name == "import_upload":
        return [route.path({**known, "upload": known[key]}) for key in uploads]
    if route.name == "duty_meeting":
        known = {**known, "duty": MEETING["code"]}
    step = f"upload_{STEPS.get(route.name)}"
    path = route.path({**known, "upload": known.get(step, known["upload"])})
    return [path, *(path + each for each in ASKED.get(route.name, ()))]


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_page_of_a_thousand_people_is_short_light_and_takes_few_queries(world: World) -> None:
    shown: Counter[str] = Counter()
    given: Counter[str] = Counter()
    only_written, troubles = set(), []
    for role in ROLES:
        client = signed_in(world.accounts[role])
        for route in pages():
            if route.name in only_written or ENOUGH in (shown[route.name], given[route.name]):
                continue
            is_shown = is_given = False
            for address in addresses(route, world.known):
                seen = look(client, address)
                assert seen.status in (200, 302, 403, 404, 405), (role, address)
                if seen.status == 405:
                    only_written.add(route.name)
                elif seen.is_page:
                    is_shown = True
                    troubles += seen.troubles(role, MORE_QUERIES.get(route.name, QUERIES))
                is_given = is_given or (seen.status == 200 and not seen.is_page)
            shown[route.name] += is_shown
            given[route.name] += is_given
    assert not troubles, "\n".join(troubles)
    assert {route.name for route in pages()} - set(+shown) - only_written == set(NO_PAGES)
