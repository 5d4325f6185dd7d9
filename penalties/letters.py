"""What people are told on paper: disciplinary decisions, and incidents that count (奖罚通知单)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from core.money import ZERO, plain
from core.pdf import Paper
from core.templatetags.ui import money, points_change
from penalties.models import Incident, MoneyEntry, PointsEntry
from penalties.models.discipline import DisciplinaryCase
from penalties.selectors import appeal_until, last_appeal_day
from rules.models import Provision
from rules.provisions import rule_from

Level = DisciplinaryCase.Level
TITLES = {
    Level.WARNING: "警告处分通知书",
    Level.MINOR: "记小过处分通知书",
    Level.MAJOR: "记大过处分通知书",
    Level.DISMISSAL: "解除劳动合同通知书",
}
DISMISSAL_NOTES = (
    "本通知书只载明决定，不自动办理离职：最后工作日、工资结清、离职证明与社保转移由行政人事依法办理。",
    "单方解除须事先将理由通知工会（劳动合同法第四十三条）。",
    "最后工作日：______年____月____日",
)


def discipline_letter(case: DisciplinaryCase, *, at: datetime) -> bytes:
    """The letter of a decided case as a PDF, with the lines to sign; `case` with its incident's provision."""
    assert case.number is not None and case.decided_at is not None
    title = TITLES[Level(case.level)]
    paper = Paper(title, foot=f"{case.number}　{case.staff}", at=at)
    paper.title(title)
    if case.reversed_at is not None:
        paper.text(f"本处分已于{_day(case.reversed_at)}撤销，通知书不再有效。撤销理由：{case.reversal}")
    paper.facts(
        [
            ("文号", case.number),
            ("部门", case.staff.department.name),
            ("员工", case.staff),
            ("事实与依据", case.grounds),
            ("所据案件", case.source),
            ("本人陈述", f"{_moment(case.heard_at)}：{case.statement}"),
            ("决定", f"{case.get_level_display()}。{case.decision}"),
            *(provision_facts(case.incident.provision) if case.incident is not None else []),
            ("对工资的影响", case.effect),
            ("决定人", f"{case.decided_by}，{_day(case.decided_at)}"),
        ]
    )
    if case.level == Level.DISMISSAL:
        for note in DISMISSAL_NOTES:
            paper.text(note)
    until = last_appeal_day(case.staff.department, case.decided_at)
    last = f"不服本决定的，{until:%Y-%m-%d}为止可以申诉，也可以依法申请劳动仲裁。"
    paper.text(f"{last}签收只表示收到，不表示同意。")
    first = ["员工签收", "工会意见"] if case.level == Level.DISMISSAL else ["员工签收", "直属主管"]
    paper.signatures([*first, "行政人事", "决定人"])
    return paper.content()


def incident_letter(
    incident: Incident, entries: Sequence[MoneyEntry | PointsEntry], *, at: datetime
) -> bytes:
    """The notice of an incident that counts, as a PDF; `entries`: what it put into the person's ledgers."""
    title = "奖罚通知单"
    paper = Paper(title, foot=f"奖惩记录 {incident.pk}　{incident.staff}", at=at)
    paper.title(title)
    reversal = getattr(incident, "reversal", None)
    if reversal is not None:
        paper.text(f"本记录已于{reversal.on:%Y-%m-%d}撤销，通知单不再有效。撤销理由：{reversal.reason}")
    paper.facts(
        [
            ("编号", incident.pk),
            ("部门", incident.staff.department.name),
            ("员工", incident.staff),
            *incident_facts(incident),
            *provision_facts(incident.provision),
            ("金额与扣分", _figures(entries)),
            ("怎么算", "\n".join(entry.reason for entry in entries if entry.reverses_id is None)),
        ]
    )
    until = appeal_until(incident)
    last = f"不服的，{until:%Y-%m-%d}为止可以申诉。" if until else ""
    paper.text(f"{last}签收只表示收到，不表示同意。")
    paper.signatures(["员工签收", "直属主管", "行政人事"])
    return paper.content()


def incident_facts(incident: Incident) -> list[tuple[str, object]]:
    """What was recorded, by whom, who let it count; as papers tell it."""
    decided = f"{incident.decided_by or '自动生效'}，{_moment(incident.decided_at)}"
    return [
        ("日期", f"{incident.work_date:%Y-%m-%d}"),
        ("次数", incident.quantity),
        ("数量", "" if incident.magnitude is None else plain(incident.magnitude)),
        ("定额", "" if incident.amount is None else plain(incident.amount)),
        ("经过与依据", incident.note),
        ("记录", f"{incident.recorded_by or '系统'}，{_moment(incident.recorded_at)}"),
        ("确认", decided if incident.state == Incident.State.CONFIRMED else incident.get_state_display()),
    ]


def provision_facts(provision: Provision) -> list[tuple[str, object]]:
    """A provision with its version, its text and what it comes to in words."""
    version = provision.version
    return [
        ("依据条款", f"{provision.code} {provision.title}"),
        ("制度版本", f"第{version.number}版，{version.effective_on:%Y-%m-%d}起施行"),
        ("条文", provision.clause),
        ("条款怎么算", rule_from(provision, version="").kind.in_words()),
    ]


def _figures(entries: Sequence[MoneyEntry | PointsEntry]) -> str:
    amount = sum((each.amount for each in entries if isinstance(each, MoneyEntry)), ZERO)
    points = sum((each.points for each in entries if isinstance(each, PointsEntry)), Decimal(0))
    told = [f"{money(amount)} 元"] if amount else []
    told += [points_change(points)] if points else []
    return "，".join(told) or "结算时按当月工资计算"


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}" if moment else "—"


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "—"
