"""What a roster breaks: rest, leave, employment, who is on duty. Shown while rostering; it forbids nothing.

A rule counts as broken as soon as the days still open cannot mend it any more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rules.kinds.labels import WEEKDAYS, in_clock
from shifts.planning.plan import MINUTES_A_DAY, REST, Plan, PlannedPerson, PlannedShift, RestRule, collisions
from shifts.planning.presence import coverage, gaps, on_duty, pieces, service_on

WEEK = 7
BALANCE_WEEKS = 4
KIND_LABELS = {
    "rest": "休息天数不足",
    "in_row": "连续上班过长",
    "weekday": "休息日不在规定的星期",
    "holiday": "节假日未休",
    "employment": "不在职或不在本组",
    "overlap": "班时间重叠",
    "leave": "请假当天有班",
    "leave_overlap": "请假重叠",
    "coverage": "在岗人数不符",
    "service": "服务时段无人值守",
    "post": "吃饭时无人留守",
    "notice": "公布晚于规定",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is broken, in words; whom, which days and which shift it is about."""

    kind: str
    words: str
    person: PlannedPerson | None = None
    days: tuple[date, ...] = ()
    shift: PlannedShift | None = None
    code: str = ""  # of the provision

    @property
    def kind_in_words(self) -> str:
        """Which rule it is about."""
        return f"{KIND_LABELS[self.kind]}{self._provision}"

    @property
    def in_words(self) -> str:
        """With whom it is about and the provision."""
        whom = f"{self.person} " if self.person is not None else ""
        return f"{whom}{self.words}{self._provision}"

    @property
    def _provision(self) -> str:
        return f"（{self.code}）" if self.code else ""


def findings(plan: Plan) -> list[Finding]:
    """Everything that the plan breaks: first of persons in their order, then of days."""
    found: list[Finding] = []
    for person in plan.people:
        found += _placement(plan, person)
        found += _leave(plan, person)
        for rule in plan.rules:
            if rule.binds(person):
                found += rest_findings(plan, person, rule)
    return [*found, *coverage_findings(plan), *service_findings(plan), *post_findings(plan)]


# Rest


def rest_findings(plan: Plan, person: PlannedPerson, rule: RestRule) -> Iterator[Finding]:
    """What one person's days break of one provision on rest."""
    rest = rule.rest
    if rest.days_per_week is not None:
        for days in weeks_of(plan):
            yield from _too_little(plan, person, rule, days, rest.days_per_week, WEEK, "本周")
    if rest.days_per_month is not None:
        days = plan.days
        yield from _too_little(plan, person, rule, days, rest.days_per_month, len(days), "本月")
    if rest.work_days_in_row is not None:
        yield from _too_long(plan, person, rule, rest.work_days_in_row)
    yield from _wrong_days(plan, person, rule)


def weeks_of(plan: Plan) -> list[list[date]]:
    """The weeks, Monday to Sunday, that have a day of the plan."""
    day = plan.first - timedelta(days=plan.first.weekday())
    weeks = []
    while day <= plan.last:
        weeks.append([day + timedelta(days=i) for i in range(WEEK)])
        day += timedelta(days=WEEK)
    return weeks


def due_rest(there: int, figure: int, length: int) -> int:
    """Days of rest due to somebody who is there for a part of the week or month, rounded half up."""
    share = Decimal(figure * there) / length
    return min(figure, int(share.quantize(Decimal(1), ROUND_HALF_UP)))


def rest_due_in(plan: Plan, person: PlannedPerson, days: list[date], figure: int) -> int:
    """The same for these days. Outside the plan's days one is there where something is rostered or open."""
    return due_rest(sum(_is_there(plan, person, day) for day in days), figure, len(days))


def _is_there(plan: Plan, person: PlannedPerson, day: date) -> bool:
    if plan.first <= day <= plan.last:
        return person.is_there(day)
    if person.is_away(day):
        return False
    # Of the days around the month it is not known whose they are: who is there at the month's edge stays.
    edge = plan.first if day < plan.first else plan.last
    return edge in person.days


def _too_little(
    plan: Plan, person: PlannedPerson, rule: RestRule, days: list[date], figure: int, length: int, name: str
) -> Iterator[Finding]:
    here = [day for day in days if plan.first <= day <= plan.last]
    if not any(rule.holds_on(day) and day in person.days for day in here):
        return
    there = [day for day in days if _is_there(plan, person, day)]
    due = due_rest(len(there), figure, length)
    rests = sum(plan.slot(person, day) == REST for day in there)
    # Days before the month that nobody rostered were not rest; those to come may still be.
    is_open = sum(plan.slot(person, day) is None and day >= plan.first for day in there)
    unknown = sum(plan.slot(person, day) is None and day < plan.first for day in there)
    if rests + is_open + unknown < due:
        words = f"{name}（{days[0]:%m-%d}至{days[-1]:%m-%d}）休{rests}天，应休{due}天"
        yield Finding("rest", words, person, tuple(here), code=rule.code)


def _too_long(plan: Plan, person: PlannedPerson, rule: RestRule, limit: int) -> Iterator[Finding]:
    for run in runs_of(plan, person):
        inside = [day for day in run if plan.first <= day <= plan.last]
        if len(run) > limit and inside and any(map(rule.holds_on, inside)):
            words = f"{run[0]:%m-%d}至{run[-1]:%m-%d}连续上班{len(run)}天，至多{limit}天"
            over = tuple(day for day in run[limit:] if day in inside) or (inside[-1],)
            yield Finding("in_row", words, person, over, code=rule.code)


def runs_of(plan: Plan, person: PlannedPerson) -> list[list[date]]:
    """The person's days of work, cut where a day is not worked; days around the month included."""
    worked = sorted(day for day in plan.of(person) if plan.works(person, day))
    runs: list[list[date]] = []
    for day in worked:
        if runs and runs[-1][-1] == day - timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _wrong_days(plan: Plan, person: PlannedPerson, rule: RestRule) -> Iterator[Finding]:
    rest = rule.rest
    for day in plan.days:
        if not rule.holds_on(day) or day not in person.days:
            continue
        known = plan.calendar[day]
        is_wrong = bool(rest.weekdays) and day.isoweekday() not in rest.weekdays and not known.is_holiday
        if is_wrong and plan.slot(person, day) == REST:
            allowed = "、".join(WEEKDAYS[each] for each in rest.weekdays)
            yield Finding("weekday", f"{day:%m-%d}休息，休息日限{allowed}", person, (day,), code=rule.code)
        if rest.holidays and known.is_holiday and plan.works(person, day):
            yield Finding("holiday", f"{day:%m-%d}（{known.name}）应休息", person, (day,), code=rule.code)


# Employment, leave, shifts at the same time


def _placement(plan: Plan, person: PlannedPerson) -> Iterator[Finding]:
    for day in plan.days:
        if day not in person.days and plan.slot(person, day) is not None:
            yield Finding("employment", f"{day:%m-%d}不在职或不在本组，却有排班", person, (day,))
    for former, day in collisions(plan, person):
        if plan.first <= day <= plan.last:
            yield Finding("overlap", f"{former:%m-%d}与{day:%m-%d}的班时间重叠", person, (former, day))


def _leave(plan: Plan, person: PlannedPerson) -> Iterator[Finding]:
    for day, away in sorted(person.away.items()):
        if not plan.first <= day <= plan.last:
            continue
        words = "、".join(each.words for each in away)
        if sum((each.part for each in away), Decimal(0)) > 1:
            yield Finding("leave_overlap", f"{day:%m-%d}的请假重叠（{words}）", person, (day,))
        shift = plan.shift(person, day)
        if shift is not None and person.is_away(day):
            yield Finding("leave", f"{day:%m-%d}请假（{words}），却排了{shift.name}", person, (day,), shift)


# Coverage


def coverage_findings(plan: Plan) -> Iterator[Finding]:
    """Days on which a shift has too few or too many people; where nothing is rostered yet nothing lacks."""
    for day, counts in coverage(plan).items():
        if not plan.is_begun(day):
            continue
        for shift in plan.shifts.values():
            if said := _coverage_words(shift, counts[shift.id]):
                yield Finding("coverage", f"{day:%m-%d}{shift.name}{said}", days=(day,), shift=shift)


def _coverage_words(shift: PlannedShift, count: int) -> str:
    if count < shift.minimum and not shift.is_retired:
        return f"{count}人，至少{shift.minimum}人"
    if shift.maximum is not None and count > shift.maximum:
        return f"{count}人，至多{shift.maximum}人"
    return ""


def service_findings(plan: Plan) -> Iterator[Finding]:
    """Service hours in which nobody of the department is on duty, on the days that are begun."""
    duty = on_duty(plan)
    for day in filter(plan.is_begun, plan.days):
        for service, hours, asked in service_on(plan, day):
            if empty := gaps(plan, asked, duty):
                when = "、".join(_span_words(*each) for each in empty)
                words = f"{day:%m-%d} {when}无人值守（应{hours.hours_in_words()}）"
                yield Finding("service", words, days=(day,), code=service.code)


def _span_words(start: int, end: int) -> str:
    """`22:00至次日06:00`, of minutes after midnight."""
    if start >= MINUTES_A_DAY:
        return f"次日{in_clock(start - MINUTES_A_DAY)}至{in_clock(end - MINUTES_A_DAY)}"
    if end > MINUTES_A_DAY:
        return f"{in_clock(start)}至次日{in_clock(end - MINUTES_A_DAY)}"
    return f"{in_clock(start)}至{in_clock(end)}"


def post_findings(plan: Plan) -> Iterator[Finding]:
    """Shifts in which nobody can leave to eat: never are more of the roster's people there than must stay."""
    duty = on_duty(plan)
    for rule in plan.rules:
        stay = rule.rest.minimum_on_post
        for day in filter(rule.holds_on, plan.days if stay else ()):
            bound = {
                plan.slot(each, day) for each in plan.people if rule.binds(each) and plan.works(each, day)
            }
            for shift in plan.shifts.values():
                if shift.id in bound and _most_there(plan, shift, day, duty) <= stay:
                    words = f"{day:%m-%d}{shift.name}吃饭时无人留守（至少{stay}人）"
                    yield Finding("post", words, days=(day,), shift=shift, code=rule.code)


def _most_there(plan: Plan, shift: PlannedShift, day: date, duty: Mapping[date, Counter[int]]) -> int:
    """How many are on duty at the best moment of a shift."""
    hours = shift.on(day)
    return max(
        sum(duty[on][slot] for on, slot in piece.shifts)
        for piece in pieces(plan, day, hours.start, hours.end)
    )


# Notice


def notice_finding(plan: Plan, known_on: date) -> Finding | None:
    """Whether the roster is known later than the rulebook says; `known_on`: published on, or today."""
    for rule in plan.rules:
        latest = plan.first - timedelta(days=rule.rest.notice_days)
        if rule.rest.notice_days and rule.holds_on(plan.first) and known_on > latest:
            words = f"应提前{rule.rest.notice_days}天、即{latest:%Y-%m-%d}前公布"
            return Finding("notice", words, code=rule.code)
    return None


# Changes


def balance(plan: Plan, person: PlannedPerson, rule: RestRule, weeks: list[list[date]]) -> int:
    """Days of rest that the person lacks in these weeks together; zero or less where there is enough."""
    rest = rule.rest
    assert rest.days_per_week is not None
    days = [day for week in weeks for day in week if plan.slot(person, day) is not None]
    due = rest.days_per_week * len(days) // WEEK
    return due - sum(plan.slot(person, day) == REST for day in days)


def change_breaks(before: Plan, after: Plan, person: PlannedPerson, changed: set[date]) -> list[str]:
    """The rest rules that a change of somebody's days would break, in words, if they held before.

    A week may lack its day of rest as long as some four weeks around the changed days balance; `before`
    and `after` must have the days of three weeks around the changed ones.
    """
    words: list[str] = []
    for rule in before.rules:
        if not rule.binds(person) or not any(map(rule.holds_on, changed)):
            continue
        rest = rule.rest
        if rest.days_per_week is not None:
            words += _unbalanced(before, after, person, rule, changed)
        if rest.days_per_month is not None:
            words += _month_short(before, after, person, rule, changed)
        if rest.work_days_in_row is not None:
            former = max((len(run) for run in runs_of(before, person) if changed & _near(run)), default=0)
            for run in runs_of(after, person):
                if changed & set(run) and len(run) > max(rest.work_days_in_row, former):
                    words.append(
                        f"{person} {run[0]:%m-%d}至{run[-1]:%m-%d}将连续上班{len(run)}天，"
                        f"至多{rest.work_days_in_row}天（{rule.code}）"
                    )
    return words


def _near(run: list[date]) -> set[date]:
    return {run[0] - timedelta(days=1), *run, run[-1] + timedelta(days=1)}


def _unbalanced(
    before: Plan, after: Plan, person: PlannedPerson, rule: RestRule, changed: set[date]
) -> Iterator[str]:
    mondays = sorted({day - timedelta(days=day.weekday()) for day in changed})
    is_near = mondays[-1] - mondays[0] < timedelta(weeks=BALANCE_WEEKS)
    for group in [mondays] if is_near else [[monday] for monday in mondays]:
        spare = BALANCE_WEEKS - 1 - (group[-1] - group[0]).days // WEEK
        starts = [group[0] - timedelta(weeks=i) for i in range(spare + 1)]
        # It balances where any four weeks with all changed days in them do.
        former, lacking = (
            min(balance(plan, person, rule, _weeks_from(start)) for start in starts)
            for plan in (before, after)
        )
        if lacking > max(0, former):
            yield (
                f"{person} 含{group[0]:%m-%d}一周的四周休息将少{lacking}天"
                f"（每周休{rule.rest.days_per_week}天，{rule.code}）"
            )


def _weeks_from(monday: date) -> list[list[date]]:
    return [[monday + timedelta(weeks=week, days=i) for i in range(WEEK)] for week in range(BALANCE_WEEKS)]


def _month_short(
    before: Plan, after: Plan, person: PlannedPerson, rule: RestRule, changed: set[date]
) -> Iterator[str]:
    figure = rule.rest.days_per_month or 0
    for month in sorted({day.replace(day=1) for day in changed}):
        former, now = (
            Counter(slot for day, slot in plan.of(person).items() if day.replace(day=1) == month)
            for plan in (before, after)
        )
        length = ((month + timedelta(days=31)).replace(day=1) - month).days
        due = due_rest(now.total(), figure, length)
        if now[REST] < min(due, former[REST]):
            yield f"{person} {month:%m}月将只休{now[REST]}天，应休{due}天（{rule.code}）"


def by_cell(found: list[Finding]) -> Mapping[tuple[int, date], list[Finding]]:
    """The findings about persons by (staff id, day)."""
    cells: dict[tuple[int, date], list[Finding]] = {}
    for finding in found:
        if finding.person is not None:
            for day in finding.days:
                cells.setdefault((finding.person.id, day), []).append(finding)
    return cells
