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
    "award": {"amount": "50", "points": "2"},
    "range_award": {"min": 10, "max": 100},
    "nominated_award": {
        **{"amount": "100", "points": 5, "closes_on_day": 25, "nominators": ["lead"], "gift": True},
        **{"places": 2, "people_per_place": 10, "shortlist": "x-shortlist", "voices": False},
        "hard": [
            {"metric": {"code": "satisfaction", "top": 1, "order": "desc"}},
            {"metric": {"code": "refund_rate", "below": "0.06"}},
            {"metric": {"code": "exam_score", "at_least": 85}},
            {"tenure_months": {"at_least": 1, "below": 6}},
            {"complaints": 0},
            {"lateness": 0},
            {"violations": 0},
            {"suggestions": 3},
            {"away": 0},
            {"attested": "帮带同事"},
        ],
    },
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
        "requires": [{"metric": "refund_rate", "below": "0.06"}, {"metric": "exam_score", "at_least": 80}],
    },
    "streak_award": {"metric": "net_sales", "steps": ["50", "100"], "after": "none"},
    "score_award": {
        "by": "appraisal_score",
        "brackets": [{"from": 0, "amount": "-100"}, {"above": 80, "amount": 50}],
    },
    "target": {
        **{"measure": "gross_profit", "target": {"formula": "promotion_cost * 10"}},
        **{"met": ["x-01", "x-02"], "missed": ["talk"]},
    },
    "evaluation": {
        "items": [
            {
                **{"name": "满意度", "source": "metric", "metric": "satisfaction", "weight": "60"},
                **{"scale": 100, "brackets": [{"from": 0, "score": 0}, {"above": "0.9", "score": 100}]},
            },
            {"name": "态度", "source": "supervisor", "weight": "40", "scale": 10},
        ],
        **{"missing": "reweigh", "except_tiers": ["reserve_supervisor"]},
    },
    "grade": {
        **{"by": "appraisal_score", "of": "average", "except_tiers": ["trial"]},
        "brackets": [{"from": 0, "grade": "D"}, {"above": 60, "grade": "C"}],
    },
    "attribution": {"tests": ["name", "last_served"], "mark": "蓝旗", "mark_required": True},
    "base_pay": {"by": "tenure_years", "table": [{"from": 0, "amount": "2000"}], "divisor": "21.75"},
    "promotion": {
        **{"from": "junior", "to": "intermediate", "way": "alternative"},
        "all_of": [
            {"tenure_months": 3},
            {"tier_months": 3},
            {
                "months_in_top": {
                    **{"metric": "net_sales", "top": 3, "of_months": 6, "at_least": 4},
                    **{"consecutive": True, "order": "asc", "scope": "level", "without": ["senior"]},
                }
            },
            {"average_rank": {"metric": "appraisal_score", "top": 3, "months": 3}},
            {"awards": {"code": "x-1", "count": 2}},
            {"no_violation_months": "employment"},
            {"passed_exam": "x"},
            {"metric": {"code": "orders", "at_least": "30", "months": 3, "of": "average"}},
            {"attested": "带教得力"},
        ],
        "any_of": [{"attested": True}, {"no_violation_months": 6}],
    },
    "demotion": {
        **{"from": "senior", "to": "intermediate", "within_months": 12, "all_of": [{"tier_months": 1}]},
        "any_of": [
            {"months_outside_top": {"metric": "net_sales", "top": 3, "at_least": 3}},
            {"grades": {"grade": "B", "count": 2, "consecutive": True, "or_better": False}},
            {"grades": {"grade": "C", "or_worse": True, "of_quarters": 4}},
            {"metric": {"code": "target_rate", "below": 1}},
        ],
    },
    "allowance": {"amount": "100", "every": "month", "when": {"tenure_years": 2}, "each_year": True},
    "contribution": {
        **{"item": "pension", "rate": "0.08", "employer_rate": "0.16", "amount": "3.00"},
        **{"employer_amount": "5", "base_min": "4492.00", "base_max": "24042", "base_step": 1},
        **{"rounding": "jiao_up", "employer_rounding": "jiao", "cutoff_day": 20, "leaver": "cutoff"},
    },
    "income_tax": {
        **{"allowance": "5000", "before_tax": ["performance", "discipline"]},
        "bands": [{"above": 0, "rate": "0.03"}, {"above": "36000", "rate": "0.10"}],
    },
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
    "programme": {
        **{"within_days": 30, "counted": "working", "newcomers_per_mentor": 1},
        "steps": [
            {
                **{"code": "d22", "day": 22, "title": "转正考试", "topics": ["业务"], "teacher": "mentor"},
                "exam": {
                    **{"code": "final", "retake_after_days": 3, "retake": "again"},
                    "failed": ["extend_probation"],
                    **{"confirm_after_days": 1, "confirm_after_months": 1},
                },
            },
            {"code": "d23", "day": 23, "title": "专项培训", "after_failing": "final"},
        ],
    },
    "fund": {},
    "conduct": {"codes": ["c01", "c02"]},
    "text": {},
}


DAY_ONE = {"code": "a", "day": 1, "title": "概况"}
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
        ("commission", {"measure": "sales", "rate": "0.1", "split": "equal"}, "split 只用于小组或部门的基数"),
        ("target", {"measure": "sales", "target": "1"}, "met、missed 至少给出一项"),
        ("target", {"measure": "sales", "target": {"formula": "a *"}, "met": "x"}, "公式“a *”读不懂"),
        ("target", {"measure": "sales", "target": {"formula": "a ** 9"}, "met": "x"}, "有不能用的写法"),
        ("target", {"measure": "sales", "target": {"formula": "f(1, 2)"}, "met": "x"}, "有不能用的写法"),
        ("target", {"measure": "sales", "target": {"formula": "'a' * 9"}, "met": "x"}, "有不能用的写法"),
        ("target", {"measure": "sales", "target": {"formula": "1e13"}, "met": "x"}, "太大"),
        ("target", {"measure": "sales", "target": {"formula": "(" * 201}, "met": "x"}, "超过200个字"),
        (
            "ranked_award",
            {"metric": "sales", "places": ["1"], "requires": {"metric": "refund_rate"}},
            "below、at_least 须且只须给出一项",
        ),
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
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"tenure": 3}]},
            "未知参数 all_of[0].tenure；可用：tenure_months、",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"tenure_months": 3, "attested": True}]},
            "attested 须且只须给出一项",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "any_of": ["tenure_months"]},
            "any_of[0]：应为键值表",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"grades": {"grade": "E"}}]},
            "all_of[0].grades.grade：应为 A、B、C、D 之一",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"metric": {"code": "orders"}}]},
            "all_of[0].metric.at_least、below 须且只须",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"months_in_top": {"metric": "sales", "top": 3}}]},
            "all_of[0].months_in_top.of_months、at_least 至少给出一项",
        ),
        (
            "promotion",
            {"from": "trial", "to": "junior", "all_of": [{"average_rank": {"metric": "sales", "top": 3}}]},
            "缺少参数 all_of[0].average_rank.months",
        ),
        ("promotion", {"from": "trial", "to": "junior"}, "all_of、any_of 至少给出一项"),
        (
            "promotion",
            {"from": "senior", "to": "junior", "all_of": [{"tenure_months": 3}]},
            "高级客服到初级客服不是晋升",
        ),
        ("demotion", {"from": "1", "to": "2", "any_of": [{"attested": True}]}, "1星到2星不是降级"),
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
        ("programme", {"steps": [DAY_ONE, DAY_ONE]}, "步骤或考试的代码重复：a"),
        ("programme", {"steps": [{**DAY_ONE, "day": 2}, {**DAY_ONE, "code": "b"}]}, "按天数先后"),
        ("programme", {"steps": [{**DAY_ONE, "after_failing": "x"}]}, "前面没有考试 x"),
        ("programme", {"within_days": 30, "steps": [{**DAY_ONE, "day": 31}]}, "第31天超出了"),
        ("programme", {"steps": [{**DAY_ONE, "exam": {"code": "x", "confirm_after_months": 1}}]}, "有补考"),
        ("programme", {"steps": [{**DAY_ONE, "exam": {"code": "x", "retake": "y"}}]}, "有补考"),
        (
            "programme",
            {"steps": [{**DAY_ONE, "exam": {"code": "x", "retake": "x", "retake_after_days": 3}}]},
            "代码重复：x",
        ),
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
        ("contribution", {"item": "fund", "rate": "5"}, "rate：比例应在0与1之间"),
        ("contribution", {"item": "fund", "rate": "0.05", "cutoff_day": 0}, "cutoff_day 应在1与31之间"),
        (
            "contribution",
            {"item": "fund", "rate": "0.05", "base_min": 2, "base_max": 1},
            "base_min 不能大于 base_max",
        ),
        ("contribution", {"item": "fund", "rate": "0.05", "rounding": "up"}, "rounding：应为"),
        ("income_tax", {"bands": [{"above": 9, "rate": "0.03"}]}, "bands 的第一级应从0起"),
        (
            "income_tax",
            {"bands": [{"above": 0, "rate": 0}, {"above": 0, "rate": "0.1"}]},
            "bands 的级距应由小到大",
        ),
        ("income_tax", {"before_tax": ["fines"]}, "before_tax[0]：应为"),
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
        ("contribution", {"item": "fund", "rate": None, "employer_rate": None}, ["rate", "employer_rate"]),
        ("contribution", {"item": "fund", "rate": "0.05", "base_max": None}, []),
    ],
)
def test_null_is_a_figure_left_open(name: str, params: dict[str, Any], blanks: list[str]) -> None:
    assert parse_kind(name, params)[1] == blanks


def test_null_for_a_parameter_with_a_default_is_the_default() -> None:
    kind, blanks = parse_kind("fine", {"amount": "5", "max": None, "unit": None})
    assert blanks == []
    assert (kind.max, kind.unit) == (None, "occurrence")
