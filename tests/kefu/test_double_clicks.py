"""Every button pressed twice: what was written is there once, and the second answer is no fault.

The browser holds a second click back (tests/browser); here both requests arrive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from commissions.models import OrderClaim
from commissions.services import order_claim, order_record
from payroll.models import ManualLine
from payroll.services.manual_lines import manual_line_add
from payroll.workflow import period_open
from penalties.models import Incident, Proposal
from penalties.services import incident_appeal, incident_confirm, incident_record
from people.models import Account, Department, Staff
from rules.models import Version
from rules.services import draft_provision_drop, draft_start
from tests import factories

pytestmark = pytest.mark.django_db

# Who signed in, who looked at what and which request changed a row is noted each time.
NOTED = {"sessions.session", "people.accesslog", "axes.accesslog", "people.accountpast"}
NOTED |= {"rules.versionpast"}  # who worked on a draft last
EACH_TIME = {"accounts_reset"}  # a second slip: the first password on it does not count any more
WRITES_NOTHING = {"accounts_reset", "rules_draft_restore"}  # but for the account; nothing to restore
# What is pressed twice in the tests named here, or writes nothing but the account's own sign-in.
ELSEWHERE = {
    "aliases_department": "people/test_alias_pages", "alias_end": "people/test_alias_pages",
    "identity_person": "people/test_identity_pages", "identity_document_view": "people/test_identity_pages",
    "identity_account_view": "people/test_identity_pages",
    "identity_document_withdraw": "people/test_identity_pages",
    "identity_account_withdraw": "people/test_identity_pages",
    "incident_new": "test_incident_pages", "incidents_batch": "penalties/pages/test_recording",
    "incident_evidence": "penalties/pages/test_contest", "imports": "test_imports_pages",
    "awards_close": "nominations/test_pages", "nomination_new": "nominations/test_pages",
    "nomination_voice": "nominations/test_pages", "nomination_attest": "nominations/test_pages",
    "nomination_decide": "nominations/test_pages", "nomination_revoke": "nominations/test_pages",
    "nomination_withdraw": "nominations/test_pages",
    "import_kind": "test_imports_pages", "import_headers": "test_imports_pages",
    "import_options": "test_imports_pages", "import_questions": "imports/test_wizard",
    "remembered_name": "imports/test_wizard", "remembered_header": "imports/test_wizard",
    "remembered_answer": "imports/test_wizard", "remembered_header_forget": "imports/test_wizard",
    "remembered_answer_forget": "imports/test_wizard",
    "import_confirm": "test_imports_pages", "import_retry": "test_imports_pages",
    "import_discard": "test_imports_pages", "import_undo": "test_imports_undo",
    "discipline_new": "test_discipline_pages", "disciplinary_case_hear": "test_discipline_pages",
    "disciplinary_case_decide": "test_discipline_pages",
    "disciplinary_case_reverse": "test_discipline_pages",
    "ladder_attest": "promotions/test_ladder_pages",
    "round_new": "promotions/test_pages", "round_candidate": "promotions/test_pages",
    "round_step": "promotions/test_pages", "candidate_nominate": "promotions/test_pages",
    "candidate_score": "promotions/test_pages", "me_grade_vote": "promotions/test_pages",
    "grade_change_new": "promotions/test_pages", "grade_change_decide": "promotions/test_pages",
    "grade_change_reverse": "promotions/test_pages", "grade_change_appeal": "promotions/test_pages",
    "grade_change_appeal_withdraw": "promotions/test_pages",
    "grade_change_appeal_decide": "promotions/test_pages",
    "disciplinary_case_appeal": "test_discipline_appeals",
    "disciplinary_case_appeal_withdraw": "test_discipline_appeals",
    "disciplinary_case_appeal_decide": "test_discipline_appeals",
    "debt_enter": "payroll/test_debts_list",
    "me_slip_confirm": "payroll/test_handout", "pay_remind": "payroll/test_handout",
    "pay_what_if": "payroll/test_what_if",
    "pay_tax_export": "test_tax_filings", "pay_tax_results": "test_tax_filings",
    "pay_bank_export": "test_bank_payments", "pay_bank_receipt": "test_bank_payments",
    "pay_step": "test_pages_settlement", "pay_slip_metric": "payroll/test_ways_out",
    "objection": "test_objections", "me_object": "test_objections",
    "rules_draft_adopt": "test_versions", "rules_draft_rebase": "pages/test_publishing",
    "rules_draft_provision": "pages/test_drafts",
    "me_clock": "test_clock_pages", "me_corrections": "test_clock_pages", "me_outings": "test_clock_pages",
    "me_overtime": "test_clock_pages", "me_outing_return": "test_clock_pages",
    "me_leave": "leave/test_pages", "me_leave_certificate": "leave/test_pages",
    "leave_request_decide": "leave/test_pages",
    "leave_balance_correct": "leave/test_balance_pages", "patterns_join": "shifts/test_split_shifts",
    "me_handover": "test_pages_handover", "me_handover_sign": "test_pages_handover",
    "me_handover_say": "test_pages_handover", "handover_say": "test_pages_handover",
    "handover_review": "test_pages_handover", "me_duty": "test_pages_duties",
    "duty_meeting": "test_pages_duties", "duty_waive": "test_pages_duties", "turns": "test_pages_duties",
    "turn_give": "test_pages_duties",
    "enrolment_new": "training/test_pages", "enrolment_step": "training/test_pages",
    "enrolment_mentor": "training/test_pages", "enrolment_end": "training/test_pages",
    "enrolment_result": "training/test_pages",
    "programme_teacher": "training/test_pages", "programme_material": "training/test_pages",
    "material_retire": "training/test_pages", "intake_places": "training/test_pages",
    "me_turn_swap": "test_pages_duties", "me_turn_answer": "test_pages_duties",
    "me_memos": "test_pages_duties", "me_memo": "test_pages_duties", "me_memo_do": "test_pages_duties",
    "suggestion": "test_pages_duties",
    "case_new": "complaints/test_pages_record", "case_step": "complaints/test_pages",
    "case_event": "complaints/test_pages", "case_assign": "complaints/test_pages",
    "case_take": "complaints/test_pages", "case_pause": "complaints/test_pages",
    "case_resume": "complaints/test_pages", "case_reopen": "complaints/test_pages",
    "case_merge": "complaints/test_pages", "case_callback": "complaints/test_pages",
    "case_phone": "complaints/test_pages", "case_loss": "complaints/test_pages_losses",
    "case_ruling": "complaints/test_pages_losses", "ruling_decide": "complaints/test_pages_losses",
    "ruling_reverse": "complaints/test_pages_losses", "case_appeal": "complaints/test_pages_losses",
    "me_charge_appeal": "complaints/test_pages_losses", "me_appeal_withdraw": "complaints/test_pages_losses",
    "appraisals_publish": "appraisals/test_pages", "appraisals_close": "appraisals/test_pages",
    "appraisal_score": "appraisals/test_pages", "appraisal_answer": "appraisals/test_pages",
    "appraisal_back": "appraisals/test_pages", "appraisal_quarter_confirm": "appraisals/test_pages",
    "me_appraisal_comment": "appraisals/test_pages", "me_appraisal_sign": "appraisals/test_pages",
    "fund_fine_pay": "penalties/pages/test_fund", "fund_fine_refund": "penalties/pages/test_fund",
    "fund_transfer": "penalties/pages/test_fund", "fund_expense_new": "penalties/pages/test_fund",
    "fund_expense": "penalties/pages/test_fund", "fund_count_new": "penalties/pages/test_fund",
    "fund_count_witness": "penalties/pages/test_fund",
    "me_request_withdraw": "test_clock_pages", "shift_request_decide": "test_clock_pages",
    **dict.fromkeys(
        ("question", "question_new", "questions_many", "question_retire", "exam_new", "exam_change",
         "exam_extend", "exam_withdraw", "exam_result", "sitting"), "training/test_pages_exams",
    ),
    **dict.fromkeys(
        ("declaration_base_new", "declaration_deduction_new", "declaration_history_new",
         "declaration_first_job_new", "declaration_opening_new", "declaration_bonus_new",
         "declarations_changes", "declaration_end", "declaration_withdraw"), "statutory/test_pages",
    ),
    "me_exam_begin": "training/test_sittings", "me_sitting_answer": "training/test_sittings",
    "me_sitting_submit": "training/test_sittings",
    "notice_mark": "test_notice_pages", "notices_mark": "test_notice_pages",
    "notice_choices": "test_notice_pages", "notice_trial": "test_notice_pages",
    "roster_assign": "test_pages_rosters", "roster_publish": "test_pages_rosters",
    "roster_copy": "test_pages_rosters", "roster_rotate": "test_pages_rosters",
    "roster_clear": "test_pages_rosters", "roster_solve": "test_pages_rosters",
    "roster_person": "test_pages_rosters", "patterns_adopt": "test_pages_rosters",
    "pattern_new": "test_pages_rosters", "pattern": "test_pages_rosters",
    "pattern_retire": "test_pages_rosters", "me_swaps": "test_pages_swaps",
    "me_swap_answer": "test_pages_swaps", "me_swap_withdraw": "test_swaps",
    "swap_decide": "test_pages_swaps",
    "login": "", "login_code": "", "logout": "", "password": "", "two_step": "", "two_step_off": "",
}  # fmt: skip


@dataclass
class World:
    """A manager, an agent, and what both may press."""

    department: Department
    manager: Account
    agent: Staff
    account: Account

    @property
    def client(self) -> Client:
        return signed_in(self.manager)


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def world(department: Department) -> World:
    agent = factories.staff(department, "8103")
    account = factories.account("agent", staff=agent)
    return World(department, factories.account("manager", department), agent, account)


Press = tuple[str, dict[str, Any]]


def incident(world: World, *, confirmed: bool = False) -> Incident:
    now = timezone.now()
    made = incident_record(
        staff=world.agent, code="x-late", work_date=timezone.localdate(), by=world.manager, at=now
    )
    return incident_confirm(incident=made, by=world.manager, at=now) if confirmed else made


def appealed(world: World) -> Incident:
    """An incident of the agent's that somebody else than the manager confirmed."""
    now, other = timezone.now(), factories.account("manager", world.department)
    made = incident_record(staff=world.agent, code="x-late", work_date=timezone.localdate(), by=other, at=now)
    made = incident_confirm(incident=made, by=other, at=now)
    incident_appeal(incident=made, reason="不是我", by=world.account, at=now)
    return made


def decided(made: Incident) -> Press:
    url = reverse("incident_appeal_decide", args=[made.pk])
    return url, {"appeal": made.appeals.get().pk, "decision": "refused", "answer": "查过"}


def claim(world: World) -> OrderClaim:
    now = timezone.now()
    given = {"order_no": "N1", "paid_at": now, "amount": Decimal(9), "by": None, "at": now}
    return order_claim(
        order=order_record(department=world.department, **given), staff=world.agent, reason="是我", at=now
    )


def manual_line(world: World) -> ManualLine:
    period = period_open(department=world.department, month=this_month())
    given = {"title": "x", "amount": Decimal(1), "reason": "x", "by": world.manager, "at": timezone.now()}
    return manual_line_add(period=period, staff=world.agent, **given)


def proposal(world: World) -> Proposal:
    given = {"code": "x", "kind": "talk", "month": this_month(), "opened_at": timezone.now()}
    return Proposal.objects.create(department=world.department, staff=world.agent, **given)


def draft(world: World) -> Version:
    return draft_start(department=world.department, by=world.manager, at=timezone.now())


def published(world: World) -> dict[str, Any]:
    """The form that publishes the draft, as the page shows it."""
    row = draft(world)
    draft_provision_drop(draft=row, code="x-praise", by=world.manager, at=timezone.now())
    tomorrow = timezone.localdate() + timedelta(days=1)
    return {**shown(world, "rules_draft_publish", "A"), "effective_on": f"{tomorrow}", "note": "改"}


def own_provision(world: World) -> dict[str, Any]:
    draft(world)
    return {**shown(world, "rules_draft_add", "A", "text"), "code": "own-1", "title": "自定", "clause": "x"}


def shown(world: World, name: str, *args: str) -> dict[str, Any]:
    """What the form of a page holds before anybody fills it in."""
    form = world.client.get(reverse(name, args=args)).context["form"]
    values = {field: form[field].value() for field in form.fields}
    return {field: value for field, value in values.items() if value not in (None, "")}


def this_month() -> date:
    return timezone.localdate().replace(day=1)


BUTTONS: dict[str, Callable[[World], Press]] = {
    "incidents_decide": lambda w: (
        reverse("incidents_decide"), {"incident": incident(w).pk, "decision": "confirm"}),
    "incident_decide": lambda w: (
        reverse("incident_decide", args=[incident(w).pk]), {"decision": "reject", "reason": "查无此事"}),
    "incident_reverse": lambda w: (
        reverse("incident_reverse", args=[incident(w, confirmed=True).pk]), {"reason": "不成立"}),
    "incident_appeal_decide": lambda w: decided(appealed(w)),
    "proposal": lambda w: (
        reverse("proposal", args=[proposal(w).pk]), {"accepted": "yes", "decision": "谈过"}),
    "lawful": lambda w: (
        reverse("lawful", args=["A"]),
        {"percent": "10", "month": f"{this_month():%Y-%m}", "reason": "从严"}),
    "pay_proration": lambda w: (
        reverse("pay_proration", args=["A"]),
        {"from_on": f"{this_month():%Y-%m}-01", "divisor": "due", "method": "earn"}),
    "holidays": lambda w: (
        reverse("holidays"),
        {"year": "2031", "off": "2031-02-03", "worked": "2031-02-08", "source": "国办发明电"}),
    "lawful_provision": lambda w: (
        reverse("lawful_provision", args=["A", "x-late"]),
        {"from_wages": "no", "month": f"{this_month():%Y-%m}", "ground": "none", "reason": "罚款没有依据"}),
    "order_reading": lambda w: (
        reverse("order_reading", args=["A"]),
        {"from_on": "2026-10-01", "sham": "count", "sham_words": "补单", "cash_on_delivery": "leave",
         "gifts": "count", "deposits": "first", "hidden": "leave"}),
    "figures": lambda w: (
        reverse("figures", args=["A"]), {"month": "2026-10", "code": "毛利", "value": "50000"}),
    "metric_definitions": lambda w: (
        reverse("metric_definitions", args=["A"]),
        {"code": "退款率", "from_month": "2026-10", "text": "售后15天以内"}),
    "accounts_open": lambda w: (reverse("accounts_open", args=["A"]), {}),
    "accounts_reset": lambda w: (reverse("accounts_reset", args=["A", w.agent.pk]), {}),
    "accounts_two_step": lambda w: (
        reverse("accounts_two_step", args=["A", w.agent.pk]), {"reason": "手机遗失"}),
    "pay_manual": lambda w: (
        reverse("pay_manual", args=["A", this_month()]),
        {"who": "8103", "title": "补", "amount": "1", "reason": "x", "seen": "0"}),
    "pay_manual_withdraw": lambda w: (
        reverse("pay_manual_withdraw", args=["A", this_month(), manual_line(w).pk]), {}),
    "pay_day": lambda w: (
        reverse("pay_day", args=["A", this_month()]), {"on": f"{this_month():%Y-%m}-28"}),
    "claim_decide": lambda w: (reverse("claim_decide", args=[claim(w).pk]), {"decision": "accept"}),
    "order_give": lambda w: (reverse("order_give", args=[nobodys(w)]), {"who_0": w.agent.number}),
    "rules_draft_start": lambda w: (reverse("rules_draft_start", args=["A"]), {}),
    "rules_draft_discard": lambda w: (draft(w) and reverse("rules_draft_discard", args=["A"]), {}),
    "rules_draft_publish": lambda w: (reverse("rules_draft_publish", args=["A"]), published(w)),
    "rules_draft_drop": lambda w: (draft(w) and reverse("rules_draft_drop", args=["A", "x-late"]), {}),
    "rules_draft_restore": lambda w: (draft(w) and reverse("rules_draft_restore", args=["A", "x-late"]), {}),
    "rules_draft_add": lambda w: (reverse("rules_draft_add", args=["A", "text"]), own_provision(w)),
}  # fmt: skip
OWN: dict[str, Callable[[World], Press]] = {
    "me_claim": lambda w: (reverse("me_claim", args=[nobodys(w)]), {"reason": "是我"}),
    "incident_sign": lambda w: (reverse("incident_sign", args=[incident(w, confirmed=True).pk]), {}),
    "incident_appeal": lambda w: (
        reverse("incident_appeal", args=[incident(w, confirmed=True).pk]),
        {"reason": "不是我"},
    ),
    "incident_appeal_withdraw": lambda w: (reverse("incident_appeal_withdraw", args=[appealed(w).pk]), {}),
    "me_rules_sign": lambda w: (reverse("me_rules_sign", args=[1]), {}),
}


def nobodys(world: World) -> int:
    made = claim(world)
    OrderClaim.objects.all().delete()
    return made.order_id


def rows() -> dict[str, int]:
    """How many rows each table has; a changed row counts in the table that keeps what rows were."""
    kept = [each for each in apps.get_models() if each._meta.app_label != "pghistory"]
    counts = {
        each._meta.label_lower: each._base_manager.count()
        for each in kept
        if each._meta.label_lower not in NOTED
    }
    return {**counts, "published": Version.objects.filter(published_at__isnull=False).count()}


@pytest.mark.parametrize("name", [*BUTTONS, *OWN])
def test_a_button_pressed_twice_writes_once(world: World, name: str) -> None:
    if name == "accounts_two_step":
        TOTPDevice.objects.create(user=world.account, confirmed=True)
    if name == "accounts_open":
        factories.staff(world.department, "8104")
    url, data = {**BUTTONS, **OWN}[name](world)
    client = world.client if name in BUTTONS else signed_in(world.account)
    before = rows()
    first = client.post(url, data)
    assert first.status_code in (200, 302), first.content.decode()
    once = rows()
    assert once != before or name in WRITES_NOTHING, first.content.decode()
    assert client.post(url, data).status_code in (200, 302, 404)
    assert rows() == once or name in EACH_TIME


def posting_names() -> set[str]:
    """The names of all pages that take a form, asked by a superuser with made-up arguments."""
    client = Client()
    client.force_login(Account.objects.create_superuser("root", password="x"))
    names = set()
    for pattern in get_resolver().url_patterns:
        for each in getattr(pattern, "url_patterns", [pattern]):
            if getattr(each, "name", None) and not str(pattern.pattern).startswith(("admin", "api")):
                fake = {"month": timezone.localdate(), "code": "zz", "kind": "fine", "provision": "zz"}
                found = each.pattern.converters
                args = {key: fake.get(key, 0 if type(value).__name__ == "IntConverter" else "zz")
                        for key, value in found.items()}  # fmt: skip
                if client.post(reverse(each.name, kwargs=args)).status_code != 405:
                    names.add(each.name)
                    client.force_login(Account.objects.get(username="root"))
    return names


def test_no_page_that_takes_a_form_is_forgotten(db: None) -> None:
    assert posting_names() == {*BUTTONS, *OWN, *ELSEWHERE}
