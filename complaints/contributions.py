"""What shared losses contribute to a month's pay, read set-wise: at most seven queries for any number."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from complaints.models import Appeal, Charge, Loss, ResponsibleParty, Ruling
from complaints.selectors.parties import told_name
from core.money import plain
from core.text import shortened
from penalties.models import MoneyEntry, SourceKind
from penalties.selectors import rules_of
from people.models import Department
from people.terms import PersonMonth
from rules.kinds.base import Kind
from rules.lines import Line
from rules.provisions import Month, Rule

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One department's month of charges that stand, with their ledger entries, by staff; made by `load`."""

    rules: dict[int, Rule[Kind]]
    charges: dict[int, list[tuple[MoneyEntry, Charge]]]
    losses: dict[int, list[Loss]]  # by case
    parties: dict[int, list[ResponsibleParty]]  # by ruling

    def lines(self, person: PersonMonth) -> list[Line]:
        """One line a charge, in the order in which they were entered."""
        return [self._line(*each) for each in self.charges.get(person.staff_id, ())]

    def _line(self, entry: MoneyEntry, charge: Charge) -> Line:
        rule = self.rules[entry.provision_id]
        case = charge.ruling.case
        reason = f"{entry.work_date} {rule.title}：{case.number}的损失{charge.ruling.amount}元，"
        reason += f"承担{charge.amount}元（{'；'.join(charge.arithmetic)}）"
        return Line(
            code=rule.code,
            title=rule.title,
            amount=entry.amount,
            column=rule.kind.column,
            basis=rule.basis,
            on=entry.work_date,
            reason=shortened(reason, LONGEST_REASON),
            trace={
                "provision": rule.cite(),
                "facts": self._in_trace(charge),
                "entries": [
                    {
                        "entry": entry.pk,
                        "amount": str(entry.amount),
                        "reason": entry.reason,
                        "reverses": None,
                    }
                ],
                "arithmetic": list(charge.arithmetic),
            },
            provision_id=rule.id,
        )

    def _in_trace(self, charge: Charge) -> dict[str, Any]:
        ruling, case = charge.ruling, charge.ruling.case
        return {
            "case": f"{case.number} {case.title}",
            "case_id": case.pk,
            "received": _day(case.received_at),
            "closed": _day(case.closed_at),
            "ruling": ruling.pk,
            "charge": charge.pk,
            "staff": f"{charge.staff.number} {charge.staff.name}",
            "losses": [f"{each.amount}元：{each.basis}" for each in self.losses.get(case.pk, ())],
            "parties": [_party(each) for each in self.parties.get(ruling.pk, ()) if _is_in(each, charge)],
            "reason": ruling.reason,
            "decided_by": str(ruling.decided_by or "系统"),
            "amount": str(charge.amount),
        }


def load(month: Month) -> CaseFacts:
    """The charges of the month that stand: those taken back and those under an open appeal are left out."""
    entries = _standing(month.department_id, month.first, month.last)
    charges = _charges({each.source_id for each in entries})
    by_staff: dict[int, list[tuple[MoneyEntry, Charge]]] = defaultdict(list)
    for entry in entries:
        if entry.source_id in charges:
            by_staff[entry.staff_id].append((entry, charges[entry.source_id]))
    rulings: dict[int, Ruling] = {each.ruling_id: each.ruling for each in charges.values()}
    losses: dict[int, list[Loss]] = defaultdict(list)
    cases = {each.case_id for each in rulings.values()}
    for loss in Loss.objects.filter(case__in=cases, moved_to__isnull=True).order_by("id"):
        losses[loss.case_id].append(loss)
    parties: dict[int, list[ResponsibleParty]] = defaultdict(list)
    rows = ResponsibleParty.objects.filter(ruling__in=rulings).select_related("team")
    for party in rows.prefetch_related("members__staff").order_by("id"):
        parties[party.ruling_id].append(party)
    return CaseFacts(rules_of({each.provision_id for each in entries}), by_staff, losses, parties)


def charged_staff(department: Department, first: date, last: date) -> set[int]:
    """Whom charges of these days reach, be they still employed then or not; one query."""
    return set(_standing(department.pk, first, last).values_list("staff", flat=True))


def _standing(department_id: int, first: date, last: date) -> QuerySet[MoneyEntry]:
    return MoneyEntry.objects.filter(
        source_kind=SourceKind.CASE_SHARE,
        staff__department=department_id,
        work_date__range=(first, last),
        reverses__isnull=True,
        reversed_by__isnull=True,
    ).order_by("id")


def _charges(ids: set[int]) -> dict[int, Charge]:
    waiting = Appeal.objects.filter(charge=OuterRef("pk"), state=Appeal.State.ASKED)
    rows = Charge.objects.filter(~Exists(waiting), pk__in=ids)
    return {each.pk: each for each in rows.select_related("staff", "ruling__case", "ruling__decided_by")}


def _day(at: Any) -> str:
    return "" if at is None else timezone.localdate(at).isoformat()


def _is_in(party: ResponsibleParty, charge: Charge) -> bool:
    return any(each.staff_id == charge.staff_id for each in party.members.all())


def _party(party: ResponsibleParty) -> str:
    """The own party; who else bears how much stands on the page of the case, which not everybody sees."""
    return f"{told_name(party, [each.staff for each in party.members.all()])} {plain(party.percent)}%"
