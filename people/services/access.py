"""Who looked at whose pay."""

from collections.abc import Iterable
from datetime import date, datetime

from axes.models import AccessAttempt, AccessFailureLog
from axes.models import AccessLog as SignInLog

from people.models import AccessLog, Account, Department, Staff


def access_log(
    *,
    what: AccessLog.What | str,
    department: Department,
    month: date,
    staff: Staff | None = None,
    payslip: int | None = None,
    by: Account,
    at: datetime,
) -> None:
    """Record that somebody looks at pay: one person's (`staff`, `payslip`: its id) or the whole department's.

    `month` is any day of it. One query; call it before the page is shown.
    """
    AccessLog.objects.create(
        what=what,
        department=department,
        staff=staff,
        month=month.replace(day=1),
        payslip=payslip,
        by=by,
        at=at,
    )


def access_log_months(
    *,
    months: Iterable[tuple[int, date]],
    by: Account,
    at: datetime,
    what: AccessLog.What = AccessLog.What.PERIOD,
) -> None:
    """The same for whole departments' months, (department id, any day of it); one query."""
    seen = sorted({(department_id, day.replace(day=1)) for department_id, day in months})
    AccessLog.objects.bulk_create(
        AccessLog(what=what, department_id=department_id, month=month, by=by, at=at)
        for department_id, month in seen
    )


def access_log_payslips(*, payslips: Iterable[tuple[int, date, int, int]], by: Account, at: datetime) -> None:
    """The same for many payslips, (department id, any day of the month, staff id, payslip id); one query."""
    AccessLog.objects.bulk_create(
        AccessLog(
            what=AccessLog.What.PAYSLIP, department_id=department_id, month=month.replace(day=1),
            staff_id=staff_id, payslip=payslip, by=by, at=at,
        )
        for department_id, month, staff_id, payslip in payslips
    )  # fmt: skip


def sign_ins_tidy(*, before: datetime) -> int:
    """Forget who signed in, failed to or was locked out before a moment; how many rows there were."""
    rows = [
        kept.objects.filter(attempt_time__lt=before) for kept in (AccessAttempt, AccessFailureLog, SignInLog)
    ]
    return sum(each.delete()[0] for each in rows)
