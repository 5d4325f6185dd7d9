"""Certificates of awards (荣誉证书, s004-02-5-01)."""

from datetime import datetime

from django.utils import timezone

from core.pdf import Paper
from core.templatetags.ui import money
from nominations.models import Nomination


def certificate(nomination: Nomination, *, at: datetime) -> bytes:
    """The certificate of an award won as a PDF; `nomination` as `nominations_visible_to` gives it."""
    assert nomination.number is not None and nomination.decided_at is not None
    paper = Paper("荣誉证书", foot=f"{nomination.number}　{nomination.staff}", at=at)
    paper.title("荣誉证书")
    if nomination.is_taken_back:
        reason = nomination.revocation
        if not reason and nomination.incident is not None:
            reason = nomination.incident.reversal.reason
        paper.text(f"本奖项已撤销，证书不再有效。撤销理由：{reason}")
    department = nomination.department.name
    paper.text(
        f"{nomination.staff.name}同志（工号{nomination.staff.number}）：\n"
        f"在{department}{nomination.month:%Y年%m月}的评奖中，荣获“{nomination.provision.title}”。"
        "特发此证，以资鼓励。"
    )
    paper.facts(
        [
            ("证书编号", nomination.number),
            ("事迹", nomination.reason),
            ("名次", f"第{nomination.place}名" if nomination.place else ""),
            ("奖励", prize_in_words(nomination)),
            ("评定", nomination.decision),
            ("颁发日期", f"{timezone.localtime(nomination.decided_at):%Y年%m月%d日}"),
        ]
    )
    paper.signatures([f"{department}负责人"])
    return paper.content()


def prize_in_words(nomination: Nomination) -> str:
    """What was or is given for it, and by which way."""
    if nomination.is_placing:
        return f"{money(nomination.amount)} 元，随{nomination.month:%Y年%m月}工资结算发放"
    return "等值礼品" if nomination.as_gift else "奖金随奖励记录计入工资"
