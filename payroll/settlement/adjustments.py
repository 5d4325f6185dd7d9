"""What became known after a month was frozen: it is recomputed, and the difference goes into this month.

A frozen month is recomputed under the rules that were published when it was settled, from all facts as
they are now, before caps. Per person and provision the result is compared with what frozen payslips
already hold for that month (its own lines and earlier adjustments); each difference is one line.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, Sum

from core.money import ZERO
from core.periods import shift_months
from payroll.models import ManualLine, PayLine, SettlementPeriod
from payroll.selectors.fact_changes import OVERLAP, people_changed
from payroll.settlement.carry import Bases, left_with, stored_bases
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import ANNUAL_BONUS, DraftLine, Nature, PersonDraft
from payroll.settlement.sources import load_facts, settle_person
from people.models import FactChange
from rules.lines import UNEARNED, Line

Key = tuple[int, str]  # staff, provision code
# These change no line that a provision of the department's own gives.
OF_THE_LAW = {FactChange.Source.CONTRIBUTION_BASE, FactChange.Source.TAX}
Sources = Mapping[str, Collection[int]]  # what changed in a month, by name: whose facts


@dataclass(slots=True)
class Adjustments:
    """Lines per person; why a person's frozen month could not be recomputed; bases that months leave now."""

    lines: dict[int, list[DraftLine]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    carried: dict[date, Bases] = field(default_factory=dict)
    frozen: Sequence[SettlementPeriod] = ()  # the months before, where the period is the next open one
    unseen: Sequence[FactChange] = ()  # what changed in them since the last one was read


def adjustments_of(period: SettlementPeriod) -> Adjustments:
    """What frozen months before `period` owe or are owed; nothing unless it is the next open month.

    A change in one month may move what later ones count on (a base below zero, the rank of an offence, a
    streak), so every frozen month from the first changed one on is recomputed in turn. The number of
    queries depends on those months and on what changed.
    """
    result = Adjustments()
    earlier = SettlementPeriod.objects.filter(department=period.department, month__lt=period.month)
    frozen = list(earlier.filter(state__in=SettlementPeriod.FROZEN).order_by("month"))
    if not frozen or earlier.filter(month__gt=frozen[-1].month).exists():
        return result
    looked_at = frozen[-1].facts_read_at
    if looked_at is None:
        return result
    changes = list(
        FactChange.objects.filter(
            department=period.department, month__lte=frozen[-1].month, at__gt=looked_at - OVERLAP
        )
    )
    unseen = [each for each in changes if each.pk not in frozen[-1].facts_seen]
    result.frozen, result.unseen = frozen, unseen
    changes = [each for each in changes if each.source not in OF_THE_LAW]
    if not changes:
        return result
    unseen = [each for each in unseen if each.source not in OF_THE_LAW]
    first = min(each.month for each in changes)
    people = people_changed(period.department_id, unseen, until=frozen[-1].month)
    for each in frozen:
        if each.month >= first:
            _recompute(period, each, _sources(each.month, unseen, people), result)
    return result


def terms_changed_since(period: SettlementPeriod) -> date:
    """The first frozen month in which terms changed since the last one was read, else the month."""
    frozen = SettlementPeriod.objects.filter(
        department=period.department, month__lt=period.month, state__in=SettlementPeriod.FROZEN
    )
    last = frozen.order_by("-month").first()
    if last is None or last.facts_read_at is None:
        return period.month
    changed = FactChange.objects.filter(
        department=period.department,
        source=FactChange.Source.STAFF,
        month__lte=last.month,
        at__gt=last.facts_read_at - OVERLAP,
    )
    return changed.aggregate(first=Min("month"))["first"] or period.month


def _sources(month: date, changes: Sequence[FactChange], people: Mapping[str, Collection[int]]) -> Sources:
    """What changed in a month, by name: whose facts it was."""
    changed = sorted({FactChange.Source(each.source) for each in changes if each.month == month})
    return {source.label: people.get(source, ()) for source in changed}


def _recompute(
    period: SettlementPeriod, frozen: SettlementPeriod, sources: Sources, result: Adjustments
) -> None:
    before = shift_months(frozen.month, -1)
    carried = result.carried[before] if before in result.carried else stored_bases(period, before)
    month = load_month(
        period.department, frozen.month, also=left_with(carried), published_by=frozen.facts_read_at
    )
    manual = ManualLine.objects.filter(period=frozen, withdrawn_at__isnull=True).select_related("by")
    facts = load_facts(month, carried=carried, manual=manual)
    now: dict[Key, list[Line]] = defaultdict(list)
    bases: dict[Key, Decimal] = {}
    for person in month.people.values():
        draft = settle_person(facts, person)
        if draft.failure:
            reason = f"{frozen.month:%Y年%m月}有变更须重算，但：{draft.failure}"
            result.failures[person.staff_id] = (reason, draft.remedy)
        _collect(draft, now, bases)
    result.carried[frozen.month] = bases
    held, held_bases = _stored(period, frozen.month), stored_bases(period, frozen.month)
    for key in sorted({*now, *held}):
        if key[0] in result.failures:
            continue
        base_changed = bases.get(key, ZERO) != held_bases.get(key, ZERO)
        line = _difference(frozen.month, key, now.get(key, []), held, sources)
        if line.amount or base_changed:
            line.carried = bases.get(key, ZERO) if base_changed else None
            result.lines[key[0]].append(DraftLine(line, Nature.ADJUSTMENT, frozen.month, line.amount))


def _collect(draft: PersonDraft, now: dict[Key, list[Line]], bases: dict[Key, Decimal]) -> None:
    for each in draft.lines:
        if each.nature == Nature.REGULAR:
            key = draft.person.staff_id, each.line.code
            now[key].append(each.line)
            if each.line.carried is not None:
                bases[key] = each.line.carried


@dataclass(frozen=True, slots=True)
class Held:
    """What frozen payslips hold under a code for a month, before what waits for later months was held back.

    `let_go`: some of it is never asked for, since a provision's own cap let it go. `is_leave`: it is pay that
    was not earned.
    """

    title: str
    basis: str
    provision_id: int | None
    amount: Decimal
    let_go: bool
    is_leave: bool


def _stored(period: SettlementPeriod, month: date) -> dict[Key, Held]:
    rows = (
        PayLine.objects.filter(
            payslip__period__department=period.department_id,
            payslip__period__state__in=SettlementPeriod.FROZEN,
            for_month=month,
            nature__in=[Nature.REGULAR, Nature.ADJUSTMENT],
        )
        .exclude(column__in=PayLine.STATUTORY)
        .exclude(code=ANNUAL_BONUS)
        .values_list("payslip__staff_id", "code", "title", "basis", "provision_id")
        .annotate(
            total=Sum("full_amount"),
            let_go=Count("id", filter=Q(trace__has_key="let_go")),
            leave=Count("id", filter=Q(column=PayLine.Column.LEAVE)),
        )
        .order_by("payslip__staff_id", "code")
    )
    held: dict[Key, Held] = {}
    for staff_id, code, title, basis, provision_id, total, let_go, leave in rows:
        before = held.get((staff_id, code))
        amount = total + (before.amount if before else ZERO)
        is_let_go = bool(let_go) or (before is not None and before.let_go)
        is_leave = bool(leave) or (before is not None and before.is_leave)
        held[(staff_id, code)] = Held(title, basis, provision_id, amount, is_let_go, is_leave)
    return held


def _difference(month: date, key: Key, lines: list[Line], held: Mapping[Key, Held], changed: Sources) -> Line:
    """The line of what a provision's recomputation differs by; what changed is named where it was theirs."""
    old = held.get(key)
    new_amount = sum((line.amount for line in lines), ZERO)
    old_amount = old.amount if old else ZERO
    if old and old.let_go:  # what exceeded the month's limit does not come back by a recomputation
        new_amount = max(new_amount, old_amount)
    is_leave = any(line.column == PayLine.Column.LEAVE for line in lines) or (
        old is not None and old.is_leave
    )
    title = lines[-1].title if lines else (old.title if old else key[1])
    sources = "、".join(label for label, people in changed.items() if key[0] in people)
    cause = f"（{sources}有变更）" if sources else "" if changed else "（前月变更所致）"
    return Line(
        code=key[1],
        title=title,
        amount=new_amount - old_amount,
        column="other",
        basis=lines[-1].basis if lines else (old.basis if old else "benefit"),
        on=shift_months(month, 1) - timedelta(days=1),
        reason=f"{month:%Y年%m月}“{title}”重算为{new_amount}元，原为{old_amount}元，"
        f"差额{new_amount - old_amount}元{cause}",
        trace={
            "adjustment": {
                "month": f"{month:%Y-%m}",
                "before": str(old_amount),
                "after": str(new_amount),
                "sources": sources,
            },
            "lines": [{"reason": line.reason, "amount": str(line.amount), **line.trace} for line in lines],
            **({UNEARNED: str(old_amount - new_amount)} if is_leave else {}),
        },
        provision_id=lines[-1].provision_id if lines else (old.provision_id if old else None),
    )
