"""The demonstration's ladder: one promoted after ballot and defence, one to be decided, one ballot open."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from penalties.services import incident_confirm, incident_record
from people.models import Department
from people.services import account_create
from promotions.models import Candidate, ReviewRound
from promotions.selectors.rounds import evidence_of
from promotions.services import (
    attestation_record,
    ballot_close,
    ballot_open,
    candidate_add,
    candidate_nominate,
    candidate_score,
    change_decide,
    round_close,
    round_open,
    vote_cast,
)
from promotions.services.attestations import attested_items
from rules.kinds.ladder import Step
from rules.provisions import has_kind
from rules.selectors import timeline_of
from workbench.demonstration.complaints import Cast, cast_of
from workbench.demonstration.story import moment

NEWCOMER, PROMOTED, LEFT_FOR_LATER = "8207", "8304", "8102"
# Who signs an appraisal, votes or sits an exam does so with the own account.
OWN_ACCOUNTS = ("8301", "8302", "8307")
EXCELLENT, TO_SENIOR, TO_JUNIOR = "s004-05-4-3F.2", "s004-05-4-3", "s004-05-4-1"
VOTES: Mapping[str, Mapping[str, str]] = {
    PROMOTED: {"8301": "yes", "8302": "yes", "8307": "yes"},
    LEFT_FOR_LATER: {"8101": "yes", "8103": "abstained"},  # too few votes to be told
}
NEXT = ("8104", "8105")
JUNIOR_BY = date(2026, 11, 20)


def accounts_make(*, department: Department, password: str | None) -> str:
    """Accounts of some agents, the newcomer's with a password that is told: it is returned."""
    staff = {each.number: each for each in department.staff.all()}
    for number in OWN_ACCOUNTS:
        account_create(username=f"demo-{number}", group="agent", staff=staff[number])
    _, given = account_create(
        username="demo-newcomer", group="agent", password=password, staff=staff[NEWCOMER]
    )
    return given


def excellent_award(*, department: Department) -> None:
    """The title that the next tier asks for, given in October; it pays nothing."""
    cast = cast_of(department, moment(10, 15))
    row = incident_record(
        staff=cast.staff[PROMOTED],
        code=EXCELLENT,
        work_date=date(2026, 10, 15),
        note="第三季度优秀客服，部门例会评选",
        by=cast.by("supervisor"),
        at=cast.now,
    )
    incident_confirm(incident=row, by=cast.by("manager"), at=moment(10, 15, 11))


def reviews_hold(*, department: Department) -> None:
    """November's reviews: to senior (decided), to junior (to decide), to intermediate (being voted on)."""
    cast = cast_of(department, moment(11, 12))
    _to_senior(cast)
    _to_junior(cast)
    _to_intermediate(cast)


def _to_senior(cast: Cast) -> None:
    """Two stand for it; who meets everything is promoted from the 16th, the other waits for another time."""
    _attest(cast, PROMOTED, TO_SENIOR, "退换货话术、两次代班、例会记录都看过")
    row = _round(cast, "quarterly", date(2026, 11, 6), "intermediate", "senior", day=4, has_ballot=True)
    candidates = {number: _candidate(cast, row, number, day=4) for number in (PROMOTED, LEFT_FOR_LATER)}
    ballot_open(round=row, by=cast.by("manager"), at=moment(11, 4, 11))
    for number, votes in VOTES.items():
        for voter, answer in votes.items():
            vote_cast(candidate=candidates[number], answer=answer, by=cast.own(voter))
    ballot_close(round=row, by=cast.by("manager"), at=moment(11, 6, 9))
    _score(cast, candidates[PROMOTED], {"supervisor": ("92", "答得清楚，有例子"), "hr": ("88", "")}, day=6)
    _score(cast, candidates[LEFT_FOR_LATER], {"supervisor": ("74", "想法不多"), "hr": ("78", "")}, day=6)
    change = candidate_nominate(
        candidate=candidates[PROMOTED],
        reason="月考核连续前三，退换货话术全组在用，能带人",
        by=cast.by("supervisor"),
        at=moment(11, 6, 15),
    )
    change_decide(
        change=change,
        accept=True,
        decision="条件全部满足，投票和答辩都好",
        effective_on=date(2026, 11, 16),
        by=cast.by("manager"),
        at=moment(11, 9),
    )
    round_close(round=row, by=cast.by("manager"), at=moment(11, 9, 11))


def _to_junior(cast: Cast) -> None:
    """The newcomer passed the exam; the manager has to decide. One criterion is not certified yet."""
    _attest(cast, NEWCOMER, TO_JUNIOR, "师傅带教记录和聊天抽查", but_last=True)
    row = _round(cast, "probation", JUNIOR_BY, "trial", "junior", day=12)
    candidate = _candidate(cast, row, NEWCOMER, day=12)
    _score(cast, candidate, {"supervisor": ("81", "流程熟，打字还要快"), "hr": ("85", "")}, day=13)
    candidate_nominate(
        candidate=candidate,
        reason="三十天培训完成，试用期考核合格；值日漏过一次，当天补做了",
        by=cast.by("supervisor"),
        at=moment(11, 13, 11),
    )


def _to_intermediate(cast: Cast) -> None:
    """Whoever signs in as lead or agent of the first team can vote."""
    row = _round(cast, "quarterly", date(2026, 11, 19), "junior", "intermediate", day=13, has_ballot=True)
    for number in NEXT:
        _candidate(cast, row, number, day=13)
    ballot_open(round=row, by=cast.by("manager"), at=moment(11, 13, 15))


def _round(
    cast: Cast, kind: str, on: date, from_tier: str, to_tier: str, *, day: int, has_ballot: bool = False
) -> ReviewRound:
    return round_open(
        department=cast.department,
        kind=kind,
        on=on,
        from_tier=from_tier,
        to_tier=to_tier,
        has_ballot=has_ballot,
        panel=[cast.by("supervisor"), cast.by("hr")],
        by=cast.by("manager"),
        at=moment(11, day),
    )


def _candidate(cast: Cast, row: ReviewRound, number: str, *, day: int) -> Candidate:
    staff = cast.staff[number]
    evidence = evidence_of([staff], from_tier=row.from_tier, to_tier=row.to_tier, on=row.on)
    return candidate_add(
        round=row,
        staff=staff,
        evidence=evidence.get(staff.pk, []),
        by=cast.by("manager"),
        at=moment(11, day),
    )


def _score(cast: Cast, candidate: Candidate, given: Mapping[str, tuple[str, str]], *, day: int) -> None:
    for name, (score, note) in given.items():
        at = moment(11, day, 10)
        candidate_score(candidate=candidate, score=Decimal(score), note=note, by=cast.by(name), at=at)


def _attest(cast: Cast, number: str, code: str, note: str, *, but_last: bool = False) -> None:
    """The supervisor certifies what the provision leaves to people, all of it or all but the last."""
    on = date(2026, 11, 3)
    rule = timeline_of(cast.department).on(on).get(code)
    assert rule is not None and has_kind(rule, Step)
    items = attested_items(rule)
    for item in items[:-1] if but_last else items:
        attestation_record(
            staff=cast.staff[number],
            code=code,
            answer=True,
            note=note,
            on=on,
            item=item,
            by=cast.by("supervisor"),
            at=moment(11, 3),
        )
