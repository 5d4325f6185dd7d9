"""The page on which the newcomers of a batch are ranked, for their mentors' award."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.paging import PAGE
from people.selectors import departments_where
from people.web import account_of
from training.forms.programmes import PlacesForm
from training.selectors.places import batches_of, places_of
from training.selectors.programmes import ACTION, enrolments_of_batch, mentors_of, plans_of
from training.services.places import batch_rank
from training.views.common import place_of


@require_http_methods(["GET", "HEAD", "POST"])
def intake_places(request: HttpRequest) -> HttpResponse:
    """The latest batches; the newcomers of one with what came of their steps and exams, and their places."""
    account, now = account_of(request), timezone.now()
    place, places = place_of(request, departments_where(account, ACTION, whole=True))
    batches = batches_of(place)
    asked = request.GET.get("batch", "")
    batch = asked if asked in batches else next(iter(batches), "")
    members = list(enrolments_of_batch(place, batch)[:PAGE]) if batch else []
    held = places_of(each.pk for each in members)
    begun = {f"place-{pk}": each.place for pk, each in held.items()}
    today = timezone.localdate(now)
    counted = [each.on for each in held.values() if each.place is not None]
    form = PlacesForm(
        request.POST or None,
        initial=begun,
        members=members,
        held=held if counted else {},
        mentors=mentors_of(place, min(counted, default=today)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            order = form.order()
            on = batch_rank(
                department=place, batch=batch, order=order, mentors=form.mentors(), by=account, at=now
            )
            told = f"名次已定，计入{on:%Y年%m月}。" if order else f"名次已撤回，{on:%Y年%m月}不再计。"
            messages.success(request, told)
            return redirect(
                f"{reverse('intake_places')}?{urlencode({'department': place.code, 'batch': batch})}"
            )
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    shown = {
        "place": place,
        "places": places,
        "batches": batches,
        "batch": batch,
        "plans": plans_of(members, today),
        "held": held,
        "form": form,
    }
    return render(request, "training/intake_places.html", shown)
