"""What people bring along counts from then on, is told wherever it counts, and can be taken back."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commissions.services import metric_record
from core.periods import last_of
from imports.batches import run_import
from imports.errors import ImportRefused
from imports.kinds import kinds_open_to, loader_of
from imports.models import Upload
from imports.undo import batch_undo
from payroll.models import PayLine
from payroll.selectors.points import people_with_points, points_of
from penalties.models import Incident, MoneyEntry, OpeningBalance, Proposal
from penalties.next_time import next_times
from penalties.services import incident_reverse
from penalties.services.ledgers import ledgers_foresee
from people.models import Account, Department, FactChange, ImportBatch, Staff
from rules.models import Provision
from sheets.errors import SheetErrors
from shifts.services import attendance_record
from tests import factories
from tests.payroll import months
from tests.payroll.months import AUGUST, NOVEMBER, OCTOBER, SEPTEMBER, amounts, moment

pytestmark = pytest.mark.django_db
D = Decimal
HEADER = "工号,期初项目,条款,截至日期,数值,说明\n"
STEPS: dict[str, Any] = {
    "code": "t-steps",
    "title": "被投诉",
    "kind": "escalating_fine",
    "params": {
        "steps": ["50.00", "100.00"],
        "after": "none",
        "final": {"at": 3, "proposal": "termination"},
    },
    "window": "quarter",
}
RATED = {
    "code": "t-rated",
    "title": "差错",
    "kind": "rate_deduction",
    "params": {
        "of": "base_pay",
        "tiers": [{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}],
    },
    "window": "year",
}
LATE = {
    "code": "t-late",
    "title": "迟到",
    "kind": "late",
    "params": {
        "free_per_month": 1,
        "tiers": [{"from_count": 1, "amount": "10.00"}, {"from_count": 3, "amount": "50.00"}],
    },
}
POINTS = {"code": "t-points", "title": "扣分", "kind": "points", "params": {"deduct": "6"}}
BAND = {
    "code": "t-band",
    "title": "连续低分",
    "kind": "points_band",
    "params": {"at_or_below": "5", "months": 3, "proposal": "talk"},
}
SHARED = {"code": "t-loss", "title": "损失分担", "kind": "loss_share", "params": {}}
STREAK = {
    "code": "t-first",
    "title": "连续第一",
    "kind": "streak_award",
    "params": {"metric": "appraisal_score", "steps": ["10.00", "20.00", "30.00", "40.00"]},
}
ALL = (STEPS, RATED, LATE, POINTS, BAND, SHARED, STREAK)

Bring = Callable[..., ImportBatch]


@pytest.fixture
def department() -> Department:
    return months.department(*ALL, code="D1", name="客服一部")


@pytest.fixture
def person(department: Department) -> Staff:
    return months.agent(department, "1001", name="陈晓", performance_bonus=D("1000.00"))


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department, username="hr-li")


@pytest.fixture
def bring(department: Department, hr: Account, tmp_path: Path) -> Bring:
    """Import opening balances as a page does."""

    def bring(*rows: str, at: datetime | None = None) -> ImportBatch:
        path = tmp_path / "opening.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        at = at or moment("2026-10-20 10:00")
        upload = Upload(department=department, kind="opening", options={})
        load = loader_of(upload, by=hr, at=at)
        given: dict[str, Any] = {"department": department, "kind": "opening", "path": path, "profile": None}
        report = run_import(**given, by=hr, at=at, dry_run=False, load=load)
        assert report.batch is not None
        return report.batch

    return bring


def fines() -> dict[date, Decimal]:
    """What stands in the money ledger, by the day of the incident."""
    found: dict[date, Decimal] = {}
    for entry in MoneyEntry.objects.all():
        found[entry.work_date] = found.get(entry.work_date, D(0)) + entry.amount
    return found


def test_the_next_one_counts_after_those_brought_along(bring: Bring, person: Staff) -> None:
    bring("1001,次数,t-steps,2026-10-14,1,旧系统第3页")
    months.incident(person, "t-steps", date(2026, 10, 20))
    assert fines() == {date(2026, 10, 20): D("-100.00")}
    reason = MoneyEntry.objects.get().reason
    assert (
        "第2次100" in reason
        and "含期初1次（截至2026-10-14，hr-li于2026-10-20录入，旧系统第3页，到那天为止的记录不再另计）"
        in reason
    )
    (coming,) = [each for each in next_times(person, on=date(2026, 10, 21)) if each.rule.code == "t-steps"]
    assert coming.counted == 2 and coming.assessment and coming.assessment.proposals == ("termination",)


def test_a_count_stands_for_what_is_recorded_up_to_its_day(bring: Bring, person: Staff) -> None:
    months.incident(person, "t-steps", date(2026, 10, 9))
    months.incident(person, "t-steps", date(2026, 10, 14))
    bring("1001,次数,t-steps,2026-10-14,1,")
    months.incident(person, "t-steps", date(2026, 10, 20))
    assert fines() == {
        date(2026, 10, 9): D("-50.00"),
        date(2026, 10, 14): D("-100.00"),
        date(2026, 10, 20): D("-100.00"),
    }
    assert not Proposal.objects.filter(state="open").exists()
    reason = MoneyEntry.objects.get(work_date=date(2026, 10, 20)).reason
    assert reason.startswith("第2次100.00元；含期初1次") and "到那天为止的记录不再另计" in reason
    (coming,) = [each for each in next_times(person, on=date(2026, 10, 21)) if each.rule.code == "t-steps"]
    assert coming.counted == 2


def test_of_two_counts_the_later_stands_for_the_earlier(bring: Bring, person: Staff) -> None:
    bring("1001,次数,t-steps,2026-10-05,1,", "1001,次数,t-steps,2026-10-14,1,")
    for day in (4, 10, 20):
        months.incident(person, "t-steps", date(2026, 10, day))
    assert fines() == {
        date(2026, 10, 4): D("-50.00"),
        date(2026, 10, 10): D("-100.00"),
        date(2026, 10, 20): D("-100.00"),
    }


def test_evidence_names_the_incidents_that_the_count_does_not_stand_for(bring: Bring, person: Staff) -> None:
    bring("1001,次数,t-steps,2026-10-14,2,")
    months.incident(person, "t-steps", date(2026, 10, 9))
    later = months.incident(person, "t-steps", date(2026, 10, 20))
    (proposal,) = Proposal.objects.filter(state="open")
    assert [each["incident"] for each in proposal.evidence["incidents"]] == [later.pk]
    assert proposal.evidence["opening"]["value"] == "2"


def test_what_one_more_would_cost_counts_from_the_day_after(bring: Bring, person: Staff) -> None:
    months.incident(person, "t-steps", date(2026, 10, 9))
    bring("1001,次数,t-steps,2026-10-14,1,")
    new = Incident(
        staff=person, code="t-steps", work_date=date(2026, 10, 20),
        provision=Provision.objects.get(code="t-steps"),
    )  # fmt: skip
    (foreseen,) = ledgers_foresee([new])
    assert foreseen.assessment is not None
    assert (foreseen.nth, foreseen.assessment.money, foreseen.later) == (2, D("-100.00"), D(0))


def test_settlement_counts_none_twice(bring: Bring, department: Department, person: Staff) -> None:
    bring("1001,次数,t-rated,2026-10-14,1,", "1001,次数,t-late,2026-10-14,2,")
    months.incident(person, "t-rated", date(2026, 10, 9))
    months.incident(person, "t-rated", date(2026, 10, 16))
    for day in (9, 12, 19):
        attendance_record(
            staff=person, work_date=date(2026, 10, day), late_minutes=12, by=None, at=months.LONG_AGO
        )
    found = amounts(months.settled(department, OCTOBER))
    # The first and the second by their ranks, 1% each; of the late the first is free, the third costs more.
    assert (found["t-rated"], found["t-late"]) == (D("-60.00"), D("-60.00"))


def test_since_when_a_tier_is_held_is_stored_by_its_code(
    bring: Bring, department: Department, hr: Account
) -> None:
    factories.staff(department, "1002", name="李木", tier="senior")
    batch = bring("1002,任现职级起,高级客服,2026-03-01,1,聘书")
    assert batch.summary["created"] == 1
    row = OpeningBalance.objects.get()
    assert (row.kind, row.code, row.on, row.by) == ("tier", "senior", date(2026, 3, 1), hr)


def test_a_count_of_another_window_does_not_count(bring: Bring, person: Staff) -> None:
    bring("1001,次数,t-steps,2026-09-30,2,")
    months.incident(person, "t-steps", date(2026, 10, 20))
    assert fines() == {date(2026, 10, 20): D("-50.00")}
    assert "期初" not in MoneyEntry.objects.get().reason


def test_what_comes_late_moves_the_ranks_and_its_undo_moves_them_back(
    bring: Bring, person: Staff, hr: Account
) -> None:
    months.incident(person, "t-steps", date(2026, 10, 16))
    months.incident(person, "t-steps", date(2026, 10, 17))
    batch = bring("1001,被投诉,t-steps,2026-10-14,1,".replace("被投诉", "次数"))
    assert fines() == {date(2026, 10, 16): D("-100.00"), date(2026, 10, 17): D("0.00")}
    assert [each.evidence["opening"]["value"] for each in Proposal.objects.filter(state="open")] == ["1"]
    batch_undo(batch=batch, by=hr, at=moment("2026-10-21 10:00"))
    assert fines() == {date(2026, 10, 16): D("-50.00"), date(2026, 10, 17): D("-100.00")}
    assert not OpeningBalance.objects.exists() and not Proposal.objects.filter(state="open").exists()


def test_a_corrected_sheet_replaces_and_zero_takes_away(bring: Bring, person: Staff) -> None:
    months.incident(person, "t-steps", date(2026, 10, 16))
    bring("1001,次数,t-steps,2026-10-14,2,")
    batch = bring("1001,次数,t-steps,2026-10-14,0,记错了")
    assert batch.summary["changed"] == 1 and batch.summary["created"] == 0
    assert fines() == {date(2026, 10, 16): D("-50.00")}
    assert OpeningBalance.objects.get().value == 0
    again = bring("1001,次数,t-steps,2026-10-14,0,记错了", "1001,得分,,2026-09-30,7,")
    assert (again.summary["created"], again.summary["unchanged"]) == (1, 1)


def test_reversing_an_incident_keeps_what_was_brought_along(bring: Bring, person: Staff) -> None:
    bring("1001,次数,t-steps,2026-10-14,1,")
    first = months.incident(person, "t-steps", date(2026, 10, 16))
    months.incident(person, "t-steps", date(2026, 10, 17))
    incident_reverse(incident=first, on=date(2026, 10, 18), reason="误记", by=None, at=months.LONG_AGO)
    assert fines() == {date(2026, 10, 16): D("0.00"), date(2026, 10, 17): D("-100.00")}


def test_settlement_counts_rates_and_late_arrivals_after_what_was_brought_along(
    bring: Bring, department: Department, person: Staff
) -> None:
    bring("1001,次数,差错,2026-09-30,2,", "1001,次数,t-late,2026-10-14,2,")
    months.incident(person, "t-rated", date(2026, 10, 16))
    attendance_record(
        staff=person, work_date=date(2026, 10, 19), late_minutes=12, by=None, at=months.LONG_AGO
    )
    period = months.settled(department, OCTOBER)
    found = amounts(period)
    assert (found["t-rated"], found["t-late"]) == (D("-150.00"), D("-50.00"))
    for line in PayLine.objects.filter(payslip__period=period, code__in=["t-rated", "t-late"]):
        assert "含期初2次（截至" in line.reason and any(
            "含期初2次" in step for step in line.trace["arithmetic"]
        )


def test_bands_look_back_on_points_brought_along(bring: Bring, department: Department, person: Staff) -> None:
    bring("1001,得分,,2026-08-31,4,", "1001,得分,,2026-09-30,5,")
    months.incident(person, "t-points", date(2026, 10, 5))
    months.settled(department, OCTOBER)
    (proposal,) = Proposal.objects.filter(code="t-band")
    assert proposal.evidence["得分"] == ["4", "5", "4"]
    assert any("2026年09月5分（截至2026-09-30，hr-li" in told for told in proposal.evidence["期初得分"])
    boss = factories.account("manager", department)
    (shown,) = points_of(list(people_with_points(boss, department, OCTOBER)), department, OCTOBER)
    assert [(each.month, each.points, each.is_opening) for each in shown.months[1:3]] == [
        (SEPTEMBER, D(5), True),
        (AUGUST, D(4), True),
    ]
    assert [band.months for band in shown.bands] == [3]


def test_a_loss_is_taken_once_within_its_limit_and_the_rest_waits(
    bring: Bring, department: Department, person: Staff
) -> None:
    bring("1001,未扣损失,t-loss,2026-10-14,800.00,")
    october = months.approved(department, OCTOBER)
    november = months.approved(department, NOVEMBER)
    december = months.settled(department, date(2026, 12, 1))
    taken = [amounts(period).get("t-loss") for period in (october, november, december)]
    assert taken == [D("-500.00"), D("-300.00"), None]
    first = PayLine.objects.get(payslip__period=october, code="t-loss")
    assert first.reason.startswith("期初未扣的“损失分担”800.00元（截至2026-10-14，hr-li")
    assert first.trace["opening"]["value"] == "800" and first.full_amount == D("-800.00")
    second = PayLine.objects.get(payslip__period=november, code="t-loss")
    assert second.origin_id == first.pk and second.trace["opening"]["recorded_by"] == "hr-li"


def test_a_corrected_loss_brings_the_difference(bring: Bring, department: Department, person: Staff) -> None:
    bring("1001,未扣损失,t-loss,2026-10-14,300.00,")
    months.approved(department, OCTOBER)
    bring("1001,未扣损失,t-loss,2026-10-14,250.00,", at=moment("2026-11-10 10:00"))
    assert amounts(months.settled(department, NOVEMBER))["t-loss"] == D("50.00")


def test_a_streak_goes_on_from_where_it_was(bring: Bring, department: Department, person: Staff) -> None:
    bring("1001,连续第一月数,连续第一,2026-09-30,2,")
    metric_record(
        department=department, staff=person, month=OCTOBER, code="appraisal_score", value=D(95),
        as_of=last_of(OCTOBER), source="测试", by=None, at=months.LONG_AGO,
    )  # fmt: skip
    line = PayLine.objects.get(payslip__period=months.settled(department, OCTOBER), code="t-first")
    assert line.amount == D("30.00") and "含期初2个月（截至2026-09-30" in line.reason
    assert line.trace["facts"]["opening"]["value"] == "2"


def test_what_an_approved_month_was_settled_with_is_not_undone(
    bring: Bring, department: Department, person: Staff, hr: Account
) -> None:
    batch = bring("1001,未扣损失,t-loss,2026-10-14,300.00,")
    months.approved(department, OCTOBER)
    with pytest.raises(ImportRefused, match="工资已定"):
        batch_undo(batch=batch, by=hr, at=moment("2026-11-10 10:00"))
    assert OpeningBalance.objects.get().value == D("300.00")


def test_the_months_since_are_said_to_have_changed(bring: Bring, department: Department) -> None:
    months.agent(department)
    bring("1001,得分,,2026-08-31,4,")
    touched = FactChange.objects.filter(source="opening").values_list("month", flat=True)
    assert set(touched) == {AUGUST, SEPTEMBER, OCTOBER}


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("9,次数,t-steps,2026-10-14,1,", "工号", "没有此工号"),
        ("1001,次数,t-steps,2026-10-21,1,", "截至日期", "还没有到"),
        ("1001,次数,t-steps,2019-12-31,1,", "截至日期", "才入职"),
        ("1001,次数,,2026-10-14,1,", "条款", "没有写条款"),
        ("1001,次数,t-nothing,2026-10-14,1,", "条款", "没有这一条"),
        ("1001,连续第一,t-steps,2026-10-14,1,", "条款", "没有连续第一月数"),
        ("1001,次数,t-band,2026-10-14,1,", "条款", "没有次数"),
        ("1001,未扣损失,t-first,2026-10-14,1,", "条款", "没有未扣损失"),
        ("1001,得分,t-points,2026-10-14,1,", "条款", "不属于哪一条"),
        ("1001,次数,t-steps,2026-10-14,1.5,", "数值", "应为整数"),
        ("1001,次数,t-steps,2026-10-14,1001,", "数值", "太大"),
        ("1001,未扣损失,t-loss,2026-10-14,0.001,", "数值", "小数太多"),
        ("1001,次数,t-steps,2026-10-14,-1,", "数值", "负"),
        ("1001,职级,t-steps,2026-10-14,1,", "期初项目", "职级"),
        ("1001,次数,被投诉,2026-10-14,2,", "截至日期", "第 2 行"),
        ("1001,任现职级起,高级客服,2026-03-01,1,", "条款", "现在的职级是空着的"),
        ("1001,任现职级起,t-steps,2026-03-01,1,", "条款", "要写职级"),
        ("1001,任现职级起,高级客服,2026-03-01,2,", "数值", "太大"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(
    bring: Bring, person: Staff, row: str, column: str, said: str
) -> None:
    with pytest.raises(SheetErrors) as refused:
        bring("1001,次数,t-steps,2026-10-14,1,", row)
    assert f"第 3 行「{column}」" in str(refused.value) and said in str(refused.value)
    assert not OpeningBalance.objects.exists() and not ImportBatch.objects.exists()


def test_only_who_prepares_pay_brings_balances(department: Department, hr: Account) -> None:
    supervisor = factories.account("supervisor", department)
    assert "opening" in kinds_open_to(hr, department)
    assert "opening" not in kinds_open_to(supervisor, department)


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [("points", "t-x", "5"), ("count", "", "5"), ("count", "t-x", "1.5"), ("loss", "t-x", "-1")],
)
def test_the_database_refuses_what_is_no_balance(person: Staff, kind: str, code: str, value: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningBalance.objects.create(
            staff=person, kind=kind, code=code, on=date(2026, 10, 14), value=D(value), at=months.LONG_AGO
        )
