"""The core of settlement: takes a department's facts and writes a month's draft in the caller's transaction.

Order of computation: each person's own lines (`sources`), what frozen months still owe or are owed
(`adjustments`), what earlier months left to be taken (`carry`), the limits of rules (each loss_share's own in
`loss_cap`, the department's in `caps`), contributions and tax (`law`), and last the limit of nothing. The
lock and the progress of a real run are `runner`'s; the scenario runner calls `draft_write` inside a
transaction that it rolls back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from commissions.contributions import CommissionFacts
from commissions.order_sums import Rows
from core.collecting import new_objects_alone
from core.periods import last_of
from payroll.errors import FROZEN_REMEDY, PeriodRefused
from payroll.models import PAY_ON, ManualLine, SettlementPeriod
from payroll.selectors.readiness import facts_seen
from payroll.settlement import storage
from payroll.settlement.adjustments import adjustments_of, terms_changed_since
from payroll.settlement.caps import apply_floor, apply_limits
from payroll.settlement.carry import carried_bases, left_with, opening_lines, outstanding_lines
from payroll.settlement.law.late import late_contributions
from payroll.settlement.law.taken import Law, bonuses_of, in_turn
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import PersonDraft
from payroll.settlement.placings import placings_hand_on
from payroll.settlement.points import past_points
from payroll.settlement.sources import MonthFacts, load_facts, settle_person
from payroll.workflow import period_move
from penalties.services import joint_fines_sync, proposals_sync_month
from people.models import Account
from people.one_person import other_rows
from rules.kinds.attendance import Absence
from rules.kinds.fines_and_awards import PointsBand
from rules.kinds.target import Target
from shifts.services import attendance_derive

Progress = Callable[[str, int, int], None]
State = SettlementPeriod.State
PEOPLE_PER_REPORT = 50
PROPOSING = (PointsBand, Absence, Target)  # kinds of which a month may suggest something


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """How many people a draft settled and how many failed."""

    people: int
    failed: int


def no_progress(step: str, done: int, total: int) -> None:
    """For callers that show nothing."""


@new_objects_alone()
@transaction.atomic
def draft_write(
    *, period: SettlementPeriod, by: Account | None, at: datetime, progress: Progress = no_progress
) -> DraftSummary:
    """Compute the month and replace its draft, whole. `by` is None for beat and commands.

    PeriodRefused when the month is frozen. Running twice over the same facts gives the same rows.
    """
    period = (
        SettlementPeriod.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=period.pk)
    )
    if period.is_frozen:
        raise PeriodRefused(f"{period}{period.get_state_display()}，不能重新计算", FROZEN_REMEDY)
    storage.draft_delete(period)
    progress("读取事实", 0, 0)
    attendance_derive(
        department=period.department,
        first=period.month,
        last=last_of(period.month),
        now=at,
        by=by,
        at=at,
    )
    seen = facts_seen(period, at)
    joint_fines_sync(
        department=period.department,
        first=terms_changed_since(period),
        last=last_of(period.month),
        by=by,
        at=at,
    )
    drafts, facts = compute(period, progress)
    progress("写入工资条", len(drafts), len(drafts))
    storage.draft_store(period, drafts)
    proposals_sync_month(
        department=period.department,
        month=period.month,
        wanted=[each for draft in drafts for each in draft.proposals],
        codes={code for kind in PROPOSING for code in facts.month.timeline.codes_of_kind(kind)},
        at=at,
    )
    placings_hand_on(period, facts.month, drafts, at=at)
    period.facts_read_at, period.facts_seen = at, seen
    period.prepared_by = by
    period.control = {**control_totals(facts), PAY_ON: f"{period.pays_on}"}
    changed = ["facts_read_at", "facts_seen", "prepared_by", "control"]
    period_move(period=period, to=State.COMPUTED, by=by, at=at, changed=changed)
    return DraftSummary(len(drafts), sum(bool(draft.failure) for draft in drafts))


def compute(period: SettlementPeriod, progress: Progress) -> tuple[list[PersonDraft], MonthFacts]:
    """Every payslip of the month, by staff number; nothing is stored but the orders that counted."""
    department = period.department
    adjusted = adjustments_of(period)
    manual = list(
        ManualLine.objects.filter(period=period, withdrawn_at__isnull=True)
        .select_related("by")
        .order_by("id")
    )
    carried = carried_bases(period, adjusted.carried)
    late, bonuses = late_contributions(period, adjusted), bonuses_of(period)
    also = {*adjusted.lines, *adjusted.failures, *(line.staff_id for line in manual), *left_with(carried)}
    month = load_month(department, period.month, also={*also, *late.staff, *bonuses})
    facts = load_facts(
        month,
        carried=carried,
        manual=manual,
        read_orders=storing_reader(period),
    )
    facts.past_points = past_points(period, month)
    others = other_rows(month.people)
    outstanding = outstanding_lines(period, month, others)
    brought = opening_lines(period, month)
    law = Law.of(period, month, others=others, bonuses=bonuses, late=late)
    failures = {**late.failures, **adjusted.failures}
    drafts = []
    for person in in_turn(month):
        draft = settle_person(facts, person)
        if person.staff_id in failures:
            draft.fail(*failures[person.staff_id])
        if not draft.failure:
            draft.lines += adjusted.lines.get(person.staff_id, [])
            draft.lines += outstanding.get(person.staff_id, [])
            draft.lines += brought.get(person.staff_id, [])
            law.add_bonuses(draft)
            apply_limits(draft, department, month.timeline, facts.loss_percent)
            law.take(draft)
            apply_floor(draft)
            draft.fail_where_too_large()
        if draft.is_of_nothing:
            continue
        drafts.append(draft)
        if len(drafts) % PEOPLE_PER_REPORT == 0:
            progress("计算工资条", len(drafts), len(month.people))
    places = {staff_id: place for place, staff_id in enumerate(month.people)}
    drafts.sort(key=lambda draft: places[draft.person.staff_id])
    return drafts, facts


def storing_reader(period: SettlementPeriod) -> Callable[[str, list[Any], list[str]], Rows]:
    """Reads the sums of orders and stores each person's orders in the same pass over them."""

    def read(sql: str, params: list[Any], columns: list[str]) -> Rows:
        with connection.cursor() as cursor:
            # A table of its own, because PostgreSQL plans no parallel scan for INSERT … SELECT.
            cursor.execute(f"CREATE TEMP TABLE summed ON COMMIT DROP AS {sql}", params)
            cursor.execute(
                """
                INSERT INTO payroll_settledorders (period_id, staff_id, order_ids, amounts)
                SELECT %s, staff_id, order_ids, amounts FROM summed WHERE staff_id IS NOT NULL
                """,
                [period.pk],
            )
            cursor.execute(f"SELECT {', '.join(columns)} FROM summed")
            rows = cursor.fetchall()
            cursor.execute("DROP TABLE summed")
            return rows

    return read


def control_totals(facts: MonthFacts) -> dict[str, str]:
    """Sums of the facts as they were read, for the 核对 sheet: orders and refunds, and whose they are."""
    return {key: str(value) for key, value in order_totals(facts.commissions).items()}


def order_totals(commissions: CommissionFacts) -> Mapping[str, Decimal]:
    """Payments and refunds of the month: all, those that belong to an agent, and nobody's."""
    totals: dict[str, Decimal] = {}
    for name, wanted in (("attributed", True), ("unattributed", False)):
        sums = [each for who, each in commissions.orders.whole.items() if (who is not None) is wanted]
        totals[f"{name}_orders"] = sum((each.orders for each in sums), Decimal(0))
        totals[f"{name}_sales"] = sum((each.sales for each in sums), Decimal(0))
        totals[f"{name}_refunds"] = sum((each.refunds for each in sums), Decimal(0))
    return totals
