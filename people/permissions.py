"""What the login groups may do: one table, put into Django's permissions by `manage.py sync_groups`.

An action is a permission of a department (`people.settle`); where somebody may do it is decided in
selectors. docs/permissions.md shows the same table to people.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from django.contrib.auth.models import Group, Permission

ACTIONS = (
    ("view_pay", "查看工资"),
    ("record_incidents", "记录奖惩"),
    ("confirm_incidents", "确认或驳回奖惩"),
    ("reverse_incidents", "撤销奖惩"),
    ("import_data", "导入表格"),
    ("manage_staff", "维护员工"),
    ("view_identity", "登记与查看证件、银行账号"),
    ("add_manual_lines", "登记手工工资项"),
    ("settle_pay", "编制工资"),
    ("approve_pay", "批准或退回工资"),
    ("mark_paid", "登记已发放"),
    ("manage_declarations", "登记社保与个税申报"),
    ("file_taxes", "导出报税表与代发文件"),
    ("write_off_debts", "核销欠款"),
    ("answer_objections", "答复工资异议"),
    ("decide_claims", "决定订单认领"),
    ("publish_rules", "发布制度"),
    ("score_appraisals", "考评评分与公布"),
    ("close_appraisals", "定考评与季度等级"),
    ("plan_rosters", "排班"),
    ("manage_training", "安排培训"),
    ("decide_requests", "审批换班、请假、补卡、外出与加班"),
    ("countersign_handover", "复核交接与例会"),
    ("decide_suggestions", "采纳建议"),
    ("view_cases", "查看全部投诉案件"),
    ("record_cases", "登记投诉案件"),
    ("steer_cases", "调度投诉案件"),
    ("decide_cases", "裁定投诉责任"),
    ("decide_appeals", "决定申诉"),
    ("propose_discipline", "提出处分"),
    ("decide_discipline", "决定处分"),
    ("dismiss", "决定解除劳动合同"),
    ("hold_rounds", "组织职级评审"),
    ("propose_grades", "推举晋升、提出降级"),
    ("decide_grades", "决定晋升与降级"),
    ("skip_tiers", "决定越级"),
    ("decide_awards", "核对与决定评奖"),
    ("keep_fund", "保管基金"),
    ("approve_fund", "批准基金支出"),
    ("attest_criteria", "认定晋升条件"),
    ("set_exams", "出题与安排考试"),
    ("mark_exams", "阅卷"),
)

_ACTION_NAMES = frozenset(f"people.{code}" for code, _ in ACTIONS)

GROUP_LABELS = {
    "agent": "客服",
    "lead": "组长",
    "supervisor": "主管",
    "manager": "部门经理",
    "hr": "行政人事",
    "gm": "总经理",
    "auditor": "审计",
}

GROUP_ACTIONS = {
    "agent": ["record_cases"],
    "lead": [
        "record_incidents",
        "decide_claims",
        "plan_rosters",
        "manage_training",
        "decide_requests",
        "score_appraisals",
        "record_cases",
        "propose_discipline",
        "attest_criteria",
        "propose_grades",
        "mark_exams",
    ],
    "supervisor": [
        "record_incidents",
        "propose_discipline",
        "import_data",
        "decide_claims",
        "plan_rosters",
        "manage_training",
        "decide_requests",
        "score_appraisals",
        "countersign_handover",
        "view_cases",
        "record_cases",
        "steer_cases",
        "hold_rounds",
        "propose_grades",
        "keep_fund",
        "attest_criteria",
        "set_exams",
        "mark_exams",
    ],
    "manager": [
        "view_pay",
        "record_incidents",
        "confirm_incidents",
        "reverse_incidents",
        "import_data",
        "manage_staff",
        "add_manual_lines",
        "settle_pay",
        "approve_pay",
        "answer_objections",
        "decide_claims",
        "publish_rules",
        "score_appraisals",
        "close_appraisals",
        "plan_rosters",
        "manage_training",
        "decide_requests",
        "countersign_handover",
        "decide_suggestions",
        "view_cases",
        "record_cases",
        "steer_cases",
        "decide_cases",
        "decide_appeals",
        "propose_discipline",
        "decide_discipline",
        "hold_rounds",
        "propose_grades",
        "decide_grades",
        "decide_awards",
        "keep_fund",
        "approve_fund",
        "attest_criteria",
        "set_exams",
        "mark_exams",
    ],
    "hr": [
        "view_pay",
        "propose_discipline",
        "record_incidents",
        "import_data",
        "manage_staff",
        "view_identity",
        "manage_training",
        "add_manual_lines",
        "settle_pay",
        "mark_paid",
        "manage_declarations",
        "file_taxes",
        "answer_objections",
        "view_cases",
        "record_cases",
        "steer_cases",
        "hold_rounds",
        "propose_grades",
        "keep_fund",
        "set_exams",
    ],
    "gm": [
        "view_pay",
        "record_incidents",
        "confirm_incidents",
        "reverse_incidents",
        "approve_pay",
        "manage_declarations",
        "write_off_debts",
        "publish_rules",
        "close_appraisals",
        "view_cases",
        "decide_cases",
        "decide_appeals",
        "propose_discipline",
        "decide_discipline",
        "decide_awards",
        "dismiss",
        "propose_grades",
        "decide_grades",
        "skip_tiers",
        "approve_fund",
        "attest_criteria",
    ],
    "auditor": ["view_pay", "view_cases"],
}

EVERYBODY = frozenset(GROUP_LABELS)

# Who stands above whom, where one takes something of another's sign-in away.
RANKS = {"agent": 0, "lead": 1, "supervisor": 2, "hr": 3, "manager": 4, "gm": 5, "auditor": 5}

# Groups that act in every department, and those that act in the departments of the account. The others
# (agent, lead) act by their own employment.
EVERYWHERE = frozenset({"gm", "auditor"})
IN_OWN_EMPLOYMENT = frozenset({"agent", "lead"})

# Which rows a group may open at all; selectors limit them to the people and departments it may see.
_EVERYBODY = [
    "people.view_department",
    "people.view_team",
    "people.view_staff",
    "rules.view_version",
    "rules.view_provision",
    "penalties.view_*",
    "appraisals.view_*",
    "shifts.view_*",
    "duties.view_*",
    "promotions.view_attestation",
    "commissions.view_metric",
    "nominations.view_*",
    "payroll.view_payslip",
    "payroll.view_payline",
]
_TRAINING = [
    "training.view_enrolment",
    "training.view_steprecord",
    "training.view_stepteacher",
    "training.view_material",
    "training.view_intakeplace",
]
_MANAGEMENT = [
    "people.view_factchange",
    "people.view_importbatch",
    "people.view_alias",
    "imports.view_*",
    "rules.view_*",
    "commissions.view_*",
    "promotions.view_*",
    "training.view_*",
    *_TRAINING,
]
_ALL_PAY = ["people.view_term", "payroll.view_*"]

# What an action needs besides itself.
_OF_ACTION = {
    "view_pay": _ALL_PAY,
    "record_incidents": ["penalties.add_incident"],
    "manage_staff": [
        "people.add_team",
        "people.change_team",
        "people.add_staff",
        "people.change_staff",
        "people.add_term",
        "shifts.add_officenetwork",
        "shifts.change_officenetwork",
        "shifts.delete_officenetwork",
    ],
    "view_identity": ["people.view_identitydocument", "people.view_bankaccount"],
    "add_manual_lines": ["payroll.add_manualline"],
    "approve_pay": ["people.view_accesslog"],
    "manage_declarations": [
        "statutory.view_*",
        "people.view_employer",
        "people.add_employer",
        "people.change_employer",
    ],
    "manage_training": _TRAINING,
    "view_cases": ["complaints.view_*"],
    "steer_cases": ["complaints.add_openinghours"],
}


def patterns_of(group: str) -> list[str]:
    """Everything a group may do, as `app.codename` with `*` for any."""
    patterns = list(_EVERYBODY)
    if group not in IN_OWN_EMPLOYMENT:
        patterns += _MANAGEMENT
    if group == "auditor":
        patterns += ["people.view_*", "notices.view_*"]
    for action in GROUP_ACTIONS[group]:
        patterns += [f"people.{action}", *_OF_ACTION.get(action, [])]
    return patterns


def matching(pattern: str, names: Iterable[str]) -> set[str]:
    """The permission names that a pattern stands for; an action only where it is named itself."""
    return {
        name
        for name in names
        if name == pattern or (name not in _ACTION_NAMES and fnmatchcase(name, pattern))
    }


_VERBS = {"add": "新增", "change": "修改", "delete": "删除", "view": "查看"}


def group_label(name: str) -> str:
    """A login group as people call it; one made by hand has its own name."""
    return GROUP_LABELS.get(name, name)


def permission_label(codename: str, name: str, model: Any) -> str:
    """A permission as people read it; `model` is the class it is about, None where that is gone."""
    verb = _VERBS.get(codename.split("_")[0])
    if codename in dict(ACTIONS) or verb is None or model is None:
        return dict(ACTIONS).get(codename, name)
    return f"{verb}{model._meta.verbose_name}"


def name_of(row: Any) -> str:
    """What a row that another refers to is called; groups and permissions have English names of their own."""
    match row:
        case Group():
            return group_label(row.name)
        case Permission():
            return permission_label(row.codename, row.name, row.content_type.model_class())
    return str(row)
