"""Joint fines follow corrected terms: who leads a team may turn out to have been somebody else."""

from datetime import date, datetime

from django.db import transaction

from penalties.models import Incident
from penalties.services.incidents import staff_lock
from penalties.services.ledgers import ledgers_sync
from people.models import Account, Department


@transaction.atomic
def joint_fines_sync(
    *, department: Department, first: date, last: date, by: Account | None, at: datetime
) -> None:
    """Bring the ledgers of incidents with joint liability from `first` to `last` in line with today's terms.

    The whole sequence of each person and code is looked at, as after a confirmation; nothing is written
    where nothing differs. One query where no provision knows joint liability.
    """
    incidents = list(
        Incident.objects.filter(
            staff__department=department,
            work_date__range=(first, last),
            state=Incident.State.CONFIRMED,
            reversal__isnull=True,
            provision__params__has_key="also",
        ).select_related("staff")
    )
    if not incidents:
        return
    staff_lock({each.staff_id for each in incidents})
    ledgers_sync(changed=incidents, by=by, at=at)
