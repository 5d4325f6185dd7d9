"""Closing a month's nominations with their criteria checked, certifying, deciding, taking an award back."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.periods import last_of
from core.text import shortened
from nominations.errors import NominationRefused
from nominations.evidence import evidence_of
from nominations.models import NOTE_LENGTH, REASON_LENGTH, Attestation, AwardRound, Nomination
from nominations.selectors.rules import award_rules, rules_at_nomination
from nominations.services.nominating import (
    check_waiting,
    department_locked,
    fitting,
    nomination_locked,
)
from nominations.services.notifications import award_decided_notify, award_revoked_notify
from penalties.errors import IncidentsRefused
from penalties.judgement import IncidentFact
from penalties.models import Incident, Reversal
from penalties.services import incident_reverse, incidents_record
from people.models import Account, Department
from people.selectors import may, staff_where
from rules.kinds.nominated import MISSING, NOT_MET, NominatedAward
from rules.provisions import Rule
from rules.selectors import employed_in, timeline_of

State = Nomination.State


@transaction.atomic
def round_close(*, department: Department, month: date, by: Account, at: datetime) -> AwardRound:
    """Close a month's nominations and store each one's hard criteria with their evidence.

    Again it checks anew what is not decided yet, when figures came in later. NominationRefused without the
    right, without any award to be nominated for, and before the last day of every award has passed.
    """
    if not may(by, "decide_awards", department):
        raise NominationRefused("您不能核对评奖", "请由部门经理或总经理核对")
    today = timezone.localdate(at)
    department_locked(department.pk)
    rows = Nomination.objects.select_for_update(of=("self",), no_key=True).filter(
        department=department, month=month, state=State.NOMINATED
    )
    waiting = [each for each in rows.order_by("pk") if not each.is_placing]
    rules = [
        *award_rules(department, min(today, last_of(month))),
        *rules_at_nomination(waiting).values(),  # those that the rules of today know no more
    ]
    if not rules:
        raise NominationRefused(f"{month:%Y年%m月}没有要提名的奖项", "名次奖不用核对，请直接决定")
    last = max(rule.kind.closes_on(month) for rule in rules)
    if today <= last:
        raise NominationRefused(f"{month:%Y年%m月}的提名{last:%m月%d日}才截止", "请截止以后再核对")
    closed, _ = AwardRound.objects.update_or_create(
        department=department, month=month, defaults={"closed_by": by, "closed_at": at}
    )
    _check(department, month, waiting, at)
    return closed


@transaction.atomic
def criterion_attest(
    *, nomination: Nomination, criterion: str, holds: bool, note: str, by: Account, at: datetime
) -> Attestation:
    """Certify of a candidate what no figure tells, with a note; of several the newest counts.

    By whoever answers for the person (a lead for the own team), never the person or who nominated.
    """
    row = nomination_locked(nomination)
    check_waiting(row)
    if row.staff.account_id == by.pk or row.by_id == by.pk:
        raise NominationRefused("本人和提名人不能认定条件", "请由别的组长、主管或经理认定")
    if not staff_where(by, "record_incidents", on=timezone.localdate(at)).filter(pk=row.staff_id).exists():
        raise NominationRefused("您不能认定此人的条件", "请由其组长、主管或经理认定")
    rule = None if row.is_placing else rules_at_nomination([row]).get(row.provision_id)
    if rule is None or criterion not in rule.kind.to_attest:
        raise NominationRefused(f"“{row.provision.title}”没有须认定的条件“{criterion}”", "请从列出的里选")
    said = fitting(note, "note", "没有写认定的依据", NOTE_LENGTH)
    last = row.attestations.filter(criterion=criterion).order_by("-id").first()
    if last is not None and (last.holds, last.note, last.by_id) == (holds, said, by.pk):
        return last  # the same button pressed twice
    made = Attestation.objects.create(
        nomination=row, criterion=criterion, holds=holds, note=said, by=by, at=at
    )
    if row.checked_at is not None:
        _check(row.department, row.month, [row], at)
    return made


@transaction.atomic
def nomination_decide(
    *, nomination: Nomination, wins: bool, decision: str, as_gift: bool = False, by: Account, at: datetime
) -> Nomination:
    """Decide a nomination with a reason, for good; an award won is an incident, and has a certificate.

    A placing is paid by settlement: it gets the certificate alone. NominationRefused for the person, for who
    nominated (four eyes), without the right or a reason, before the month is over and its criteria (a placing
    has none) were checked since, with a criterion that is not met or lacks something, and beyond the places.
    """
    row = nomination_locked(nomination)
    _check_decider(row, by)
    check_waiting(row)
    row.decision = fitting(decision, "decision", "没有写决定的理由", REASON_LENGTH)
    _check_time(row, at)
    rule = None if row.is_placing else rules_at_nomination([row])[row.provision_id]
    row.state = State.WON if wins else State.DECLINED
    row.decided_by, row.decided_at = by, at
    if wins:
        row.number = _number(row.department, at)
        if rule is not None:
            _check_criteria(row)
            _check_places(row, rule)
            row.as_gift = _gift(rule, as_gift)
    incidents = _incidents(row, rule, at)
    row.incident = incidents.get(row.code)
    row.save(update_fields=["state", "decision", "decided_by", "decided_at", "number", "as_gift", "incident"])
    award_decided_notify(row, at=at)
    return row


@transaction.atomic
def award_revoke(*, nomination: Nomination, reason: str, by: Account, at: datetime) -> Nomination:
    """Take an award back, once, and with it what it paid; the certificate's number stays.

    What settlement paid for a placing stays paid: it follows from the figures, not from the certificate.
    """
    row = nomination_locked(nomination)
    _check_decider(row, by)
    if row.state != State.WON:
        raise NominationRefused(f"{row}{row.get_state_display()}，不能撤销", "只有得奖的可以撤销")
    row.revocation = fitting(reason, "reason", "没有写撤销的理由", REASON_LENGTH)
    row.state, row.revoked_by, row.revoked_at = State.REVOKED, by, at
    row.save(update_fields=["state", "revocation", "revoked_by", "revoked_at"])
    if row.incident is not None and not Reversal.objects.filter(incident=row.incident).exists():
        words = shortened(f"奖项{row.number}撤销：{row.revocation}", REASON_LENGTH)
        on = max(timezone.localdate(at), row.incident.work_date)
        incident_reverse(incident=row.incident, on=on, reason=words, by=by, at=at)
    award_revoked_notify(row, at=at)
    return row


def _check(department: Department, month: date, rows: Collection[Nomination], at: datetime) -> None:
    """Store what the hard criteria of nominations come to now."""
    rules = rules_at_nomination(rows)
    evidence = evidence_of(department, month, rows, rules.values())
    for row in rows:
        rule = rules[row.provision_id]
        row.checks, row.checked_at = rule.kind.judge(evidence.candidate(row, rule)), at
    Nomination.objects.bulk_update(rows, ["checks", "checked_at"])


def _check_decider(row: Nomination, by: Account) -> None:
    if row.staff.account_id == by.pk:
        raise NominationRefused("不能决定自己的奖", "请由别人决定")
    if not may(by, "decide_awards", row.department):
        raise NominationRefused("您不能决定评奖", "请由部门经理或总经理决定")
    if row.by_id == by.pk:
        raise NominationRefused("提名的人不能决定", "请由另一位经理或总经理决定")


def _check_time(row: Nomination, at: datetime) -> None:
    """The whole month counts, up to its last day: neither the decision nor the check comes before its end."""
    month, last = f"{row.month:%Y年%m月}", last_of(row.month)
    if not row.is_placing and row.checked_at is None:
        raise NominationRefused(f"{month}的评奖还没有核对条件", "请截止后先核对，再决定")
    if timezone.localdate(at) <= last:
        raise NominationRefused(f"{month}还没有过完，名次和条件可能变", "请下个月再决定")
    if row.checked_at is not None and timezone.localdate(row.checked_at) <= last:
        raise NominationRefused(f"条件是{month}过完以前核对的", "请重新核对，再决定")


def _check_criteria(row: Nomination) -> None:
    for verdict, what, remedy in (
        (NOT_MET, "不满足", "请另选候选人"),
        (MISSING, "还缺数据", "补齐或认定后重新核对，再决定"),
    ):
        lacking = [each for each in row.checks if each["verdict"] == verdict]
        if lacking:
            said = "、".join(f"{each['criterion']}（{each['evidence']}）" for each in lacking)
            raise NominationRefused(f"条件{what}：{said.replace('；', '，')}", remedy)


def _check_places(row: Nomination, rule: Rule[NominatedAward]) -> None:
    """The award's own places, and those that all awards share by the number of people (s004-02-4-04)."""
    standing = Nomination.objects.filter(
        department=row.department, month=row.month, state=State.WON, incident__reversal__isnull=True
    ).exclude(origin=Nomination.Origin.RANKING)
    won = list(standing.select_related("provision"))
    if 0 < rule.kind.places <= sum(each.code == row.code for each in won):
        raise NominationRefused(
            f"“{rule.title}”的{rule.kind.places}个名额已经用完", "请先撤销已决定的，或选未得奖"
        )
    per = rule.kind.people_per_place
    if per is None:
        return
    kinds = rules_at_nomination(won)
    shared = [each for each in won if kinds[each.provision_id].kind.people_per_place == per]
    people = employed_in(row.department, last_of(row.month)).count()
    places = max(people // per, 1)
    if len(shared) >= places:
        raise NominationRefused(
            f"部门{people}人，每{per}人一个名额，本月各奖合计{places}个已经用完",
            "请先撤销已决定的，或选未得奖",
        )


def _gift(rule: Rule[NominatedAward], as_gift: bool) -> bool:
    if as_gift and not rule.kind.gift:
        raise NominationRefused(f"“{rule.title}”不能折合礼品", "请发奖金", field="as_gift")
    return as_gift


def _incidents(row: Nomination, rule: Rule[NominatedAward] | None, at: datetime) -> dict[str, Incident]:
    """Record what a decision pays: the award to who won, the shortlist's to everybody on it (s004-02-6-03).

    By the code under which each is recorded. They belong to the award's month, frozen or not.
    """
    if rule is None:
        return {}
    day = _work_date(row)
    facts = []
    if row.state == State.WON:
        amount = Decimal(0) if row.as_gift else None
        note = f"评奖{row.number}：{row.decision}"
        facts.append(
            IncidentFact(
                staff=row.staff,
                code=row.code,
                work_date=day,
                amount=amount,
                note=note,
                key=f"nomination:{row.pk}",
            )
        )
    if rule.kind.shortlist and row.is_shortlisted:
        facts.append(
            IncidentFact(
                staff=row.staff,
                code=rule.kind.shortlist,
                work_date=day,
                note=f"“{rule.title}”入围",
                key=f"shortlist:{rule.kind.shortlist}:{row.month:%Y-%m}:{row.staff_id}",
            )
        )
    if not facts:
        return {}
    try:
        made = incidents_record(
            department=row.department, facts=facts, confirm=True, by=row.decided_by, at=at
        )
    except IncidentsRefused as error:
        refused = next(iter(error.refusals.values()))
        raise NominationRefused(refused.reason, refused.remedy, field=refused.field) from error
    return {each.code: each for each in made}


def _work_date(row: Nomination) -> date:
    """The day of the award: the last of its month on which the person was employed and the rules held under
    which it was given; never before the nomination.
    """
    left, nominated = row.staff.left_on, timezone.localdate(row.at)
    day = min(last_of(row.month), left) if left else last_of(row.month)
    timeline = timeline_of(row.department)
    while day > nominated:
        held = timeline.on(day).get(row.code)
        if held is not None and held.id == row.provision_id:
            return day
        day -= timedelta(days=1)
    return nominated


def _number(department: Department, at: datetime) -> str:
    """The next number of the department's certificates in the year; others that decide there wait."""
    start = f"JX-{department.code}-{timezone.localdate(at).year}-"
    issued = Nomination.objects.filter(number__startswith=start).count()
    return f"{start}{issued + 1:03}"
