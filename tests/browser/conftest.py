"""A real browser on the demonstration: one site for all tests here, one signed-in page for each test.

The site is loaded and committed once, since a browser sees nothing of a test's transaction; the database is
emptied after the last test. Tests read and change it through pages alone, each a part of its own.
"""

import importlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.live_server_helper import LiveServer

from commissions.models import Order
from commissions.services import order_claim
from complaints.models import Case
from imports.models import Upload
from imports.tasks import check
from notices.models import Notice
from payroll.models import ManualLine, PayLine, SettlementPeriod
from payroll.services.objections import objection_raise
from payroll.settlement.runner import period_settle
from penalties.models import Incident, Proposal
from penalties.services import discipline_hear, discipline_propose, incident_record
from people.models import Account, Department, ImportBatch, Staff
from people.services import account_create, alias_add
from tests.addresses import admin_pages, row_of
from tests.award_objects import award_known_of
from tests.case_objects import case_known_of
from tests.database import empty_touched_tables
from tests.declaration_objects import declarations_known_of
from tests.exam_objects import exam_known_of
from tests.filing_objects import filings_known
from tests.fund_objects import fund_known_of
from tests.identity_objects import identity_known_of
from tests.import_objects import remembered_known
from tests.production import HOST, gunicorn, tls_before
from tests.promotion_objects import grades_known_of
from tests.roles import application_url
from tests.shift_objects import known_of
from tests.training_objects import training_known_of
from tests.worker import celery_worker
from workbench.demonstration.pay import CODE, OCTOBER, SEPTEMBER, demo_load, demo_period, moment

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Production has a name and a certificate of its own; without this it would have no service worker.
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
    "--no-proxy-server",
    "--ignore-certificate-errors",
]
PASSWORD = "kefu-browser-2026"
DEMO_ROLES = ("hr", "manager", "lead", "agent", "gm", "auditor", "supervisor")
# Pages ask every two seconds how far something is; whoever tests need not wait as long.
HURRY = """const wait = window.setTimeout;
window.setTimeout = (call, time, ...rest) => wait(call, time === 2000 ? 200 : time, ...rest);"""
# A test of these is played under production settings as well, where it may find what it did before.
on_both_sites = pytest.mark.parametrize("visit", ["site", "production"], indirect=True)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
SECONDS = 15
# What fingers press, smaller than 44 px either way. A box to tick counts with its label.
SMALL = """() => [...document.querySelectorAll(
    "button, a.button, summary, select, textarea, input:not([type=hidden]), [role=button], nav a, .links a"
)].filter((each) => {
    const pressed = ["checkbox", "radio"].includes(each.type) ? each.closest("label") || each : each;
    const box = pressed.getBoundingClientRect();
    const isShown = each.checkVisibility({visibilityProperty: true, opacityProperty: true}) && box.width > 1;
    const isSmall = box.height < 43.5 || box.width < 43.5;
    return isShown && isSmall && !each.closest(".skip-link, .visually-hidden");
}).slice(0, 5).map((each) => {
    const box = each.getBoundingClientRect();
    return `${each.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`;
})"""
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
        (each) => each.getBoundingClientRect().right > width + 1
    );
    return wide.slice(0, 5).map((each) => `${each.tagName.toLowerCase()}.${each.className}`).concat("?");
}"""


@dataclass(frozen=True)
class Site:
    """The running site; `ids` are those that addresses of the demonstration need."""

    url: str
    ids: dict[str, Any]
    signed_in: dict[str, Any] = field(default_factory=dict)


class KnownHasher(PBKDF2PasswordHasher):
    """As strong as production's, which therefore changes nothing at the sign-in, yet waited for once."""

    def salt(self) -> str:
        return "k" * 22

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return _encoded(password, salt, iterations or self.iterations)


@cache
def _encoded(password: str, salt: str, iterations: int) -> str:
    return PBKDF2PasswordHasher().encode(password, salt, iterations)


class Visit:
    """A page of the browser and what went wrong in it."""

    def __init__(self, page: Any, site: Site) -> None:
        self.page, self.site = page, site
        self.troubles: list[str] = []
        self.expects = 0  # the status of an error page that is wanted
        page.set_default_timeout(SECONDS * 1000)
        page.add_init_script(HURRY)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def go(self, path: str) -> Any:
        """Open an address of the site; returns the browser's page."""
        self.page.goto(self.site.url + path)
        return self.page

    def sign_in(self, username: str) -> None:
        """Through the form, as everybody does."""
        self.go(reverse("login"))
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        # An agent's home is a page of its own.
        self.page.wait_for_selector("nav[aria-label=主导航]", state="attached")

    def narrow(self) -> None:
        """Turn the page into a phone's; what is wider than the phone is a trouble."""
        self.page.set_viewport_size(PHONE)
        # A click may still be on its way to the next page, whose document is empty at first.
        self.page.wait_for_function("() => document.readyState === 'complete'")
        found = self.page.evaluate(OVERFLOW)
        if found:
            self.troubles.append(f"wider than {PHONE['width']} px: {self.page.url}: {', '.join(found)}")

    def _said(self, message: Any) -> None:
        # Policy violations are told here as well.
        if message.type in ("error", "warning") and f"status of {self.expects} " not in message.text:
            self.troubles.append(f"console {message.type}: {self.page.url}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.troubles.append(f"another host: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status != self.expects:
            self.troubles.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="package")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    """The demonstration with October computed, and something of everything that waits for somebody."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    pytest.importorskip("playwright", reason="playwright is not installed")
    folder = tmp_path_factory.mktemp("uploads")
    hashers = [f"{__name__}.{KnownHasher.__name__}"]
    with django_db_blocker.unblock(), override_settings(UPLOAD_DIR=folder, PASSWORD_HASHERS=hashers):
        server = LiveServer("localhost")
        try:
            yield Site(server.url, _load())
        finally:
            server.stop()
            empty_touched_tables()


@pytest.fixture(scope="package")
def production(site: Site, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    """The same demonstration, as production serves it behind a proxy where TLS ends."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    folder = tmp_path_factory.mktemp("production")
    with django_db_blocker.unblock():
        database = application_url()
    with gunicorn(folder, database=database) as address, tls_before(address, folder) as url:
        yield Site(url, site.ids)


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Any]:
    playwright_api = importlib.import_module("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Any) -> Iterator[Callable[..., Visit]]:
    """`visit("demo-hr")`: a signed-in page; without a name, nobody's. Its troubles fail the test."""
    site: Site = request.getfixturevalue(getattr(request, "param", "site"))
    visits: list[Visit] = []

    def open_page(username: str = "", **options: Any) -> Visit:
        known = site.signed_in.get(username)
        given = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": WIDE}
        given |= {"reduced_motion": "reduce", **options}
        context = browser.new_context(storage_state=known, **given)
        made = Visit(context.new_page(), site)
        visits.append(made)
        if username and known is None:
            made.sign_in(username)
            site.signed_in[username] = context.storage_state()
        return made

    yield open_page
    for each in visits:
        each.page.context.close()
    assert not [trouble for each in visits for trouble in each.troubles]


@pytest.fixture
def worker(site: Site, settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    with celery_worker(tmp_path / "worker.log", UPLOAD_DIR=str(settings.UPLOAD_DIR)):
        yield


def _load() -> dict[str, Any]:
    """The rows; returns what addresses name (tests/addresses.py)."""
    demo_load(password=PASSWORD, say=lambda _: None)
    department = Department.objects.get(code=CODE)
    for name, group in (("auditor", "auditor"), ("two-step", "hr")):
        username = f"demo-{name}"
        account_create(username=username, group=group, password=PASSWORD, departments=[department])
    careful = Account.objects.get(username="demo-two-step")
    TOTPDevice.objects.create(user=careful, name="手机", confirmed=True)
    accounts = {each.username: each for each in Account.objects.all()}
    period = demo_period()
    assert period is not None
    period_settle(period=period, by=accounts["demo-hr"], at=moment(11, 3))
    agent = Staff.objects.get(number="8103")
    line = PayLine.objects.filter(payslip__period__month=SEPTEMBER, payslip__staff=agent).latest("amount")
    objection = objection_raise(
        line=line, reason="九月的提成少算了一单", by=accounts["demo-agent"], at=moment(10, 6)
    )
    waiting = [_recorded(agent, OCTOBER + timedelta(days=day), accounts["demo-lead"]) for day in range(3)]
    confirmed = Incident.objects.filter(state=Incident.State.CONFIRMED, staff__number="8103").earliest("pk")
    # Before the draft of the rules: some of these publish provisions of their own.
    known = known_of(agent, Staff.objects.get(number="8104"), at=moment(11, 4))
    known |= {**case_known_of(agent, at=moment(11, 4)), **fund_known_of(agent, at=moment(11, 4))}
    known |= exam_known_of(agent, at=moment(11, 4))
    known |= remembered_known(department, at=moment(11, 4))
    known |= declarations_known_of(agent, by=accounts["demo-hr"], at=moment(11, 4))
    september = SettlementPeriod.objects.get(department=department, month=SEPTEMBER)
    known |= filings_known(september, [agent], by=accounts["demo-hr"], at=moment(10, 12))
    known |= grades_known_of(agent, by=accounts["demo-hr"], at=moment(11, 4))
    mentor = Staff.objects.get(number="8104")
    known |= training_known_of(agent, mentor, at=moment(11, 4), by=accounts["demo-manager"])
    known |= award_known_of(agent, at=moment(11, 4))
    known |= identity_known_of(agent, at=moment(11, 4))
    manager = Client()
    manager.force_login(accounts["demo-manager"], backend="django.contrib.auth.backends.ModelBackend")
    manager.post(reverse("rules_draft_start", args=[CODE]))
    order = Order.objects.filter(department=department, agent=None, paid_at__gte=moment(10, 1)).latest("pk")
    return {
        "rows": {route.model: row for route in admin_pages() if route.model and (row := row_of(route.model))},
        **known,
        "case_ruled": Case.objects.filter(rulings__state="decided").earliest("pk").pk,
        "notice": _notice(accounts["demo-agent"]),
        "alias": _alias(agent, accounts["demo-hr"]),
        "code": CODE,
        "month": f"{OCTOBER:%Y-%m}",
        "before": f"{SEPTEMBER:%Y-%m}",
        "key": "done",
        "name": "none",
        "number": agent.number,
        "staff_id": agent.pk,
        "book": "s000-05",
        "kind": "fine",
        "deduction": "s000-06-06",
        "provision": "demo-01",
        "version": 3,
        "line": line.pk,
        "objection": objection.pk,
        "incident": waiting[0].pk,
        "confirmed": confirmed.pk,
        "proposal": Proposal.objects.earliest("pk").pk,
        "disciplinary_case": _disciplinary_case(agent, accounts["demo-hr"]),
        "claim": order_claim(order=order, staff=agent, reason="是我接待的", at=moment(11, 4)).pk,
        "order": order.pk,
        "manual": ManualLine.objects.earliest("pk").pk,
        "batch": ImportBatch.objects.latest("pk").pk,
        **_uploads(department, accounts["demo-hr"]),
    }


def _notice(account: Account) -> int:
    """Something that the bell tells of."""
    told = {"kind": "payslip", "text": "九月的工资条", "url": "/me/", "source": "x", "at": moment(10, 5)}
    return Notice.objects.create(account=account, **told).pk


def _alias(staff: Staff, by: Account) -> int:
    """Another name of somebody."""
    where = {"department": staff.department, "staff": staff, "from_on": OCTOBER}
    return alias_add(**where, text="小美", by=by, at=moment(11, 4)).pk


def _uploads(department: Department, by: Account) -> dict[str, int]:
    """A file for each step at which an import waits for somebody."""
    header, row = "工号,假别,开始日期,结束日期,天数,审批结果", "8201,年假,2026-11-02,2026-11-02,1,通过"
    files = {
        "upload": "甲,乙,丙\n1,2,3\n",
        "upload_asking": "工号,日期,迟到分钟,接待人数\n8201,2026-11-02,5,80\n",
        "upload_questions": f"{header},员工工号\n{row},8202\n",
        "upload_mapping": f"{header},顺心程度\n{row},好\n",
        "upload_invalid": f"{header}\n{row}\n0001,事假,2026-11-31,,x,\n",
        "upload_ready": f"{header}\n{row}\n",
    }
    client, found = Client(), {}
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    for key, content in files.items():
        sent = SimpleUploadedFile(f"{key}.csv", content.encode())
        form = {"department": department.pk, "file": sent, "key": str(uuid.uuid4())}
        client.post(reverse("imports"), form, HTTP_HOST="localhost")
        upload = Upload.objects.latest("pk")
        check(upload.pk, str(upload.job), upload.by_id)
        found[key] = upload.pk
    return found


def _disciplinary_case(staff: Staff, by: Account) -> int:
    """One that was heard and waits to be decided."""
    at = moment(11, 4)
    case = discipline_propose(staff=staff, level="warning", grounds="十月三次迟到", by=by, at=at)
    return discipline_hear(case=case, statement="路上堵车", heard_at=at, by=by, at=at).pk


def _recorded(staff: Staff, day: date, by: Account) -> Incident:
    return incident_record(
        staff=staff, code="s000-06-06", work_date=day, note="复查聊天记录时发现", by=by, at=moment(11, 4)
    )
