"""Filling a roster by the solver: asked for on the page, done by a worker, told by one row."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from core.locks import Lock, is_locked
from core.runs import run_of
from people.models import Account
from shifts.errors import RosterRefused
from shifts.models import Roster
from shifts.models.roster import RosterRun
from shifts.planning.solver import Solution, solve
from shifts.selectors.plans import plan_of
from shifts.services.rosters import roster_fill

State = RosterRun.State
TOLD = 50  # of what could not be met
WAIT = timedelta(minutes=1)  # before a run that is queued counts as not taken by anybody


@transaction.atomic
def run_ask(*, roster: Roster, by: Account | None, at: datetime) -> RosterRun:
    """Queue a run in place of the one before. RosterRefused for a published roster, or while one goes on."""
    roster = Roster.objects.select_for_update(of=("self",)).select_related("department").get(pk=roster.pk)
    if roster.state == Roster.State.PUBLISHED:
        raise RosterRefused("排班表已公布，不能自动排班；请逐格改动并写明理由")
    if not roster.department.shift_patterns.filter(is_retired=False).exists():
        raise RosterRefused("还没有班次；先在“班次”里添加，或从制度带入")
    former = RosterRun.objects.filter(roster=roster).first()
    if former is not None and is_alive(former, at):
        raise RosterRefused("自动排班正在进行，请等它完成")
    asked = {
        "job": uuid4(),
        "state": State.QUEUED,
        "message": "",
        "result": {},
        "asked_by": by,
        "asked_at": at,
        "started_at": None,
        "finished_at": None,
    }
    return RosterRun.objects.update_or_create(roster=roster, defaults=asked)[0]


def is_alive(run: RosterRun, at: datetime) -> bool:
    """Whether a run is queued, not for too long, or a live worker is at it."""
    if run.state == State.QUEUED:
        return at - run.asked_at < WAIT
    return run.state == State.RUNNING and is_locked(Lock.ROSTER, run.roster_id)


def run_execute(*, job: UUID, clock: Callable[[], datetime]) -> RosterRun | None:
    """Solve and fill the roster; nothing for a job that another one has taken the place of.

    `clock` tells the time: a run has a beginning and an end.

    Only days that are open are filled. Somebody who writes into one of them meanwhile wins: then nothing is
    filled, and the run says so.
    """
    taken = RosterRun.objects.filter(job=job, state__in=RosterRun.OPEN)
    run = taken.select_related("roster__department", "roster__team", "asked_by").first()
    if run is None:
        return None
    with run_of(Lock.ROSTER, run.roster_id) as held:
        # Under the lock first: whoever looks sees a run that goes on, or one that nobody has begun.
        if held is None or not taken.update(state=State.RUNNING, started_at=clock()):
            return None
        return _solve(run, clock)


def _solve(run: RosterRun, clock: Callable[[], datetime]) -> RosterRun:
    try:
        plan = plan_of(run.roster)
        solution = solve(plan, seconds=settings.ROSTER_SOLVER_SECONDS)
        _, filled = roster_fill(
            roster=run.roster, slots=solution.slots, by=run.asked_by, at=clock(), seen=plan
        )
    except RosterRefused as refused:
        return run_finish(run, State.FAILED, str(refused), {}, clock())
    except Exception:
        run_finish(run, State.FAILED, "程序出错，没有改动排班；请稍后再试", {}, clock())
        raise
    return run_finish(run, State.DONE, f"填了{filled}格", result_of(solution), clock())


def run_drop(*, run: RosterRun, reason: str, at: datetime) -> RosterRun:
    """Nobody is going to execute the run that was asked for, and why."""
    return run_finish(run, State.FAILED, reason, {}, at)


def run_finish(run: RosterRun, state: str, message: str, result: dict[str, Any], at: datetime) -> RosterRun:
    """Say how a run ended, unless another has taken its place."""
    RosterRun.objects.filter(pk=run.pk, job=run.job).update(
        state=state, message=message[:500], result=result, finished_at=at
    )
    run.refresh_from_db()
    return run


def result_of(solution: Solution) -> dict[str, Any]:
    """What the page tells of a solution."""
    counts = Counter(each.kind_in_words for each in solution.broken)
    return {
        "fairness": solution.fairness.words(),
        "rotation": solution.rotation.words(),
        "is_rotation": solution.is_rotation,
        "is_settled": solution.is_settled,
        "broken": [found.in_words for found in solution.broken[:TOLD]],
        "counts": [f"{words}{count}处" for words, count in counts.items()],
    }
