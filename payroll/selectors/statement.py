"""The statement of somebody's orders of a month, as settled or so far: each with why it counted or not."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, overload

from django.db import connection
from django.utils import timezone

from commissions.models import Order
from commissions.order_sums import EVENTS, Excludes, events_between, moment, outside
from core.money import percent
from core.periods import shift_months
from payroll.models import Payslip
from payroll.selectors.statement_terms import Terms, terms_of
from people.models import Staff

OWN, UNPAID, NOBODYS = "own", "unpaid", "nobody"
STANDINGS = {
    "": "全部",
    "counted": "计入基数",
    "excluded": "付款日不计提成",
    "refunded": "有退款",
    "earlier": "以前付款、本月退款",
    "shared": "共享",
    "uncounted": "没有计入（没有付款、没有归属）",
}
SORTS = {
    "": ("付款时间，新的在前", "o.paid_at DESC NULLS LAST, o.id DESC"),
    "old": ("付款时间，早的在前", "o.paid_at, o.id"),
    "paid": ("付款从高到低", "each.paid DESC, o.id DESC"),
    "refunded": ("退款从高到低", "each.refunded DESC, o.id DESC"),
    "number": ("订单号", "o.order_no, o.id"),
}
_LOCAL = "AT TIME ZONE 'Asia/Shanghai'"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """An order of the month, in yuan: paid in it, refunded in it; of a shared one the own part.

    `place`: the person's own, not paid, or nobody's although its remark names the person. `elsewhere`: the
    months of its other refunds. `why`: whose it is and what it counts for, in words.
    """

    order_no: str
    shop: str
    paid_at: datetime | None
    paid: Decimal
    refunded: Decimal
    share: Decimal | None
    place: str
    why: str

    @property
    def shared(self) -> str:
        """What part of a shared order is the person's, as the order stands now; else nothing."""
        return f"共享订单，份额{percent(self.share)}" if self.share is not None and self.share < 1 else ""

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunded


@dataclass(frozen=True, slots=True)
class Base:
    """What the orders of one commission that holds all month come to: outside its excluded days, in yuan."""

    title: str
    paid: Decimal
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunded


class Statement(Sequence[StatementRow]):
    """Orders as a Paginator takes them; `events` is SQL of (staff_id, order_id, amount).

    `standing` and `sort` are keys of STANDINGS and SORTS, `sought` is a part of the order's number. Two
    queries at any size: the totals, and a page's rows.
    """

    def __init__(
        self,
        events: str,
        params: Sequence[Any],
        terms: Sequence[Terms],
        *,
        standing: str = "",
        sort: str = "",
        sought: str = "",
    ) -> None:
        self.terms = {each.staff.pk: each for each in terms}
        self.month = terms[0].month
        excludes = [under.kind.exclude for each in terms for under in each.paid_under if under.kind.exclude]
        self._excludes: list[Excludes] = list(dict.fromkeys(excludes))
        self._rows, self._row_params = _rows_of(events, params, terms)
        self._where, self._where_params = _condition(standing, sought, self._excludes)
        self._order = SORTS.get(sort, SORTS[""])[1]
        self._sums: list[Any] | None = None

    @property
    def totals(self) -> tuple[int, Decimal, Decimal]:
        """How many orders fit what is asked for, what was paid and what was refunded."""
        count, paid, refunded = self._summed()[:3]
        return int(count), paid, refunded

    @property
    def bases(self) -> list[Base]:
        """The sums of all orders under each commission that binds all month, whatever is asked for."""
        sums = self._summed()[3:]
        place = {exclude: 2 * i for i, exclude in enumerate([(), *self._excludes])}
        found = []
        for terms in self.terms.values():
            for each in terms.paid_under if len(self.terms) == 1 else ():
                if each.counts_orders and each.is_whole:
                    at = place[each.kind.exclude]
                    found.append(Base(each.title, sums[at], sums[at + 1]))
        return found

    def all(self) -> Iterator[StatementRow]:
        """Every order that fits, read at once."""
        yield from self._read_rows(None, 0)

    def __len__(self) -> int:
        return self.totals[0]

    @overload
    def __getitem__(self, index: int) -> StatementRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[StatementRow]: ...

    def __getitem__(self, index: int | slice) -> StatementRow | list[StatementRow]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start = index.start or 0
        return list(self._read_rows(None if index.stop is None else index.stop - start, start))

    def _summed(self) -> list[Any]:
        if self._sums is None:
            fits = f"FILTER (WHERE {self._where})"
            columns = [
                f"count(*) {fits}",
                f"coalesce(sum(each.paid) {fits}, 0)",
                f"coalesce(sum(each.refunded) {fits}, 0)",
                "coalesce(sum(each.paid), 0)",
                "coalesce(sum(each.refunded), 0)",
            ]
            params = self._where_params * 3
            for exclude in self._excludes:
                condition, bounds = outside(exclude)
                columns += [f"coalesce(sum({each}) FILTER (WHERE {condition}), 0)" for each in _SUMMED]
                params = [*params, *bounds, *bounds]
            sql = f"""
                SELECT {", ".join(columns)} FROM ({self._rows}) each
                JOIN commissions_order o ON o.id = each.order_id {_SHARE}
            """
            self._sums = list(_read(sql, [*params, *self._row_params])[0])
        return self._sums

    def _read_rows(self, limit: int | None, start: int) -> Iterator[StatementRow]:
        begin, end = moment(self.month), moment(shift_months(self.month, 1))
        # Other refunds are looked up for the rows of the page only.
        sql = f"""
            SELECT shown.*, (
                SELECT string_agg(DISTINCT to_char(r.refunded_at {_LOCAL}, 'YYYY-MM'), '、')
                FROM commissions_refund r
                WHERE r.order_id = shown.id AND (r.refunded_at < %s OR r.refunded_at >= %s)
            ) FROM (
                SELECT o.id, each.staff_id, each.place, o.order_no, o.shop, o.paid_at, o.ordered_at, o.as_of,
                    o.remark, o.reason, o.attribution, each.paid, each.refunded, part.share
                FROM ({self._rows}) each JOIN commissions_order o ON o.id = each.order_id {_SHARE}
                WHERE {self._where} ORDER BY {self._order} LIMIT %s OFFSET %s
            ) shown
        """
        params = [begin, end, *self._row_params, *self._where_params, limit, start]
        for row in _read(sql, params):
            found = _Read(*row)
            yield StatementRow(
                found.order_no,
                found.shop,
                found.paid_at,
                found.paid,
                found.refunded,
                found.share,
                found.place,
                _why(found, self.terms[found.staff_id]),
            )


_SUMMED = ("each.paid", "each.refunded")
_SHARE = """LEFT JOIN commissions_ordershare part
    ON part.split_id = o.split_id AND part.staff_id = each.staff_id"""


@dataclass(frozen=True, slots=True)
class _Read:
    id: int
    staff_id: int
    place: str
    order_no: str
    shop: str
    paid_at: datetime | None
    ordered_at: datetime | None
    as_of: date
    remark: str
    reason: str
    attribution: str
    paid: Decimal
    refunded: Decimal
    share: Decimal | None
    elsewhere: str | None

    @property
    def paid_on(self) -> date | None:
        return timezone.localdate(self.paid_at) if self.paid_at else None


def _why(row: _Read, terms: Terms) -> str:
    """Whose the order is by which evidence, what it counts for, and what does not count."""
    if row.place == UNPAID:
        made_on = timezone.localdate(row.ordered_at) if row.ordered_at else row.as_of
        if terms.is_sham(row.remark, made_on):
            return "补单、刷单，按订单读法不计"
        return "没有付款，或者按状态和订单读法不计（未付款、关闭、赠品）"
    words = [_evidence(row)]
    if row.place == NOBODYS:
        return f"没有归属，不计入任何人：{words[0]}"
    paid_on, staff = row.paid_on, terms.staff
    if paid_on is None:
        return f"{words[0]}；现在的导出里没有付款"
    if staff.left_on and paid_on > staff.left_on:
        words.append("最后工作日以后付款，按当日的条款")
    elif paid_on < staff.joined_on:
        words.append("入职以前付款")
    if not row.paid:
        words.append(f"{paid_on:%Y-%m}付款，退款计在本月")
    if row.elsewhere:
        words.append(f"另有退款计在{row.elsewhere}")
    day = max(paid_on, terms.month)  # a refund of an earlier sale is charged by the month's own rules
    words += [told for each in terms.paid_under if (told := each.words(day, paid_on))]
    return "；".join(words)


def _evidence(row: _Read) -> str:
    try:
        return str(Order.Reason(row.reason).label)
    except ValueError:  # stored before reasons were
        return f"归属依据：{Order.Attribution(row.attribution).label}"


def _rows_of(events: str, params: Sequence[Any], terms: Sequence[Terms]) -> tuple[str, list[Any]]:
    """SQL of (order_id, staff_id, place, paid, refunded): what brought something, and what might have."""
    people = [each.staff.pk for each in terms]
    named = [_naming(each.staff) for each in terms]
    begin, end = moment(terms[0].month), moment(shift_months(terms[0].month, 1))
    sql = f"""
        SELECT order_id, min(staff_id) AS staff_id, '{OWN}' AS place,
            coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS paid,
            coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS refunded
        FROM ({events}) events GROUP BY order_id
        UNION ALL
        SELECT id, agent_id, '{UNPAID}', 0, 0 FROM commissions_order
        WHERE agent_id = ANY(%s) AND paid_at IS NULL
            AND coalesce(ordered_at, as_of::timestamp {_LOCAL}) >= %s
            AND coalesce(ordered_at, as_of::timestamp {_LOCAL}) < %s
        UNION ALL
        SELECT o.id, min(person.id), '{NOBODYS}', 0, 0
        FROM unnest(%s::bigint[], %s::text[]) AS person (id, named)
        JOIN people_staff staff ON staff.id = person.id
        JOIN commissions_order o ON o.department_id = staff.department_id AND o.agent_id IS NULL
            AND o.paid_at >= %s AND o.paid_at < %s
        WHERE lower(normalize(o.remark, NFKC)) ~ person.named GROUP BY o.id
    """
    return sql, [*params, people, begin, end, people, named, begin, end]


def _naming(staff: Staff) -> str:
    """A pattern of what names somebody in a folded remark: the number as a whole, or the name."""
    number, name = (unicodedata.normalize("NFKC", each).lower() for each in (staff.number, staff.name))
    around = "0-9" if number.isdigit() else "0-9a-z"
    parts = "[-_.]?".join(map(re.escape, re.findall(r"[0-9]+|[a-z]+", number) or [number]))
    patterns = [f"(^|[^{around}]){parts}([^{around}]|$)"]
    if len(name) > 1:
        patterns.append(re.escape(name))
    return "|".join(patterns)


def _condition(standing: str, sought: str, excludes: Sequence[Excludes]) -> tuple[str, list[Any]]:
    """SQL for the orders of one standing in whose number the words occur."""
    kept = [outside(exclude) for exclude in excludes]
    bounds = [bound for _, each in kept for bound in each]
    within = " AND ".join(condition for condition, _ in kept) or "TRUE"
    own = f"each.place = '{OWN}'"
    condition, params = {
        "counted": (f"{own} AND {within}", bounds),
        "excluded": (f"{own} AND NOT ({within})", bounds),
        "refunded": ("each.refunded > 0", []),
        "earlier": ("each.refunded > 0 AND each.paid = 0", []),
        "shared": ("part.share < 1", []),
        "uncounted": (f"NOT {own}", []),
    }.get(standing, ("TRUE", []))
    if sought:
        escaped = re.sub(r"([\\%_])", r"\\\1", sought)
        return f"({condition}) AND o.order_no ILIKE %s", [*params, f"%{escaped}%"]
    return f"({condition})", params


def _read(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def statement_settled(slips: Collection[Payslip], **asked: str) -> Statement:
    """The orders that these payslips (`with_facts`) of one month were settled on; `asked` as `Statement`
    takes it."""
    events = """
        SELECT s.staff_id, u.order_id, u.amount
        FROM payroll_settledorders s
        JOIN unnest(%s::bigint[], %s::bigint[]) AS slip (period_id, staff_id)
            ON slip.period_id = s.period_id AND slip.staff_id = s.staff_id
        CROSS JOIN unnest(s.order_ids, s.amounts) AS u (order_id, amount)
    """
    params = [[each.period_id for each in slips], [each.staff_id for each in slips]]
    terms = [terms_of(each.staff, each.period.month, each) for each in slips]
    return Statement(events, params, terms, **asked)


def statement_so_far(staff: Staff, month: date, **asked: str) -> Statement:
    """The person's payments and refunds of a month as they stand now; `asked` as `Statement` takes it."""
    events = f"SELECT agent_id AS staff_id, order_id, amount FROM ({EVENTS}) events WHERE agent_id = %s"
    between = events_between(staff.department_id, month, shift_months(month, 1))
    return Statement(events, [*between, staff.pk], [terms_of(staff, month, None)], **asked)
