"""How parameters read in Chinese: the words of choices, and figures in a phrase. A blank reads ［待填］."""

from collections.abc import Mapping
from decimal import Decimal

from core.money import percent, plain
from people.models import Role, Tier
from rules.models import ProvisionFields
from rules.proposals import ProposalKind

BLANK = "［待填］"

ROLE_LABELS: dict[str, str] = dict(Role.choices)
PAY_KEYS: dict[str, str] = {**dict(Tier.choices), **ROLE_LABELS}
SENIORITY_LABELS = {"new": "新员工", "senior": "老员工", "*": "其余的人"}
OF_LABELS = {"base_pay": "基本工资", "performance_bonus": "绩效奖金", "gross": "应发"}
PROPOSALS: dict[str, str] = dict(ProposalKind.choices)
MEASURES = {"seconds": "秒", "minutes": "分钟", "items": "件", "days": "天"}
UNIT_LABELS = {"occurrence": "次", **MEASURES}
ROUNDING_LABELS = {"down": "不足一个单位不计", "up": "不足一个单位按一个计"}
AFTER_FINE = {"repeat": "此后同最后一次", "double": "此后逐次加倍", "none": "此后不再罚款"}
AFTER_AWARD = {"repeat": "此后同最后一月", "double": "此后逐月加倍", "none": "此后不再奖"}
CALENDAR_DAYS = {"calendar_days": "当月日历天数"}
CATEGORY_LABELS = {"unexcused": "旷工", "short": "缺勤"}
ABSENCE_LABELS = {"absence": "旷工", "short_absence": "缺勤"}
WITHOUT_LABELS = {"absence": "按旷工", "personal": "按事假"}
FORBIDDEN_LABELS = {"late": "迟到", "early": "早退", "absence": "旷工缺勤", "leave": "请假"}
SCALE_LABELS = {"whole": "达到的一档适用于全部", "marginal": "各段分别计算"}
ORDER_LABELS = {"desc": "高者在前", "asc": "低者在前"}
SCOPE_LABELS = {"department": "全部门", "team": "小组内"}
TIES_LABELS = {"all": "并列者各得该名次的奖", "share": "并列者平分所占名次的奖"}
NOMINATOR_LABELS = {"self": "本人", "peer": "同事", "lead": "组长或主管"}
PER_LABELS = {"month": "每期", "day": "每个出勤日", "shift": "每个班"}
IN_MONTH_LABELS = {"last_day": "按最后一天", "days": "按日历天数分摊"}
SPLIT_LABELS = {"whole": "每人按全额", "equal": "平分", "base_points": "按基点分"}
WHOSE_LABELS = {"own": "本人", "team": "所在小组", "department": "全部门"}
REFUND_RATE_LABELS = {"own": "按退款当月的比例", "sale": "按付款时的比例"}
PAY_BY = {"tier": "职级", "role": "岗位", "star": "星级", "tenure_years": "年资"}
WEEKDAYS = dict(enumerate(("周一", "周二", "周三", "周四", "周五", "周六", "周日"), 1))
DUTY_EVERY_LABELS = {
    "shift": "每班",
    "day": "每天",
    "week": "每周",
    "half_month": "每半月",
    "month": "每月",
    "quarter": "每季",
    "year": "每年",
}
PROOF_LABELS = {
    "report": "提交报告",
    "handover": "写交接本",
    "attendance": "到会",
    "minutes": "提交会议记录",
    "turn": "轮值完成",
    "memo": "记备忘录",
    "done": "登记完成",
}
LEVELS = {**PAY_KEYS, **{str(star): f"{star}星" for star in range(1, 10)}}
RANKED_AMONG_LABELS = {"department": "全部门", "team": "小组内", "level": "同职级"}
OF_MONTHS_LABELS = {"each": "每月", "average": "月均", "sum": "合计"}
CONTRIBUTION_LABELS = {
    "pension": "养老保险",
    "medical": "医疗保险",
    "unemployment": "失业保险",
    "injury": "工伤保险",
    "maternity": "生育保险",
    "supplementary": "大病及补充医疗",
    "fund": "住房公积金",
}
FUND = "fund"  # the item that is no insurance
MONEY_ROUNDING_LABELS = {
    "fen": "四舍五入到分",
    "jiao": "四舍五入到角",
    "jiao_up": "见分进角",
    "yuan": "四舍五入到元",
    "yuan_up": "见角进元",
}
LEAVER_LABELS = {"paid": "缴", "unpaid": "不缴", "cutoff": "做满截止日的缴"}
BASIS_LABELS: dict[str, str] = dict(ProvisionFields.Basis.choices)
DEDUCTION_LABELS = {
    "children": "子女教育",
    "infants": "3岁以下婴幼儿照护",
    "education": "继续教育",
    "loan": "住房贷款利息",
    "rent": "住房租金",
    "parents": "赡养老人",
    "pension": "个人养老金",
    "other": "其他扣除",
}
EXAM_LABELS = {"probation": "试用期考核"}
SINCE_LABELS = {"employment": "入职以来", "tier": "任现职级以来"}
WAY_LABELS = {"together": "须一并满足", "alternative": "另一条途径，满足其一"}
EVERY_LABELS = {every: DUTY_EVERY_LABELS[every] for every in ("month", "quarter", "year")}
METRIC_LABELS = {
    "sales": "销售额",
    "refunds": "退款额",
    "net_sales": "净销售额",
    "orders": "订单数",
    "signed_orders": "签收订单数",
    "gross_profit": "毛利",
    "contracts": "签约单数",
    "visit_sales": "单次消费额",
    "conversion_rate": "询单转化率",
    "refund_rate": "退款率",
    "average_order": "客单价",
    "first_response_seconds": "首次响应秒数",
    "response_seconds": "平均响应秒数",
    "reply_rate": "回复率",
    "three_minute_reply_rate": "3分钟回复率",
    "thirty_second_reply_rate": "30秒应答率",
    "answer_ratio": "答问比",
    "satisfaction": "满意度",
    "appraisal_score": "考核得分",
    "exam_score": "考试成绩",
    "lecturer_score": "授课评分",
    "onboarding_rank": "带教名次",
    "newcomer_orders": "所带新人订单数",
    "inquiries": "咨询人数",
    "receptions": "接待人数",
    "ordering_inquiries": "询单人数",
    "target_rate": "目标完成率",
    "valid_leads": "有效意向客户数",
    "repurchase_rate": "客户回头率",
    "callback_rate": "回访率",
    "requests_handled": "请求处理数量",
    "repair_hours": "故障处理小时数",
}
# Of the whole department; others may be named as they are written.
FIGURE_LABELS = {
    "gross_profit": "毛利",
    "net_profit": "纯利",
    "promotion_cost": "推广费",
    "product_cost": "产品成本",
    "contracts": "签约单数",
    "visit_sales": "单次消费额",
    "base_pay_sum": "底薪之和",
    "sales": "销售额",
    "net_sales": "净销售额",
    "orders": "订单数",
}
MEASURE_LABELS = {
    code: METRIC_LABELS[code]
    for code in (
        *("net_sales", "sales", "orders", "signed_orders", "gross_profit"),
        *("contracts", "visit_sales"),
    )
}


def figure(value: Decimal | int | None) -> str:
    """A number without superfluous zeros."""
    return BLANK if value is None else plain(Decimal(value))


def in_clock(minutes: int | None) -> str:
    """Minutes after midnight as a clock shows them."""
    return BLANK if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def in_yuan(amount: Decimal | None) -> str:
    return f"{figure(amount)}元"


def in_points(value: Decimal | None) -> str:
    return f"{figure(value)}分"


def in_percent(rate: Decimal | None) -> str:
    """A rate between 0 and 1 as a percentage."""
    return BLANK if rate is None else percent(rate)


def between(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    return f"{figure(low)}至{figure(high)}{unit}"


def metric_label(code: str | None) -> str:
    return BLANK if code is None else METRIC_LABELS.get(code, code)


def level_label(code: str | None) -> str:
    """A tier, a star or a role as people call it."""
    return BLANK if code is None else LEVELS.get(code, code)


def figure_label(code: str | None) -> str:
    """The name of a metric or of a department's figure."""
    return BLANK if code is None else METRIC_LABELS.get(code) or FIGURE_LABELS.get(code, code)


def keyed(key: str, labels: Mapping[str, str]) -> str:
    """The name of a table's row; several names in one key are separated by commas."""
    return "、".join(labels.get(each.strip(), each.strip()) for each in key.split(","))


def proposed(names: tuple[str, ...]) -> str:
    return "、".join(PROPOSALS[name] for name in names)
