"""Newcomers go through a programme: what comes on which day, what was taken part in, what exams decide."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notices.models import Notice
from penalties.models import Proposal
from penalties.services import proposal_decide
from people.models import Account, Department, Staff
from tests import factories
from tests.training.conftest import START
from tests.training_objects import PROGRAMME, publish_programme
from training.errors import EnrolmentRefused, ResultRefused, StepRefused
from training.models import Enrolment, ExamResult, StepRecord
from training.plan import Plan, State
from training.selectors import exam_outcomes
from training.selectors.programmes import enrolments_of_batch, plan_on, plans_of
from training.services import exam_result_enter, exam_result_record
from training.services.programme_notices import steps_remind
from training.services.programmes import (
    enrolment_create,
    enrolment_end,
    enrolment_mentor_set,
    step_record,
    step_teacher_set,
)

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=factories.WHEN.tzinfo)


def day(number: int) -> date:
    """The day of the plan of who starts on START."""
    return START + timedelta(days=number - 1)


@pytest.fixture
def enrolment(newcomer: Staff, mentor: Staff, manager: Account) -> Enrolment:
    return enrolment_create(
        staff=newcomer, code="x-training", starts_on=START, mentor=mentor, by=manager, at=at(START)
    )


def states(plan: Plan) -> dict[str, str]:
    return {each.step.code: each.state.value for each in plan.steps}


def planned(enrolment: Enrolment, on: date) -> Plan:
    rows = Enrolment.objects.select_related("staff", "mentor", "provision")
    return plan_on(rows.get(pk=enrolment.pk), on)


def sat(newcomer: Staff, code: str, on: date, passed: bool) -> None:
    exam_result_record(staff=newcomer, code=code, on=on, passed=passed, by=None, at=at(on))


def open_proposals(staff: Staff) -> set[str]:
    return set(Proposal.objects.filter(staff=staff, state="open").values_list("kind", flat=True))


def test_steps_are_dated_from_the_first_day_and_keep_the_version_that_held_then(
    enrolment: Enrolment, department: Department
) -> None:
    publish_programme(department, number=2, on=day(2), steps=[{"code": "other", "day": 1, "title": "新计划"}])
    plan = planned(enrolment, day(2))
    dates = {each.step.code: each.on for each in plan.steps}
    assert dates == {"d1": day(1), "d2": day(2), "d3": day(3), "d22": day(22), "d23": day(23)}
    assert enrolment.batch == "2026-10"


def test_days_of_work_are_counted_where_the_programme_says_so(
    department: Department, newcomer: Staff, manager: Account
) -> None:
    publish_programme(department, number=2, on=START, counted="working")
    row = enrolment_create(
        staff=newcomer, code="x-training", starts_on=START, mentor=None, by=manager, at=at(START)
    )
    dates = [each.on for each in planned(row, START).steps[:3]]
    # Offices rest until the 7th; Saturday the 10th is worked in its place.
    assert dates == [date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10)]


def test_a_step_on_a_day_of_rest_is_late_only_after_the_next_day_of_work(enrolment: Enrolment) -> None:
    assert states(planned(enrolment, date(2026, 10, 8)))["d1"] == State.OPEN
    late = planned(enrolment, date(2026, 10, 9))
    assert states(late)["d1"] == State.OVERDUE
    assert [each.step.code for each in late.late] == ["d1", "d2", "d3"]


def test_the_mentor_records_the_own_step_and_what_was_missed_is_made_up(
    enrolment: Enrolment, mentor: Staff, manager: Account
) -> None:
    account = mentor.account
    assert account is not None
    step_record(enrolment=enrolment, step="d2", kind="absent", on=day(2), by=account, at=at(day(2)))
    assert states(planned(enrolment, day(2)))["d2"] == State.MISSED
    for _ in range(2):
        step_record(enrolment=enrolment, step="d2", kind="made_up", on=day(4), by=account, at=at(day(4)))
    assert states(planned(enrolment, day(4)))["d2"] == State.DONE
    assert StepRecord.objects.count() == 2
    step_record(enrolment=enrolment, step="d1", kind="present", on=day(1), by=manager, at=at(day(2)))
    assert planned(enrolment, day(4)).over_count == 3  # with the training that nobody needs yet


@pytest.mark.parametrize(
    ("step", "who", "on", "when", "said"),
    [
        ("d1", "mentor", 1, 1, "不由您登记"),
        ("d1", "newcomer", 1, 1, "不由您登记"),
        ("d2", "mentor", 2, 1, "还没有到"),
        ("d2", "mentor", 1, 2, "日期"),
        ("d3", "manager", 3, 3, "看成绩"),
        ("d23", "manager", 23, 24, "不需要"),
        ("x", "manager", 1, 1, "没有步骤"),
    ],
)
def test_a_step_that_cannot_be_recorded_so_is_refused(
    enrolment: Enrolment,
    mentor: Staff,
    newcomer: Staff,
    manager: Account,
    step: str,
    who: str,
    on: int,
    when: int,
    said: str,
) -> None:
    account = {"mentor": mentor.account, "newcomer": newcomer.account, "manager": manager}[who]
    assert account is not None
    with pytest.raises(StepRefused, match=said):
        step_record(enrolment=enrolment, step=step, kind="present", on=day(on), by=account, at=at(day(when)))
    assert not StepRecord.objects.exists()


def test_whoever_was_named_for_a_step_records_it(
    enrolment: Enrolment, department: Department, manager: Account
) -> None:
    teacher = factories.staff(department, "T1")
    account = factories.account("agent", staff=teacher)
    step_teacher_set(
        department=department, code="x-training", step="d1", staff=teacher, by=manager, at=at(day(1))
    )
    step_record(enrolment=enrolment, step="d1", kind="present", on=day(1), by=account, at=at(day(1)))
    assert states(planned(enrolment, day(1)))["d1"] == State.DONE


def test_who_fails_an_exam_without_a_second_try_is_proposed_and_a_correction_withdraws_it(
    enrolment: Enrolment, newcomer: Staff
) -> None:
    sat(newcomer, "basic", day(3), False)
    assert open_proposals(newcomer) == {"termination"}
    found = Proposal.objects.get()
    assert found.month == date(2026, 10, 1)
    assert found.evidence["reason"] == "“基本能力考试”10月07日不合格"
    sat(newcomer, "basic", day(3), True)  # of a day the newest holds
    assert open_proposals(newcomer) == set()
    assert states(planned(enrolment, day(4)))["d3"] == State.PASSED


def test_who_passes_the_final_exam_may_be_confirmed_the_next_day(
    enrolment: Enrolment, newcomer: Staff
) -> None:
    sat(newcomer, "final", day(22), True)
    plan = planned(enrolment, day(22))
    assert plan.confirmable_from == day(23)
    assert states(plan)["d23"] == State.SPARED
    assert open_proposals(newcomer) == set()


def test_who_fails_trains_specially_and_sits_again_three_days_later(
    enrolment: Enrolment, newcomer: Staff
) -> None:
    sat(newcomer, "final", day(22), False)
    plan = planned(enrolment, day(23))
    steps = {each.step.code: each for each in plan.steps}
    assert (steps["d22"].state, steps["d22"].next_on) == (State.RETAKE, day(25))
    assert (steps["d23"].state, steps["d23"].on) == (State.TODAY, day(23))
    assert open_proposals(newcomer) == set()
    sat(newcomer, "final", day(25), True)
    # A month from the day of joining, the 5th.
    assert planned(enrolment, day(25)).confirmable_from == date(2026, 11, 5)


def test_who_fails_again_is_proposed_for_both_and_a_decision_stays(
    enrolment: Enrolment, newcomer: Staff, manager: Account
) -> None:
    sat(newcomer, "final", day(22), False)
    sat(newcomer, "final", day(25), False)
    assert open_proposals(newcomer) == {"termination", "extend_probation"}
    extension = Proposal.objects.get(kind="extend_probation")
    proposal_decide(proposal=extension, accepted=True, decision="延长一个月", by=manager, at=at(day(26)))
    enrolment_end(enrolment=enrolment, on=day(26), why="延长试用", by=manager, at=at(day(26)))
    sat(newcomer, "basic", day(27), False)  # the programme is over: nothing follows from it any more
    assert Proposal.objects.get(kind="extend_probation").state == "accepted"
    assert Proposal.objects.get(kind="termination").state == "withdrawn"
    assert Proposal.objects.count() == 2


def named_retake(department: Department) -> None:
    """The final exam's second try has a code of its own."""
    steps: list[dict[str, Any]] = [dict(each) for each in PROGRAMME["params"]["steps"]]  # type: ignore[index]
    steps[3]["exam"] = {**steps[3]["exam"], "retake": "again"}
    publish_programme(department, number=2, on=START, steps=steps)


def test_the_second_try_has_the_code_that_the_programme_names(
    department: Department, newcomer: Staff, manager: Account
) -> None:
    named_retake(department)
    row = enrolment_create(
        staff=newcomer, code="x-training", starts_on=START, mentor=None, by=manager, at=at(START)
    )
    sat(newcomer, "final", day(22), False)
    sat(newcomer, "final", day(25), True)  # as a paper of the first name would have it
    outcomes = [each[1:4] for each in exam_outcomes([newcomer.pk], until=day(25))]
    assert outcomes == [("final", day(22), False), ("again", day(25), True)]
    plan = planned(row, day(25))
    assert states(plan)["d22"] == State.PASSED
    assert plan.confirmable_from == date(2026, 11, 5)
    sat(newcomer, "again", day(25), False)  # corrected: no try is left
    assert open_proposals(newcomer) == {"termination", "extend_probation"}
    sat(newcomer, "final", day(22), True)  # the first was marked wrongly: there is no second then
    assert open_proposals(newcomer) == set()
    assert planned(row, day(25)).confirmable_from == day(23)


def test_a_second_try_is_none_even_where_the_first_is_not_known(
    department: Department, newcomer: Staff, manager: Account
) -> None:
    named_retake(department)
    row = enrolment_create(
        staff=newcomer, code="x-training", starts_on=START, mentor=None, by=manager, at=at(START)
    )
    sat(newcomer, "again", day(25), True)
    assert planned(row, day(25)).confirmable_from == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"by": "own"}, "", "自己的由别人登记"),
        ({"by": "mentor"}, "", "由安排考试的人登记"),
        ({"note": " "}, "note", "说明须有"),
        ({"on": day(4)}, "on", "今天以前"),
        ({"on": day(0)}, "on", "在职期间"),
        ({"score": Decimal(-1)}, "score", "成绩在0到"),
    ],
)
def test_a_result_that_cannot_be_entered_so_is_refused(
    newcomer: Staff, mentor: Staff, manager: Account, given: dict[str, Any], field: str, said: str
) -> None:
    who = {"own": newcomer.account, "mentor": mentor.account, None: manager}[given.pop("by", None)]
    whole = {"on": day(3), "passed": True, "score": None, "note": "现场打字测试", **given}
    with pytest.raises(ResultRefused, match=said) as refused:
        exam_result_enter(staff=newcomer, code="basic", by=who, at=at(day(3)), **whole)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not ExamResult.objects.exists()


def test_an_exam_that_was_sat_late_moves_what_follows_from_it(enrolment: Enrolment, newcomer: Staff) -> None:
    sat(newcomer, "final", day(24), False)
    steps = {each.step.code: each for each in planned(enrolment, day(24)).steps}
    assert steps["d23"].on == day(25)
    assert steps["d22"].next_on == day(27)


def test_who_cannot_be_enrolled_so_is_refused(
    enrolment: Enrolment, newcomer: Staff, mentor: Staff, manager: Account
) -> None:
    stranger = factories.staff(factories.department("T2"))
    other = factories.staff(newcomer.department, "N2", hired_on=START)
    cases = [
        ({"staff": newcomer}, "正在参加"),
        ({"staff": other, "code": "nothing"}, "没有培训计划"),
        ({"staff": other, "starts_on": START - timedelta(days=1)}, "不在职"),
        ({"staff": other, "starts_on": date.max}, "超过一年"),
        ({"staff": other, "starts_on": START + timedelta(days=367)}, "超过一年"),
        ({"staff": other, "starts_on": START - timedelta(days=367)}, "超过一年"),
        ({"staff": other, "mentor": stranger}, "不在本部门"),
        ({"staff": other, "mentor": other}, "不能是本人"),
    ]
    for given, said in cases:
        base = {"code": "x-training", "starts_on": START, "mentor": mentor}
        with pytest.raises(EnrolmentRefused, match=said):
            enrolment_create(**{**base, **given}, by=manager, at=at(START))  # type: ignore[arg-type]
    assert Enrolment.objects.count() == 1


def test_a_programme_that_has_not_begun_is_ended_today_and_begun_anew(
    newcomer: Staff, manager: Account
) -> None:
    given = {"staff": newcomer, "code": "x-training", "mentor": None, "by": manager, "at": at(START)}
    wrong = enrolment_create(**given, starts_on=day(200))  # type: ignore[arg-type]
    for on in (day(0), day(2), day(200)):
        with pytest.raises(EnrolmentRefused, match="还没有开始"):
            enrolment_end(enrolment=wrong, on=on, why="日期写错", by=manager, at=at(START))
    wrong.refresh_from_db()
    assert wrong.ended_on is None
    ended = enrolment_end(enrolment=wrong, on=START, why="日期写错", by=manager, at=at(START))
    assert states(planned(ended, day(300)))["d1"] == State.AHEAD
    again = enrolment_create(**given, starts_on=START)  # type: ignore[arg-type]
    assert list(enrolments_of_batch(newcomer.department, again.batch)) == [again]
    assert not enrolments_of_batch(newcomer.department, wrong.batch).exists()


def test_a_mentor_guides_no_more_newcomers_than_the_rulebook_allows(
    department: Department, newcomer: Staff, mentor: Staff, manager: Account
) -> None:
    publish_programme(department, number=2, on=START, newcomers_per_mentor=1)
    given = {"code": "x-training", "starts_on": START, "by": manager, "at": at(START)}
    first = enrolment_create(staff=newcomer, mentor=mentor, **given)  # type: ignore[arg-type]
    other = factories.staff(department, "N2", hired_on=START)
    with pytest.raises(EnrolmentRefused, match="最多带1人"):
        enrolment_create(staff=other, mentor=mentor, **given)  # type: ignore[arg-type]
    enrolment_mentor_set(enrolment=first, mentor=None, by=manager, at=at(day(2)))
    assert enrolment_create(staff=other, mentor=mentor, **given).mentor == mentor  # type: ignore[arg-type]


def test_tomorrows_step_is_told_to_the_newcomer_and_the_teacher_once(
    enrolment: Enrolment, department: Department, newcomer: Staff, mentor: Staff
) -> None:
    for _ in range(2):
        steps_remind(department, at=at(day(1), 17))
    steps_remind(department, at=at(day(2), 17))
    told = Notice.objects.filter(source__startswith="step:").order_by("id")
    assert [(each.account_id, each.text) for each in told] == [
        (newcomer.account_id, "明天的培训：跟师傅接待"),
        (mentor.account_id, "新人甲明天的培训：跟师傅接待"),
        (newcomer.account_id, "明天考试：基本能力考试"),
    ]


def test_who_has_left_is_told_of_no_step(
    enrolment: Enrolment, department: Department, newcomer: Staff, mentor: Staff
) -> None:
    Staff.objects.filter(pk=mentor.pk).update(left_on=day(1))
    steps_remind(department, at=at(day(1), 17))
    assert Notice.objects.get(source__startswith="step:").account_id == newcomer.account_id


def test_plans_of_many_take_no_more_queries_than_that_of_one(
    enrolment: Enrolment, department: Department, mentor: Staff, manager: Account
) -> None:
    for number in range(20):
        staff = factories.staff(department, f"P{number}", hired_on=START)
        enrolment_create(
            staff=staff, code="x-training", starts_on=START, mentor=mentor, by=manager, at=at(START)
        )
    rows = list(Enrolment.objects.select_related("staff", "mentor", "provision"))
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as queries:
            assert len(plans_of(some, day(9))) == len(some)
        assert len(queries) == 5
