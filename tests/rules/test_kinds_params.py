"""Parameters are complete, typed and known; a blank stays a blank."""

from typing import Any

import pytest

from rules.forms.provisions import KIND_GROUPS
from rules.kinds import KINDS, ParamError, parse_kind

# Each kind with every parameter that its definition names.
COMPLETE: dict[str, dict[str, Any]] = {
    "fine": {
        **{"amount": "5.00", "unit": "seconds", "unit_size": 30, "rounding": "up", "max": "20.00"},
        "also": {"lead": "10.00"},
    },
    "range_fine": {"min": "20.00", "max": "1000.00"},
    "escalating_fine": {"steps": ["50", 100], "after": "double", "final": [{"at": 3, "proposal": "talk"}]},
    "points": {
        "deduct": {"min": "0.5", "max": 1},
        "thresholds": [{"count": 3, "total": 5}],
        "base": 10,
        "floor": 0,
    },
    "points_band": {"at_or_below": 5, "proposal": "warning", "months": 3, "again": True},
    "rate_deduction": {"of": "gross", "tiers": [{"from_count": 1, "rate": "0.01"}]},
    "day_pay": {"multiple": "0.5", "of": "base_pay", "divisor": "calendar_days", "day_amount": "80"},
    "award": {"amount": "50"},
    "range_award": {"min": 10, "max": 100},
    "late": {
        **{"grace_minutes": 5, "free_per_month": 2, "of": "base_pay", "with_early": True},
        **{"every": 3, "days": "0.5", "divisor": "21.75", "cumulative": True, "free_minutes": 30},
        "tiers": [{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "amount": "50"}],
        "counts_as": {"over_minutes": 30, "as": "short_absence", "days": "0.5"},
    },
    "early": {"grace_minutes": 5, "free_per_month": 2, "per_minute": "1"},
    "missing_punch": {
        **{"free_per_month": 1, "amount": "10"},
        "counts_as": {"from_count": 3, "as": "absence", "days": "0.5"},
    },
    "absence": {
        **{"category": "short", "multiple": 3, "of": "base_pay", "divisor": "21.75", "points": 5},
        "amount": "200",
        "proposal": {"consecutive_days": 3, "days_in_month": 5, "proposal": "termination"},
    },
    "leave": {
        "types": {
            "sick": {"multiple": "0.5", "needs_certificate": True, "without": "personal", "notice_days": 1},
            "personal,compensatory": {"fine": "30", "free_per_month": 4, "beyond": "absence"},
            "annual": {"notice_days": "3", "two_levels_from_days": "3"},
        }
    },
    "leave_balance": {
        **{"type": "annual", "accrual": "by_service", "table": [{"from_years": 1, "days": "5"}]},
        **{"carry_over": 3, "expires_on": "03-31", "expires_after": 400, "hours_per_day": "8"},
        **{"overtime": "any", "overtime_default": "pay", "beyond": "allow", "unit": "hour"},
    },
    "full_attendance": {"amount": "100", "forbids": ["late", "early", "absence", "leave"]},
    "overtime": {
        **{"per_hour": "20", "multiple": "1.5", "rest_multiple": 2, "holiday_multiple": "3"},
        **{"divisor": "21.75", "hours_per_day": 8, "holiday_duty": "hours"},
    },
    "commission": {
        **{"measure": "net_sales", "by": "conversion_rate", "scale": "whole", "requires_attribution": True},
        "refund_rate": "sale",
        "brackets": [{"from": 0, "rate": "0.01"}, {"above": "0.7", "piece": "2"}],
        "exclude": [{"from": "2026-11-11", "to": "2026-11-12"}, {"from": "11-11", "to": "11-11"}],
    },
    "guarantee": {
        "minimum": {"courier": "1800", "new": "1000", "*": "1"},
        "of": "c",
        "senior_from_months": 3,
    },
    "ranked_award": {
        **{"metric": "net_sales", "places": ["300", "200"], "order": "asc", "scope": "team"},
        **{"minimum": 100, "ties": "share"},
    },
    "streak_award": {"metric": "net_sales", "steps": ["50", "100"], "after": "none"},
    "score_award": {
        "by": "appraisal_score",
        "brackets": [{"from": 0, "amount": "-100"}, {"above": 80, "amount": 50}],
    },
    "attribution": {"tests": ["name", "last_served"], "mark": "蓝旗", "mark_required": True},
    "base_pay": {"by": "tenure_years", "table": [{"from": 0, "amount": "2000"}], "divisor": "21.75"},
    "allowance": {"amount": "100", "every": "month", "when": {"tenure_years": 2}},
    "shift_pattern": {
        "shifts": [
            {
                **{"name": "白班", "start": "08:30", "end": "17:30", "weekdays": [1, 7]},
                **{"break_start": "12:00", "break_end": "13:00", "from": "05-01"},
            }
        ],
        **{"extends": ["晚班"], "ready_minutes": 10, "minimum_staff": 1, "maximum_staff": 2},
        "service": [{"start": "09:00", "end": "21:00", "weekdays": [1, 7]}],
    },
    "rest": {
        **{"days_per_week": 1, "days_per_month": 3, "work_days_in_row": 6, "weekdays": [1, 5]},
        **{"holidays": True, "minimum_on_post": 1, "break_minutes": 30, "notice_days": 7},
    },
    "duty": {
        **{"every": "week", "weekday": 6, "day": 15, "time": "17:00", "min_length": 200},
        **{"shifts": ["晚班"], "proof": "handover", "missing": "x-01", "undone": "x-01"},
    },
    "discipline": {"level": "minor", "rate": "0.3", "of": "performance_bonus"},
    "case_type": {
        "fields": [{"name": "类别", "type": "choice", "choices": ["退货", "换货"], "required": False}],
        "causes": ["质量"],
        "steps": [
            {
                **{"code": "hear", "label": "受理", "by": ["holder", "gm"], "part": "investigator"},
                "brings": [{"name": "核实情况", "type": "text", "required": True}],
                "decisions": [{"label": "结案", "to": "closed", "event": "replied"}],
            }
        ],
    },
    "case_deadline": {
        **{"days": 7, "calendar": "business", "from": "received", "until": "closed", "ends": "day"},
        "unless": ["replied"],
        **{"types": ["x-01"], "remind_before": [48, 24], "escalate": ["supervisor"], "missed": "x-02"},
    },
    "loss_share": {
        **{"key": "base_points", "cap_rate": "0.5", "cap_of": "performance_bonus", "carry": True},
        **{"remainder": "last", "charged": "approval", "appeal_days": 3},
    },
    "retention": {"days": 180},
    "fund": {},
    "conduct": {"codes": ["c01", "c02"]},
    "text": {},
}


# A path of one step.
STEP = {"code": "a", "label": "受理", "by": ["holder"], "decisions": [{"label": "好", "to": "closed"}]}


def test_every_kind_has_a_complete_example() -> None:
    assert set(COMPLETE) == set(KINDS)


def test_every_kind_can_be_chosen_or_comes_from_the_library_alone() -> None:
    chosen = [name for _, names in KIND_GROUPS for name in names]
    assert sorted([*chosen, "shift_pattern", "rest", "duty"]) == sorted(KINDS)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_kind_takes_every_parameter_that_its_definition_names(name: str) -> None:
    _, blanks = parse_kind(name, COMPLETE[name])
    assert blanks == []


@pytest.mark.parametrize("name", COMPLETE)
def test_an_unknown_parameter_is_refused_by_name(name: str) -> None:
    with pytest.raises(ParamError, match="未知参数 surprise"):
        parse_kind(name, {**COMPLETE[name], "surprise": 1})


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("fine", {}, "缺少参数 amount（金额）"),
        ("fine", {"amount": 5.5}, "amount：应为数字，写成带引号的文字"),
        ("fine", {"amount": True}, "amount：应为数字"),
        ("fine", {"amount": "五元"}, "amount：不是数字"),
        ("fine", {"amount": "NaN"}, "amount：不是数字"),
        ("fine", {"amount": "-1"}, "amount：金额不能为负"),
        ("fine", {"amount": "1.005"}, "amount：金额最多两位小数"),
        ("fine", {"amount": "1", "unit": "hours"}, "unit：应为"),
        ("fine", {"amount": "1", "unit_size": 0}, "unit_size：应大于0"),
        ("range_fine", {"min": "10", "max": "9"}, "min 不能大于 max"),
        ("escalating_fine", {"steps": []}, "steps：至少1项"),
        ("escalating_fine", {"steps": "50"}, "steps：应为列表"),
        ("escalating_fine", {"steps": ["50"], "final": {"at": 3}}, "缺少参数 final[0].proposal"),
        (
            "escalating_fine",
            {"steps": ["5"], "final": {"at": 3, "proposal": "fire"}},
            "final[0].proposal：应为",
        ),
        (
            "points",
            {"deduct": "1", "thresholds": [{"count": "1.5", "total": 5}]},
            "thresholds[0].count：应为整数",
        ),
        (
            "rate_deduction",
            {"of": "gross", "tiers": [{"from_count": 1, "rate": 5}]},
            "tiers[0].rate：比例应在0与1之间",
        ),
        ("late", {"amount": "5", "points": "1"}, "amount、points、tiers、per_minute 只能给出一项"),
        ("late", {"grace_minutes": 5}, "amount、points、tiers、per_minute、every 至少给出一项"),
        ("missing_punch", {"amount": "5", "points": "1"}, "amount、points 只能给出一项"),
        ("leave_balance", {"type": "annual", "accrual": "yearly"}, "days 在每年或每月固定天数时须"),
        (
            "leave_balance",
            {"type": "annual", "accrual": "none", "days": 5},
            "days 在每年或每月固定天数时须",
        ),
        (
            "leave_balance",
            {"type": "annual", "accrual": "none", "table": [{"from_years": 1, "days": 5}]},
            "table 只用于按累计工龄",
        ),
        (
            "leave_balance",
            {
                "type": "annual",
                "accrual": "by_service",
                "table": [{"from_years": 10, "days": 5}, {"from_years": 1, "days": 5}],
            },
            "table 的年数应由小到大",
        ),
        ("late", {"every": 3}, "every、days 须一起给出"),
        ("late", {"every": 0, "days": "0.5"}, "every：应大于0"),
        ("early", {"per_minute": "1", "free_minutes": 30}, "须与 cumulative: true"),
        ("late", {"amount": "5", "cumulative": True}, "须与 per_minute 或 free_minutes 同写"),
        ("commission", {"measure": "sales", "rate": "0.1", "refund_rate": "sale"}, "只用于本人净销售额"),
        ("allowance", {"amount": "5", "in_month": "hours"}, "in_month：应为"),
        ("allowance", {"amount": "5", "per": "shift"}, "须与 per: shift 同写"),
        ("allowance", {"amount": "5", "shifts": ["night"]}, "须与 per: shift 同写"),
        ("allowance", {"amount": "5", "per": "day", "every": "year"}, "every 只能是 month"),
        (
            "late",
            {"tiers": [{"from_count": 1, "rate": "0.01", "amount": "1"}]},
            "tiers[0].rate、amount 须且只须",
        ),
        ("late", {"amount": "5", "with_early": "yes"}, "with_early：应为 true 或 false"),
        ("leave", {"types": {}}, "types 至少写一类假"),
        ("leave", {"types": {"sick": {}, "sick,personal": {}}}, "同一类假写了两次"),
        ("leave", {"types": {"sick": {"without": "nothing"}}}, "types.sick.without：应为"),
        ("shift_pattern", {"shifts": [{"name": "白班", "start": "8.30", "end": "17:30"}]}, "应为时刻"),
        ("shift_pattern", {"shifts": [{"name": "白班", "start": 510, "end": "17:30"}]}, "应为时刻"),
        ("shift_pattern", {"shifts": [{"name": "白班", "start": "08:60", "end": "17:30"}]}, "没有这个时刻"),
        ("shift_pattern", {"shifts": [{"name": "白班", "start": "24:01", "end": "1:00"}]}, "没有这个时刻"),
        (
            "shift_pattern",
            {"shifts": [{"name": "白班", "start": "08:00", "end": "17:00", "break_start": "12:00"}]},
            "须同时给出",
        ),
        (
            "shift_pattern",
            {
                "shifts": [
                    {
                        **{"name": "晚班", "start": "17:30", "end": "01:00"},
                        **{"break_start": "12:00", "break_end": "13:00"},
                    }
                ]
            },
            "应在上班与下班之间",
        ),
        (
            "shift_pattern",
            {"shifts": [{"name": "夏", "start": "08:00", "end": "17:00", "from": "02-30"}]},
            "每年的某一天",
        ),
        ("shift_pattern", {"service": [{"start": "09:00"}]}, "缺少参数 service[0].end（至）"),
        ("rest", {}, "days_per_week、days_per_month"),
        ("rest", {"weekdays": [0]}, "星期应为1（周一）至7（周日）"),
        ("duty", {"every": "fortnight"}, "every：应为"),
        ("duty", {"every": "month", "day": 32}, "day 应在1与31之间"),
        ("duty", {"every": "shift", "undone": "x-01"}, "undone 只用于 proof 为 handover"),
        ("full_attendance", {"amount": "1", "forbids": ["noise"]}, "forbids[0]：应为"),
        ("overtime", {"rest_multiple": 2}, "per_hour、multiple 至少给出一项"),
        ("overtime", {"multiple": "1.5", "hours_per_day": 0}, "hours_per_day：应大于0"),
        ("commission", {"measure": "net_sales"}, "rate、piece、brackets 须且只须给出一项"),
        (
            "commission",
            {"measure": "net_sales", "brackets": [{"rate": "0.1"}]},
            "brackets[0].from、above 须且只须",
        ),
        (
            "commission",
            {"measure": "sales", "rate": "0.1", "exclude": [{"from": "11-31", "to": "12-01"}]},
            "不是日期",
        ),
        (
            "commission",
            {"measure": "sales", "rate": "0.1", "exclude": [{"from": "11-11", "to": "2026-11-12"}]},
            "应同为",
        ),
        (
            "commission",
            {
                "measure": "sales",
                "by": "orders",
                "scale": "marginal",
                "brackets": [{"from": 0, "rate": "0.1"}],
            },
            "scale: marginal",
        ),
        ("base_pay", {"by": "tenure_years", "table": {"1": "5"}}, "table 应为"),
        ("points_band", {"at_or_below": 5, "proposal": "warning", "months": 0}, "至少为1"),
        ("absence", {"multiple": 1, "amount": "200"}, "amount（满建议的天数时罚款）须与 proposal"),
        ("discipline", {"level": "minor", "rate": "1.5"}, "rate：比例应在0与1之间"),
        ("case_deadline", {"days": 7, "hours": 2}, "days、hours 须且只须给出一项"),
        ("case_deadline", {"days": 367}, "days 应在1与366之间"),
        ("case_deadline", {"hours": 0}, "hours 应在1与8784之间"),
        ("case_deadline", {"days": 7, "from": "closed"}, "from 与 until 不能是同一件事"),
        ("case_deadline", {"days": 7, "unless": ["received"]}, "unless 不能是 from 或 until 的那件事"),
        ("case_deadline", {"days": 7, "unless": ["closed"]}, "unless 不能是 from 或 until 的那件事"),
        ("case_deadline", {"days": 7, "escalate": ["boss"]}, "escalate[0]：应为"),
        ("case_type", {"steps": []}, "steps：至少1项"),
        ("case_type", {"steps": [{**STEP, "by": ["boss"]}]}, "steps[0].by[0]：应为"),
        ("case_type", {"steps": [STEP, STEP]}, "步骤或栏目重复：a"),
        ("case_type", {"steps": [{**STEP, "decisions": [{"label": "好", "to": "b"}]}]}, "没有步骤 b"),
        (
            "case_type",
            {"steps": [{**STEP, "decisions": [{"label": "好", "to": "declined"}]}]},
            "没有一个决定通向结案",
        ),
        ("case_type", {"steps": [STEP, {**STEP, "code": "b", "label": "答复"}]}, "从第一步走不到“答复”"),
        (
            "case_type",
            {"fields": [{"name": "类别", "type": "choice"}], "steps": [STEP]},
            "fields[0].choices 只用于",
        ),
        ("loss_share", {"charged": "never"}, "charged：应为"),
        ("mystery", {}, "未知条款类型 mystery"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_place(name: str, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ParamError) as refused:
        parse_kind(name, params)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "params", "blanks"),
    [
        ("fine", {"amount": None}, ["amount"]),
        ("range_award", {"min": "0.01", "max": None}, ["max"]),
        ("escalating_fine", {"steps": ["50", None]}, ["steps[1]"]),
        ("late", {"amount": None}, ["amount"]),
        ("overtime", {"per_hour": None, "multiple": None}, ["per_hour", "multiple"]),
        ("overtime", {"multiple": "1.5", "rest_multiple": None}, []),
        ("commission", {"measure": "net_sales", "brackets": None}, ["brackets"]),
        (
            "commission",
            {"measure": "net_sales", "brackets": [{"from": None, "rate": "0.1"}]},
            ["brackets[0].from"],
        ),
        ("base_pay", {"by": "star", "table": None}, ["table"]),
        ("base_pay", {"table": {"junior": None}}, ["table.junior"]),
        ("points", {"deduct": None}, ["deduct"]),
        ("discipline", {"level": "warning", "rate": None}, ["rate"]),
        ("case_deadline", {"hours": None}, ["hours"]),
        ("retention", {"days": None}, ["days"]),
        ("guarantee", {"of": "c", "minimum": {"*": None}}, ["minimum.*"]),
    ],
)
def test_null_is_a_figure_left_open(name: str, params: dict[str, Any], blanks: list[str]) -> None:
    assert parse_kind(name, params)[1] == blanks


def test_null_for_a_parameter_with_a_default_is_the_default() -> None:
    kind, blanks = parse_kind("fine", {"amount": "5", "max": None, "unit": None})
    assert blanks == []
    assert (kind.max, kind.unit) == (None, "occurrence")
