"""Kinds by which cases run: the types of cases with their paths, clocks, who bears a loss, retention.

They price nothing at once. What a case type, a clock or a share says is frozen on the case that it began
under (complaints/); a later version holds for later cases.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from people.permissions import GROUP_LABELS
from rules.kinds.base import Kind
from rules.kinds.labels import BLANK, figure, in_percent
from rules.kinds.params import (
    Choice,
    Many,
    Nested,
    ParamError,
    count,
    flag,
    param,
    positive,
    rate,
    text,
)

# What happens on a case and may start or stop a clock.
CASE_EVENTS = {
    "received": "接到投诉",
    "accepted": "受理",
    "messaged": "留言或发短信",
    "phoned": "打电话",
    "replied": "答复客户",
    "invalid": "确认无效",
    "served": "服务完成",
    "revisited": "回访",
    "shipped": "发货",
    "closed": "结案",
    "reopened": "重新打开",
}
CALENDARS = {"calendar": "自然时间", "business": "工作时间", "roster": "排班时间"}
ENDS = {"moment": "到同一时刻", "day": "到当天23:59"}
FIELD_TYPES = {
    "line": "一行文字",
    "text": "多行文字",
    "choice": "选择",
    "date": "日期",
    "number": "数字",
    "flag": "是否",
}
# Who takes a step: the holder of the case, or a login group of its department.
HOLDER = "holder"
STEP_TAKERS = {HOLDER: "承办人", **GROUP_LABELS}
# Parts on one case that different people take; a step without one is nobody's part.
PARTS = {"investigator": "调查", "decider": "裁定"}
SHOWN_STEPS = 6  # of a path in one phrase
CLOSE, DECLINE = "closed", "declined"  # where a decision leads that ends the path
ENDINGS = {CLOSE: "结案", DECLINE: "不受理"}


@dataclass(frozen=True, kw_only=True)
class CaseDeadline(Kind):
    """A clock of a case: so many days or hours from one event until another (s000-09-26, s004-07-4-04).

    `types`: the codes of the case types that it is for, all without one. Calendar time runs always; business
    time in the department's opening hours, business days end at the same time of the n-th working day;
    roster time runs while somebody is rostered. `unless`: what makes the wait pointless; the clock then ends
    without being met or missed (a customer who answers need not be phoned). `remind_before`: hours before
    the end, by default two days and one day before for days, half the time for hours. `escalate`: login
    groups that are told one after another once the time is over. `missed`: the code of the provision under
    which a miss is recorded.
    """

    name: ClassVar[str] = "case_deadline"
    label: ClassVar[str] = "案件时限"
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("days", "hours"),)

    days: int | None = param(count, "天数", blank=True, default=None)
    hours: int | None = param(count, "小时数", blank=True, default=None)
    calendar: str = param(Choice(CALENDARS), "按什么计时", default="calendar")
    from_: str = param(Choice(CASE_EVENTS), "自", default="received")
    until: str = param(Choice(CASE_EVENTS), "至", default="closed")
    unless: tuple[str, ...] = param(Many(Choice(CASE_EVENTS)), "遇到即不再计时", default=())
    ends: str = param(Choice(ENDS), "到何时", default="moment")
    types: tuple[str, ...] = param(Many(text), "只限案件类型", default=())
    remind_before: tuple[int, ...] = param(Many(count), "提前几小时提醒", default=())
    escalate: tuple[str, ...] = param(Many(Choice(GROUP_LABELS)), "逾期依次告知", default=())
    missed: str | None = param(text, "逾期时依据的条款", default=None)

    def __post_init__(self) -> None:
        if self.from_ == self.until:
            raise ParamError("from 与 until 不能是同一件事")
        if {self.from_, self.until} & set(self.unless):
            raise ParamError("unless 不能是 from 或 until 的那件事")
        if self.days is not None and not 1 <= self.days <= 366:
            raise ParamError("days 应在1与366之间")
        if self.hours is not None and not 1 <= self.hours <= 24 * 366:
            raise ParamError("hours 应在1与8784之间")

    def in_words(self) -> str:
        words = [f"自{CASE_EVENTS[self.from_]}起{self._span()}内{CASE_EVENTS[self.until]}"]
        if self.calendar != "calendar" and (self.hours is not None or self.calendar == "roster"):
            words.append(f"按{CALENDARS[self.calendar]}计")
        if self.ends == "day":
            words.append(ENDS["day"])
        if self.unless:
            words.append(f"遇{'、'.join(CASE_EVENTS[each] for each in self.unless)}不再计时")
        if self.escalate:
            words.append(f"逾期依次告知{'、'.join(GROUP_LABELS[each] for each in self.escalate)}")
        if self.missed:
            words.append(f"逾期按{self.missed}")
        return "，".join(words)

    def _span(self) -> str:
        if self.days is not None:
            return f"{self.days}{'个工作日' if self.calendar == 'business' else '天'}"
        return BLANK if self.hours is None else f"{self.hours}小时"


@dataclass(frozen=True, kw_only=True)
class CaseField:
    """One field of a record card or of what a step must bring."""

    name: str = param(text, "字段")
    type: str = param(Choice(FIELD_TYPES), "类型", default="line")
    choices: tuple[str, ...] = param(Many(text), "可选项", default=())
    required: bool = param(flag, "必填", default=True)

    def __post_init__(self) -> None:
        if (self.type == "choice") != bool(self.choices):
            raise ParamError("choices 只用于 type 为 choice 的字段，且须写明可选项")

    def in_words(self) -> str:
        words = "／".join(self.choices) or FIELD_TYPES[self.type]
        return f"{self.name}（{words}{'' if self.required else '，选填'}）"


@dataclass(frozen=True, kw_only=True)
class CaseDecision:
    """One way out of a step: to the step `to`, or `closed`, `declined`; `event`: what it tells the clocks."""

    label: str = param(text, "决定")
    to: str = param(text, "转到")
    event: str | None = param(Choice(CASE_EVENTS), "同时记下", default=None)

    def in_words(self) -> str:
        told = f"，记{CASE_EVENTS[self.event]}" if self.event else ""
        return f"{self.label}→{ENDINGS.get(self.to, self.to)}{told}"


@dataclass(frozen=True, kw_only=True)
class CaseStep:
    """A step of a path: who takes it, what it must bring, which decisions lead where."""

    code: str = param(text, "代码")
    label: str = param(text, "步骤")
    by: tuple[str, ...] = param(Many(Choice(STEP_TAKERS), at_least=1), "由谁办")
    part: str | None = param(Choice(PARTS), "在案中的角色", default=None)
    brings: tuple[CaseField, ...] = param(Many(Nested(CaseField)), "须填写", default=())
    decisions: tuple[CaseDecision, ...] = param(Many(Nested(CaseDecision), at_least=1), "可作的决定")

    def in_words(self) -> str:
        takers = "／".join(STEP_TAKERS[each] for each in self.by)
        brings = f"填{'、'.join(each.name for each in self.brings)}；" if self.brings else ""
        ways = "；".join(each.in_words() for each in self.decisions)
        return f"{self.code} {self.label}（{takers}）：{brings}{ways}"


@dataclass(frozen=True, kw_only=True)
class CaseType(Kind):
    """A type of case: its record card, its path of steps; the first step is where a case begins."""

    name: ClassVar[str] = "case_type"
    label: ClassVar[str] = "案件类型"

    fields: tuple[CaseField, ...] = param(Many(Nested(CaseField)), "记录卡栏目", default=())
    causes: tuple[str, ...] = param(Many(text), "事由", default=())
    steps: tuple[CaseStep, ...] = param(Many(Nested(CaseStep), at_least=1), "步骤")

    def __post_init__(self) -> None:
        codes = [each.code for each in self.steps]
        names = [each.name for each in self.fields]
        if doubled := [each for each, times in Counter([*codes, *names]).items() if times > 1]:
            raise ParamError(f"步骤或栏目重复：{'、'.join(doubled)}")
        ends = {each.to for step in self.steps for each in step.decisions}
        if unknown := sorted(ends - {*codes, CLOSE, DECLINE}):
            raise ParamError(f"没有步骤 {'、'.join(unknown)}；to 应为步骤的代码、closed 或 declined")
        if CLOSE not in ends:
            raise ParamError("没有一个决定通向结案；至少一个 to 应为 closed")
        if stray := [each.label for each in self.steps if each.code not in self._reached()]:
            raise ParamError(f"从第一步走不到“{'”“'.join(stray)}”；让前面的某个决定转到它，或删去这一步")

    def _reached(self) -> set[str]:
        """The steps to which decisions lead from the first one on."""
        ways = {each.code: [decision.to for decision in each.decisions] for each in self.steps}
        reached, ahead = set(), [self.steps[0].code]
        while ahead:
            code = ahead.pop()
            if code in ways and code not in reached:
                reached.add(code)
                ahead += ways[code]
        return reached

    def step(self, code: str) -> CaseStep | None:
        """The step of that code; None for one that the path does not have."""
        return next((each for each in self.steps if each.code == code), None)

    def in_words(self) -> str:
        labels = [each.label for each in self.steps]
        if len(labels) > SHOWN_STEPS:
            labels = [*labels[:3], "……", f"{labels[-1]}，共{len(labels)}步"]
        path = " → ".join(labels)
        fields = f"，记录卡{len(self.fields)}栏" if self.fields else ""
        return f"{path}{fields}"


# A department without a rule of its own still records complaints: whoever holds one closes it.
PLAIN_CASE = CaseType(
    steps=(
        CaseStep(
            code="handle",
            label="处理",
            by=(HOLDER, "lead", "supervisor", "manager"),
            brings=(CaseField(name="处理结果", type="text"),),
            decisions=(
                CaseDecision(label="结案", to=CLOSE),
                CaseDecision(label="不成立，婉拒", to=DECLINE),
            ),
        ),
    )
)


SHARE_KEYS = {"base_points": "基点"}
REMAINDERS = {"largest": "余数大者先得分位", "last": "分位尾差归最后一人"}
CHARGED = {"closing": "结案当月", "approval": "核准当月"}


@dataclass(frozen=True, kw_only=True)
class LossShare(Kind):
    """How the loss of a case is borne (s000-09-20 to 22): by base points, up to a share of the bonus a month.

    `charged`: the month in which a share is taken, that of closing or that of the approval. `appeal_days`:
    how long after the decision a share may be appealed.
    """

    name: ClassVar[str] = "loss_share"
    label: ClassVar[str] = "损失分担"
    column: ClassVar[str] = "fine"
    basis: ClassVar[str] = "loss"

    key: str = param(Choice(SHARE_KEYS), "按什么分", default="base_points")
    cap_rate: Decimal = param(rate, "每月至多为绩效奖金的", default=Decimal("0.5"))
    cap_of: str = param(Choice({"performance_bonus": "绩效奖金"}), "上限的基数", default="performance_bonus")
    carry: bool = param(flag, "超出部分逐月续扣", default=True)
    remainder: str = param(Choice(REMAINDERS), "分位尾差", default="largest")
    charged: str = param(Choice(CHARGED), "扣在哪个月", default="closing")
    appeal_days: int = param(count, "申诉期限（天）", default=3)

    def in_words(self) -> str:
        words = [
            f"损失按{SHARE_KEYS[self.key]}分担，每月至多扣绩效奖金的{in_percent(self.cap_rate)}",
            "超出的逐月续扣" if self.carry else "超出的不再扣",
            f"扣在{CHARGED[self.charged]}",
        ]
        if self.remainder == "last":
            words.append(REMAINDERS["last"])
        return "，".join(words)


@dataclass(frozen=True, kw_only=True)
class Retention(Kind):
    """How many days after a case is over the complainant's name and phone are kept; figures stay."""

    name: ClassVar[str] = "retention"
    label: ClassVar[str] = "保存期限"

    days: Decimal | None = param(positive, "结案后保存天数")

    def in_words(self) -> str:
        return f"投诉人的姓名和电话在结案{figure(self.days) if self.days else BLANK}天后删去"
