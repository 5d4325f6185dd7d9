"""Criteria as pure rules: what is known of a person is met, not met or missing, with the earliest date."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.periods import shift_months
from promotions.criteria import Answer, Verdict, all_met, answer, any_met
from promotions.evidence import Exam, Facts, Look, Violation, Won, Word
from promotions.standings import Seat, Standings, places_of
from rules.kinds import parse_kind
from rules.kinds.ladder import Promotion

ON = date(2026, 10, 31)
SCORE = "appraisal_score"
MET, NOT_MET, MISSING = Verdict.MET, Verdict.NOT_MET, Verdict.MISSING
JUNIOR = Seat("agent", "junior", None, 1)
ME = 1
D88 = Decimal(88)


def facts(of: dict[int, list[Any]] | None = None, code: str = SCORE, **more: Any) -> Facts:
    """Somebody hired on 2026-01-01; `of`: figures by person of the months up to October, None where none."""
    values: dict[date, dict[int, Decimal]] = {}
    longest = max(map(len, (of or {}).values()), default=0)
    months = [shift_months(ON, -back) for back in range(longest - 1, -1, -1)]
    for who, row in (of or {}).items():
        for month, value in zip(months[-len(row) :], row, strict=True):
            if value is not None:
                values.setdefault(month, {})[who] = Decimal(value)
    seats = {shift_months(ON, -back): dict.fromkeys(of or (), JUNIOR) for back in range(12)}
    given: dict[str, Any] = {
        **{"who": ME, "on": ON, "hired_on": date(2026, 1, 1), "seat": JUNIOR, "since": {}},
        **{"standings": Standings({code: values}, seats), "grades": {}, "exams": {}, "awards": ()},
        **{"violations": (), "attested": {}, "known": {"x-award": frozenset({"x-award"})}},
    }
    return Facts(**{**given, **more})


def asked(criterion: dict[str, Any], of: Facts, *, since: date | None = None, until: date = ON) -> Answer:
    kind, _ = parse_kind("promotion", {"from": "junior", "to": "senior", "all_of": [criterion]})
    assert isinstance(kind, Promotion)
    first = since or of.hired_on
    look = Look(first, until, since or date(2026, 6, 1), (), ("x-1",))
    return answer(kind.all_of[0], of, look)


@pytest.mark.parametrize(
    ("verdicts", "all_of", "any_of"),
    [
        ([MET, MET], MET, MET),
        ([MET, MISSING], MISSING, MET),
        ([MET, NOT_MET, MISSING], NOT_MET, MET),
        ([NOT_MET, MISSING], NOT_MET, MISSING),
        ([NOT_MET, NOT_MET], NOT_MET, NOT_MET),
    ],
)
def test_verdicts_come_together(verdicts, all_of, any_of):
    assert (all_met(verdicts), any_met(verdicts)) == (all_of, any_of)


def test_who_ties_shares_a_place_and_zero_has_none():
    values = {1: Decimal(5), 2: Decimal(9), 3: Decimal(5), 4: Decimal(0), 5: Decimal(1)}
    assert places_of(values, descending=True) == {2: 1, 1: 2, 3: 2, 5: 4}
    assert places_of(values, descending=False) == {5: 1, 1: 2, 3: 2, 2: 4}


@pytest.mark.parametrize(
    ("hired", "verdict", "earliest"),
    [
        (date(2026, 7, 31), MET, None),
        (date(2026, 8, 1), NOT_MET, date(2026, 11, 1)),
        (date(2026, 8, 31), NOT_MET, date(2026, 11, 30)),
    ],
)
def test_tenure_is_complete_on_its_day(hired, verdict, earliest):
    found = asked({"tenure_months": 3}, facts(hired_on=hired))
    assert (found.verdict, found.earliest) == (verdict, earliest)
    assert f"{hired:%Y-%m-%d}" in found.evidence


def test_months_in_the_tier_count_from_its_day():
    assert asked({"tier_months": 4}, facts()).verdict is MET
    assert asked({"tier_months": 6}, facts()).earliest == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("own", "params", "verdict", "earliest"),
    [
        ([9, 9, 9], {"of_months": 3}, MET, None),
        ([9, 1, 9], {"of_months": 3}, NOT_MET, date(2026, 12, 31)),  # May is out of the window by then
        ([9, 1, 9], {"of_months": 3, "at_least": 2}, MET, None),
        ([9, 1, 9], {"of_months": 3, "at_least": 2, "consecutive": True}, NOT_MET, date(2026, 11, 30)),
        ([9, None, 9], {"of_months": 3}, MISSING, None),
        ([1, None, 9], {"of_months": 3}, NOT_MET, date(2026, 12, 31)),  # whatever September was
        ([0, 9, 9], {"of_months": 3}, NOT_MET, date(2026, 11, 30)),  # nothing at all has no place
    ],
)
def test_months_in_the_first_places(own, params, verdict, earliest):
    found = asked(
        {"months_in_top": {"metric": SCORE, "top": 1, **params}}, facts({ME: own, 2: [5] * len(own)})
    )
    assert found.verdict is verdict
    if verdict is not MISSING:
        assert found.earliest == earliest
    if None in own:
        assert "缺2026-09" in found.evidence


def test_what_was_before_the_first_figure_leads_nobody_down():
    outside = {"months_outside_top": {"metric": SCORE, "top": 1, "at_least": 3, "consecutive": True}}
    others = {2: [5, 5, 5, 5]}
    assert asked(outside, facts({ME: [1, 1, 1, 1], **others})).verdict is MET
    found = asked(outside, facts({ME: [None, None, 1, 1], **others}))
    assert (found.verdict, found.have, found.is_one_off) == (NOT_MET, 2, True)
    assert asked(outside, facts({ME: [1, None, 1, 1], **others})).verdict is MISSING
    assert asked(outside, facts({ME: [None] * 4, **others})).verdict is MISSING
    later = asked(outside, facts({ME: [1, 1, 1, 1], **others}), since=date(2026, 9, 1))
    assert (later.verdict, later.have) == (NOT_MET, 2)


def test_average_of_the_months_is_ranked_among_those_who_have_them_all():
    rank = {"average_rank": {"metric": SCORE, "top": 1, "months": 3}}
    found = asked(rank, facts({ME: [80, 90, 100], 2: [95, None, 95], 3: [89, 89, 89]}))
    assert (found.verdict, found.evidence) == (MET, "2026-08至2026-10月均考核得分90，第1名（2人有名次）")
    second = asked(rank, facts({ME: [80, 90, 100], 3: [91, 91, 91]}))
    assert (second.verdict, second.earliest) == (NOT_MET, date(2026, 11, 30))
    assert asked(rank, facts({ME: [80, None, 100]})).evidence == "缺2026-09的考核得分"
    new = asked(rank, facts({ME: [None, 90, 90], 2: [80] * 3}, hired_on=date(2026, 9, 10)))
    assert (new.verdict, new.earliest) == (NOT_MET, date(2026, 11, 30))


def test_places_may_be_of_the_team_or_the_level_and_leave_levels_out():
    of = facts({ME: [80], 2: [95], 3: [99]})
    month = date(2026, 10, 1)
    reserve_seat = Seat("agent", "reserve_supervisor", None, 1)
    seats = {month: {ME: JUNIOR, 2: JUNIOR._replace(team_id=2), 3: reserve_seat}}
    of = of._replace(standings=Standings(of.standings.values, seats))
    rank = {"metric": SCORE, "top": 1, "months": 1}
    assert asked({"average_rank": rank}, of).verdict is NOT_MET
    without = {**rank, "without": ["reserve_supervisor"]}
    assert "第2名" in asked({"average_rank": without}, of).evidence
    assert asked({"average_rank": {**without, "scope": "team"}}, of).verdict is MET
    assert "第2名" in asked({"average_rank": {**rank, "scope": "level"}}, of).evidence
    reserve = of._replace(who=3, seat=reserve_seat)
    assert "不参加" in asked({"average_rank": without}, reserve).evidence


@pytest.mark.parametrize(
    ("own", "params", "verdict"),
    [
        ([80, 80], {"at_least": 80, "months": 2}, MET),
        ([79, 80], {"at_least": 80, "months": 2}, NOT_MET),
        ([None, 80], {"at_least": 80, "months": 2}, MISSING),
        ([None, 79], {"at_least": 80, "months": 2}, NOT_MET),
        ([79, 81], {"at_least": 80, "months": 2, "of": "average"}, MET),
        ([None, 90], {"at_least": 80, "months": 2, "of": "average"}, MISSING),
        ([1, 0], {"at_least": 1, "months": 2, "of": "sum"}, MET),
        ([None, 1], {"at_least": 1, "months": 2, "of": "sum"}, MET),  # no figure takes it away
        ([None, 0], {"at_least": 1, "months": 2, "of": "sum"}, MISSING),
        ([5, 5], {"below": 6, "months": 2}, MET),
        ([5, 6], {"below": 6, "months": 2}, NOT_MET),
    ],
)
def test_a_figure_in_each_month_on_average_or_together(own, params, verdict):
    assert asked({"metric": {"code": SCORE, **params}}, facts({ME: own, 2: [1, 1]})).verdict is verdict


@pytest.mark.parametrize(
    "criterion",
    [
        {"metric": {"code": "satisfaction", "at_least": "0.9"}},
        {"average_rank": {"metric": "satisfaction", "top": 3, "months": 3}},
        {"months_in_top": {"metric": "satisfaction", "top": 3, "of_months": 3}},
        {"months_outside_top": {"metric": "satisfaction", "top": 3, "at_least": 3}},
    ],
)
def test_a_metric_that_nobody_imports_is_missing_by_name(criterion):
    found = asked(criterion, facts({ME: [80]}))
    assert found.verdict is MISSING
    assert found.evidence == "没有人导入过满意度；导入这项指标后才能判断"


Q = {"Q4": date(2025, 10, 1), "Q1": date(2026, 1, 1), "Q2": date(2026, 4, 1), "Q3": date(2026, 7, 1)}


@pytest.mark.parametrize(
    ("held", "params", "verdict", "earliest"),
    [
        ({"Q3": "A"}, {"grade": "A"}, MET, None),
        ({"Q3": "B"}, {"grade": "A"}, NOT_MET, date(2026, 12, 31)),
        ({"Q3": "A"}, {"grade": "B", "or_better": True}, MET, None),
        ({"Q3": "D"}, {"grade": "C", "or_worse": True}, MET, None),
        ({"Q3": "B"}, {"grade": "C", "or_worse": True}, NOT_MET, date(2026, 12, 31)),
        ({}, {"grade": "A"}, MISSING, None),
        ({"Q2": "A", "Q3": "A"}, {"grade": "A", "count": 2, "consecutive": True}, MET, None),
        ({"Q1": "A", "Q2": "B", "Q3": "A"}, {"grade": "A", "count": 2}, MET, None),
        (
            {"Q1": "A", "Q2": "B", "Q3": "A"},
            {"grade": "A", "count": 2, "consecutive": True},
            NOT_MET,
            date(2026, 12, 31),
        ),
        ({"Q1": "A", "Q3": "A"}, {"grade": "A", "count": 2, "consecutive": True}, MISSING, None),
        ({"Q1": "A", "Q2": "B", "Q3": "B"}, {"grade": "A", "of_quarters": 2}, NOT_MET, date(2026, 12, 31)),
        ({"Q2": "A", "Q3": "A"}, {"grade": "A", "count": 3, "of_quarters": 3}, MISSING, None),
    ],
)
def test_grades_of_quarters(held, params, verdict, earliest):
    found = asked({"grades": params}, facts(grades={Q[name]: grade for name, grade in held.items()}))
    assert (found.verdict, found.earliest) == (verdict, earliest)


def test_grades_count_from_the_day_of_the_level_and_before_its_end():
    grades = {Q["Q1"]: "B", Q["Q2"]: "B", Q["Q3"]: "A"}
    twice = {"grades": {"grade": "B", "count": 2, "consecutive": True}}
    assert asked(twice, facts(grades=grades), since=date(2026, 1, 1)).verdict is MET
    assert asked(twice, facts(grades=grades), since=date(2026, 4, 1)).verdict is NOT_MET
    assert asked(twice, facts(grades=grades), until=date(2026, 5, 31)).verdict is NOT_MET


def test_awards_of_a_code_that_the_rules_do_not_have_are_missing():
    won = [Won(date(2026, 3, 1), "x-award", 1), Won(date(2026, 5, 1), "x-award", 1)]
    assert asked({"awards": {"code": "x-award", "count": 2}}, facts(awards=won)).verdict is MET
    found = asked({"awards": {"code": "x-award", "count": 3}}, facts(awards=won))
    assert (found.verdict, found.have, found.need) == (NOT_MET, 2, 3)
    gone = asked({"awards": {"code": "x-gone"}}, facts(awards=won))
    assert (gone.verdict, "x-gone" in gone.evidence) == (MISSING, True)


@pytest.mark.parametrize(
    ("months", "on", "verdict", "earliest"),
    [
        (6, date(2026, 4, 30), MET, None),
        (6, date(2026, 5, 1), NOT_MET, date(2026, 11, 1)),
        (12, date(2025, 6, 1), NOT_MET, date(2027, 1, 1)),  # nothing since, but not so long in the house
        ("employment", date(2026, 2, 1), NOT_MET, None),
        ("tier", date(2026, 5, 31), MET, None),
        ("tier", date(2026, 6, 1), NOT_MET, None),
    ],
)
def test_no_violation_for_so_long(months, on, verdict, earliest):
    found = asked({"no_violation_months": months}, facts(violations=[Violation(on, "态度差")]))
    assert (found.verdict, found.earliest) == (verdict, earliest)


def test_an_exam_once_passed_is_passed():
    failed, passed = Exam(date(2026, 3, 1), False, Decimal(50)), Exam(date(2026, 4, 1), True, Decimal(88))
    exam = {"passed_exam": "probation"}
    assert asked(exam, facts()).verdict is MISSING
    assert asked(exam, facts(exams={"probation": [failed]})).verdict is NOT_MET
    assert asked(exam, facts(exams={"probation": [failed, passed]})).evidence.endswith("88分，合格")
    assert asked(exam, facts(exams={"x-1": [passed]})).verdict is MET  # named like the provision
    assert asked(exam, facts(exams={"other": [passed]})).verdict is MISSING


def test_the_newest_word_since_the_level_began_counts_of_the_item_or_the_whole():
    criterion = {"attested": "独立接待"}
    before = {"x-1": {"独立接待": Word(date(2026, 5, 1), 1, True, "早先", "甲")}}
    assert asked(criterion, facts(attested=before)).verdict is MISSING
    said = {
        "独立接待": Word(date(2026, 7, 1), 2, False, "还要带", "甲"),
        "": Word(date(2026, 7, 1), 3, True, "评审会", "乙"),
        "另一项": Word(date(2026, 8, 1), 4, False, "不行", "甲"),
    }
    found = asked(criterion, facts(attested={"x-1": said}))
    assert (found.verdict, found.evidence) == (MET, "2026-07-01由乙认定符合：评审会")


def test_two_results_of_one_day_one_of_them_without_a_score_are_both_seen():
    on = date(2026, 4, 1)
    taken = [Exam(on, False, Decimal(50)), Exam(on, False, None), Exam(on, True, None), Exam(on, True, D88)]
    assert asked({"passed_exam": "probation"}, facts(exams={"probation": taken})).evidence.endswith(
        "88分，合格"
    )


def test_violations_of_the_end_of_a_month_are_clear_on_the_day_that_was_named():
    old = [Violation(date(2025, 11, 30), "态度差")]
    before = facts(violations=old, on=date(2026, 2, 27), hired_on=date(2025, 1, 1))
    found = asked({"no_violation_months": 3}, before)
    assert (found.verdict, found.earliest) == (NOT_MET, date(2026, 2, 28))
    then = before._replace(on=date(2026, 2, 28))
    assert asked({"no_violation_months": 3}, then).verdict is MET


def test_who_has_a_role_that_a_provision_does_not_rank_takes_no_part_in_its_months():
    of = facts({ME: [None, 1, 1], 2: [5, 5, 5]})
    seats = {month: dict(there) for month, there in of.standings.seats.items()}
    seats[date(2026, 8, 1)][ME] = JUNIOR._replace(role="lead")
    of = of._replace(standings=Standings(of.standings.values, seats))
    kind, _ = parse_kind(
        "demotion",
        {
            **{"from": "senior", "to": "junior"},
            "any_of": [
                {"months_outside_top": {"metric": SCORE, "top": 1, "at_least": 3}},
                {"average_rank": {"metric": SCORE, "top": 1, "months": 3}},
            ],
        },
    )
    look = Look(of.hired_on, ON, of.hired_on, ("agent",), ("x-1",))
    months, _ = (answer(each, of, look) for each in kind.any_of)
    assert (months.verdict, months.have) == (NOT_MET, 2)
    assert "2026-08不参加排名" in months.evidence
