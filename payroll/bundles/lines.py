"""The bundle of one payslip line: the payslip, how the line came about, its rules, facts, what was said."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from core.pdf import Paper
from core.templatetags.ui import money
from files.models import Attachment
from payroll.bundles.archive import archive, files_of
from payroll.bundles.parts import (
    charges_part,
    charges_with,
    discipline_part,
    files_part,
    fund_part,
    incidents_part,
    moment,
    rules_part,
)
from payroll.models import Objection, PayLine, Payslip
from payroll.selectors.objections import line_name
from payroll.traces import trace_text
from penalties.models import DisciplinaryCase, Incident
from people.models import Account
from rules.models import Provision

# What the paper tells in parts of its own.
TOLD = {"provision", "arithmetic", "entries"}


def line_bundle(line: PayLine, *, by: Account, at: datetime) -> tuple[str, bytes]:
    """The name and the archive of a line of an approved month, for who sees that pay.

    `line` with its payslip's period, department and staff, and its provision's version.
    """
    slip, origins = line.payslip, _origins(line)
    traces = [each.trace for each in origins]
    name = f"{slip.number}-{slip.period.month:%Y-%m}-{line.position:02}"
    paper = Paper(f"仲裁材料 {name}", foot=f"{name}　{slip.number} {slip.name}", at=at)
    paper.title("仲裁材料：工资明细")
    _head(paper, line, by=by, at=at)
    _slip(paper, line)
    for each in origins:
        _line(paper, each)
    charges = charges_with(set(_named(traces, "charge")))
    provisions = _provisions(origins, charges)
    rules_part(paper, provisions, [slip.staff])
    incidents = incidents_part(paper, set(_named(traces, "incident")))
    fund_part(paper, incidents)
    cases = discipline_part(paper, incidents)
    charges_part(paper, [each for each in charges if each.staff_id == slip.staff_id])
    _objections(paper, line)
    files = files_of(_attached(incidents, cases))
    files_part(paper, files)
    return name, archive(paper.content(), files, at=at)


def _attached(incidents: list[Incident], cases: list[DisciplinaryCase]) -> Iterator[Attachment]:
    for incident in incidents:
        yield from incident.attachments.all()
    for case in cases:
        yield from case.evidence.all()


def _origins(line: PayLine) -> list[PayLine]:
    """The line, and what it was carried from, back to where it began."""
    found = [line]
    while found[-1].origin_id is not None:
        related = "payslip__period", "provision__version"
        found.append(PayLine.objects.select_related(*related).get(pk=found[-1].origin_id))
    return found


def _head(paper: Paper, line: PayLine, *, by: Account, at: datetime) -> None:
    slip, period = line.payslip, line.payslip.period
    paper.facts(
        [
            ("部门", period.department.name),
            ("员工", f"{slip.number} {slip.name}"),
            ("工资月份", f"{period.month:%Y-%m}"),
            ("明细", f"{line.title}（{line.get_nature_display()}），{money(line.amount)} 元"),
            ("编制", f"{period.prepared_by or '系统'}，取数至 {moment(period.facts_read_at)}"),
            ("批准", f"{period.approved_by}，{moment(period.approved_at)}"),
            ("发放", f"{period.paid_by}，{moment(period.paid_at)}" if period.paid_at else "还没有登记发放"),
            ("本材料", f"{by} 于 {moment(at)} 由系统记录生成"),
        ]
    )


def _slip(paper: Paper, line: PayLine) -> None:
    slip: Payslip = line.payslip
    paper.heading("工资条")
    sums = f"应发 {money(slip.gross)} 元，应扣 {money(slip.deductions)} 元，实发 {money(slip.net)} 元"
    paper.text(
        f"{sums}；应出勤 {slip.days_due} 天，实出勤 {slip.days_worked} 天。打 ★ 的是本材料所说的明细。"
    )
    rows = [
        (
            f"{'★ ' if each.pk == line.pk else ''}{each.title}",
            each.get_nature_display(),
            each.code if each.provision_id else "",
            f"{each.for_month:%Y-%m}",
            money(each.amount),
        )
        for each in slip.lines.order_by("position")
    ]
    paper.table(["项目", "来历", "条款", "归属", "金额"], rows, [62, 30, 34, 20, 24], numbers=[4])


def _line(paper: Paper, line: PayLine) -> None:
    trace = line.trace if isinstance(line.trace, Mapping) else {}
    paper.heading(f"{line.payslip.period.month:%Y-%m} {line.title}：怎么算出来")
    steps = "\n".join(f"{place}. {step}" for place, step in enumerate(trace.get("arithmetic") or [], 1))
    entries = "\n".join(
        f"台账 {each.get('entry')} 号：{money(each.get('amount'))} 元，{each.get('reason')}"
        for each in trace.get("entries") or []
    )
    rest = {key: value for key, value in trace.items() if key not in TOLD}
    paper.facts(
        [
            ("说明", line.reason),
            ("计算", steps),
            ("金额", f"本月 {money(line.amount)} 元，封顶前 {money(line.full_amount)} 元"),
            ("台账", entries),
            ("事实与其他依据", trace_text(rest)),
        ]
    )


def _provisions(lines: list[PayLine], charges: list[Any]) -> list[Provision]:
    own = [each.provision for each in lines if each.provision is not None]
    return [*own, *(each.ruling.provision for each in charges)]


def _objections(paper: Paper, line: PayLine) -> None:
    rows = Objection.objects.filter(
        period=line.payslip.period, staff=line.payslip.staff_id, line=line_name(line)
    ).select_related("answered_by")
    for each in rows.order_by("id"):
        paper.heading("对工资条的异议")
        paper.facts(
            [
                ("提出", f"{moment(each.at)}：{each.reason}"),
                ("结果", each.get_state_display()),
                ("答复", each.answer and f"{each.answered_by}，{moment(each.answered_at)}：{each.answer}"),
            ]
        )


def _named(trace: Any, key: str) -> Iterator[int]:
    """The rows of one kind that a trace names, however deep."""
    if isinstance(trace, Mapping):
        for name, value in trace.items():
            if name == key and isinstance(value, int):
                yield value
            else:
                yield from _named(value, key)
    elif isinstance(trace, list):
        for each in trace:
            yield from _named(each, key)
