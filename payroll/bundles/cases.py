"""The bundle of one complaint case: what came in and was done, its losses, who bears them, and the pay."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from complaints.models import Case, Charge, Loss
from complaints.selectors.cases import attachments_of
from complaints.selectors.story import story_of
from core.pdf import WIDTH, Paper
from core.templatetags.ui import money
from payroll.bundles.archive import archive, files_of
from payroll.bundles.parts import charges_part, charges_with, files_part, moment, rules_part
from payroll.models import PayLine, SettlementPeriod
from people.models import Account
from rules.models import Provision


def case_bundle(case: Case, *, by: Account, at: datetime) -> tuple[str, bytes, list[PayLine]]:
    """The name and the archive of a case, for who sees it whole and the pay of its department.

    Who complained is not in it. The last part are the lines of approved months that its shares are in, which
    are given besides, so that it is noted whose pay was looked at. `case` with its department and provision.
    """
    paper = Paper(f"仲裁材料 {case.number}", foot=f"投诉 {case.number}", at=at)
    paper.title("仲裁材料：投诉案件")
    _head(paper, case, by=by, at=at)
    _story(paper, case)
    _losses(paper, case)
    charges = charges_with(Charge.objects.filter(ruling__case=case).values_list("pk", flat=True))
    rules_part(
        paper, _provisions(case, charges), list({each.staff_id: each.staff for each in charges}.values())
    )
    charges_part(paper, charges)
    lines = lines_of(charges)
    _pay(paper, lines)
    files = files_of(attachments_of(case, by))
    files_part(paper, files)
    return case.number, archive(paper.content(), files, at=at), lines


def lines_of(charges: Sequence[Charge]) -> list[PayLine]:
    """The lines of approved and paid months that take these shares; one query."""
    named = Q(pk__in=[])
    for each in charges:
        named |= Q(trace__facts__charge=each.pk, payslip__staff=each.staff_id)
    rows = PayLine.objects.filter(named, payslip__period__state__in=SettlementPeriod.FROZEN)
    return list(
        rows.select_related("payslip__period__department", "payslip__staff").order_by(
            "payslip__period__month", "payslip__number", "position"
        )
    )


def _head(paper: Paper, case: Case, *, by: Account, at: datetime) -> None:
    upheld = {True: "成立", False: "不成立", None: ""}[case.is_upheld]
    paper.facts(
        [
            ("编号", case.number),
            ("部门", case.department.name),
            ("事项", case.title),
            ("接到", f"{moment(case.received_at)}，{case.get_channel_display()}"),
            ("事由", case.cause),
            ("产品", case.product),
            ("订单", case.order.order_no if case.order else ""),
            ("投诉对象", case.about),
            ("状态", f"{case.get_state_display()}{'，' + upheld if upheld else ''}"),
            ("结案", moment(case.closed_at) if case.closed_at else ""),
            ("登记", f"{case.recorded_by or '系统'}，{moment(case.recorded_at)}"),
            ("本材料", f"{by} 于 {moment(at)} 由系统记录生成；不含投诉人的姓名与电话"),
        ]
    )


def _story(paper: Paper, case: Case) -> None:
    rows = [
        (
            moment(each.at),
            each.label,
            "；".join(filter(None, [each.words, *_given(each.given)])),
            each.by or "系统",
        )
        for each in reversed(story_of(case, whole=True))
    ]
    if rows:
        paper.heading("经过")
        paper.table(["时间", "事项", "内容", "办理人"], rows, [34, 38, WIDTH - 97, 25])


def _given(given: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{name}：{value}" for name, value in given if value]


def _losses(paper: Paper, case: Case) -> None:
    rows = [
        (moment(each.at), each.basis, each.by or "系统", money(each.amount))
        for each in Loss.objects.filter(case=case, moved_to__isnull=True).select_related("by")
    ]
    if rows:
        paper.heading("损失")
        paper.table(["登记时间", "核算依据", "登记人", "金额"], rows, [34, WIDTH - 88, 28, 26], numbers=[3])


def _provisions(case: Case, charges: Sequence[Charge]) -> list[Provision]:
    own = [case.provision] if case.provision is not None else []
    return [*own, *(each.ruling.provision for each in charges)]


def _pay(paper: Paper, lines: Sequence[PayLine]) -> None:
    paper.heading("工资里的扣款")
    if not lines:
        paper.text("还没有进入已批准的工资。")
        return
    rows = [
        (
            f"{each.payslip.period.month:%Y-%m}",
            f"{each.payslip.number} {each.payslip.name}",
            f"{each.title}（{each.get_nature_display()}）：{each.reason}",
            money(each.amount),
        )
        for each in lines
    ]
    paper.table(["月份", "员工", "明细", "金额"], rows, [20, 34, WIDTH - 80, 26], numbers=[3])
