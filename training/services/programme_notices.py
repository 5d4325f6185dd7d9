"""Whom training tells what: a programme begins, a newcomer has a mentor, what comes tomorrow."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.services import NewNotice, notices_send_each
from people.models import Department
from training.models import Enrolment
from training.plan import Plan, PlannedStep
from training.selectors.programmes import plans_of

DAY = timedelta(days=1)


def enrolled_notify(enrolment: Enrolment, title: str, *, at: datetime) -> None:
    """The newcomer learns that a programme begins, the mentor whom to guide."""
    told = NewNotice(
        to=enrolment.staff.account_id,
        text=f"“{title}”从{enrolment.starts_on:%m月%d日}开始",
        url=reverse("me_training"),
        source=f"enrolled:{enrolment.pk}",
    )
    notices_send_each(told=[told], kind=NoticeKind.TRAINING, at=at)
    mentor_notify(enrolment, at=at)


def mentor_notify(enrolment: Enrolment, *, at: datetime) -> None:
    """Who is a newcomer's mentor now learns it."""
    if enrolment.mentor is None:
        return
    told = NewNotice(
        to=enrolment.mentor.account_id,
        text=f"{enrolment.staff.name}由您带，{enrolment.starts_on:%m月%d日}开始",
        url=reverse("enrolment", args=[enrolment.pk]),
        source=f"mentor:{enrolment.pk}:{enrolment.mentor_id}",
    )
    notices_send_each(told=[told], kind=NoticeKind.TRAINING, at=at)


def steps_remind(department: Department, *, at: datetime) -> int:
    """Newcomers and teachers learn what tomorrow brings, exams and second tries too; how many new."""
    today = timezone.localdate(at)
    rows = Enrolment.objects.filter(department=department, ended_on__isnull=True)
    enrolments = list(rows.select_related("staff", "mentor", "provision"))
    told = [notice for plan in plans_of(enrolments, today) for notice in _tomorrow(plan, at)]
    return notices_send_each(told=told, kind=NoticeKind.TRAINING, at=at)


def _tomorrow(plan: Plan, at: datetime) -> Iterator[NewNotice]:
    tomorrow = timezone.localdate(at) + DAY
    for each in plan.ahead:
        if each.next_on != tomorrow:
            continue
        words, source = _words(each), f"step:{plan.enrolment.pk}:{each.step.code}:{tomorrow:%Y%m%d}"
        yield NewNotice(
            to=plan.enrolment.staff.account_id, text=words, url=reverse("me_training"), source=source
        )
        if each.teacher is not None and each.teacher.is_employed_on(tomorrow):
            yield NewNotice(
                to=each.teacher.account_id,
                text=f"{plan.enrolment.staff.name}{words}",
                url=reverse("enrolment", args=[plan.enrolment.pk]),
                source=source,
            )


def _words(planned: PlannedStep) -> str:
    if planned.standing is None:
        return f"明天的培训：{planned.step.title}"
    return f"明天{'补考' if planned.standing.retake_on else '考试'}：{planned.step.title}"
