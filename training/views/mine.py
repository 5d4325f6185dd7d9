"""The own plan of a newcomer; the newcomers whom somebody guides or teaches."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import page_of
from people.web import account_of, own_staff
from training.models import Enrolment
from training.plan import State
from training.selectors.programmes import enrolments_taught_by, materials_by_step, plan_on, plans_of

RELATED = ("staff", "mentor", "provision", "department")
TO_RECORD = {State.TODAY, State.OPEN, State.MISSED, State.OVERDUE}


@require_safe
def me_training(request: HttpRequest) -> HttpResponse:
    """What comes on which day for a newcomer, what is late, what came of exams; the latest programme."""
    staff, today, account = own_staff(request), timezone.localdate(), account_of(request)
    rows = Enrolment.objects.filter(staff__account=account).select_related(*RELATED)
    row = rows.order_by(F("ended_on").desc(nulls_first=True), "-starts_on", "-pk").first()
    shown = {"staff": staff, "today": today, "plan": None}
    if row is not None:
        materials = materials_by_step(account, row.department, row.code)
        shown |= {"plan": plan_on(row, today), "row": row, "materials": materials}
    return render(request, "training/me_training.html", shown)


@require_safe
def me_newcomers(request: HttpRequest) -> HttpResponse:
    """The newcomers whom the account guides or teaches, with its own steps that wait to be recorded."""
    own_staff(request)
    account, today = account_of(request), timezone.localdate()
    rows = enrolments_taught_by(account).select_related(*RELATED).order_by("staff__number", "pk")
    page = page_of(request, rows)
    plans = [
        (
            plan,
            [
                each
                for each in plan.steps
                if each.state in TO_RECORD
                and each.step.exam is None
                and each.teacher is not None
                and each.teacher.account_id == account.pk
            ],
        )
        for plan in plans_of(list(page.object_list), today)
    ]
    return render(request, "training/me_newcomers.html", {"page": page, "plans": plans, "today": today})
