"""Pages of rosters: the months, one month's grid with everything that is done to it, one person's month."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from core.periods import first_of, last_of, shift_months
from core.runs import QueueDown, task_send
from people.models import Account
from people.terms import people_of_month
from people.web import account_of, typed
from shifts.errors import RosterRefused
from shifts.exports import roster_export
from shifts.forms.rosters import CopyForm, RotateForm
from shifts.models import Roster, RosterChange
from shifts.models.roster import RosterRun
from shifts.planning.checks import notice_finding
from shifts.planning.grid import GridRow, grid_of, slot_read
from shifts.planning.plan import Plan, PlannedPerson, Slots
from shifts.planning.rotation import copied, cycle_read, cycle_words, rotated, usual_cycles
from shifts.selectors.plans import Planner, plan_among, planner_of, rosters_planned_by, teams_of
from shifts.services.roster_runs import is_alive, run_ask, run_drop
from shifts.services.rosters import (
    CellChange,
    roster_assign,
    roster_clear,
    roster_fill,
    roster_open,
    roster_publish,
)
from shifts.tasks import roster_solve

MOST_CELLS = 2000  # in one form
WITHOUT_TEAM = "none"


@dataclass(frozen=True, slots=True)
class TeamMonth:
    """One team's month as an account plans it. A roster that nobody began has no row yet."""

    account: Account
    planner: Planner
    roster: Roster
    plan: Plan
    teams: list[tuple[int | None, str]]

    @property
    def query(self) -> str:
        return urlencode({"team": self.roster.team_id or WITHOUT_TEAM})

    def url(self, name: str = "roster", *args: object) -> str:
        base = reverse(name, args=[self.planner.department.code, f"{self.roster.month:%Y-%m}", *args])
        return f"{base}?{self.query}"

    def stored(self) -> Roster:
        """The roster with a row of its own."""
        if self.roster.pk is None:
            team = self.roster.team
            return roster_open(department=self.planner.department, team=team, month=self.roster.month)
        return self.roster


def team_month_of(request: HttpRequest, code: str, month: date) -> TeamMonth:
    """The team of the address, or the first; 404 for what the account does not plan. Ten queries."""
    account = account_of(request)
    planner = planner_of(account, code, on=timezone.localdate())
    if planner is None:
        raise Http404
    department = planner.department
    people = people_of_month(department, month, last_of(month))
    teams = teams_of(people, planner)
    if not teams and not planner.may(None):
        raise Http404  # a lead's team has nobody in the month, and who has no team is not led
    team_id = _team_asked(request, teams)
    found = Roster.objects.select_related("published_by", "run", "team").filter(
        department=department, team=team_id, month=month
    )
    roster = found.first() or Roster(department=department, team_id=team_id, month=month)
    roster.department = department
    return TeamMonth(account, planner, roster, plan_among(roster, people), teams)


def _team_asked(request: HttpRequest, teams: list[tuple[int | None, str]]) -> int | None:
    asked = request.GET.get("team", "")
    known = {str(team_id or WITHOUT_TEAM): team_id for team_id, _ in teams}
    if asked and asked not in known:
        raise Http404
    return known[asked] if asked else (teams[0][0] if teams else None)


# The months


@require_safe
def rosters(request: HttpRequest) -> HttpResponse:
    """The rosters that the account plans, the latest first, and the way to a new one."""
    account, today = account_of(request), timezone.localdate()
    departments, rows = rosters_planned_by(account, today)
    if not departments:
        raise Http404
    months = [shift_months(first_of(today), step) for step in (0, 1)]
    page = page_of(request, rows)
    return render(
        request, "shifts/rosters.html", {"departments": departments, "months": months, "page": page}
    )


# One month


@require_safe
def roster(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """The grid of a team's month."""
    place = team_month_of(request, code, month)
    return render(request, "shifts/roster.html", _shown(request, place))


def _shown(request: HttpRequest, place: TeamMonth) -> dict[str, Any]:
    plan, today = place.plan, timezone.localdate()
    page = _people(request, plan)
    published = place.roster.published_at
    late = notice_finding(plan, timezone.localdate(published) if published else today)
    month = place.roster.month
    run, used = _run(place.roster), plan.shifts.values()
    return {
        "place": place,
        "roster": place.roster,
        "is_published": place.roster.state == Roster.State.PUBLISHED,
        "asks_reason": _asks_reason(place, plan.people),
        "grid": grid_of(plan, list(page), [late] if late else []),
        "page": page,
        "copy_form": CopyForm(),
        "rotate_form": RotateForm(),
        "cycles": [(name, cycle_words(cycle, used)) for name, cycle in usual_cycles(used)],
        "former": f"{shift_months(month, -1):%Y-%m}",
        "next": f"{shift_months(month, 1):%Y-%m}",
        "urls": {name: place.url(f"roster_{name}") for name in URLS},
        **_run_shown(place, run),
    }


def _asks_reason(place: TeamMonth, people: Iterable[PlannedPerson]) -> bool:
    """Whether a change may need a reason: the roster is published, or days of these people are by another."""
    if place.roster.state == Roster.State.PUBLISHED:
        return True
    return any((each.id, day) in place.plan.published for each in people for day in each.days)


URLS = ("assign", "publish", "copy", "rotate", "clear", "solve", "export", "history")


def _people(request: HttpRequest, plan: Plan) -> Page[PlannedPerson]:
    return page_of(request, plan.people)


@require_POST
def roster_assigned(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Write the cells of the grid's form (`cell`: person:day:was:becomes); the grid comes back as it is."""
    place = team_month_of(request, code, month)
    try:
        _assign(request, place, _changes(request, month))
    except RosterRefused as refused:
        messages.error(request, f"{refused}。")
    if not request.headers.get("HX-Request"):
        return redirect(place.url())
    return render(request, "shifts/roster_grid.html", _shown(request, team_month_of(request, code, month)))


def _assign(request: HttpRequest, place: TeamMonth, changes: list[CellChange]) -> None:
    # What is refused leaves no empty roster behind, here and below.
    with transaction.atomic():
        roster_assign(
            roster=place.stored(),
            changes=changes,
            reason=typed(request, "reason"),
            by=place.account,
            at=timezone.now(),
        )


def _changes(request: HttpRequest, month: date) -> list[CellChange]:
    """What the form says; 404 for what no page sends."""
    cells = request.POST.getlist("cell")[:MOST_CELLS]
    try:
        changes = []
        for cell in cells:
            staff_id, day, was, becomes = cell.split(":")
            on = month.replace(day=int(day))
            changes.append(CellChange(int(staff_id), on, slot_read(was), slot_read(becomes)))
    except ValueError:
        raise Http404 from None
    return changes


@require_POST
def roster_published(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Publish what the page showed."""
    place = team_month_of(request, code, month)
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    act = partial(roster_publish, version=version)
    return _done(request, place, act, "已公布，组员现在可以看到。")


@require_POST
def roster_copied(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Fill the draft from the month before."""
    place = team_month_of(request, code, month)
    return _filled(
        request, place, CopyForm(request.POST), lambda given: copied(place.plan, given["cycle_days"])
    )


@require_POST
def roster_rotated(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Fill the draft by a rotation."""
    place = team_month_of(request, code, month)

    def slots(given: dict[str, Any]) -> Slots:
        return rotated(place.plan, cycle_read(given["cycle"], place.plan.shifts.values()))

    return _filled(request, place, RotateForm(request.POST), slots)


def _filled(
    request: HttpRequest, place: TeamMonth, form: forms.Form, slots: Callable[[dict[str, Any]], Slots]
) -> HttpResponse:
    if not form.is_valid():
        said = [
            f"{form.fields[name].label}：{error}" for name, errors in form.errors.items() for error in errors
        ]
        messages.error(request, f"没有排：{'；'.join(said)}")
        return redirect(place.url())
    try:
        with transaction.atomic():
            _, count = roster_fill(
                roster=place.stored(),
                slots=slots(form.cleaned_data),
                by=place.account,
                at=timezone.now(),
                replace=form.cleaned_data["replace"],
            )
        messages.success(request, f"填了{count}格。")
    except RosterRefused as refused:
        messages.error(request, f"没有排：{refused}。")
    return redirect(place.url())


@require_POST
def roster_cleared(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Empty the draft."""
    place = team_month_of(request, code, month)
    return _done(request, place, roster_clear, "已清空。")


def _done(request: HttpRequest, place: TeamMonth, act: Callable[..., object], said: str) -> HttpResponse:
    """Do something to the roster and say that it was done, or why not."""
    try:
        with transaction.atomic():
            act(roster=place.stored(), by=place.account, at=timezone.now())
        messages.success(request, said)
    except RosterRefused as refused:
        messages.error(request, f"{refused}。")
    return redirect(place.url())


# The solver


@require_POST
def roster_solved(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Queue a run of the solver."""
    place = team_month_of(request, code, month)
    try:
        with transaction.atomic():
            run = run_ask(roster=place.stored(), by=place.account, at=timezone.now())
    except RosterRefused as refused:
        messages.error(request, f"{refused}。")
        return redirect(place.url())
    try:
        task_send(roster_solve, str(run.job))
    except QueueDown as refused:
        run_drop(run=run, reason=str(refused), at=timezone.now())
    return redirect(place.url())


@require_safe
def roster_progress(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Part of the page while a run goes on; when it is over the page comes anew."""
    place = team_month_of(request, code, month)
    shown = _run_shown(place, _run(place.roster))
    response = render(request, "shifts/roster_run.html", {"place": place, **shown})
    if not shown["poll_url"]:
        response["HX-Redirect"] = place.url()
    return response


def _run(roster: Roster) -> RosterRun | None:
    return getattr(roster, "run", None) if roster.pk else None


def _run_shown(place: TeamMonth, run: RosterRun | None) -> dict[str, Any]:
    now = timezone.now()
    alive = run is not None and is_alive(run, now)
    return {
        "run": run,
        "run_is_alive": alive,
        "run_seconds": int((now - (run.started_at or run.asked_at)).total_seconds()) if alive and run else 0,
        "run_has_died": run is not None and run.state in RosterRun.OPEN and not alive,
        "poll_url": place.url("roster_progress") if alive else "",
    }


# Elsewhere


@require_safe
def roster_exported(request: HttpRequest, code: str, month: date) -> FileResponse:
    """The roster as a workbook."""
    place = team_month_of(request, code, month)
    title = f"{place.planner.department.name} {place.roster.team or '未分组'} {month:%Y年%m月}排班"
    return workbook_download(f"{title}.xlsx", partial(roster_export, plan=place.plan, title=title))


@require_safe
def roster_history(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """What was changed after publishing, the latest first."""
    place = team_month_of(request, code, month)
    rows: QuerySet[RosterChange] = RosterChange.objects.filter(
        staff__in=[person.id for person in place.plan.people], work_date__range=(month, last_of(month))
    )
    rows = rows.select_related("staff", "before", "after", "by").order_by("-id")
    page = page_of(request, rows)
    return render(request, "shifts/roster_history.html", {"place": place, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def roster_person(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse:
    """One person's month as a form: for phones, and where there are no scripts."""
    place = team_month_of(request, code, month)
    person = next((each for each in place.plan.people if each.id == pk), None)
    if person is None:
        raise Http404
    url = place.url("roster_person", pk)
    if request.method == "POST":
        return _person_saved(request, place, person, url)
    grid = grid_of(place.plan, [person])
    row: GridRow = grid.rows[0]
    shown = {
        "place": place,
        "row": row,
        "days": list(zip(grid.heads, row.cells, strict=True)),
        "brushes": grid.brushes,
        "findings": [each.wrong for each in row.cells if each.wrong],
        "is_published": place.roster.state == Roster.State.PUBLISHED,
        "asks_reason": _asks_reason(place, [person]),
        "url": url,
    }
    return render(request, "shifts/roster_person.html", shown)


def _person_saved(request: HttpRequest, place: TeamMonth, person: PlannedPerson, url: str) -> HttpResponse:
    month = place.roster.month
    try:
        changes = [
            CellChange(person.id, day, slot_read(request.POST.get(f"was-{day.day}", "")), slot_read(said))
            for day in place.plan.days
            if (said := request.POST.get(f"day-{day.day}")) is not None
        ]
    except ValueError:
        raise Http404 from None
    try:
        _assign(request, place, [each for each in changes if each.was != each.becomes])
        messages.success(request, f"{person} {month:%m}月的排班已保存。")
    except RosterRefused as refused:
        messages.error(request, f"{refused}。")
    return redirect(url)
