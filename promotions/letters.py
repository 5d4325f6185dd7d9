"""What people are told on paper about their grade."""

from datetime import datetime

from django.utils import timezone

from core.pdf import Paper
from penalties.selectors import last_appeal_day
from promotions.models import GradeChange

Direction = GradeChange.Direction
TITLES = {Direction.PROMOTION: "晋升通知书", Direction.DEMOTION: "降级通知书"}


def change_letter(change: GradeChange, *, at: datetime) -> bytes:
    """The letter of a decided change as a PDF, with the lines to sign."""
    assert change.number is not None and change.decided_at is not None
    title = TITLES[Direction(change.direction)]
    paper = Paper(title, foot=f"{change.number}　{change.staff}", at=at)
    paper.title(title)
    if change.reversed_at is not None:
        day = timezone.localdate(change.reversed_at)
        paper.text(f"本决定已于{day:%Y-%m-%d}撤销，通知书不再有效。撤销理由：{change.reversal}")
    paper.facts(
        [
            ("文号", change.number),
            ("部门", change.staff.department.name),
            ("员工", change.staff),
            ("评审", change.candidate.round if change.candidate else ""),
            ("职级", change.tiers + ("（越级）" if change.steps > 1 else "")),
            ("生效日期", f"{change.effective_on:%Y-%m-%d}"),
            ("提出理由", change.reason),
            ("决定", change.decision),
            ("决定人", f"{change.decided_by}，{timezone.localdate(change.decided_at):%Y-%m-%d}"),
        ]
    )
    paper.text("自生效日期起按新职级计薪；生效日期在当月中间的，当月按天数分段计算。")
    if change.direction == Direction.DEMOTION:
        until = last_appeal_day(change.staff.department, change.decided_at)
        paper.text(f"不服本决定的，{until:%Y-%m-%d}为止可以申诉。签收只表示收到，不表示同意。")
    paper.signatures(["员工签收", "直属主管", "决定人"])
    return paper.content()
