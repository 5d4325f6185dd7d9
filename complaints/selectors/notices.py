"""What is made known of a month: charges to review and to tell the person of, decisions to announce."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from complaints.models import Appeal, Charge, Ruling
from core.money import ZERO
from core.periods import last_of
from core.templatetags.ui import money
from penalties.models import DisciplinaryCase, Incident, Proposal
from people.models import Account, Department
from people.selectors import departments_where
from rules.proposals import ProposalKind

# Of what people may decide on a suggestion: disciplinary measures, which are announced.
DISCIPLINARY = (
    ProposalKind.WARNING,
    ProposalKind.MINOR_DEMERIT,
    ProposalKind.MAJOR_DEMERIT,
    ProposalKind.TERMINATION,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a charge stands, in words, with the tone of its badge."""

    words: str
    tone: str = ""
    is_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Announced:
    """A decision of the month: about whom, under which provision, on what ground, with what result."""

    on: date
    staff: str
    rule: str
    ground: str
    result: str


def charges_seen_by(account: Account) -> QuerySet[Charge]:
    """The charges of departments whose cases the account sees whole, with what a notice tells of them."""
    rows = Charge.objects.filter(ruling__case__department__in=departments_where(account, "view_cases"))
    appeals = Prefetch("appeals", Appeal.objects.exclude(state=Appeal.State.WITHDRAWN))
    return rows.select_related(
        "staff", "ruling__case__department", "ruling__provision__version", "ruling__decided_by"
    ).prefetch_related(appeals)


def charges_of_month(charges: QuerySet[Charge], department: Department, month: date) -> QuerySet[Charge]:
    """The charges that belong to a month, those taken back among them, by person."""
    rows = charges.filter(
        ruling__case__department=department, ruling__charged_on__range=(month, last_of(month))
    )
    return rows.order_by("staff__number", "id")


def standing_of(charge: Charge, today: date) -> Standing:
    """Where a charge stands by its ruling and its appeal; appeals are prefetched without withdrawn ones."""
    if charge.ruling.state == Ruling.State.REVERSED:
        return Standing("裁定已撤销", is_taken_back=True)
    appeal = next(iter(charge.appeals.all()), None)
    if appeal is not None and appeal.state == Appeal.State.ASKED:
        return Standing("申诉待决定，暂不扣", "warn")
    if appeal is not None and appeal.state == Appeal.State.APPROVED:
        return Standing("申诉成立，已退回", is_taken_back=True)
    if not charge.amount:
        return Standing("不用承担")
    if appeal is not None:
        return Standing("申诉不成立，照扣", "good")
    if today <= charge.appeal_until:
        return Standing(f"{charge.appeal_until:%m-%d}以前可申诉", "info")
    return Standing("没有申诉，照扣", "good")


def announced_in(department: Department, month: date) -> list[Announced]:
    """What was decided in a month and stands: shares of losses, disciplinary decisions; four queries."""
    rows = [
        *_charges(department, month),
        *_decided(department, month),
        *_disciplined(department, month),
        *_accepted(department, month),
    ]
    return sorted(rows, key=lambda each: (each.on, each.staff))


def _charges(department: Department, month: date) -> Iterable[Announced]:
    granted = Appeal.objects.filter(charge=OuterRef("pk"), state=Appeal.State.APPROVED)
    rows = Charge.objects.filter(
        ~Exists(granted),
        ruling__case__department=department,
        ruling__state=Ruling.State.DECIDED,
        ruling__decided_at__date__range=(month, last_of(month)),
        amount__gt=ZERO,
    ).select_related("staff", "ruling__case", "ruling__provision")
    for each in rows:
        ruling = each.ruling
        assert ruling.decided_at is not None
        yield Announced(
            on=timezone.localdate(ruling.decided_at),
            staff=str(each.staff),
            rule=f"{ruling.provision.code} {ruling.provision.title}",
            ground=f"投诉{ruling.case.number}：{ruling.reason}",
            result=f"承担损失{money(each.amount)}元",
        )


def _decided(department: Department, month: date) -> Iterable[Announced]:
    rows = DisciplinaryCase.objects.filter(
        staff__department=department,
        state=DisciplinaryCase.State.DECIDED,
        decided_at__date__range=(month, last_of(month)),
    ).select_related("staff", "incident__provision")
    for each in rows:
        assert each.decided_at is not None
        provision = each.incident.provision if each.incident else None
        yield Announced(
            on=timezone.localdate(each.decided_at),
            staff=str(each.staff),
            rule=f"{provision.code} {provision.title}" if provision else "—",
            ground=each.grounds,
            result=each.get_level_display(),
        )


def _disciplined(department: Department, month: date) -> Iterable[Announced]:
    rows = Incident.objects.filter(
        staff__department=department,
        provision__kind="discipline",
        disciplinary_case__isnull=True,
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
        work_date__range=(month, last_of(month)),
    ).select_related("staff", "provision")
    for each in rows:
        yield Announced(
            on=each.work_date,
            staff=str(each.staff),
            rule=f"{each.code} {each.provision.title}",
            ground=each.note,
            result=each.provision.title,
        )


def _accepted(department: Department, month: date) -> Iterable[Announced]:
    rows = Proposal.objects.filter(
        ~Exists(DisciplinaryCase.objects.filter(proposal=OuterRef("pk"))),
        department=department,
        kind__in=DISCIPLINARY,
        state=Proposal.State.ACCEPTED,
        decided_at__date__range=(month, last_of(month)),
    ).select_related("staff", "incident__provision")
    for each in rows:
        assert each.decided_at is not None
        title = f" {each.incident.provision.title}" if each.incident else ""
        yield Announced(
            on=timezone.localdate(each.decided_at),
            staff=str(each.staff),
            rule=f"{each.code}{title}",
            ground=each.decision,
            result=each.get_kind_display(),
        )
