"""Who may open what was attached."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from files.models import Attachment
from people.models import Account, Staff
from people.selectors import departments_where, not_left, staff_visible_to, staff_where

Purpose = Attachment.Purpose


def attachments_visible_to(account: Account) -> QuerySet[Attachment]:
    """The own ones; those of the people that an account leads, by their purpose.

    A handover is read by everybody who works in the department. A report is opened by whoever countersigns
    for its author, a certificate by whoever decides about that person's leave or looks after the staff, the
    evidence of an incident by whoever sees the person, of a nomination by whoever put it there as well, of a
    disciplinary case by whoever sees the pay or put it there.
    """
    seen = Q(staff__in=staff_visible_to(account))
    own = Q(staff__account=account)
    handover = Q(purpose=Purpose.HANDOVER) & (seen | Q(staff__department__in=_employing(account)))
    duty = Q(purpose=Purpose.DUTY, staff__in=staff_where(account, "countersign_handover"))
    deciding = Q(staff__in=staff_where(account, "decide_requests"))
    deciding |= Q(staff__in=staff_where(account, "manage_staff"))
    # The fund is public to its department: so is what was spent on.
    fund = Q(purpose=Purpose.FUND) & (seen | Q(staff__department__in=_employing(account)))
    certificate = Q(purpose=Purpose.CERTIFICATE) & deciding
    incident = Q(purpose=Purpose.INCIDENT) & seen
    award = Q(purpose=Purpose.AWARD) & (seen | Q(by=account))
    judging = Q(staff__department__in=departments_where(account, "view_pay")) | Q(by=account)
    discipline = Q(purpose=Purpose.DISCIPLINE) & judging
    return Attachment.objects.filter(
        own | handover | duty | fund | certificate | incident | award | discipline
    )


def _employing(account: Account) -> "QuerySet[Staff, int]":
    """The departments in which an account works today."""
    rows = Staff.objects.filter(not_left(timezone.localdate()), account=account)
    return rows.values_list("department_id", flat=True)
