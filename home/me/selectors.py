"""Whose pages these are, with the figures of a month that need no row of their own."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from appraisals.models import Sheet
from complaints.models import Charge, Ruling
from core.periods import first_of, last_of
from duties.models import Memo
from penalties.models import FundCount, Incident, MoneyEntry, PointsEntry
from penalties.selectors import incidents_to_sign
from people.models import Account
from people.selectors import employments_of
from shifts.models import Swap


def own_with_figures(account: Account, month: date, *, now: datetime) -> Any:
    """The employment that the account has at a moment with the month's sums; one query.

    `points` (deducted), `money` (yuan, fines negative); `waiting`: incidents nobody has confirmed; `to_sign`:
    those that count, unsigned, that can still be appealed against; `sheets_to_sign`: published appraisals;
    `memos_due`, `charges_new`, `swaps_to_answer`: memos whose time has come, shares of losses that can be
    appealed, shift swaps that wait for this person's word; `counts_to_witness`: counts of the fund that do.
    """
    whose = {"staff__account": OuterRef("account")}
    span = {"work_date__range": (first_of(month), last_of(month))}
    rows: Any = employments_of(account, on=timezone.localdate(now))
    return rows.annotate(
        points=_total(PointsEntry.objects.filter(**whose, **span), "points"),
        money=_total(MoneyEntry.objects.filter(**whose, **span), "amount"),
        waiting=_count(Incident.objects.filter(**whose, state=Incident.State.RECORDED), "staff__account"),
        sheets_to_sign=_count(
            Sheet.objects.filter(**whose, state__in=[Sheet.State.PUBLISHED, Sheet.State.COMMENTED]),
            "staff__account",
        ),
        to_sign=_count(incidents_to_sign(timezone.localdate(now)).filter(**whose), "staff__account"),
        memos_due=_count(
            Memo.objects.filter(**whose, remind_at__lte=now, settled_at__isnull=True), "staff__account"
        ),
        charges_new=_count(
            Charge.objects.filter(
                **whose,
                amount__gt=0,
                ruling__state=Ruling.State.DECIDED,
                appeal_until__gte=timezone.localdate(now),
                appeals__isnull=True,
            ),
            "staff__account",
        ),
        counts_to_witness=_count(
            FundCount.objects.filter(witness=OuterRef("account"), state=FundCount.State.OPEN), "witness"
        ),
        swaps_to_answer=_count(
            Swap.objects.filter(partner__account=OuterRef("account"), state=Swap.State.ASKED),
            "partner__account",
        ),
    ).first()


def _total(rows: QuerySet[Any], value: str) -> Any:
    sums = rows.order_by().values("staff__account").annotate(total=Sum(value)).values("total")
    output: DecimalField = DecimalField(max_digits=12, decimal_places=2)
    return Coalesce(Subquery(sums, output_field=output), 0, output_field=output)


def _count(rows: QuerySet[Any], by: str) -> Any:
    counts = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts), 0)
