"""The demonstration: a made-up department with two months of facts, loaded as its people would load them.

Files of fixtures/demo go through the same services as the import commands. The calendar below is part of
the story, so that the result does not depend on the day on which somebody runs it: September was settled,
approved by a second person and paid, and a fine of it was taken back afterwards; October waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction

from commissions.figures import FigureValue, figures_store
from commissions.imports import attribution_loader, metrics_loader, orders_loader
from imports.batches import run_import
from payroll.models import SettlementPeriod
from payroll.services.manual_lines import manual_line_add
from payroll.services.periods import period_approve, period_mark_paid
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from penalties.imports import incidents_loader
from penalties.models import Incident
from penalties.services import incident_reverse
from people.imports import staff_loader
from people.models import Account, Department, Staff
from people.services import account_create, department_create, groups_sync
from rules.library import LIBRARY, read_yaml
from rules.services import rulebooks_load, version_change, version_publish
from sheets.loading import Load
from shifts.imports import attendance_loader, leave_loader
from shifts.services.requests import overtime_ask, request_approve
from workbench.demonstration.appraisals import (
    GRADE_BRACKETS,
    GRADES,
    SCHEME,
    SCHEME_ITEMS,
    october_appraise,
    quarters_grade,
)
from workbench.demonstration.awards import october_award_decide, october_award_nominate
from workbench.demonstration.careers import accounts_make, excellent_award, reviews_hold
from workbench.demonstration.complaints import october_complaint_load
from workbench.demonstration.movers import movers_join, movers_move
from workbench.demonstration.statutory import october_declare, statutory_rules
from workbench.demonstration.story import OCTOBER, SEPTEMBER, moment
from workbench.demonstration.training import newcomer_train

FILES = Path(settings.BASE_DIR) / "fixtures" / "demo"
CODE, NAME, MINIMUM_WAGE = "demo", "演示客服部", Decimal("2490.00")
RULES_FROM = date(2026, 1, 1)
RULEBOOKS = ("s000-05", "s004-05", "s004-01", "s004-10", "s000-06", "s000-09")
# What the library leaves to the department, and days of rest: who answers customers rests in turn.
FILLED: dict[str, dict[str, object]] = {
    "s000-05-r-01": {"max": "500.00"},
    "s000-05-d-00b": {"max": "5000.00"},
    "s004-01-1-02": {"weekdays": []},
    GRADES: {"brackets": GRADE_BRACKETS},
}
FROM_OCTOBER: dict[str, dict[str, object]] = {
    "demo-01": {"amount": "150.00"},
    SCHEME: {"items": SCHEME_ITEMS},
}
# What the shop's accounts say of a month, in yuan: four times the promotion is reached in September alone.
FIGURES = {
    SEPTEMBER: {"gross_profit": "262400.00", "promotion_cost": "61800.00"},
    OCTOBER: {"gross_profit": "251300.00", "promotion_cost": "64500.00"},
}
# Login name, group, number of the person who signs in.
ACCOUNTS = (
    ("demo-manager", "manager", "8001"),
    ("demo-hr", "hr", "8002"),
    ("demo-supervisor", "supervisor", "8003"),
    ("demo-gm", "gm", None),
    ("demo-lead", "lead", "8101"),
    ("demo-agent", "agent", "8103"),
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Login:
    """An account of the demonstration; the password is known only when it is made."""

    username: str
    group: str
    password: str


@transaction.atomic
def demo_load(*, password: str | None, say: Say) -> list[Login]:
    """Make the department with everything up to October's draft, all or nothing; `say` hears of each step.

    The department must not exist yet. Returns the accounts, with random passwords where none is given.
    """
    department, logins = _department(password)
    accounts = {each.username: Account.objects.get(username=each.username) for each in logins}
    manager, hr = accounts["demo-manager"], accounts["demo-hr"]
    _rules(department, manager)
    say(f"制度：采用 {'、'.join(RULEBOOKS)} 和本部门条款。")
    statutory_rules(department=department, by=manager)
    say("社保、公积金、个税：十月起采用 city-hangzhou 和 tax，比例为演示而填。")
    files = Files(department, hr, say)
    at = moment(9, 2)
    before = metrics_loader(department=department, by=hr, at=at)
    files.take("metrics", "appraisal-2026-05-to-08.csv", before, at=at)
    movers_join(department=department)
    _month(files, SEPTEMBER, manager=manager, at=moment(10, 2))
    _pay_september(department, hr=hr, manager=manager)
    say("2026年9月：已结算、批准、发放。")
    _late_correction(department, manager)
    say("2026年9月的一笔投诉罚款在发放之后撤销，差额计入10月。")
    at = moment(10, 16)
    changes = staff_loader(department=department, effective_on=date(2026, 10, 16), by=None, at=at)
    files.take("staff", "staff-changes-2026-10-16.csv", changes, at=at)
    given = accounts_make(department=department, password=password)
    logins.append(Login("demo-newcomer", "agent", given))
    quarters_grade(department=department)
    excellent_award(department=department)
    october_complaint_load(department=department, now=moment(10, 15))
    _overtime(accounts["demo-agent"], lead=accounts["demo-lead"])
    say("2026年10月的一件投诉：损失600元由两人分担，一人记小过。")
    say("2026年10月24日（周六）加班4小时：客服申请，组长批准。")
    lead, supervisor = accounts["demo-lead"], accounts["demo-supervisor"]
    october_award_nominate(department=department, lead=lead, supervisor=supervisor)
    at = moment(11, 2)
    _month(files, OCTOBER, manager=manager, at=at)
    later = orders_loader(department=department, as_of=date(2026, 10, 31))
    files.take("orders", "orders-2026-09-refunded-later.csv", later, at=at)
    manual_line_add(
        period=period_open(department=department, month=OCTOBER),
        staff=Staff.objects.get(department=department, number="8201"),
        title="带教补贴",
        amount=Decimal("200.00"),
        reason="带教新员工夏知秋，十月共三周",
        by=hr,
        at=at,
    )
    october_declare(department=department, by=hr)
    say("十月的缴费基数、专项附加扣除、个税期初、一笔年终奖，发薪日11月10日。")
    october_award_decide(department=department, manager=manager)
    october_appraise(department=department)
    say("2026年10月的月度服务之星：组长提名，核对条件后由经理决定，奖100元，证书可以打印。")
    movers_move(department=department, by=hr)
    say("8308 于10月16日调往演示直播部，两个部门各付一段；8309 九月离职，十月的退款成为欠款。")
    newcomer_train(department=department)
    reviews_hold(department=department)
    say("十月的考评单和第三季度等级；8207的三十天培训和试用期考核；十一月的三轮职级评审，8304升高级客服。")
    return logins


class Files:
    """Takes the department's files in, one after another."""

    def __init__(self, department: Department, by: Account, say: Say) -> None:
        self.department, self.by, self.say = department, by, say

    def take(self, kind: str, name: str, load: Load, *, at: datetime) -> None:
        """Import one file of fixtures/demo and tell what it did."""
        report = run_import(
            department=self.department,
            kind=kind,
            path=FILES / name,
            profile=None,
            by=self.by,
            at=at,
            dry_run=False,
            load=load,
        )
        for line in report.lines():
            self.say(line)


def _department(password: str | None) -> tuple[Department, list[Login]]:
    """The department, its first staff list and who may sign in."""
    department = department_create(code=CODE, name=NAME, minimum_wage=MINIMUM_WAGE)
    at = moment(8, 28)
    run_import(
        department=department,
        kind="staff",
        path=FILES / "staff-2026-09.csv",
        profile=None,
        by=None,
        at=at,
        dry_run=False,
        load=staff_loader(department=department, effective_on=date(2026, 9, 1), by=None, at=at),
    )
    groups_sync()
    staff = {each.number: each for each in department.staff.all()}
    logins = []
    for username, group, number in ACCOUNTS:
        _, given = account_create(
            username=username,
            group=group,
            password=password,
            departments=[department] if group in ("manager", "hr", "supervisor") else [],
            staff=staff[number] if number else None,
        )
        logins.append(Login(username, group, given))
    return department, logins


def _rules(department: Department, by: Account) -> None:
    """Rulebooks of the library, the figures they leave open, own provisions, and a raise from October."""
    at = moment(8, 28, 14)
    rulebooks_load(directories=[LIBRARY], at=at)
    (own,) = read_yaml((FILES / "provisions.yaml").read_text(encoding="utf-8"))
    note = f"采用 {'、'.join(RULEBOOKS)}，加入本部门条款"
    version_publish(
        department=department,
        effective_on=RULES_FROM,
        rulebooks=RULEBOOKS,
        provisions=own,
        by=by,
        at=at,
        note=note,
    )
    note = "填写制度留白的金额"
    version_change(department=department, effective_on=RULES_FROM, changes=FILLED, by=by, at=at, note=note)
    note = "全勤奖提高到150元，月度考评填写项目"
    version_change(department=department, effective_on=OCTOBER, changes=FROM_OCTOBER, by=by, at=at, note=note)


def _month(files: Files, month: date, *, manager: Account, at: datetime) -> None:
    """Everything that a month's files bring; incidents are confirmed by the manager."""
    department, hr, of = files.department, files.by, f"{month:%Y-%m}"
    as_of = at.date()
    files.take("orders", f"orders-{of}.csv", orders_loader(department=department, as_of=as_of), at=at)
    attribution = attribution_loader(department=department, by=hr, at=at)
    files.take("attribution", f"attribution-{of}.csv", attribution, at=at)
    for name in (f"metrics-{of}.csv", f"appraisal-{of}.csv"):
        metrics = metrics_loader(department=department, by=hr, at=at)
        files.take("metrics", name, metrics, at=at)
    attendance = attendance_loader(department=department, by=hr, at=at)
    files.take("attendance", f"attendance-{of}.csv", attendance, at=at)
    files.take("leave", f"leave-{of}.csv", leave_loader(department=department, at=at), at=at)
    incidents = incidents_loader(department=department, confirm=True, by=manager, at=at)
    files.take("incidents", f"incidents-{of}.csv", incidents, at=at)
    figures = [
        FigureValue(month, code, Decimal(value), as_of=as_of, source="财务月报")
        for code, value in FIGURES[month].items()
    ]
    figures_store(department=department, values=figures, by=hr, at=at)


def _pay_september(department: Department, *, hr: Account, manager: Account) -> None:
    """Prepared by hr, approved by the manager, paid by hr."""
    period = period_open(department=department, month=SEPTEMBER)
    period_settle(period=period, by=hr, at=moment(10, 3))
    period_approve(period=period, reason="演示数据，已逐项看过", by=manager, at=moment(10, 5))
    period_mark_paid(period=period, by=hr, at=moment(10, 10))


def _late_correction(department: Department, manager: Account) -> None:
    """A complaint of September turns out to be unfounded after the month was paid."""
    incident = Incident.objects.get(
        staff__department=department, staff__number="8102", work_date=date(2026, 9, 8), code="s000-06-06"
    )
    reason = "平台复核：赠品已寄出，投诉不成立"
    incident_reverse(incident=incident, on=date(2026, 10, 20), reason=reason, by=manager, at=moment(10, 20))


def _overtime(agent: Account, *, lead: Account) -> None:
    """A Saturday of October on which one of the agents helped to prepare a sale; approved the day before."""
    staff = Staff.objects.select_related("department").get(account=agent)
    reason = "大促备货，整理快捷短语"
    asked = overtime_ask(
        staff=staff,
        work_date=date(2026, 10, 24),
        hours=Decimal(4),
        reason=reason,
        by=agent,
        at=moment(10, 22),
    )
    request_approve(request=asked, by=lead, at=moment(10, 23))


def demo_period() -> SettlementPeriod | None:
    """October of the demonstration department; None before it was loaded."""
    return SettlementPeriod.objects.filter(department__code=CODE, month=OCTOBER).first()
