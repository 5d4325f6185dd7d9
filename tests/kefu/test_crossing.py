"""Every page, walked by whoever has no business there: nothing of the place is shown, and nothing changes."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from appraisals.models import Sheet
from commissions.models import Order, OrderClaim
from files.models import Attachment
from imports.models import Upload
from notices.models import Notice
from payroll.models import (
    BankPayment,
    BankReceipt,
    ManualLine,
    Objection,
    PayLine,
    SettlementPeriod,
    TaxFiling,
    TaxFilingResult,
)
from payroll.selectors.objections import line_name
from payroll.services.periods import period_approve
from penalties.models import DisciplinaryCase, Incident
from people.models import Account, Alias, Staff
from promotions.models import GradeChange
from statutory.models import ContributionBase
from tests import factories
from tests.addresses import Route, admin_pages, pages, row_of
from tests.api.conftest import Place, place
from tests.appraisal_objects import sheets_made
from tests.award_objects import award_known_of
from tests.case_objects import case_known_of
from tests.declaration_objects import declarations_known_of
from tests.exam_objects import exam_known_of
from tests.factories import WHEN
from tests.filing_objects import filings_known
from tests.fund_objects import fund_known_of
from tests.identity_objects import identity_known_of
from tests.import_objects import remembered_known
from tests.promotion_objects import grades_known_of
from tests.shift_objects import known_of
from tests.training_objects import training_known_of
from training.models import ExamPaper, Question, Sitting

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

# One's own (what has vanished meanwhile leads back to the list), and what is the same for everybody.
OWN = (
    "me_slip",
    "me_slip_orders",
    "me_slip_paper",
    "me_slip_confirm",
    "me_rules_sign",
    "me_object",
    "me_claim",
)
OWN += ("me_appraisal", "me_appraisal_comment", "me_appraisal_sign")
EVERYBODYS = ("rules_book",)
OPEN = ("login", "healthz", "logout", "manifest", "worker", "offline")
# What everybody of a department reads.
DEPARTMENTS_OWN = ("rules_department", "rules_version", "rules_differences")
# The handover book lies open to everybody of a department, names and all, on the page of the day as well.
BOOK = ("me", "me_handover", "me_handover_book", "me_handover_item", "me_handover_sign", "me_handover_say")
# So does the fund: names and amounts, what was spent on what, with its receipts.
FUND = ("fund", "fund_export", "fund_expense")
# And the awards of the month: who was put forward and why, who won.
AWARDS = (
    *("awards", "awards_close", "nomination", "nomination_new", "nomination_voice"),
    *("honours", "honours_export"),
)
# Swaps are asked of the colleagues of one's team, by name.
MATES = ("me_swaps",)
# Of the administration: what speaks to scripts.
MACHINES = ("admin:logout", "admin:jsi18n")
ROW_KEYS = ("object_id", "id", "pk")
# What who acts everywhere may send: what everybody has of the own, and what the group's actions are about.
OF_ONES_ACCOUNT = ("password", "admin:password_change", "notice_choices", "notice_trial", "notices_mark")
SIGN_IN = ("login_code", "admin:login")
SENT_BY = {
    "auditor": set(),
    "gm": {
        "two_step", "two_step_off", "incidents_decide", "incident_decide", "incident_new", "incident_reverse",
        "incident_evidence", "incidents_batch",
        "candidate_nominate", "round_candidate", "grade_change_new", "grade_change_reverse",
        "appraisals_close", "appraisal_back", "appraisal_quarter_confirm",
        "proposal", "ruling_reverse", "discipline_new", "fund_expense", "lawful", "lawful_provision",
        "ladder_attest",
        "rules_draft_start", "rules_draft_adopt", "rules_draft_add", "rules_draft_discard",
        "rules_draft_rebase", "rules_draft_publish", "nomination_new", "awards_close",
        "declaration_base_new", "declaration_deduction_new", "declaration_history_new",
        "declaration_first_job_new", "declaration_opening_new", "declaration_bonus_new",
        "declarations_changes", "declaration_end", "declaration_withdraw",
        "admin:people_employer_add", "admin:rules_version_add",
        "admin:penalties_incident_add", "admin:penalties_incident_confirm",
        "admin:penalties_incident_reject", "admin:penalties_incident_take_back",
        "admin:penalties_moneyentry_take_back", "admin:penalties_proposal_decide",
    },
}  # fmt: skip
# Where rows change by that. Looking at pay is written down; the draft that is begun is discarded.
OF_LOOKING = {"people_accesslog", "notices_noticechoice"}
WRITTEN_BY = {
    "auditor": OF_LOOKING,
    "gm": OF_LOOKING | {
        "otp_totp_totpdevice", "pghistory_context", "people_rowchange", "people_factchange", "notices_notice",
        "penalties_incident", "penalties_incidentpast", "penalties_moneyentry", "penalties_proposal",
        "penalties_proposalpast", "penalties_reversal", "rules_versionpast",
        "promotions_gradechange", "statutory_contributionbase", "statutory_contributionbasepast",
    },
}  # fmt: skip
# Of the administration: what only shows something, however it is asked.
SHOWING = ("admin:index", "admin:search", "_xlsx", "_changelist", "_history", "_export")
NOTHING = (302, 403, 404, 405)
REFUSED = (403, 404, 405)


@pytest.fixture
def one() -> Place:
    """The place, whose approved month has a manual line."""
    made = place("D1", approve=False)
    ManualLine.objects.create(
        period=made.period, staff=made.agent, title="补贴", amount=1, reason=f"{made.agent.name}带教", at=WHEN
    )
    made.period = period_approve(period=made.period, reason="测试", by=made.managers["manager"], at=WHEN)
    return made


@pytest.fixture
def two() -> Place:
    return place("D2")


@pytest.fixture
def known(one: Place) -> dict[str, Any]:
    """What addresses of the place's objects are made of; there is one of each."""
    line = PayLine.objects.filter(payslip=one.payslip).earliest("pk")
    order = Order.objects.get(agent=one.agent)
    by = one.managers["hr"]
    given = {"department": one.department, "by": by, "at": WHEN}
    upload = Upload.objects.create(
        **given, file_name=f"{one.agent.name}.csv", stored_name="x", size=1, job=uuid.uuid4(), queued_at=WHEN
    )
    objection = Objection.objects.create(
        period=one.period,
        staff=one.agent,
        line=line_name(line),
        code=line.code,
        title=line.title,
        amount=line.amount,
        line_reason=line.reason,
        reason=f"{one.agent.name}不同意",
        at=WHEN,
    )
    free = Order.objects.create(
        department=one.department, order_no="N1", amount=1, paid_at=timezone.now(), as_of=timezone.localdate()
    )
    claim = OrderClaim.objects.create(order=order, staff=one.agent, reason=one.agent.name, at=WHEN)
    attached = Attachment.objects.create(
        staff=one.agent, purpose="certificate", file_name="病假条.pdf", stored_name="x1", size=1, at=WHEN,
        type="application/pdf",
    )  # fmt: skip
    disciplinary = DisciplinaryCase.objects.create(
        staff=one.agent, level="minor", grounds=f"{one.agent.name}旷工", proposed_at=WHEN, state="heard",
        statement=f"{one.agent.name}说没有", heard_at=WHEN,
    )  # fmt: skip
    sheets_made([one.agent], one.period.month, by, at=WHEN)
    return {
        **known_of(one.agent, one.lead, at=WHEN),
        **training_known_of(one.agent, one.lead, at=WHEN, by=by),
        "disciplinary_case": disciplinary.pk,
        **case_known_of(one.agent, at=WHEN),
        **fund_known_of(one.agent, at=WHEN),
        **grades_known_of(one.agent, by=one.managers["hr"], at=WHEN),
        **declarations_known_of(one.agent, by=one.managers["hr"], at=WHEN),
        **exam_known_of(one.agent, at=WHEN),
        **award_known_of(one.agent, at=WHEN),
        **identity_known_of(one.agent, at=WHEN),
        **remembered_known(one.department, at=WHEN, who=one.agent.name),
        **filings_known(one.period, [one.agent], by=by, at=WHEN),
        "name": attached.stored_name,
        "code": one.department.code,
        "month": f"{one.period.month:%Y-%m}",
        "key": "done",
        "notice": _notice(one).pk,
        "number": one.agent.number,
        "staff_id": one.agent.pk,
        "book": "s000-05",
        "kind": "fine",
        "provision": "t-fine",
        "deduction": "t-fine",
        "version": 1,
        "incident": one.incident.pk,
        "proposal": one.proposal.pk,
        "objection": objection.pk,
        "claim": claim.pk,
        "batch": one.batch.pk,
        "alias": Alias.objects.get(staff=one.agent).pk,
        "upload": upload.pk,
        "manual": ManualLine.objects.get(period=one.period).pk,
        "line": line.pk,
        "order": free.pk,
    }


def _notice(one: Place) -> Notice:
    """Something that the agent was told, which names somebody."""
    account = one.agent.account or factories.account("agent", staff=one.agent)
    return Notice.objects.create(
        account=account, kind="payslip", text=f"{one.agent.name}的工资条", url="/me/", source="x", at=WHEN
    )


def asked(number: str) -> dict[str, tuple[str, ...]]:
    """How one would ask lists and search boxes for somebody."""
    return {
        "incidents": ("?state=", f"?state=&who={number}"),
        "incident_new": (f"?who={number}",),
        "incident_people": (f"?who={number}", f"?q={number}", f"?staff={number}"),
        "incident_provisions": (f"?who={number}&work_date=2026-10-06",),
        "proposals": ("?state=",),
        "discipline": ("?state=heard", f"?who={number}"),
        "discipline_new": ("?proposal=1",),
        "objections": ("?state=", f"?q={number}"),
        "claims": ("?state=",),
    }


def signed_in(account: Account) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def admin_of(of: Place) -> list[tuple[Route, dict[str, Any]]]:
    """The pages of the administration, each with the keys of a row of the place."""
    found = []
    for route in admin_pages():
        row = row_of(route.model, of.department) if route.model else None
        keys = dict.fromkeys(ROW_KEYS, row.pk) if row else {}
        if route.name not in MACHINES and keys.keys() >= set(route.params):
            found.append((route, keys))
    assert len(found) > 100
    return found


def walk(client: Client, route: Route, known: dict[str, Any], **sent: Any) -> list[tuple[str, Any]]:
    """(what was sent, answer) of every way to ask the address and, last, of a write to it."""
    address = route.path(known)
    queries = asked(known["number"]).get(route.name, ())
    answers = [(f"GET {each}", client.get(each)) for each in (address, *(address + q for q in queries))]
    if route.name == "logout":
        return answers
    who = {
        "who": known["number"],
        "staff": known["staff_id"],
        "incident": known["incident"],
        "decision": "confirm",
        "reason": "不该有",
    }
    return [*answers, (f"POST {address}", client.post(address, {**who, **sent}))]


def assert_nothing(answers: list[tuple[str, Any]], names: list[str], allowed: tuple[int, ...]) -> None:
    for sent, answer in answers:
        assert answer.status_code in allowed, (sent, answer.status_code)
        told = b"".join(answer) if answer.streaming else answer.content
        assert not [each for each in names if each in told.decode(errors="replace")], sent


def snapshot(of: Place) -> dict[str, Any]:
    """Every row of the place that a write by somebody else would have changed."""
    department = of.department
    return {
        "incidents": list(Incident.objects.filter(staff__department=department).values()),
        "periods": list(SettlementPeriod.objects.filter(department=department).values()),
        "staff": list(Staff.objects.filter(department=department).order_by("pk").values()),
        "orders": list(department.orders.order_by("pk").values()),
        "versions": list(department.versions.values_list("number", "published_at")),
        "uploads": list(department.uploads.values("state")),
        "imports": department.import_batches.count(),
        "remembered": list(department.import_answers.values()) + list(department.header_mappings.values()),
        "manual": list(ManualLine.objects.filter(period=of.period).values()),
        "payments": list(BankPayment.objects.filter(period=of.period).values()),
        "receipts": BankReceipt.objects.filter(payment__period=of.period).count(),
        "filings": list(TaxFiling.objects.filter(department=department).values()),
        "tax_results": list(TaxFilingResult.objects.filter(department=department).values()),
        "objections": list(Objection.objects.filter(period=of.period).values()),
        "discipline": list(DisciplinaryCase.objects.filter(staff__department=department).values()),
        "bases": list(ContributionBase.objects.filter(staff__department=department).values()),
        "grades": list(GradeChange.objects.filter(staff__department=department).values()),
        "questions": list(Question.objects.filter(department=department).values()),
        "exams": list(ExamPaper.objects.filter(department=department).values()),
        "sittings": list(Sitting.objects.filter(paper__department=department).values()),
        "sheets": list(Sheet.objects.filter(department=department).values()),
        "claims": list(OrderClaim.objects.filter(order__department=department).values()),
    }


def digests() -> dict[str, str]:
    """What the rows of every table come to, by its name."""
    with connection.cursor() as cursor:
        rows = (
            f"SELECT '{each}', md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM \"{each}\" t"
            for each in connection.introspection.table_names(cursor)
        )
        cursor.execute(" UNION ALL ".join(rows))
        return dict(cursor.fetchall())


@pytest.mark.parametrize("role", ["agent", "lead", "supervisor", "manager", "hr"])
def test_nobody_of_another_department_sees_or_changes_anything(
    one: Place, two: Place, known: dict[str, Any], role: str
) -> None:
    person = {"agent": two.agent, "lead": two.lead}.get(role)
    client = signed_in(factories.account(role, staff=person) if person else two.managers[role])
    before, names = snapshot(one), [*one.names, one.department.name]
    for route in pages():
        is_free = not route.params or route.name in (*OWN, *EVERYBODYS)
        assert_nothing(walk(client, route, known), names, (200, *NOTHING) if is_free else REFUSED)
    assert snapshot(one) == before


def test_a_colleague_sees_and_changes_nothing_of_a_colleague(one: Place, known: dict[str, Any]) -> None:
    client = signed_in(factories.account("agent", staff=one.colleague))
    before, names = snapshot(one), [one.agent.name, one.lead.name]
    for route in pages():
        if route.name in (*BOOK, *FUND, *AWARDS, *MATES):
            continue
        is_free = not route.params or route.name in (*OWN, *EVERYBODYS, *DEPARTMENTS_OWN)
        assert_nothing(walk(client, route, known), names, (200, *NOTHING) if is_free else REFUSED)
    after = snapshot(one)
    mine = [each for each in after["claims"] if each["staff_id"] == one.colleague.pk]
    assert {**after, "claims": [each for each in after["claims"] if each not in mine]} == before


@pytest.mark.parametrize("role", ["lead", "manager", "hr"])
def test_the_administration_shows_nothing_of_another_department(
    one: Place, two: Place, known: dict[str, Any], role: str
) -> None:
    client = signed_in(factories.account(role, staff=two.lead) if role == "lead" else two.managers[role])
    before, names = snapshot(one), [*one.names, one.department.name]
    for route, keys in admin_of(one):
        assert_nothing(walk(client, route, {**known, **keys}), names, (200, *NOTHING))
    assert snapshot(one) == before


@pytest.mark.parametrize("role", ["gm", "auditor"])
def test_who_sees_every_department_writes_only_what_the_group_may(
    one: Place, known: dict[str, Any], role: str
) -> None:
    client = signed_in(factories.account(role))
    before, sent = digests(), set()
    for route, keys in [*((each, {}) for each in pages()), *admin_of(one)]:
        if route.name in (*OPEN, *SIGN_IN):
            continue
        action = {"action": "delete_selected", "_selected_action": keys["pk"], "post": "yes"} if keys else {}
        answers = walk(client, route, {**known, **keys}, **action)
        for what, answer in answers:
            assert answer.status_code in (200, *NOTHING), (what, answer.status_code)
        _, written = answers[-1]
        if written.status_code not in REFUSED and not route.name.endswith(SHOWING):
            sent.add(route.name)
    after = digests()
    assert sent == {*OF_ONES_ACCOUNT, *SENT_BY[role]}
    changed = {table for table in after if after[table] != before[table]}
    assert changed == WRITTEN_BY[role], sorted(changed ^ WRITTEN_BY[role])


def test_the_administration_shows_a_lead_nothing_of_another_team(one: Place, known: dict[str, Any]) -> None:
    team = factories.team(one.department, "乙组")
    lead = factories.staff(one.department, team=team, role="lead")
    client = signed_in(factories.account("lead", staff=lead))
    before = digests()
    for route, keys in admin_of(one):
        assert_nothing(walk(client, route, {**known, **keys}), one.names, (200, *NOTHING))
    assert digests() == before


def test_without_signing_in_nothing_is_shown(one: Place, known: dict[str, Any]) -> None:
    for route in pages():
        answer = Client().get(route.path(known))
        assert answer.status_code == 302 or route.name in OPEN, route
        assert not [each for each in one.names if each in answer.content.decode()], route
