"""Taking cash for a fine, as long as pay does not have it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from payroll.services.cash import cash_payment_take
from penalties.fund import funds_kept_by
from penalties.fund_forms import MovementForm, cleaned
from penalties.models import Incident
from penalties.views.fund import fund_url
from people.models import Staff
from people.web import account_of, do


@require_POST
def fund_fine_pay(request: HttpRequest, pk: int, staff_id: int) -> HttpResponse:
    """A person paid a fine in cash; recorded by whoever keeps the fund of the department."""
    account, now = account_of(request), timezone.now()
    kept = funds_kept_by(account)
    incident = get_object_or_404(Incident, pk=pk, staff__department__in=kept)
    person = get_object_or_404(Staff.objects.select_related("department"), pk=staff_id, department__in=kept)
    form = MovementForm(request.POST, today=timezone.localdate(now))

    def act() -> None:
        given = cleaned(form)
        cash_payment_take(
            incident=incident,
            staff=person,
            amount=given["amount"],
            on=given["on"],
            key=f"payment:{given['key']}",
            by=account,
            at=now,
        )

    return do(request, act, "已收款并记账。", fund_url(person.department, "fines"))
