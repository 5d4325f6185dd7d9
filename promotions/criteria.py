"""Whether somebody meets a criterion of a ladder, by what is known of them. Nothing here queries.

Everything counts as of the end of a day. A month or quarter counts by its last day: it is over, and it ended
on or after the day from which the criterion looks. A board judges everybody and shows fifty: what is said of
an answer is put into words when somebody reads it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from core.money import plain
from core.periods import first_of, last_of, months_after, shift_months, tenure_months, window_start
from promotions.evidence import Facts, Look, Violation, Word, ended_months
from rules.kinds.labels import EXAM_LABELS, level_label, metric_label
from rules.kinds.ladder import (
    AverageRank,
    AwardsWon,
    Criterion,
    GradesHeld,
    MetricReached,
    MonthsRanked,
)
from rules.kinds.sales import metric_figure

QUARTER = 3  # months


class Verdict(StrEnum):
    """How a criterion, a provision or a step stands."""

    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"

    @property
    def label(self) -> str:
        return {"met": "满足", "not_met": "未满足", "missing": "缺资料"}[self.value]


class Answer(NamedTuple):
    """How one criterion stands and by what evidence.

    `say` gives the evidence. `earliest`: the first day on which it may be met, for what takes time; None
    where it takes none. `have` of `need`: how far what is counted has come.
    """

    criterion: Criterion
    verdict: Verdict
    say: Callable[[], str]
    earliest: date | None = None
    have: int = 0
    need: int = 0

    @property
    def evidence(self) -> str:
        return self.say()

    @property
    def is_met(self) -> bool:
        return self.verdict is Verdict.MET

    @property
    def is_one_off(self) -> bool:
        """Whether one more of what is counted would meet it."""
        return not self.is_met and self.need > 1 and self.have == self.need - 1


def all_met(verdicts: Sequence[Verdict]) -> Verdict:
    """One not met: not met; else one missing: missing; else met."""
    return next((each for each in (Verdict.NOT_MET, Verdict.MISSING) if each in verdicts), Verdict.MET)


def any_met(verdicts: Sequence[Verdict]) -> Verdict:
    """One met: met; else one missing: missing; else not met."""
    return next((each for each in (Verdict.MET, Verdict.MISSING) if each in verdicts), Verdict.NOT_MET)


def answer(criterion: Criterion, facts: Facts, look: Look) -> Answer:
    """How a criterion stands for a person."""
    name, value = criterion.given
    match name:
        case "attested":
            return _attested(criterion, facts, look)
        case "tenure_months":
            return _served(criterion, facts.hired_on, value, facts.on, "入职")
        case "tier_months":
            return _served(criterion, look.level_since, value, facts.on, "任现职级")
        case "months_in_top":
            return _ranked_months(criterion, value, facts, look, inside=True)
        case "months_outside_top":
            return _ranked_months(criterion, value, facts, look, inside=False)
        case "average_rank":
            return _average_rank(criterion, value, facts, look)
        case "grades":
            return _grades(criterion, value, facts, look)
        case "awards":
            return _awards(criterion, value, facts, look)
        case "no_violation_months":
            return _no_violation(criterion, value, facts, look)
        case "passed_exam":
            return _passed(criterion, value, facts, look)
        case "metric":
            return _metric(criterion, value, facts, look)
    raise AssertionError(f"criterion {name} of a provision that is inert")


def _served(criterion: Criterion, since: date, months: int, on: date, what: str) -> Answer:
    served = max(tenure_months(since, on), 0)

    def say() -> str:
        return f"{since.isoformat()}起{what}，满{served}个月"

    if served >= months:
        return Answer(criterion, Verdict.MET, say)
    return Answer(criterion, Verdict.NOT_MET, say, months_after(since, months), have=served, need=months)


# Months


def _months(facts: Facts, look: Look, count: int) -> list[date]:
    """The months among the last `count` that are over and at which is looked, the earliest first."""
    ended = ended_months(facts.on, count)
    if look.since <= ended[0][1] and ended[-1][1] <= look.until:
        return [month for month, _ in ended]
    return [month for month, end in ended if look.holds(end)]


def _nobody_has(criterion: Criterion, code: str, facts: Facts) -> Answer | None:
    """The answer where nobody has figures by which to judge."""
    if facts.standings.has(code):
        return None
    return Answer(
        criterion,
        Verdict.MISSING,
        lambda: f"没有人导入过{metric_label(code)}；导入这项指标后才能判断",
    )


def _ranked_months(
    criterion: Criterion, kind: MonthsRanked, facts: Facts, look: Look, *, inside: bool
) -> Answer:
    nobody = _nobody_has(criterion, kind.metric, facts)
    if nobody:
        return nobody
    hits: list[bool | None] = []
    placed: list[tuple[date, int | None, bool]] = []
    missing: list[date] = []
    top = kind.top or 0
    months = _months(facts, look, kind.window)
    who, standings = facts.who, facts.standings
    for month, places in standings.month_by_month(kind, look.roles, months) if months else ():
        place = places.get(who)
        ranks = place is not None or standings.takes_part(who, kind, look.roles, month)
        if place is None and ranks and standings.value(who, kind.metric, month) is None:
            hits.append(None)
            missing.append(month)
            continue
        is_in_top = place is not None and place <= top
        hits.append(is_in_top if inside else ranks and not is_in_top)
        placed.append((month, place, ranks))
    if not inside and placed:
        # The record begins with the first figure: what is not known from before leads nobody down.
        hits = hits[next(i for i, each in enumerate(hits) if each is not None) :]
    ends = (last_of(shift_months(facts.last_month, ahead)) for ahead in look.ahead)
    return _counted(
        criterion,
        hits,
        kind.needed,
        kind.window,
        kind.consecutive,
        lambda: _placed(placed, missing, metric_label(kind.metric)),
        ends,
    )


def _placed(placed: Sequence[tuple[date, int | None, bool]], missing: Sequence[date], label: str) -> str:
    """Month by month the place and whether somebody is ranked; the months without a figure."""
    words = [
        f"{_ym(month)}{f'第{place}名' if place is not None else '零，不排名' if ranks else '不参加排名'}"
        for month, place, ranks in placed
    ]
    evidence = "，".join(words) or ("没有名次" if missing else "还没有结束的月份")
    return f"{evidence}；缺{'、'.join(map(_ym, missing))}的{label}" if missing else evidence


def _counted(
    criterion: Criterion,
    hits: Sequence[bool | None],
    need: int,
    window: int | None,
    consecutive: bool,
    say: Callable[[], str],
    ahead: Iterable[date],
) -> Answer:
    """Whether there are enough hits, be it in a row; None is not known. `ahead`: when more may come."""
    count = _longest if consecutive else _sum
    have = count(hits)
    if have >= need:
        return Answer(criterion, Verdict.MET, say, None, have, need)
    if None in hits and count([each is not False for each in hits]) >= need:
        return Answer(criterion, Verdict.MISSING, say, None, have, need)
    row = list(hits)
    for end in ahead:
        row = [*row, True][-window:] if window else [*row, True]
        if count(row) >= need:
            return Answer(criterion, Verdict.NOT_MET, say, end, have, need)
    return Answer(criterion, Verdict.NOT_MET, say, None, have, need)


def _sum(hits: Sequence[bool | None]) -> int:
    return hits.count(True)


def _longest(hits: Sequence[bool | None]) -> int:
    """The longest run of hits."""
    best = run = 0
    for each in hits:
        run = run + 1 if each else 0
        if run > best:
            best = run
    return best


def _average_rank(criterion: Criterion, kind: AverageRank, facts: Facts, look: Look) -> Answer:
    nobody = _nobody_has(criterion, kind.metric, facts)
    if nobody:
        return nobody
    wanted = kind.months or 0
    months = _months(facts, look, wanted)
    label = metric_label(kind.metric)
    if len(months) < wanted:
        return _too_few(criterion, months, wanted, facts, look)
    places = facts.standings.places(kind, look.roles, months)
    place = places.get(facts.who)
    if place is None and not facts.standings.takes_part(facts.who, kind, look.roles, months[-1]):
        return Answer(criterion, Verdict.NOT_MET, lambda: f"{_ym(months[-1])}不参加{label}的排名")

    def own() -> list[Decimal | None]:
        return [facts.standings.value(facts.who, kind.metric, month) for month in months]

    if place is None and None in own():
        return Answer(criterion, Verdict.MISSING, lambda: _lacking(months, own(), label))

    def say() -> str:
        average = sum((each for each in own() if each is not None), Decimal(0)) / wanted
        told = f"第{place}名（{len(places)}人有名次）" if place is not None else "没有名次"
        return f"{_span(months)}月均{label}{metric_figure(kind.metric, _short(average))}，{told}"

    if place is not None and place <= (kind.top or 0):
        return Answer(criterion, Verdict.MET, say)
    return Answer(criterion, Verdict.NOT_MET, say, _next_month(facts))


def _metric(criterion: Criterion, kind: MetricReached, facts: Facts, look: Look) -> Answer:
    nobody = _nobody_has(criterion, kind.code, facts)
    if nobody:
        return nobody
    wanted = kind.months or 0
    months = _months(facts, look, wanted)
    values = [facts.standings.value(facts.who, kind.code, month) for month in months]

    def say(after: str = "") -> str:
        label = metric_label(kind.code)
        pairs = zip(months, values, strict=True)
        words = "，".join(f"{_ym(m)} {metric_figure(kind.code, v)}" for m, v in pairs if v is not None)
        lacking = f"；{_lacking(months, values, label)}" if None in values else ""
        return f"{label}：{words or '没有'}{lacking}{after}"

    if kind.of == "each":
        hits = [None if value is None else kind.holds(value) for value in values]
        ends = (last_of(shift_months(facts.last_month, ahead)) for ahead in look.ahead)
        return _counted(criterion, hits, wanted, wanted, False, say, ends)
    known = [value for value in values if value is not None]
    total = sum(known, Decimal(0))
    if kind.of == "sum" and kind.below is None and kind.holds(total):
        return Answer(criterion, Verdict.MET, lambda: say(f"；合计{plain(total)}"))
    if len(months) < wanted and kind.of == "average":
        return _too_few(criterion, months, wanted, facts, look)
    if None in values:
        return Answer(criterion, Verdict.MISSING, say)
    figure = total if kind.of == "sum" else total / wanted

    def say_figure() -> str:
        how = "合计" if kind.of == "sum" else "月均"
        return say(f"；{how}{metric_figure(kind.code, _short(figure))}")

    if len(months) == wanted and kind.holds(figure):
        return Answer(criterion, Verdict.MET, say_figure)
    return Answer(criterion, Verdict.NOT_MET, say_figure, _next_month(facts))


def _too_few(criterion: Criterion, months: Sequence[date], wanted: int, facts: Facts, look: Look) -> Answer:
    """Since the day from which is looked there are not so many months yet."""
    first = first_of(look.since)
    if last_of(first) < look.since:
        first = shift_months(first, 1)
    end = last_of(shift_months(first, wanted - 1))
    return Answer(
        criterion,
        Verdict.NOT_MET,
        lambda: f"{look.since:%Y-%m-%d}以来结束了{len(months)}个月，要{wanted}个月",
        max(end, _next_month(facts)),
        have=len(months),
        need=wanted,
    )


def _lacking(months: Sequence[date], values: Sequence[Decimal | None], label: str) -> str:
    pairs = zip(months, values, strict=True)
    return f"缺{'、'.join(_ym(month) for month, value in pairs if value is None)}的{label}"


def _span(months: Sequence[date]) -> str:
    return _ym(months[0]) if len(months) == 1 else f"{_ym(months[0])}至{_ym(months[-1])}"


@lru_cache(maxsize=256)
def _ym(month: date) -> str:
    return f"{month:%Y-%m}"


def _short(value: Decimal) -> Decimal:
    """An average as people read it."""
    return value if value == value.quantize(Decimal("0.0001")) else value.quantize(Decimal("0.0001"))


def _next_month(facts: Facts) -> date:
    return last_of(shift_months(facts.last_month, 1))


# Quarters, awards, incidents, exams, words


def _grades(criterion: Criterion, kind: GradesHeld, facts: Facts, look: Look) -> Answer:
    grades, last = facts.grades, _last_quarter(facts.on)
    first = (
        shift_months(last, QUARTER * (1 - kind.of_quarters))
        if kind.of_quarters
        else min(grades, default=last)
    )
    since, until = look.since, look.until
    quarters = [each for each, end in _quarters(first, last) if since <= end <= until]
    if not kind.of_quarters:
        while quarters and quarters[0] not in grades:  # the record begins with the first grade
            quarters.pop(0)
    need = kind.count or 1
    if not quarters and look.holds(_end_of(last)):
        return Answer(criterion, Verdict.MISSING, lambda: "没有季度等级；评定季度等级后才能判断", need=need)
    accepted = kind.accepted
    hits = [grades[each] in accepted if each in grades else None for each in quarters]

    def say() -> str:
        words = [f"{_quarter(each)} {grades.get(each, '没有等级')}" for each in quarters]
        return "，".join(words) or "还没有结束的季度"

    ahead = (_end_of(shift_months(last, QUARTER * ahead)) for ahead in look.ahead)
    return _counted(criterion, hits, need, kind.of_quarters, kind.consecutive, say, ahead)


@lru_cache(maxsize=256)
def _last_quarter(on: date) -> date:
    """The first day of the last quarter that is over on a day."""
    quarter = window_start("quarter", on)
    return quarter if on == _end_of(quarter) else shift_months(quarter, -QUARTER)


@lru_cache(maxsize=256)
def _quarters(first: date, last: date) -> tuple[tuple[date, date], ...]:
    """The quarters from one to another, each with its last day."""
    quarters = []
    while first <= last:
        quarters.append((first, _end_of(first)))
        first = shift_months(first, QUARTER)
    return tuple(quarters)


@lru_cache(maxsize=256)
def _end_of(quarter: date) -> date:
    return last_of(shift_months(quarter, 2))


@lru_cache(maxsize=256)
def _quarter(first: date) -> str:
    return f"{first.year}年第{(first.month + 2) // 3}季度"


def _awards(criterion: Criterion, kind: AwardsWon, facts: Facts, look: Look) -> Answer:
    code, need = kind.code or "", kind.count or 1
    codes = facts.known.get(code, frozenset({code}))
    won = [each for each in facts.awards if each.code in codes and look.holds(each.on)]
    have = sum([each.quantity for each in won])
    if not won and code not in facts.known:
        return Answer(
            criterion,
            Verdict.MISSING,
            lambda: f"现行制度没有奖励条款{code}，无法登记；采用或新增这一条款",
            need=need,
        )

    def say() -> str:
        return f"获奖{have}次：{'，'.join(each.on.isoformat() for each in won)}" if won else "没有获奖"

    return Answer(criterion, Verdict.MET if have >= need else Verdict.NOT_MET, say, None, have, need)


def _no_violation(criterion: Criterion, months: int | str, facts: Facts, look: Look) -> Answer:
    """Confirmed incidents of misconduct; what attendance alone shows is not among them."""
    if isinstance(months, str):
        since = look.level_since if months == "tier" else facts.hired_on
        found = [each for each in facts.violations if since <= each.on <= facts.on]
        if found:
            return Answer(criterion, Verdict.NOT_MET, lambda: _violated(found))
        return Answer(criterion, Verdict.MET, lambda: f"{since:%Y-%m-%d}以来没有违纪记录")
    after = months_after(facts.on, -months)
    recent = [each for each in facts.violations if after < each.on <= facts.on]
    # Counted forwards, as the date is told: at a month's end the way back is another.
    found = [each for each in recent if months_after(each.on, months) > facts.on]
    if found:
        clear = months_after(max(each.on for each in found), months)
        return Answer(criterion, Verdict.NOT_MET, lambda: _violated(found), clear)
    if tenure_months(facts.hired_on, facts.on) < months:
        begun = months_after(facts.hired_on, months)
        return Answer(criterion, Verdict.NOT_MET, lambda: f"入职未满{months}个月，其间没有违纪记录", begun)
    return Answer(criterion, Verdict.MET, lambda: f"{after:%Y-%m-%d}以后没有违纪记录")


def _violated(found: Sequence[Violation]) -> str:
    return f"违纪{len(found)}次：" + "，".join(f"{each.on:%Y-%m-%d}{each.title}" for each in found[-5:])


def _passed(criterion: Criterion, code: str, facts: Facts, look: Look) -> Answer:
    """An exam of that code, or of the provision's own."""
    codes, label = {code, *look.codes}, EXAM_LABELS.get(code, code)
    found = (each for name in codes for each in facts.exams.get(name, ()) if look.holds(each.on))
    taken = sorted(found, key=lambda each: (each.on, each.passed, each.score or 0))
    if not taken:
        return Answer(criterion, Verdict.MISSING, lambda: f"没有{label}的成绩；考试后登记成绩")
    passed = [each for each in taken if each.passed]
    shown = passed[-1] if passed else taken[-1]

    def say() -> str:
        score = "" if shown.score is None else f"{plain(shown.score)}分，"
        return f"{shown.on:%Y-%m-%d}{label}：{score}{'合格' if passed else '不合格'}"

    return Answer(criterion, Verdict.MET if passed else Verdict.NOT_MET, say)


def _attested(criterion: Criterion, facts: Facts, look: Look) -> Answer:
    """The newest word about the item, or about the whole provision, since the level began."""
    last: Word | None = None
    for code in look.codes:
        if code not in facts.attested:
            continue
        for item in {criterion.item, ""}:
            word = facts.attested[code].get(item)
            if word is not None and (last is None or word > last):
                last = word
    if last is None or last.on < look.level_since:
        return Answer(criterion, Verdict.MISSING, _not_attested)
    newest = last

    def say() -> str:
        by = f"由{newest.by}" if newest.by else ""
        return f"{newest.on.isoformat()}{by}认定{'符合' if newest.answer else '不符合'}：{newest.note}"

    return Answer(criterion, Verdict.MET if newest.answer else Verdict.NOT_MET, say)


def _not_attested() -> str:
    return "还没有人认定；由组长、主管或经理认定"


def level_words(facts: Facts) -> str:
    """The level of a person: tier, else star, else role."""
    seat = facts.seat
    return level_label(seat.tier or (str(seat.star) if seat.star is not None else seat.role))
