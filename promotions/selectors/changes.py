"""Who sees which changes of grade, which wait for whom."""

from datetime import date

from django.db.models import F, Q, QuerySet

from people.approvals import requests_decidable_by
from people.models import Account, Staff
from people.one_person import SamePerson
from people.selectors import departments_where, staff_where
from promotions.models import GradeAppeal, GradeChange, ReviewRound
from promotions.selectors.rounds import candidates_visible_to, review_departments


def changes_visible_to(account: Account) -> QuerySet[GradeChange]:
    """One's own once they are decided, those one proposed, and those of departments whose reviews one runs.

    A lead sees those of the own team, a panel those of its candidates. Of a demotion of one's own that is
    proposed or was declined one sees nothing.
    """
    if not account.is_active:
        return GradeChange.objects.none()
    told = Q(state__in=(GradeChange.State.DECIDED, GradeChange.State.REVERSED))
    told |= Q(state=GradeChange.State.DECLINED, direction=GradeChange.Direction.PROMOTION)
    own = Q(staff__account=account) & told
    seen = own | Q(proposed_by=account) | Q(staff__in=staff_where(account, "propose_grades"))
    seen |= Q(staff__department__in=review_departments(account, whole=True))
    seen |= Q(candidate__in=candidates_visible_to(account))
    # What is proposed about oneself is told with the decision, whatever else one is.
    return GradeChange.objects.filter(seen).exclude(Q(staff__account=account) & ~told)


def changes_waiting(account: Account) -> QuerySet[GradeChange]:
    """Changes that the account may decide now: not the own, not those it proposed, no ballot under way."""
    one_step = Q(steps=1, staff__department__in=departments_where(account, "decide_grades"))
    more = Q(steps__gt=1, staff__department__in=departments_where(account, "skip_tiers"))
    rows = GradeChange.objects.filter(one_step | more, state=GradeChange.State.PROPOSED)
    voting = Q(candidate__round__has_ballot=True) & ~Q(candidate__round__state=ReviewRound.State.VOTED)
    return rows.exclude(proposed_by=account).exclude(staff__account=account).exclude(voting)


def grade_appeals_decidable_by(account: Account, *, on: date | None = None) -> QuerySet[GradeAppeal]:
    """Appeals against demotions that the account decides on a day: none that it proposed or decided."""
    rows = requests_decidable_by(account, GradeAppeal, on=on)
    return rows.exclude(Q(change__proposed_by=account) | Q(change__decided_by=account))


def changes_to_review(account: Account) -> QuerySet[GradeChange]:
    """Changes with an appeal that waits for the account's decision."""
    waiting = grade_appeals_decidable_by(account).filter(state=GradeAppeal.State.ASKED)
    return GradeChange.objects.filter(pk__in=waiting.order_by().values("change"))


def change_after(change: GradeChange) -> GradeChange | None:
    """The standing change of the person that began next after this one, in whichever department, or None."""
    rows = SamePerson([change.staff_id]).rows
    later = GradeChange.objects.filter(
        staff__in=rows, state=GradeChange.State.DECIDED, effective_on__gt=change.effective_on
    )
    return later.order_by(F("effective_on")).first()


def rows_since(staff: Staff) -> QuerySet[Staff]:
    """A row of staff and those that transfers began after it, the earliest first."""
    rows = Staff.objects.filter(pk__in=SamePerson([staff.pk]).rows, joined_on__gte=staff.joined_on)
    return rows.select_related("department").order_by("joined_on", "pk")
