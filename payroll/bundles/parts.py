"""What bundles are put together from: rules with signatures, incidents, discipline, shares of losses."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone

from complaints.models import Appeal, Charge
from core.pdf import WIDTH, Paper
from core.templatetags.ui import money, points_change
from payroll.bundles.archive import BundledFile
from penalties.letters import incident_facts, provision_facts
from penalties.models import (
    DisciplinaryCase,
    DisciplineAppeal,
    FundTransaction,
    Incident,
    IncidentAppeal,
    MoneyEntry,
    PointsEntry,
)
from people.models import Staff
from rules.models import Provision, Signature


def moment(at: datetime | None) -> str:
    """A moment as papers tell it."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "—"


def rules_part(paper: Paper, provisions: Iterable[Provision], people: Collection[Staff]) -> None:
    """Each provision with its text and version, and when each of the people signed that version."""
    rows = list({each.pk: each for each in provisions}.values())
    paper.heading("条款与签署")
    if not rows:
        paper.text("没有条款：这一项不是按条款算出来的。")
        return
    versions = {each.version_id for each in rows}
    signed = {
        (each.version_id, each.staff_id): each.at
        for each in Signature.objects.filter(version__in=versions, staff__in=people)
    }
    for row in rows:
        told = [
            f"{staff}：{moment(signed[row.version_id, staff.pk])} 签署"
            if (row.version_id, staff.pk) in signed
            else f"{staff}：没有签署这一版"
            for staff in people
        ]
        published = f"{moment(row.version.published_at)} 发布"
        paper.facts([*provision_facts(row), ("发布", published), ("本人签署", "\n".join(told))])


def incidents_part(paper: Paper, ids: Collection[int]) -> list[Incident]:
    """The incidents with who recorded, confirmed, signed, contested and reversed them, and their entries."""
    related = "provision__version", "reversal__by", "signature__by", "recorded_by", "decided_by", "staff"
    appeals = Prefetch("appeals", IncidentAppeal.objects.select_related("decided_by").order_by("id"))
    found = Incident.objects.filter(pk__in=ids).select_related(*related)
    rows = list(found.prefetch_related(appeals, "attachments").order_by("work_date", "id"))
    if not rows:
        return rows
    paper.heading("奖惩记录")
    entries: dict[int, list[str]] = {each.pk: [] for each in rows}
    for entry in MoneyEntry.objects.of_incidents(entries).select_related("staff").order_by("id"):
        entries[entry.source_id].append(f"{entry.staff} {money(entry.amount)} 元：{entry.reason}")
    for points in PointsEntry.objects.of_incidents(entries).select_related("staff").order_by("id"):
        entries[points.source_id].append(f"{points.staff} {points_change(points.points)}：{points.reason}")
    for row in rows:
        taken_back = getattr(row, "reversal", None)
        paper.facts(
            [
                ("记录编号", row.pk),
                ("员工", row.staff),
                ("条款", f"{row.code} {row.provision.title}"),
                *incident_facts(row),
                ("台账", "\n".join(entries[row.pk])),
                ("本人签字", _signature(row)),
                ("申诉", "\n".join(map(_appeal, row.appeals.all())) or "没有申诉"),
                ("撤销", taken_back and f"{taken_back.on}，{taken_back.by or '系统'}：{taken_back.reason}"),
            ]
        )
    return rows


def discipline_part(paper: Paper, incidents: Sequence[Incident]) -> list[DisciplinaryCase]:
    """The disciplinary cases behind incidents: proposal, hearing, decision, appeal; gives them."""
    related = "staff", "proposed_by", "heard_by", "decided_by", "reversed_by", "proposal"
    appeals = Prefetch("appeals", DisciplineAppeal.objects.select_related("decided_by").order_by("id"))
    rows = list(
        DisciplinaryCase.objects.filter(incident__in=incidents)
        .select_related(*related)
        .prefetch_related(appeals, "evidence")
    )
    for case in rows:
        paper.heading(f"处分 {case.number}")
        paper.facts(
            [
                ("处分", f"{case.get_level_display()}（{case.get_state_display()}）"),
                ("事实与依据", case.grounds),
                ("所据案件", case.source),
                ("所据建议", case.proposal and f"{case.proposal.get_kind_display()}，{case.proposal.code}"),
                ("提出", f"{case.proposed_by or '系统'}，{moment(case.proposed_at)}"),
                ("本人陈述", case.statement),
                ("听取", f"{case.heard_by or '—'}，{moment(case.heard_at)}"),
                ("决定", case.decision),
                ("决定人", f"{case.decided_by or '—'}，{moment(case.decided_at)}"),
                ("对工资的影响", case.effect),
                ("申诉", "\n".join(map(_appeal, case.appeals.all())) or "没有申诉"),
                (
                    "撤销",
                    case.reversal and f"{case.reversed_by}，{moment(case.reversed_at)}：{case.reversal}",
                ),
            ]
        )
    return rows


def fund_part(paper: Paper, incidents: Sequence[Incident]) -> None:
    """What was paid into the fund of the incidents' fines, given back, or taken by pay; one query."""
    lines = FundTransaction.objects.filter(incident__in=incidents).select_related("staff", "by")
    rows = [
        (
            f"{each.on:%Y-%m-%d}",
            each.incident_id,
            f"{each.get_kind_display()}：{each.text}",
            f"{each.by or '系统'}，{moment(each.at)}",
            money(each.change),
        )
        for each in lines.prefetch_related("postings").order_by("on", "id")
    ]
    if rows:
        paper.heading("基金账")
        paper.table(
            ["日期", "记录", "事项", "登记", "金额"], rows, [24, 18, WIDTH - 112, 46, 24], numbers=[4]
        )


def charges_with(ids: Collection[int]) -> list[Charge]:
    """Shares of losses by their ids, with what `charges_part` tells of them; two queries."""
    appeals = Prefetch("appeals", Appeal.objects.select_related("decided_by").order_by("id"))
    related = "staff", "ruling__case", "ruling__provision__version", "ruling__decided_by"
    rows = Charge.objects.filter(pk__in=ids).select_related(*related, "ruling__proposed_by")
    return list(rows.prefetch_related(appeals).order_by("ruling", "staff__number", "id"))


def charges_part(paper: Paper, charges: Sequence[Charge]) -> None:
    """What each bears, how it was decided and reckoned, and what was said against it."""
    for each in charges:
        ruling = each.ruling
        paper.heading(f"损失承担：{each.staff}")
        paper.facts(
            [
                ("案件", f"{ruling.case.number} {ruling.case.title}"),
                ("归责理由", ruling.reason),
                ("提出", f"{ruling.proposed_by or '系统'}，{moment(ruling.proposed_at)}"),
                ("裁定", f"{ruling.decided_by or '系统'}，{moment(ruling.decided_at)}"),
                ("现在", ruling.get_state_display()),
                ("裁定意见", ruling.answer),
                ("分担的损失", f"{money(ruling.amount)} 元"),
                ("承担金额", f"{money(each.amount)} 元"),
                ("怎么算", "\n".join(map(str, each.arithmetic))),
                ("申诉截止", f"{each.appeal_until:%Y-%m-%d}"),
                ("申诉", "\n".join(map(_appeal, each.appeals.all())) or "没有申诉"),
            ]
        )


def files_part(paper: Paper, files: Sequence[BundledFile]) -> None:
    """The files that go with the paper, each with its hash, and the pictures themselves."""
    if not files:
        return
    paper.heading("附件")
    rows = [(each.name, each.digest or "文件已不在，没有附上") for each in files]
    paper.table(["文件", "SHA-256"], rows, [WIDTH - 85, 85])
    for each in files:
        if each.is_picture and each.content is not None and not paper.picture(each.content, each.name):
            paper.text(f"{each.name}：打不开，没有印在这里，请看附件", is_small=True)


def _signature(incident: Incident) -> str:
    signature = getattr(incident, "signature", None)
    return f"{signature.by}，{moment(signature.at)}" if signature else "没有签字"


def _appeal(appeal: Appeal | IncidentAppeal | DisciplineAppeal) -> str:
    asked = f"{moment(appeal.asked_at)} {appeal.get_state_display()}：{appeal.reason}"
    if appeal.decided_at is None:
        return asked
    return f"{asked}；{appeal.decided_by or '系统'}，{moment(appeal.decided_at)}：{appeal.answer or '—'}"
