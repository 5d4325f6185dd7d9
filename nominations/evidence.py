"""What is known of the candidates of a month: facts of other apps, read set-wise for the hard criteria."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from commissions.metrics import metrics_in_force
from commissions.order_sums import Sums, sums_between
from complaints.models import Case, PartyMember, Ruling
from core.periods import last_of, tenure_months
from duties.models import Suggestion
from nominations.models import Attestation, Nomination
from penalties.models import Incident
from people.models import Department
from people.terms import PersonMonth, people_of_month
from rules.kinds.attendance import Late
from rules.kinds.fines_and_awards import Award, RangeAward
from rules.kinds.nominated import Candidate, Certified, NominatedAward
from rules.kinds.sales import COMPUTED
from rules.provisions import Rule, Rules
from rules.selectors import timeline_of
from shifts.contributions import NO_LEAVE
from shifts.models import Attendance, AttendanceMonth, Leave

REWARDING = (Award.name, RangeAward.name, NominatedAward.name)
DAY = timedelta(days=1)
LONGEST_LEAVE = timedelta(days=366)


@dataclass
class Evidence:
    """The facts of one department's month about some candidates, by staff; made by `evidence_of`."""

    people: Mapping[int, PersonMonth]
    metrics: Mapping[str, Mapping[int, Decimal]]  # by code, of everybody in the department
    has_attendance: bool
    late: Counter[int] = field(default_factory=Counter)
    absent: Counter[int] = field(default_factory=Counter)
    complaints: Counter[int] = field(default_factory=Counter)
    open_complaints: Counter[int] = field(default_factory=Counter)
    violations: Counter[int] = field(default_factory=Counter)
    suggestions: Counter[int] = field(default_factory=Counter)
    certified: Mapping[int, Mapping[str, Certified]] = field(default_factory=dict)  # by nomination

    def candidate(self, nomination: Nomination, rule: Rule[NominatedAward]) -> Candidate:
        """What is known of a nomination's person; rivals are those whom the award binds."""
        who = nomination.staff_id
        person = self.people.get(who)
        rivals = {
            code: [value for staff, value in values.items() if self._competes(staff, rule)]
            for code, values in self.metrics.items()
        }
        until = last_of(nomination.month)
        return Candidate(
            metrics={code: values[who] for code, values in self.metrics.items() if who in values},
            rivals=rivals,
            complaints=self.complaints[who],
            open_complaints=self.open_complaints[who],
            lateness=self.late[who] if self.has_attendance else None,
            away=self.late[who] + self.absent[who] if self.has_attendance else None,
            violations=self.violations[who],
            suggestions=self.suggestions[who],
            tenure_months=0 if person is None else tenure_months(person.hired_on, until),
            certified=self.certified.get(nomination.pk, {}),
        )

    def _competes(self, staff_id: int, rule: Rule[NominatedAward]) -> bool:
        person = self.people.get(staff_id)
        return person is not None and person.is_last_part and rule.binds(person.at_end.role)


def evidence_of(
    department: Department,
    month: date,
    nominations: Collection[Nomination],
    rules: Iterable[Rule[NominatedAward]],
) -> Evidence:
    """The month's facts about the candidates; at most sixteen queries for any number of them."""
    first, last = month, last_of(month)
    people = {each.staff_id: each for each in people_of_month(department, first, last)}
    staff = {each.staff_id for each in nominations}
    codes = {each.metric.code for rule in rules for each in rule.kind.hard if each.metric is not None}
    found = Evidence(
        people=people,
        metrics=_metrics(department, month, codes, people),
        has_attendance=Attendance.objects.filter(
            staff__department=department, work_date__range=(first, last)
        ).exists()
        or AttendanceMonth.objects.filter(staff__department=department, month=month).exists(),
        certified=_certified(nominations),
    )
    _attendance(found, staff, first, last, timeline_of(department).on(last))
    _complaints(found, staff, first, last)
    faults = Incident.objects.filter(
        staff__in=staff,
        work_date__range=(first, last),
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
    ).exclude(provision__kind__in=REWARDING)
    found.violations.update(faults.values_list("staff", flat=True))
    adopted = Suggestion.objects.filter(
        staff__in=staff, sent_at__range=_moments(first, last), state=Suggestion.State.ADOPTED
    )
    found.suggestions.update(adopted.values_list("staff", flat=True))
    return found


def _metrics(
    department: Department, month: date, codes: Collection[str], people: Mapping[int, PersonMonth]
) -> dict[str, dict[int, Decimal]]:
    """The metrics of everybody by code: what was brought wins, else what orders give."""
    found: dict[str, dict[int, Decimal]] = {code: {} for code in codes}
    if not codes:
        return found
    computed = set(COMPUTED).intersection(codes)
    sums = sums_between(department.pk, people, month, last_of(month) + DAY) if computed else {}
    for code in computed if sums else ():
        found[code] = {who: sums.get(who, Sums()).value(code) for who in people}
    for (who, _, _, code), row in metrics_in_force(department, [month]).items():
        if who is not None and code in found:
            found[code][who] = row.value
    return found


def _attendance(found: Evidence, staff: Collection[int], first: date, last: date, rules: Rules) -> None:
    """Days late or early beyond what is within the grace, and days away without being on paid leave."""
    grace = max((rule.kind.grace_minutes for rule in rules.of_kind(Late)), default=0)
    days = Attendance.objects.filter(staff__in=staff, work_date__range=(first, last))
    late = Q(late_minutes__gt=grace) | Q(early_minutes__gt=0)
    found.late.update(days.filter(late).values_list("staff", flat=True))
    found.absent.update(days.filter(absent_days__gt=0).values_list("staff", flat=True))
    leaves = Leave.objects.filter(
        staff__in=staff, approved=True, starts_on__range=(first - LONGEST_LEAVE, last)
    ).exclude(type__in=NO_LEAVE)
    for who, starts_on, length in leaves.values_list("staff", "starts_on", "days"):
        if starts_on + timedelta(days=max(int(length) - 1, 0)) >= first:
            found.absent[who] += 1


def _complaints(found: Evidence, staff: Collection[int], first: date, last: date) -> None:
    """Complaints received in the month: upheld ones about somebody or charged to them, and open ones."""
    received = Case.objects.filter(received_at__range=_moments(first, last))
    about = received.filter(about__in=staff)
    upheld = set(about.filter(state=Case.State.CLOSED, is_upheld=True).values_list("about", "pk"))
    responsible = PartyMember.objects.filter(
        staff__in=staff,
        party__ruling__state=Ruling.State.DECIDED,
        party__ruling__case__in=received,
    )
    upheld |= set(responsible.values_list("staff", "party__ruling__case"))
    found.complaints.update(who for who, _ in upheld)
    found.open_complaints.update(
        who for who, case in about.filter(state=Case.State.OPEN).values_list("about", "pk")
        if (who, case) not in upheld
    )  # fmt: skip


def _certified(nominations: Collection[Nomination]) -> dict[int, dict[str, Certified]]:
    """What was certified last of each nomination, by criterion."""
    found: dict[int, dict[str, Certified]] = defaultdict(dict)
    rows = Attestation.objects.filter(nomination__in=nominations).select_related("by").order_by("id")
    for each in rows:
        words = f"{each.by or '系统'}认定{'满足' if each.holds else '不满足'}：{each.note}"
        found[each.nomination_id][each.criterion] = Certified(each.holds, words)
    return found


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    """The first and the last moment of some days."""
    return (
        timezone.make_aware(datetime.combine(first, time.min)),
        timezone.make_aware(datetime.combine(last, time.max)),
    )
