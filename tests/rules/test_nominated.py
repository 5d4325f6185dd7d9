"""Awards that people are nominated for: their criteria and what they pay, figure by figure."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.kinds import ParamError, parse_kind
from rules.kinds.base import FactRefused, Occurrence
from rules.kinds.nominated import Candidate, Certified, NominatedAward

DAY = date(2026, 10, 31)


def award(**params: Any) -> NominatedAward:
    kind, _ = parse_kind("nominated_award", {"amount": "100.00", **params})
    assert isinstance(kind, NominatedAward)
    return kind


def verdicts(hard: list[dict[str, Any]], who: Candidate) -> list[tuple[str, str]]:
    return [(each["verdict"], each["evidence"]) for each in award(hard=hard).judge(who)]


def test_the_closing_day_counts_and_lies_within_the_month() -> None:
    assert award(closes_on_day=25).closes_on(date(2026, 10, 1)) == date(2026, 10, 25)
    assert award(closes_on_day=31).closes_on(date(2026, 2, 1)) == date(2026, 2, 28)
    with pytest.raises(ParamError, match="提名截止日"):
        award(closes_on_day=0)


def test_it_pays_money_and_points_and_as_a_gift_points_alone() -> None:
    kind = award(points="5", gift=True)
    paid, gift = kind.assess([Occurrence(1, DAY), Occurrence(2, DAY, amount=Decimal(0))])
    assert (paid.money, paid.points) == (Decimal("100.00"), Decimal(-5))
    assert (gift.money, gift.points) == (Decimal("0.00"), Decimal(-5))
    assert gift.reason == "折合礼品发放，不发现金，加5分"
    with pytest.raises(FactRefused, match="金额由条款决定"):
        award().check(Occurrence(1, DAY, amount=Decimal(0)))


def test_a_refund_rate_of_six_percent_is_not_below_six_percent() -> None:
    hard = [{"metric": {"code": "refund_rate", "below": "0.06"}}]
    assert verdicts(hard, Candidate(metrics={"refund_rate": Decimal("0.06")})) == [("not_met", "退款率6%")]
    assert verdicts(hard, Candidate(metrics={"refund_rate": Decimal("0.0599")})) == [("met", "退款率5.99%")]


def test_the_first_place_is_shared_and_a_zero_wins_nothing() -> None:
    hard = [{"metric": {"code": "net_sales", "top": 1}}]
    values = [Decimal(90), Decimal(90), Decimal(10), Decimal(0)]

    def of(own: int) -> tuple[str, str]:
        who = Candidate(metrics={"net_sales": Decimal(own)}, rivals={"net_sales": values})
        return verdicts(hard, who)[0]

    assert of(90) == ("met", "净销售额90，4人中第1")
    assert of(10) == ("not_met", "净销售额10，4人中第3")
    nobody = Candidate(metrics={"net_sales": Decimal(0)}, rivals={"net_sales": [Decimal(0)]})
    assert verdicts(hard, nobody)[0][0] == "not_met"


def test_what_nobody_has_said_is_missing_and_never_zero() -> None:
    hard = [
        {"metric": {"code": "exam_score", "at_least": 85}},
        {"lateness": 0},
        {"away": 0},
        {"attested": "每月帮带同事"},
    ]
    found = verdicts(hard, Candidate())
    assert [verdict for verdict, _ in found] == ["missing"] * 4
    assert found[0][1] == "没有考试成绩；导入当月的考试成绩后再核对"


def test_an_open_complaint_keeps_the_question_open_unless_enough_are_upheld() -> None:
    hard = [{"complaints": 0}]
    assert verdicts(hard, Candidate())[0][0] == "met"
    assert verdicts(hard, Candidate(open_complaints=1))[0][0] == "missing"
    assert verdicts(hard, Candidate(complaints=1, open_complaints=1))[0] == ("not_met", "当月成立的客诉1件")


def test_counts_tenure_and_what_was_certified() -> None:
    hard = [
        {"lateness": 1},
        {"violations": 0},
        {"suggestions": 3},
        {"tenure_months": {"below": 3}},
        {"attested": "帮带"},
    ]
    said = {"帮带": Certified(True, "王认定满足")}
    who = Candidate(lateness=1, violations=1, suggestions=3, tenure_months=3, certified=said)
    assert [verdict for verdict, _ in verdicts(hard, who)] == ["met", "not_met", "met", "not_met", "met"]
