"""The figures of every kind read well in Chinese, and a blank is said to be one."""

from typing import Any

import pytest

from rules.kinds import KINDS, parse_kind
from rules.kinds.figures import figures_of

WORDS: list[tuple[str, dict[str, Any], str]] = [
    ("fine", {"amount": "10.00"}, "每次罚10元"),
    (
        "fine",
        {"amount": "5", "unit": "seconds", "unit_size": "30", "max": "50.00", "also": {"lead": "2.50"}},
        "每30秒罚5元，不足一个单位不计，每次最多50元，组长连带2.5元",
    ),
    ("fine", {"amount": None, "unit": "days"}, "每天罚［待填］元"),
    ("range_fine", {"min": "10.00", "max": None}, "罚10至［待填］元，由记录人定"),
    ("range_award", {"min": "10.00", "max": "100.00"}, "奖10至100元，由记录人定"),
    (
        "escalating_fine",
        {"steps": ["50.00", None], "after": "none", "final": [{"at": 3, "proposal": "termination"}]},
        "罚款第1次50元、第2次［待填］元，此后不再罚款；第3次建议终止劳动关系",
    ),
    (
        "escalating_fine",
        {"steps": ["0.00"], "after": "none", "final": {"at": 1, "proposal": "talk"}},
        "不罚款；第1次建议谈话",
    ),
    ("award", {"amount": "50.00"}, "每次奖50元"),
    ("award", {"amount": "100.00", "points": "5"}, "每次奖100元，加5分"),
    ("award", {"amount": "0.00", "points": "2"}, "每次奖0元，加2分"),
    (
        "nominated_award",
        {
            **{"amount": None, "gift": True, "closes_on_day": 25, "nominators": ["lead"]},
            "people_per_place": 10,
            "hard": [
                {"metric": {"code": "satisfaction", "top": 1}},
                {"metric": {"code": "refund_rate", "below": "0.06"}},
                {"complaints": 0},
                {"lateness": 0},
                {"suggestions": 3},
                {"tenure_months": {"below": 6}},
                {"away": 0},
                {"attested": "每月帮带同事"},
            ],
        },
        "每次奖［待填］元（可折合礼品）；每月25日（含）前由组长或主管提名，1个名额；各奖合计每10人一个名额；"
        "条件：满意度第一，退款率低于6%，当月没有客诉，当月没有迟到早退，当月采纳的建议3条以上，入职不满6个月，"
        "当月全勤，每月帮带同事",
    ),
    (
        "points",
        {"deduct": "0", "thresholds": [{"count": 3, "total": "5"}]},
        "满3次累计扣5分（每月基础10分）",
    ),
    (
        "points",
        {"deduct": {"min": "0.5", "max": "1"}, "floor": "2"},
        "每次扣0.5至1分，由记录人定（每月基础10分，最低2分）",
    ),
    (
        "points_band",
        {"at_or_below": "5", "proposal": "warning", "months": 3},
        "连续3个月得分不高于5分，建议警告",
    ),
    (
        "points_band",
        {"at_or_below": "5", "proposal": "warning", "months": 3, "again": True},
        "连续3个月得分不高于5分，建议警告，此后每月再提",
    ),
    (
        "rate_deduction",
        {
            "of": "base_pay",
            "tiers": [{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}],
        },
        "扣基本工资：第1次起每次1%，第3次起每次5%",
    ),
    (
        "programme",
        {
            "within_days": 30,
            "newcomers_per_mentor": 1,
            "steps": [
                {"code": "a", "day": 1, "title": "概况"},
                {
                    "code": "b",
                    "day": 22,
                    "title": "转正考试",
                    "exam": {
                        "code": "final",
                        "retake_after_days": 3,
                        "retake": "again",
                        "failed": ["termination", "extend_probation"],
                        "confirm_after_days": 1,
                        "confirm_after_months": 1,
                    },
                },
            ],
        },
        "2步，第1至22天（按日历天），入职后30天内完成，一个师傅同时最多带1人；"
        "第22天转正考试通过后1天可转正，不合格的3天后补考（again），补考通过的满1个月可转正，"
        "补考仍不合格的建议终止劳动关系、延长试用",
    ),
    ("day_pay", {"multiple": "1.5"}, "每天扣1.5倍日薪（日薪按基本工资÷21.75天）"),
    ("day_pay", {"multiple": None}, "每天扣［待填］倍日薪（日薪按基本工资÷21.75天）"),
    ("day_pay", {"day_amount": "80.00"}, "每天扣1倍日薪（日薪80元）"),
    (
        "late",
        {
            "grace_minutes": 5,
            "free_per_month": 2,
            "tiers": [{"from_count": 1, "amount": "10.00"}, {"from_count": 3, "rate": "0.01"}],
            "counts_as": {"over_minutes": 30, "as": "absence"},
            "with_early": True,
        },
        "5分钟以内不算，每月前2次免罚，第1次起每次罚10元，第3次起每次扣基本工资的1%，"
        "超过30分钟算旷工0.5天（与早退合并计次）",
    ),
    ("early", {"points": "0.5"}, "每次扣0.5分"),
    (
        "allowance",
        {"amount": "30.00", "per": "shift", "shifts": ["night", "晚班"]},
        "每个班（跨零点的班、晚班）30元",
    ),
    ("late", {"every": 3, "days": "0.5"}, "每满3次扣0.5天日薪（基本工资÷21.75）"),
    ("late", {"every": None, "days": "0.5"}, "每次罚［待填］元"),
    (
        "early",
        {"per_minute": "2.00", "cumulative": True, "free_minutes": 30},
        "分钟按月累计，前30分钟免罚，每分钟罚2元",
    ),
    (
        "missing_punch",
        {"amount": "10.00", "free_per_month": 1, "counts_as": {"from_count": 4, "as": "absence"}},
        "每月前1次免罚，每次罚10元，当月第4次起每次算旷工0.5天",
    ),
    (
        "absence",
        {"multiple": "2", "proposal": {"consecutive_days": "3", "proposal": ["termination", "talk"]}},
        "旷工：每天扣2倍日薪（日薪按基本工资÷21.75天）；连续3天建议终止劳动关系、谈话",
    ),
    ("absence", {"category": "short", "points": "2"}, "缺勤：每次扣2分"),
    (
        "absence",
        {"amount": "200.00", "proposal": {"consecutive_days": 3, "proposal": "termination"}},
        "旷工：连续旷工3天罚200元；连续3天建议终止劳动关系",
    ),
    (
        "leave",
        {
            "types": {
                "personal": {"multiple": "1", "fine": "30.00"},
                "sick,annual": {"free_per_month": 4, "beyond": "short_absence"},
                "marriage": {"notice_days": 7, "two_levels_from_days": 3},
            },
            "divisor": "calendar_days",
        },
        "事假每天扣1倍日薪，每天罚30元；病假、年假不扣钱，每月4次以内不扣，超出算缺勤；"
        "婚假不扣钱，提前7天申请，3天起两级审批（日薪按基本工资÷当月日历天数）",
    ),
    (
        "leave_balance",
        {"type": "annual", "accrual": "by_service", "carry_over": "3", "expires_on": "03-31"},
        "年假：每年按累计工龄满1年5天、满10年10天、满20年15天，年末至多结转3天，结转的用到次年3月31日，"
        "超过余额的不能请",
    ),
    (
        "leave_balance",
        {"type": "compensatory", "accrual": "overtime", "expires_after": 90, "beyond": "allow"},
        "调休：休息日的加班每8小时换一天，没有选的换调休，年末全部结转，取得后90天内用完，超过余额的可以预支",
    ),
    (
        "leave_balance",
        {"type": "sick", "accrual": "monthly", "days": "0.5", "carry_over": "none"},
        "病假：每月0.5天，年末不结转，超过余额的不能请",
    ),
    (
        "full_attendance",
        {"amount": "100.00", "forbids": ["late", "leave"]},
        "整月在岗奖100元，其间不得有迟到、请假",
    ),
    (
        "overtime",
        {"multiple": "1.5", "rest_multiple": "2", "holiday_multiple": "3"},
        "每小时付1.5倍时薪，休息日2倍，法定节假日3倍，节日值班不用申请（时薪按基本工资÷21.75天÷8小时）",
    ),
    (
        "contribution",
        {
            **{"item": "medical", "rate": "0.02", "employer_rate": "0.095", "amount": "3.00"},
            **{"base_min": "4492.00", "base_step": "1", "rounding": "jiao_up", "employer_rounding": "fen"},
        },
        "医疗保险：个人2%加3元，单位9.5%，基数下限4492元、不设上限，基数先取整到1元，见分进角，"
        "单位四舍五入到分，15日（含）前入职的当月缴，离职当月缴",
    ),
    (
        "contribution",
        {"item": "fund", "rate": None, "leaver": "unpaid", "rounding": "yuan"},
        "住房公积金：个人［待填］，单位0%，四舍五入到元，15日（含）前入职的当月缴，离职当月不缴",
    ),
    (
        "income_tax",
        {},
        "按累计预扣法，每月减除5000元，7级税率3%至45%；税前减少收入的扣款：绩效、待遇，其余税后扣",
    ),
    ("overtime", {"per_hour": "20.00"}, "每小时付1倍时薪（时薪20元）"),
    ("overtime", {"multiple": None}, "每小时付［待填］倍时薪（时薪按基本工资÷21.75天÷8小时）"),
    (
        "commission",
        {
            "measure": "net_sales",
            "by": "conversion_rate",
            "brackets": [{"from": "0", "rate": "0.01"}, {"above": "0.70", "rate": None}],
            "exclude": ["11-11"],
        },
        "净销售额的提成按询单转化率分档：达到0计1%，超过0.7计［待填］（达到的一档适用于全部）；"
        "每年11月11日付款的不计",
    ),
    (
        "commission",
        {"measure": "orders", "piece": "1.50", "requires_attribution": False},
        "订单数的提成为每件1.5元；不要求归属到人",
    ),
    (
        "guarantee",
        {"minimum": {"new": "1800.00", "*": "1500.00"}, "of": "c-01", "senior_from_months": 3},
        "c-01的提成每月保底新员工1800元，其余的人1500元（满3个月为老员工）",
    ),
    (
        "ranked_award",
        {"metric": "satisfaction", "places": ["100.00", "50.00"], "minimum": "90"},
        "全部门按满意度排名，高者在前，至少90：第1名奖100元，第2名奖50元（并列者各得该名次的奖）",
    ),
    (
        "ranked_award",
        {"metric": "net_sales", "places": ["150"], "requires": {"metric": "refund_rate", "below": "0.06"}},
        "全部门按净销售额排名，高者在前：第1名奖150元（并列者各得该名次的奖）；另须退款率低于6%",
    ),
    (
        "commission",
        {"measure": "net_sales", "rate": "0.1", "of": "team", "split": "equal"},
        "小组净销售额的提成为10%；平分",
    ),
    (
        "target",
        {"measure": "gross_profit", "target": {"formula": "promotion_cost*(3+7)"}, "met": "x-01"},
        "毛利须达到推广费×（3＋7）；达成才有x-01",
    ),
    (
        "target",
        {"measure": "conversion_rate", "target": "0.7", "met": ["x-01"], "missed": ["talk", "x-02"]},
        "询单转化率须达到70%；达成才有x-01；未达成才有谈话、x-02",
    ),
    ("target", {"measure": None, "target": None, "met": ["x-01"]}, "［待填］须达到［待填］；达成才有x-01"),
    (
        "streak_award",
        {"metric": "net_sales", "steps": ["50.00", "100.00"]},
        "净销售额连续第一：第1个月奖50元，第2个月奖100元，此后同最后一月",
    ),
    (
        "score_award",
        {
            "by": "exam_score",
            "brackets": [{"from": "90", "amount": "100.00"}, {"from": "0", "amount": "-50"}],
        },
        "按考试成绩：达到90奖100元，达到0扣50元",
    ),
    (
        "evaluation",
        {
            "items": [
                {"name": "转化", "source": "metric", "metric": "conversion_rate", "weight": "60"},
                {
                    **{"name": "守时", "source": "late", "weight": None, "scale": "10"},
                    "brackets": [{"from": "0", "score": "10"}, {"from": "1", "score": "5"}],
                },
            ],
            "except_tiers": ["reserve_supervisor"],
        },
        "每月考评：转化（询单转化率）60%，满分100；守时（迟到次数）［待填］，满分10，"
        "达到0得10分，达到1得5分；缺一项就不出总分；储备主管不参加",
    ),
    ("evaluation", {"items": None, "missing": "reweigh"}, "每月考评：［待填］；缺的项不计，其余按权重折算"),
    (
        "grade",
        {"brackets": [{"from": "90", "grade": "A"}, {"from": "80", "grade": "B"}]},
        "季度等级按考核得分的各月平均：达到90为A，达到80为B",
    ),
    (
        "grade",
        {"shares": [{"share": "0.2", "grade": "A"}, {"share": "0.8", "grade": "B"}]},
        "季度等级按考核得分的各月平均排名：20%为A，80%为B",
    ),
    ("grade", {"brackets": None}, "季度等级按考核得分的各月平均：［待填］"),
    (
        "attribution",
        {"tests": ["claim", "name"], "mark": "蓝旗"},
        "订单归谁依次看：认领后认定、备注里的姓名或别名，先成立的为准；备注还要有蓝旗，没有的也算；"
        "都不成立的不归任何人",
    ),
    (
        "base_pay",
        {"table": {"trial": "1800.00", "junior": None}},
        "每月按职级：试用1800元，初级客服［待填］元",
    ),
    (
        "base_pay",
        {"by": "tenure_years", "table": [{"from": "0", "amount": "2000.00"}]},
        "每月按年资：满0年2000元",
    ),
    ("base_pay", {"by": "star", "table": {"3": "3000.00"}}, "每月按星级：3星3000元"),
    (
        "allowance",
        {"amount": "100.00", "every": "quarter", "when": {"tenure_years": 2}},
        "每季100元，司龄满2年起",
    ),
    ("conduct", {"codes": ["不争执", "不泄露"]}, "不争执；不泄露"),
    ("text", {}, ""),
    (
        "shift_pattern",
        {
            "shifts": [
                {
                    **{"name": "白班", "start": "08:30", "end": "17:30", "from": "05-01"},
                    **{"break_start": "12:00", "break_end": "13:30", "weekdays": [1, 2]},
                },
                {"name": "晚班", "start": "17:30", "end": "01:00"},
                {"name": "夜班", "start": "16:00", "end": "24:00"},
                {"name": "机动", "start": None, "end": "18:00"},
            ],
            **{"extends": ["晚班"], "ready_minutes": 10, "minimum_staff": 1, "maximum_staff": 2},
        },
        "白班（5月1日起）08:30至17:30（12:00至13:30中断），限周一、周二；晚班17:30至次日01:00；"
        "夜班16:00至24:00；机动［待填］；晚班到点仍有客户咨询的，接待自动顺延；提前10分钟到岗；"
        "每班至少1人；每班至多2人",
    ),
    (
        "shift_pattern",
        {
            "service": [
                {"start": "08:00", "end": "22:00"},
                {"start": "22:00", "end": "06:00", "weekdays": [6, 7]},
                {"start": None, "end": "12:00"},
            ]
        },
        "每天08:00至22:00、周六、周日22:00至次日06:00、每天［待填］须有人值守",
    ),
    ("shift_pattern", {"service": [{"start": "00:00", "end": "24:00"}]}, "每天24小时须有人值守"),
    (
        "rest",
        {
            **{"days_per_week": 1, "work_days_in_row": 6, "weekdays": [1, 5], "holidays": True},
            **{"minimum_on_post": 1, "notice_days": 7, "break_minutes": 30},
        },
        "每周休1天，连续上班不超过6天，休息时至少1人留守，用餐休息30分钟，排班提前7天公布，"
        "休息日限周一、周五，法定节假日休息",
    ),
    ("rest", {"days_per_month": None}, "［待填］"),
    (
        "duty",
        {"every": "week", "weekday": 6, "time": "17:00", "min_length": 200, "missing": "x-01"},
        "每周六17:00前提交报告，至少200字，未完成按x-01",
    ),
    ("duty", {"every": "shift", "proof": "handover", "shifts": ["晚班"]}, "每班写交接本，限晚班"),
    (
        "duty",
        {"every": "shift", "proof": "handover", "missing": "x-01", "undone": "x-02"},
        "每班写交接本，未完成按x-01，签收的事项未办按x-02",
    ),
    ("duty", {"every": "month", "day": 5}, "每月5日提交报告"),
    ("duty", {"every": "quarter", "proof": "done"}, "每季登记完成"),
    ("duty", {"every": None}, "［待填］提交报告"),
    ("discipline", {"level": "minor", "rate": "0.3"}, "小过一次扣绩效奖金的30%"),
    ("discipline", {"level": "warning", "rate": None, "of": "base_pay"}, "警告一次扣基本工资的［待填］"),
    (
        "case_type",
        {
            "fields": [{"name": "客户要求"}],
            "steps": [
                {"code": "a", "label": "受理", "by": ["holder"], "decisions": [{"label": "受理", "to": "b"}]},
                {
                    **{"code": "b", "label": "答复", "by": ["holder"]},
                    "decisions": [{"label": "好", "to": "closed"}],
                },
            ],
        },
        "受理 → 答复，记录卡1栏",
    ),
    (
        "case_deadline",
        {"days": 7, "ends": "day", "escalate": ["supervisor", "gm"], "missed": "x-01"},
        "自接到投诉起7天内结案，到当天23:59，逾期依次告知主管、总经理，逾期按x-01",
    ),
    (
        "case_deadline",
        {"days": 2, "calendar": "business", "from": "served", "until": "revisited"},
        "自服务完成起2个工作日内回访",
    ),
    (
        "case_deadline",
        {"hours": 48, "calendar": "business", "from": "messaged", "until": "phoned"},
        "自留言或发短信起48小时内打电话，按工作时间计",
    ),
    ("case_deadline", {"hours": None}, "自接到投诉起［待填］内结案"),
    (
        "loss_share",
        {"remainder": "last", "charged": "approval", "carry": False},
        "损失按基点分担，每月至多扣绩效奖金的50%，超出的不再扣，扣在核准当月，分位尾差归最后一人",
    ),
    ("retention", {"days": 180}, "投诉人的姓名和电话在结案180天后删去"),
    ("retention", {"days": None}, "投诉人的姓名和电话在结案［待填］天后删去"),
    (
        "promotion",
        {
            "from": "junior",
            "to": "intermediate",
            "all_of": [
                {"tenure_months": 3},
                {"tier_months": 2},
                {
                    "average_rank": {
                        **{"metric": "appraisal_score", "top": 3, "months": 3},
                        "without": ["reserve_supervisor"],
                    }
                },
                {"grades": {"grade": "B", "count": 2, "consecutive": True, "or_better": True}},
                {"no_violation_months": 6},
                {"metric": {"code": "orders", "at_least": 30, "months": 3, "of": "average"}},
            ],
            "any_of": [{"attested": "带教得力"}, {"awards": {"code": "x-1", "count": None}}],
            "way": "alternative",
        },
        "初级客服升中级客服：同时满足入职满3个月，任现职级满2个月，"
        "最近3个月考核得分的平均居全部门（储备主管不参加）前3名，季度等级连续2次为B或以上，6个月内没有违纪，"
        "最近3个月订单数月均至少30；并且满足其一经认定：带教得力，获奖［待填］次（x-1）（另一条途径）",
    ),
    (
        "promotion",
        {"from": "1", "to": "2", "all_of": [{"passed_exam": "star"}, {"attested": True}]},
        "1星升2星：同时满足考试合格（star），经评审人认定",
    ),
    (
        "demotion",
        {
            "from": "senior",
            "to": None,
            "within_months": 12,
            "any_of": [
                {
                    "months_outside_top": {
                        **{"metric": "response_seconds", "top": 3, "at_least": 3, "consecutive": True},
                        **{"order": "asc", "scope": "team"},
                    }
                },
                {"months_in_top": {"metric": "net_sales", "top": 2, "of_months": 5}},
                {"grades": {"grade": "C", "or_worse": True, "of_quarters": 4}},
                {"metric": {"code": "target_rate", "below": 1}},
                {"no_violation_months": "tier"},
            ],
        },
        "高级客服降［待填］：满足其一最近12个月连续3个月平均响应秒数（低者在前）不在小组内前3名，"
        "最近5个月有5个月净销售额居全部门前2名，最近4个季度季度等级1次为C或以下，最近一个月目标完成率低于1，"
        "任现职级以来没有违纪（任职后12个月内）",
    ),
    ("fund", {}, "罚款归部门基金箱：现金交的收到时入账，随工资扣的发放时入账；按工资比例扣的不入"),
]


@pytest.mark.parametrize(("name", "params", "said"), WORDS)
def test_figures_read_in_chinese(name, params, said):
    assert parse_kind(name, params)[0].in_words() == said


def test_every_kind_has_words():
    assert {name for name, _, _ in WORDS} == set(KINDS)


def test_each_figure_reads_by_itself():
    kind, _ = parse_kind(
        "late",
        {
            "tiers": [{"from_count": 1, "rate": "0.015"}],
            "counts_as": {"over_minutes": 30, "as": "absence"},
            "with_early": True,
        },
    )
    figures = figures_of(kind)
    assert figures["各档"] == "自第几次1，比例1.5%"
    assert figures["算作缺勤或旷工"] == "超过分钟30，算作旷工"
    assert (figures["与早退合并计次"], figures["每次金额"], figures["基数"]) == ("是", "无", "基本工资")
    points = figures_of(parse_kind("points", {"deduct": {"min": "1", "max": None}})[0])
    assert points["每次扣分"] == "最低1，最高［待填］"
    pay = figures_of(parse_kind("base_pay", {"table": {"trial": "1800.00"}})[0])
    assert pay["工资表"] == "试用 1800元"
    assert figures_of(parse_kind("fine", {"amount": None})[0])["金额"] == "［待填］"
    duty = figures_of(parse_kind("duty", {"every": "week", "weekday": 6, "time": "17:00"})[0])
    assert (duty["周期"], duty["星期"], duty["时刻"]) == ("每周", "周六", "17:00")


def test_each_step_of_a_path_reads_by_itself():
    kind, _ = parse_kind(
        "case_type",
        {
            "fields": [
                {"name": "类别", "type": "choice", "choices": ["退货", "换货"]},
                {"name": "说明", "type": "text", "required": False},
            ],
            "causes": ["质量", "交期"],
            "steps": [
                {
                    **{"code": "hear", "label": "受理", "by": ["holder", "supervisor"]},
                    "brings": [{"name": "核实情况"}],
                    "decisions": [
                        {"label": "成立", "to": "hear", "event": "accepted"},
                        {"label": "办结", "to": "closed"},
                        {"label": "婉拒", "to": "declined", "event": "replied"},
                    ],
                }
            ],
        },
    )
    figures = figures_of(kind)
    assert figures["记录卡栏目"] == "类别（退货／换货）、说明（多行文字，选填）"
    assert figures["事由"] == "质量、交期"
    assert figures["步骤"] == (
        "hear 受理（承办人／主管）：填核实情况；成立→hear，记受理；办结→结案；婉拒→不受理，记答复客户"
    )
