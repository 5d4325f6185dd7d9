"""Staff lists in: new people with their terms, and changed facts as new terms from a day."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.pinyin import further_readings, keys_of
from people.aliases import alias_key, tidy
from people.codes import REMEDY, code_trouble
from people.errors import PeopleError
from people.identity_rows import Numbers
from people.models import Account, Department, Post, Role, Staff, Team, Term, Tier
from people.rows import People
from people.services import TERM_FIELDS, months_since
from people.services.staff import hired_move
from sheets.loading import Load, Summary
from sheets.questions import Question
from sheets.table import Table

LONGEST_WORD = 64  # for a tier or post
NO_MEANING = "none"  # the answer that a word stands for nothing that is kept

# Facts of the person; the other columns of the profile are dated terms.
_CLEARING = {"team": None, "post": "", "tier": "", "role": Role.AGENT}


@dataclass
class _Plan:
    """What the file would change, worked out before anything is written."""

    new_staff: list[Staff]
    changed_staff: list[Staff]
    new_terms: list[Term]
    shortened_terms: list[Term]
    corrected_terms: list[Term]
    touched: list[date]
    hired: set[int] = dataclasses.field(default_factory=set)  # whose hire date the file corrects
    unchanged: set[int] = dataclasses.field(default_factory=set)  # of whom it says nothing new
    rows: int = 0

    @property
    def changed(self) -> int:
        return self.rows - len(self.unchanged) - len(self.new_staff)


def staff_loader(*, department: Department, effective_on: date, by: Account | None, at: datetime) -> Load:
    """The loader of a staff list.

    Somebody new gets terms from the hire date. Of somebody known, only what differs and has a column in the
    file changes: a new term from `effective_on` on (of a person who begins later: from that day); what held
    before stays. A blank cell leaves the fact as it is. Nobody leaves by missing from the file, and nobody
    is renamed by it: a number with another name is more often a wrong number. Documents and bank accounts
    are taken of who may enter them (`by`; None: a command on the server).
    The number of queries does not depend on the number of people.
    """

    def load(table: Table) -> Summary:
        notes: set[str] = set()
        people = People(table, department)
        rows = _rows(table, department, people, notes)
        teams = _teams(department, (values["team"] for _, values in rows))
        plan = _planned(table, rows, teams, people, notes, department=department, effective_on=effective_on)
        numbers = Numbers(table, department, effective_on=effective_on, by=by, at=at, notes=notes)
        new = {staff.number: staff for staff in plan.new_staff}
        for number, values in rows:
            if staff := new.get(values["number"]) or people.numbered(values["number"]):
                numbers.read(number, staff, values)
        table.check()
        notes.update(_namesakes(plan, people))
        _write(plan)
        plan.unchanged -= numbers.store()
        months = frozenset(month for day in set(plan.touched) for month in months_since(day, at))
        return Summary(
            rows=plan.rows,
            created=len(plan.new_staff),
            changed=plan.changed,
            unchanged=len(plan.unchanged),
            months=months,
            notes=tuple(sorted(notes)),
            totals=tuple(_totals(plan)),
        )

    return load


def _totals(plan: _Plan) -> Iterator[tuple[str, str]]:
    leavers = [staff for staff in (*plan.new_staff, *plan.changed_staff) if staff.left_on]
    for label, count in (
        ("新员工", len(plan.new_staff)),
        ("任职条件变更", len(plan.new_terms) - len(plan.new_staff) + len(plan.corrected_terms)),
        ("入职日期更正", len(plan.hired)),
        ("离职", len(leavers)),
    ):
        if count:
            yield label, f"{count} 人"


def _rows(
    table: Table, department: Department, people: People, notes: set[str]
) -> list[tuple[int, dict[str, Any]]]:
    """The rows of the file, each number once, none of another department or without a number."""
    names = {
        name: each
        for each in Department.objects.all()
        for name in (each.code, each.name)
        if each.pk != department.pk
    }
    rows: list[tuple[int, dict[str, Any]]] = []
    first_seen: dict[str, int] = {}
    for number, cells in table.rows(raise_at_end=False):
        values = _values(table, cells)
        if values["number"] is None:
            table.leave_out(number, "没有工号的人")
            continue
        values["number"] = _number(table, number, people, values)
        written = values.pop("department")
        if written in names and written not in (department.code, department.name):
            remedy = f"请从文件里去掉这一行，另行导入那个部门（{names[written].code}）"
            table.add_error(number, "department", f"不是{department}的人", remedy, written)
        elif written and written not in (department.code, department.name):
            notes.add(f"文件里的部门“{written}”按“{department}”导入。")
        key = alias_key(values["number"])
        if key in first_seen:
            message = f"与第 {first_seen[key]} 行工号相同"
            remedy = "是两个人的请改正工号，是一个人的合成一行"
            table.add_error(number, "number", message, remedy, values["number"])
        _check_cells(table, number, values)
        first_seen.setdefault(key, number)
        rows.append((number, values))
    return rows


def _number(table: Table, row: int, people: People, values: dict[str, Any]) -> str:
    """The number as the department has it (kf03 is KF03); recorded where it lost its zeros in front."""
    written: str = values["number"]
    known = people.numbered(written)
    if known is not None:
        return known.number
    whole = set(people.without_zeros(written)) & set(people.named(values["name"]))
    if written.isdigit() and whole:
        message = f"前面的 0 丢了，{values['name']}的工号是 {'、'.join(whole)}"
        table.add_error(row, "number", message, "请补上前面的 0，并把这一列设为文本格式", written)
    return tidy(written)


def _values(table: Table, cells: list[Any]) -> dict[str, Any]:
    values = dict(zip(table.fields, cells, strict=True))
    posts = table.profile.rules.get("posts_among_roles", ())
    if values["role"] in posts:
        values["post"] = values["post"] or values["role"]
        values["role"] = Role.AGENT
    for field, choices in (("tier", Tier.choices), ("post", Post.choices)):
        if values[field] and values[field] not in dict(choices) and len(values[field]) <= LONGEST_WORD:
            values[field] = _meaning(table, field, values[field], choices)
    return values


def _meaning(table: Table, field: str, written: str, choices: list[tuple[str, str]]) -> str | None:
    """What a department's own word for a tier or post stands for; asked once, and then remembered."""
    answer = table.ask(
        Question(
            f"{field}:{written}",
            f"「{table.header_of(field)}」里的“{written}”相当于哪一种？",
            (*choices, (NO_MEANING, "哪一种都不是，这一格不导入")),
        )
    )
    return None if answer == NO_MEANING else answer


def _check_cells(table: Table, number: int, values: dict[str, Any]) -> None:
    if trouble := code_trouble(values["number"] or ""):
        table.add_error(number, "number", trouble, REMEDY, values["number"])
    limits = {"number": 32, "name": 64, "team": 64, "role": 32, "tier": LONGEST_WORD, "post": LONGEST_WORD}
    for field, limit in limits.items():
        if len(values[field] or "") > limit:
            table.add_error(number, field, f"超过{limit}个字", "请缩短这一格", values[field])
    if (values["star"] or 0) > 32_767:
        table.add_error(number, "star", "星级过大", "请填实际星级，如 3", values["star"])
    for field, limit in (("base_pay", 10**10), ("performance_bonus", 10**10), ("base_points", 10**6)):
        if values[field] is not None and values[field] >= limit:
            table.add_error(number, field, "数字过大", "请检查是否多写了几位", values[field])


def _teams(department: Department, names: Iterable[str | None]) -> dict[str, Team]:
    wanted = dict.fromkeys(name for name in names if name)
    Team.objects.bulk_create(
        (Team(department=department, name=name[:64]) for name in wanted), ignore_conflicts=True
    )
    return {team.name: team for team in Team.objects.filter(department=department)}


def _planned(
    table: Table,
    rows: list[tuple[int, dict[str, Any]]],
    teams: dict[str, Team],
    people: People,
    notes: set[str],
    *,
    department: Department,
    effective_on: date,
) -> _Plan:
    plan = _Plan([], [], [], [], [], [], rows=len(rows))
    for number, values in rows:
        staff = people.numbered(values["number"])
        if staff and values["hired_on"] != staff.hired_on and not _comes_back(staff, values["hired_on"]):
            _correct_hired(plan, table, number, staff, values["hired_on"], notes)
    terms: dict[int, list[Term]] = {}
    stored = Term.objects.filter(staff__department=department).select_related("team")
    for term in stored.order_by("valid"):
        terms.setdefault(term.staff_id, []).append(term)
    for number, values in rows:
        values["team"] = teams.get(values["team"])
        if values["left_on"] and values["hired_on"] > values["left_on"]:
            remedy = "请检查这两个日期"
            table.add_error(number, "left_on", "早于入职日期", remedy, values["left_on"])
            continue
        if values["service_since"] and values["hired_on"] < values["service_since"]:
            said = values["service_since"]
            table.add_error(number, "service_since", "晚于入职日期", "请检查这两个日期", said)
            continue
        staff = people.numbered(values["number"])
        if staff is None or _comes_back(staff, values["hired_on"]):
            _plan_new(plan, department, values, staff)
        elif people.fits(number, "name", staff, values["name"]):
            _plan_known(plan, table, number, staff, terms.get(staff.pk, []), values, effective_on)
    return plan


def _namesakes(plan: _Plan, people: People) -> Iterator[str]:
    """Of each new person whose name the department has already: they may be one with a wrong number."""
    for staff in plan.new_staff:
        if named := people.named(staff.name):
            yield f"新员工 {staff.number} {staff.name}与 {'、'.join(named)} 同名，请核对不是同一个人。"


def _correct_hired(
    plan: _Plan, table: Table, number: int, staff: Staff, hired_on: date, notes: set[str]
) -> None:
    former = staff.hired_on
    try:
        hired_move(staff, hired_on)
    except PeopleError as refused:
        table.add_error(number, "hired_on", str(refused), "请改正入职日期", hired_on)
        return
    plan.hired.add(staff.pk)
    plan.touched.append(min(former, hired_on))
    notes.add(f"{staff} 的入职日期由 {former:%Y-%m-%d} 更正为 {hired_on:%Y-%m-%d}。")


def _comes_back(staff: Staff, hired_on: date) -> bool:
    """Whether a row tells of another employment, after the one that is known."""
    return staff.left_on is not None and hired_on > staff.left_on


def _plan_new(
    plan: _Plan, department: Department, values: dict[str, Any], former: Staff | None = None
) -> None:
    staff = Staff(
        department=department,
        number=values["number"],
        name=values["name"],
        hired_on=values["hired_on"],
        joined_on=values["hired_on"],
        left_on=values["left_on"],
        service_since=values["service_since"],
        account_id=former.account_id if former and former.name == values["name"] else None,
    )
    staff.pinyin, staff.initials = keys_of(staff.name)
    staff.further_readings = further_readings(staff.name)
    facts = {field: _given(values, field) for field in TERM_FIELDS}
    plan.new_staff.append(staff)
    plan.new_terms.append(Term(staff=staff, valid=(staff.joined_on, None), **facts))
    plan.touched.append(staff.joined_on)


def _given(values: dict[str, Any], field: str) -> Any:
    return _CLEARING.get(field) if values[field] is None else values[field]


def _plan_known(
    plan: _Plan,
    table: Table,
    number: int,
    staff: Staff,
    terms: list[Term],
    values: dict[str, Any],
    effective_on: date,
) -> None:
    since = max(effective_on, staff.joined_on)
    person = _changed_person(plan, table, number, staff, values)
    changes = _changes(terms, since, values)
    if changes and staff.left_on is not None and since > staff.left_on:
        remedy = f"请把生效日期（--from）定为 {staff.left_on:%Y-%m-%d} 或以前，或去掉这一行"
        table.add_error(number, "number", "已离职，不能变更任职条件", remedy, staff.number)
    elif changes:
        _plan_change(plan, staff, terms, since, changes)
    elif not person and staff.pk not in plan.hired:
        plan.unchanged.add(staff.pk)


def _changed_person(plan: _Plan, table: Table, number: int, staff: Staff, values: dict[str, Any]) -> bool:
    """Take over the last day of work and since when service counts; True where they differ."""
    since = values["service_since"] or staff.service_since
    serves = since != staff.service_since
    staff.service_since = since
    last_day = values["left_on"]
    leaves = last_day is not None and last_day != staff.left_on
    if leaves and last_day < staff.joined_on:
        remedy = f"请填 {staff.joined_on:%Y-%m-%d} 或以后的日期"
        table.add_error(number, "left_on", "早于到本部门日期", remedy, last_day)
        return True
    if leaves:
        plan.touched.append(min(last_day, staff.left_on or last_day))
        staff.left_on = last_day
    if leaves or serves:
        plan.changed_staff.append(staff)
    return leaves or serves


def _term_on(terms: list[Term], day: date) -> Term | None:
    return next(
        (
            term
            for term in terms
            if (term.valid.lower is None or term.valid.lower <= day)
            and (term.valid.upper is None or day < term.valid.upper)
        ),
        None,
    )


def _changes(terms: list[Term], since: date, values: dict[str, Any]) -> dict[str, Any]:
    """The facts that the file gives and that differ from those in force."""
    former = _term_on(terms, since)
    given = {field: values[field] for field in TERM_FIELDS if values[field] is not None}
    return {
        field: value for field, value in given.items() if former is None or getattr(former, field) != value
    }


def _plan_change(plan: _Plan, staff: Staff, terms: list[Term], since: date, changes: dict[str, Any]) -> None:
    """As `staff_terms_change`, for many people at once."""
    former = _term_on(terms, since)
    plan.touched.append(since)
    if former is not None and former.valid.lower == since:
        for field, value in changes.items():
            setattr(former, field, value)
        plan.corrected_terms.append(former)
        return
    kept = {field: getattr(former, field) for field in TERM_FIELDS} if former else {}
    later = [term.valid.lower for term in terms if term.valid.lower and term.valid.lower > since]
    plan.new_terms.append(Term(staff=staff, valid=(since, min(later, default=None)), **{**kept, **changes}))
    if former is not None:
        former.valid = (former.valid.lower, since)
        plan.shortened_terms.append(former)


def _write(plan: _Plan) -> None:
    Staff.objects.bulk_create(plan.new_staff)
    Staff.objects.bulk_update(plan.changed_staff, ["left_on", "service_since"])
    Term.objects.bulk_update(plan.shortened_terms, ["valid"])
    Term.objects.bulk_update(plan.corrected_terms, list(TERM_FIELDS))
    Term.objects.bulk_create(plan.new_terms)
