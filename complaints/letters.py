"""What a person is told of a share of a loss, on paper (奖罚通知单, s000-09-19)."""

from datetime import datetime

from django.utils import timezone

from complaints.models import Charge
from complaints.selectors.notices import standing_of
from core.pdf import Paper
from core.templatetags.ui import money
from penalties.letters import provision_facts


def charge_letter(charge: Charge, *, at: datetime) -> bytes:
    """The notice of a charge as a PDF; `charge` as `charges_seen_by` gives it."""
    ruling, case = charge.ruling, charge.ruling.case
    standing = standing_of(charge, timezone.localdate(at))
    paper = Paper("奖罚通知单", foot=f"{case.number}-{charge.pk}　{charge.staff}", at=at)
    paper.title("奖罚通知单")
    if standing.is_taken_back:
        paper.text(f"{standing.words}，这张通知单不再有效。")
    decided = f"{timezone.localdate(ruling.decided_at):%Y-%m-%d}" if ruling.decided_at else "—"
    paper.facts(
        [
            ("编号", f"{case.number}-{charge.pk}"),
            ("部门", case.department.name),
            ("员工", charge.staff),
            ("案件", f"{case.number} {case.title}"),
            ("事由", ruling.reason),
            *provision_facts(ruling.provision),
            ("损失", f"{money(ruling.amount)} 元"),
            ("承担金额", f"{money(charge.amount)} 元"),
            ("怎么算", "\n".join(map(str, charge.arithmetic))),
            ("扣款月份", f"{ruling.charged_on:%Y-%m}" if ruling.charged_on else "—"),
            (
                "裁定",
                f"{decided}，{ruling.decided_by or '系统'}：{ruling.answer or ruling.get_state_display()}",
            ),
            ("申诉", f"不服的，{charge.appeal_until:%Y-%m-%d}以前可以申诉；现在：{standing.words}"),
        ]
    )
    paper.text("签收只表示收到，不表示同意。")
    paper.signatures(["员工签收", "直属主管", "行政人事", "裁定人"])
    return paper.content()
