"""Pages on which incidents are recorded: one of a person, the same of several, and what shows them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from penalties import services
from penalties.forms import (
    CHOICES_OF_PEOPLE,
    BatchForm,
    EvidenceForm,
    RecordForm,
    full_number,
    staff_recordable,
)
from penalties.models import Incident
from penalties.views.incidents import visible_incident
from people.models import Department
from people.selectors import departments_where, person_matches, staff_where
from people.web import account_of, do, sought_in

# Where a refusal of the service names a field of the incident, the form's field that shows it.
FIELDS = {"staff": "who"}
SHOWN_AT_ONCE = 8


@require_http_methods(["GET", "HEAD", "POST"])
def incident_new(request: HttpRequest) -> HttpResponse:
    """Record an incident. The same form sent twice records one."""
    account = account_of(request)
    _places(request)
    form = RecordForm(
        request.POST or None, request.FILES or None, account=account, initial=request.GET.dict()
    )
    if request.method == "POST" and form.is_valid():
        assert form.staff is not None
        try:
            row = services.incidents_record(
                department=form.staff.department,
                facts=[form.facts_given(form.staff)],
                by=account,
                at=timezone.now(),
            )[0]
        except Refused as refused:
            first = refused.refusals[0] if isinstance(refused, services.IncidentsRefused) else refused
            field = FIELDS.get(first.field, first.field)
            form.add_error(field if field in form.fields else None, f"{first}。")
        else:
            waits = row.state == Incident.State.RECORDED
            messages.success(request, "已记录，等待确认。" if waits else "已记录，按条款自动生效。")
            return redirect("incident", row.pk)
    people = staff_recordable(account).order_by("number")[:SHOWN_AT_ONCE] if form.staff is None else []
    return render(request, "penalties/incident_new.html", {"form": form, "people": map(full_number, people)})


@require_safe
def incident_people(request: HttpRequest) -> HttpResponse:
    """Part of the form: the first people who fit what has been typed."""
    sought = sought_in(request, "who")
    staff = staff_recordable(account_of(request)).order_by("number")
    found = staff.filter(person_matches(sought))[:CHOICES_OF_PEOPLE] if sought else staff[:SHOWN_AT_ONCE]
    return render(request, "penalties/people_options.html", {"people": map(full_number, found)})


@require_safe
def incident_provisions(request: HttpRequest) -> HttpResponse:
    """Part of the form: the provisions in force for the person on the day, the clause of the chosen, what
    it would cost."""
    form = RecordForm(account=account_of(request), initial=request.GET.dict())
    return render(request, "penalties/provision_choice.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def incidents_batch(request: HttpRequest) -> HttpResponse:
    """Record the same of several people, all or none. The same form sent twice records them once."""
    account, places = account_of(request), _places(request)
    if request.method != "POST":
        form = BatchForm(account=account, departments=places, initial=_asked(request))
        return render(request, "penalties/incidents_batch.html", {"form": form})
    form = BatchForm(request.POST, request.FILES, account=account, departments=places)
    if form.is_valid():
        facts = [form.facts_given(each) for each in form.picked]
        try:
            rows = services.incidents_record(
                department=form.place, facts=facts, by=account, at=timezone.now()
            )
        except services.IncidentsRefused as refused:
            for place, each in refused.refusals.items():
                form.add_error("people", f"{facts[place].staff}：{each}。")
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        else:
            messages.success(request, f"已记录 {len(rows)} 条。")
            return redirect("incidents")
    return render(request, "penalties/incidents_batch.html", {"form": form})


@require_safe
def incidents_batch_part(request: HttpRequest) -> HttpResponse:
    """Part of the form: people, provisions and what it would cost each, as it is filled in so far."""
    form = BatchForm(account=account_of(request), departments=_places(request), initial=_asked(request))
    return render(request, "penalties/batch_part.html", {"form": form})


@require_POST
def incident_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what shows an incident."""
    row = visible_incident(request, pk)
    account = account_of(request)
    recordable = staff_where(account, "record_incidents").exclude(account=account)
    if not recordable.filter(pk=row.staff_id).exists():
        raise Http404
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid() or not form.cleaned_data["attached"]:
        messages.error(request, "没有添加：请选择文件。")
        return redirect("incident", pk)
    files = form.cleaned_data["attached"]
    return do(
        request,
        lambda: services.evidence_add(row, files, by=account, at=timezone.now()),
        f"已添加 {len(files)} 个证据。",
        "incident",
        pk,
        refused_as="没有添加：",
    )


def _places(request: HttpRequest) -> list[Department]:
    """Where the account records; 404 where nowhere."""
    places = list(departments_where(account_of(request), "record_incidents").order_by("code"))
    if not places:
        raise Http404
    return places


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {**request.GET.dict(), "people": request.GET.getlist("people")}
