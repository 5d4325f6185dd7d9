"""A department of a thousand people in which there is a lot of everything, for tests of how pages bear it.

Rows that nobody would make one by one are made set-wise. It is the fourth of November 2026: October is
approved and its lines may be objected to, November has a draft.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from commissions.models import Order, OrderClaim
from imports import tasks
from imports.models import Upload
from notices.models import Notice, NoticeKind
from notices.services import notices_send
from payroll.models import ManualLine, Objection, PayLine, PeriodEvent, SettlementPeriod, SettlementRun
from payroll.selectors.objections import line_name
from payroll.services.periods import period_approve
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from penalties.models import DisciplinaryCase, Incident, Proposal
from penalties.services import IncidentFact, incidents_record
from people.models import (
    AccessLog,
    Account,
    Alias,
    ApiToken,
    Department,
    FactChange,
    ImportBatch,
    Staff,
    Team,
    Term,
)
from rules.library import LIBRARY
from rules.models import Signature, Version
from rules.services import rulebooks_load, version_publish
from tests import factories
from tests.appraisal_objects import GRADES, SCHEME, appraisals_fill
from tests.award_objects import awards_fill
from tests.case_objects import cases_fill
from tests.declaration_objects import declarations_fill
from tests.exam_objects import exams_fill
from tests.filing_objects import filings_known
from tests.fund_objects import fund_fill
from tests.identity_objects import identity_known_of
from tests.import_objects import remembered_known
from tests.promotion_objects import grades_fill
from tests.shift_objects import shifts_fill
from tests.training_objects import PROGRAMME, training_fill
from workbench.benchmarks.settlement import MONTH, PROVISIONS, generate

PEOPLE, ORDERS, MANY, PLACES = 1_000, 3_000, 120, 60
NOW = datetime(2026, 11, 4, 9, 0, tzinfo=factories.WHEN.tzinfo)
NOVEMBER = date(2026, 11, 1)
ADOPTED = ("s000-05", "s000-01", "s000-07", "s000-11", "s004-10")
MEETING = {
    "code": "x-meeting",
    "title": "周会",
    "kind": "duty",
    "params": {"every": "week", "weekday": NOW.isoweekday(), "time": "18:00", "proof": "attendance"},
}
MANAGING = ("hr", "manager", "supervisor", "gm", "auditor")
ROLES = (*MANAGING, "lead", "agent")


def thousand() -> tuple[dict[str, Account], dict[str, Any]]:
    """The accounts by login group, and what addresses name (tests/addresses.py)."""
    department = generate(PEOPLE, ORDERS)
    people = list(department.staff.order_by("number"))
    accounts = _accounts(department, people)
    _rules(department)
    _incidents(department, people)
    DisciplinaryCase.objects.bulk_create(
        DisciplinaryCase(
            staff=each, level="minor", grounds="旷工一天，电话不接", proposed_at=NOW, state="heard",
            statement="忘了请假", heard_at=NOW,
        )
        for each in [*people, *[people[1]] * MANY]
    )  # fmt: skip
    months = _months(department, people, accounts)
    _pay(months, people, accounts["hr"])
    _orders(department, people, accounts["manager"])
    _records(department, people, accounts["manager"])
    uploads = _uploads(department, accounts["hr"])
    appraisals_fill(department, people, accounts["manager"], at=NOW)
    _elsewhere(accounts)
    draft = Client()
    draft.force_login(accounts["manager"], backend="django.contrib.auth.backends.ModelBackend")
    draft.post(reverse("rules_draft_adopt", args=[department.code]), {"rulebook": "s000-03"})
    agent = people[1]
    known = {
        "name": "a-file-that-is-not-there",
        "code": department.code,
        "month": f"{MONTH:%Y-%m}",
        "key": "done",
        "number": agent.number,
        "staff_id": agent.pk,
        "book": "s000-07",
        "kind": "escalating_fine",
        "provision": "b-comm",
        "deduction": "b-fine",
        "version": Version.objects.filter(department=department).latest("number").number,
        "incident": Incident.objects.filter(staff=agent, state=Incident.State.RECORDED).earliest("pk").pk,
        "proposal": Proposal.objects.earliest("pk").pk,
        "disciplinary_case": DisciplinaryCase.objects.filter(staff=agent).latest("pk").pk,
        "objection": Objection.objects.earliest("pk").pk,
        "claim": OrderClaim.objects.earliest("pk").pk,
        "batch": ImportBatch.objects.earliest("pk").pk,
        "alias": _aliases(department, people),
        "manual": ManualLine.objects.earliest("pk").pk,
        "order": Order.objects.filter(agent=None, paid_at__month=11).latest("pk").pk,
        "line": PayLine.objects.filter(payslip__staff=agent, payslip__period__month=MONTH).earliest("pk").pk,
        "notice": _notices(accounts["agent"]),
        **uploads,
        **filings_known(months[0], people, by=accounts["hr"], at=NOW, many=PLACES),
        **shifts_fill(department, people, many=MANY, at=NOW),
        **cases_fill(department, people, many=MANY, at=NOW),
        **fund_fill(department, people, many=MANY, at=NOW),
        **grades_fill(department, people, by=accounts["hr"], many=MANY, at=NOW),
        **declarations_fill(people, by=accounts["hr"], many=MANY, at=NOW),
        **exams_fill(department, people, many=MANY, at=NOW),
        **remembered_known(department, many=MANY, at=NOW),
        **_training(department, people, accounts["manager"]),
        **awards_fill(department, people, many=MANY, at=NOW),
        **identity_known_of(agent, at=NOW),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return accounts, known


def _training(department: Department, people: list[Staff], by: Account) -> dict[str, Any]:
    """The lead guides more newcomers than a page shows, the agent among them."""
    versions = Version.objects.filter(department=department, published_at__isnull=False)
    version = versions.filter(provisions__code=PROGRAMME["code"]).latest("number")
    return training_fill(department, people[: MANY + 2], version=version, at=NOW, by=by)


def _notices(account: Account) -> int:
    """More notices of one account than a page shows; the key of the newest."""
    for number in range(120):
        notices_send(
            to=[account.pk], kind=NoticeKind.ROSTER, text=f"第{number}张班表公布了", url="/me/",
            source=f"roster:{number}", at=timezone.now(),
        )  # fmt: skip
    return Notice.objects.latest("pk").pk


def _aliases(department: Department, people: list[Staff]) -> int:
    """What everybody is called in files; the key of one."""
    Alias.objects.bulk_create(
        Alias(
            department=department, text=f"演示店:{each.number}", key=f"演示店:{each.number}", staff=each,
            valid=DateRange(MONTH, None), at=NOW,
        )
        for each in people
    )  # fmt: skip
    return Alias.objects.latest("pk").pk


def _accounts(department: Department, people: list[Staff]) -> dict[str, Account]:
    """Everybody can sign in; the first leads the one team, the second is the agent who looks."""
    made = {group: factories.account(group, department, username=f"big-{group}") for group in MANAGING}
    made["lead"] = factories.account("lead", staff=people[0], username="big-lead")
    made["agent"] = factories.account("agent", staff=people[1], username="big-agent")
    rest = Account.objects.bulk_create(
        Account(username=f"big-{each.number}", password="!") for each in people[2:]
    )
    agents = Group.objects.get(name="agent")
    Account.groups.through.objects.bulk_create(
        Account.groups.through(account=each, group=agents) for each in rest
    )
    for person, account in zip(people[2:], rest, strict=True):
        person.account = account
    Staff.objects.bulk_update(people[2:], ["account"])
    team = Team.objects.create(department=department, name="一组")
    Term.objects.filter(staff__department=department).update(team=team)
    Term.objects.filter(staff=people[0]).update(role="lead")
    return made


def _rules(department: Department) -> None:
    """Many versions that say nothing, then one of five rulebooks and what the month's figures need."""
    rulebooks_load(directories=[LIBRARY], at=NOW)
    Version.objects.bulk_create(
        Version(department=department, number=number, effective_on=NOVEMBER, note="改动", published_at=NOW)
        for number in range(2, MANY)
    )
    version_publish(
        department=department,
        effective_on=NOVEMBER,
        rulebooks=ADOPTED,
        provisions=[*PROVISIONS, MEETING, PROGRAMME, SCHEME, GRADES],
        by=None,
        at=NOW,
        note="采用五部制度",
    )


def _incidents(department: Department, people: list[Staff]) -> None:
    """Something of everybody waits to be confirmed; the agent has many, confirmed ones among them."""
    agent = people[1]
    waiting = [
        IncidentFact(staff=each, code="b-fine", work_date=MONTH.replace(day=25), note="交接时漏记一单")
        for each in [*people, *[agent] * MANY]
    ]
    recorded = incidents_record(department=department, facts=waiting, by=None, at=NOW)
    settled = [IncidentFact(staff=agent, code="b-idea", work_date=NOVEMBER) for _ in range(MANY)]
    incidents_record(department=department, facts=settled, confirm=True, by=None, at=NOW)
    Proposal.objects.bulk_create(
        Proposal(
            department=department, staff=each.staff, code="b-fine", kind="talk", incident=each, opened_at=NOW
        )
        for each in recorded
    )


def _months(
    department: Department, people: list[Staff], accounts: dict[str, Account]
) -> list[SettlementPeriod]:
    october = period_open(department=department, month=MONTH)
    period_settle(period=october, by=accounts["hr"], at=NOW)
    october = period_approve(period=october, reason="测试", by=accounts["gm"], at=NOW)
    november = period_open(department=department, month=NOVEMBER)
    ManualLine.objects.bulk_create(
        ManualLine(period=november, staff=each, title="带教补贴", amount=20, reason="带教新人", at=NOW)
        for each in people
    )
    period_settle(period=november, by=accounts["hr"], at=NOW)
    return [october, november]


def _pay(months: list[SettlementPeriod], people: list[Staff], by: Account) -> None:
    """An objection of everybody, several of the agent; many runs and steps of the month."""
    lines = PayLine.objects.filter(payslip__period=months[0]).select_related("payslip__staff")
    firsts = {line.payslip.staff_id: line for line in lines.order_by("-position")}
    mine = list(lines.filter(payslip__staff=people[1])[1:])
    Objection.objects.bulk_create(
        Objection(
            period=months[0],
            staff=line.payslip.staff,
            line=line_name(line),
            code=line.code,
            title=line.title,
            amount=line.amount,
            line_reason=line.reason,
            reason="少算了一单",
            at=NOW,
        )
        for line in [*firsts.values(), *mine]
    )
    for period in months:
        PeriodEvent.objects.bulk_create(
            PeriodEvent(period=period, before="computed", after="computing", by=by, at=NOW)
            for _ in range(MANY)
        )
        SettlementRun.objects.bulk_create(
            SettlementRun(period=period, state="succeeded", total=PEOPLE, done=PEOPLE, by=by, started_at=NOW)
            for _ in range(MANY)
        )
    AccessLog.objects.bulk_create(
        AccessLog(by=by, at=NOW, what="payslip", department=period.department, staff=each, month=period.month)
        for each in people
    )


def _orders(department: Department, people: list[Staff], by: Account) -> None:
    """November: a thousand orders of the agent, a thousand of nobody, most of which somebody claims."""
    given = {"department": department, "amount": 100, "as_of": NOVEMBER, "paid_at": NOW - timedelta(hours=9)}
    Order.objects.bulk_create(
        Order(order_no=f"M{index}", agent=people[1], attribution="file", remark="9102", **given)
        for index in range(PEOPLE)
    )
    nobodys = Order.objects.bulk_create(Order(order_no=f"N{index}", **given) for index in range(PEOPLE))
    OrderClaim.objects.bulk_create(
        OrderClaim(order=order, staff=person, reason="是我接待的", at=NOW)
        for order, person in zip(nobodys[:-MANY], people[:-MANY], strict=True)
    )
    OrderClaim.objects.bulk_create(
        OrderClaim(order=order, staff=people[1], reason="是我接待的", at=NOW) for order in nobodys[2:MANY]
    )


def _records(department: Department, people: list[Staff], by: Account) -> None:
    ImportBatch.objects.bulk_create(
        ImportBatch(
            department=department,
            kind="staff",
            profile="default",
            file_name=f"花名册-{index}.csv",
            digest=f"{index:064}",
            rows=1,
            summary={"created": 1, "changed": 0, "unchanged": 0, "months": ["2026-10"], "notes": ["留意"]},
            by=by,
            at=NOW,
        )
        for index in range(PEOPLE)
    )
    FactChange.objects.bulk_create(
        FactChange(department=department, month=MONTH, source="orders", by=by, at=NOW) for _ in people
    )
    ApiToken.objects.bulk_create(
        ApiToken(
            name=f"系统{index}",
            account=by,
            digest=f"{index:064}",
            actions=["read"],
            created_by=by,
            created_at=NOW,
            expires_at=NOW + timedelta(days=90),
        )
        for index in range(MANY)
    )
    TOTPDevice.objects.bulk_create(
        TOTPDevice(user=each.account, name="手机", confirmed=True) for each in people[2 : MANY + 2]
    )
    version = Version.objects.filter(department=department).latest("number")
    Signature.objects.bulk_create(Signature(version=version, staff=each, at=NOW) for each in people[500:])


def _uploads(department: Department, by: Account) -> dict[str, int]:
    """An upload with an error in each of its thousand lines, others where somebody has to say more."""
    header, row = "工号,假别,开始日期,结束日期,天数,审批结果", "0001,事假,2026-10-22,2026-10-22,1,通过"
    good = "".join(f"{10_000 + index},事假,2026-10-22,2026-10-22,1,通过\n" for index in range(PEOPLE))
    files = {
        "upload": f"{header}\n{row}\n" * 1 + f"{row}\n" * PEOPLE,
        "upload_ready": f"{header}\n{good}",
        "upload_mapping": f"{header},顺心程度\n{good}",
        "upload_asking": "甲,乙,丙\n1,2,3\n",
        "upload_questions": f"{header},员工工号\n{row},10001\n",
    }
    client, found = Client(), {}
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    for key, content in files.items():
        sent = SimpleUploadedFile(f"{key}.csv", content.encode())
        client.post(reverse("imports"), {"department": department.pk, "file": sent, "key": str(uuid.uuid4())})
        upload = Upload.objects.latest("pk")
        tasks.check(upload.pk, str(upload.job), upload.by_id)
        found[key] = upload.pk
    Upload.objects.bulk_create(
        Upload(
            department=department,
            file_name=f"表-{index}.csv",
            stored_name=f"none-{index}",
            size=1,
            by=by,
            at=NOW,
            state=Upload.State.INVALID,
            job=uuid.uuid4(),
            queued_at=NOW,
        )
        for index in range(MANY)
    )
    return found


def _elsewhere(accounts: dict[str, Account]) -> None:
    """Sixty small departments, all in the hands of the same people, each with a month that waits."""
    made = Department.objects.bulk_create(
        Department(code=f"place-{index:02}", name=f"{index}号店客服部", caps=False) for index in range(PLACES)
    )
    SettlementPeriod.objects.bulk_create(SettlementPeriod(department=each, month=MONTH) for each in made)
    for group in ("hr", "manager", "supervisor"):
        accounts[group].departments.add(*made)


def it_is_november() -> Any:
    """What to put in the place of the clock."""
    return Mock(wraps=timezone.now, return_value=NOW)
