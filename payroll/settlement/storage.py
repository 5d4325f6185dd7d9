"""Storing a draft: whole, with COPY, under ids that are reserved beforehand."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from core.copying import copy_lines
from payroll.models import (
    TITLE_LENGTH,
    EmployerCost,
    PayLine,
    Payslip,
    SettledOrders,
    SettlementPeriod,
    Withholding,
)
from payroll.settlement.payslip_drafts import PersonDraft

PAYSLIP_COLUMNS = (
    "id, period_id, staff_id, number, name, team, role, tier, days_due, days_worked, "
    "gross, deductions, net, points, points_trace, failure, remedy, failure_cause"
)
LINE_COLUMNS = (
    '"payslip_id", "position", "nature", "column", "code", "title", "provision_id", "basis", "for_month", '
    '"on", "amount", "full_amount", "state_carried", "reason", "trace", "origin_id"'
)
COST_COLUMNS = "payslip_id, item, code, title, for_month, amount, trace"
WITHHOLDING_COLUMNS = (
    "payslip_id, kind, paid_on, months, income, shortfall, social, fund, tax, year_income, year_allowance, "
    "year_contributions, year_deductions, year_withheld, trace"
)
REASON_LENGTH = 1000
needs_escape = re.compile(r"[\\\t\n\r]").search
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def draft_delete(period: SettlementPeriod) -> None:
    """Remove the period's draft; the database refuses it for a frozen period.

    A month that was sent back may have debts in later drafts. These void drafts let go of them; they
    cannot be approved before they are computed again.
    """
    with connection.cursor() as cursor:
        for sql in (
            "UPDATE payroll_payline c SET origin_id = NULL FROM payroll_payline l, payroll_payslip s "
            "WHERE c.origin_id = l.id AND s.id = l.payslip_id AND s.period_id = %s",
            "DELETE FROM payroll_payline l USING payroll_payslip s "
            "WHERE s.id = l.payslip_id AND s.period_id = %s",
            *(
                f"DELETE FROM {model._meta.db_table} r USING payroll_payslip s "
                "WHERE s.id = r.payslip_id AND s.period_id = %s"
                for model in (EmployerCost, Withholding)
            ),
            f"DELETE FROM {Payslip._meta.db_table} WHERE period_id = %s",
            f"DELETE FROM {SettledOrders._meta.db_table} WHERE period_id = %s",
        ):
            cursor.execute(sql, [period.pk])


def draft_store(period: SettlementPeriod, drafts: list[PersonDraft]) -> None:
    """Store the payslips, their lines, and what the law takes beside them; three to five statements."""
    ids = reserve_ids(len(drafts))
    numbered = list(zip(ids, drafts, strict=True))
    copy_lines(Payslip._meta.db_table, PAYSLIP_COLUMNS, "".join(payslip_rows(period, numbered)))
    copy_lines(PayLine._meta.db_table, LINE_COLUMNS, "".join(line_rows(numbered)))
    for table, columns, rows in (
        (EmployerCost._meta.db_table, COST_COLUMNS, cost_rows(numbered)),
        (Withholding._meta.db_table, WITHHOLDING_COLUMNS, withholding_rows(numbered)),
    ):
        if data := "".join(rows):
            copy_lines(table, columns, data)


def reserve_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('payroll_payslip', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def payslip_rows(period: SettlementPeriod, numbered: Iterable[tuple[int, PersonDraft]]) -> Iterator[str]:
    for pk, draft in numbered:
        person, terms = draft.person, draft.person.at_end
        yield row(
            pk,
            period.pk,
            person.staff_id,
            person.number,
            person.name,
            terms.team,
            terms.role,
            terms.tier,
            draft.days_due,
            draft.days_worked,
            draft.gross,
            draft.deductions,
            draft.net,
            draft.points,
            as_json(draft.points_trace),
            draft.failure[:500],
            draft.remedy[:500],
            as_json(draft.failure_cause),
        )


def line_rows(numbered: Iterable[tuple[int, PersonDraft]]) -> Iterator[str]:
    for pk, draft in numbered:
        for position, each in enumerate(draft.lines, 1):
            line = each.line
            reason = line.reason
            yield row(
                pk,
                position,
                each.nature,
                line.column,
                line.code,
                line.title[:TITLE_LENGTH],
                line.provision_id,
                line.basis,
                each.for_month,
                line.on,
                line.amount,
                each.full_amount,
                line.carried,
                reason if len(reason) <= REASON_LENGTH else reason[: REASON_LENGTH - 1] + "…",
                as_json(line.trace),
                each.origin_id,
            )


def cost_rows(numbered: Iterable[tuple[int, PersonDraft]]) -> Iterator[str]:
    for pk, draft in numbered:
        for each in draft.costs:
            title = each.title[:TITLE_LENGTH]
            yield row(pk, each.item, each.code, title, each.for_month, each.amount, as_json(each.trace))


def withholding_rows(numbered: Iterable[tuple[int, PersonDraft]]) -> Iterator[str]:
    for pk, draft in numbered:
        for each in draft.withheld:
            yield row(
                pk,
                each.kind,
                each.paid_on,
                each.months,
                each.income,
                each.shortfall,
                each.social,
                each.fund,
                each.tax,
                each.year_income,
                each.year_allowance,
                each.year_contributions,
                as_json(each.year_deductions),
                each.year_withheld,
                as_json(each.trace),
            )


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def row(*values: Any) -> str:
    """One line of PostgreSQL's COPY text format."""
    # Few texts need escaping, and looking is cheaper than translating them all.
    return (
        "\t".join(
            [
                (value.translate(ESCAPES) if needs_escape(value) else value)
                if isinstance(value, str)
                else "\\N"
                if value is None
                else str(value)
                for value in values
            ]
        )
        + "\n"
    )
