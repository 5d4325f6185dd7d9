"""Pages of incidents: what waits to be confirmed or decided, one incident with its ledger, deciding."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import pdf_shown
from core.paging import PAGE, page_of
from files.selectors import attachments_visible_to
from penalties import services
from penalties.cash_fines import CashState, cash_fines
from penalties.forms import AppealAnswerForm, AppealForm, EvidenceForm, FilterForm, ReasonForm
from penalties.letters import incident_letter
from penalties.models import Incident, IncidentAppeal
from penalties.selectors import (
    appeal_until,
    appeals_decidable_by,
    appeals_visible_to,
    discipline_visible_to,
    entries_of,
    incidents_visible_to,
    with_contest,
    with_own_money,
)
from people.models import Account, Staff
from people.selectors import actions_in, departments_where, may, staff_visible_to
from people.web import account_of, id_from
from rules.provisions import rule_from


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents of whom the account may see, 50 to a page; first what waits."""
    account = account_of(request)
    form = FilterForm(request.GET if "state" in request.GET else {"state": "recorded", **request.GET.dict()})
    rows = with_own_money(form.apply(incidents_visible_to(account), account))
    rows = with_contest(rows, seen_by=account)
    rows = rows.select_related("staff__department", "provision", "reversal", "recorded_by")
    confirmable = _places(request, "confirm_incidents")
    shown = {
        "form": form,
        "page": page_of(request, rows),
        "confirmable": confirmable,
        "may_record": bool(_places(request, "record_incidents")),
        "is_filtered": any(form.data.get(name) for name in ("who", "what", "department", "source")),
        "state": form.data.get("state", ""),
    }
    return render(request, "penalties/incidents.html", shown)


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: its facts, the clause, what it put into the ledgers, what can be done with it."""
    return incident_page(request, visible_incident(request, pk))


def incident_page(
    request: HttpRequest, row: Incident, *, appeal_form: AppealForm | None = None
) -> HttpResponse:
    """The page of an incident; `appeal_form`: one that was sent and refused."""
    account, now = account_of(request), timezone.now()
    department, is_own = row.staff.department, row.staff.account_id == account.pk
    appeals = list(
        appeals_visible_to(account)
        .filter(incident=row)
        .exclude(state=IncidentAppeal.State.WITHDRAWN)
        .select_related("staff", "decided_by")
        .order_by("id")
    )
    waiting = [each for each in appeals if each.state == IncidentAppeal.State.ASKED]
    actions = actions_in(account, department)
    shown = {
        "incident": row,
        "rule_words": _words(row),
        "entries": entries_of([row.pk], seen_by=account)[row.pk],
        "evidence": attachments_visible_to(account).filter(pk__in=row.attachments.all()).select_related("by"),
        "cash": _cash(row, account, timezone.localdate(now)),
        "reversal": getattr(row, "reversal", None),
        "signature": getattr(row, "signature", None),
        "appeals": appeals,
        "is_appealed": bool(waiting),
        "has_own_waiting": any(each.staff.account_id == account.pk for each in waiting),
        "is_own": is_own,
        "appeal_until": appeal_until(row),
        "may_appeal": services.appeal_hindrance(row, by=account, at=now) is None,
        "answer_forms": _answer_forms(waiting, account),
        "may_confirm": "confirm_incidents" in actions,
        "may_reverse": "reverse_incidents" in actions,
        "may_add_evidence": "record_incidents" in actions and not is_own,
        "may_propose": "propose_discipline" in actions,
        "case": discipline_visible_to(account).filter(incident=row).first(),
        "source": f"奖惩记录{row.pk}",
        "reason_form": ReasonForm(),
        "appeal_form": appeal_form or AppealForm(),
        "refused_appeal": appeal_form is not None,
        "evidence_form": EvidenceForm(),
    }
    return render(request, "penalties/incident.html", shown)


@require_POST
def incidents_decide(request: HttpRequest) -> HttpResponse:
    """Confirm or reject the picked incidents of the list, all or none."""
    given = map(id_from, request.POST.getlist("incident"))
    picked = [pk for pk in given if pk is not None][:PAGE]
    rows = list(incidents_visible_to(account_of(request)).filter(pk__in=picked).select_related("staff"))
    if not rows:
        messages.warning(request, "没有选中任何记录，请先勾选。")
        return redirect("incidents")
    places = _places(request, "confirm_incidents")
    if len(rows) < len(set(picked)) or any(row.staff.department_id not in places for row in rows):
        raise Http404
    _decide(request, rows)
    return redirect("incidents")


@require_POST
def incident_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or reject one incident."""
    row = visible_incident(request, pk)
    if not may(account_of(request), "confirm_incidents", row.staff.department):
        raise Http404
    _decide(request, [row])
    return redirect("incident", pk)


@require_POST
def incident_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a confirmed incident back, with a reason."""
    row = visible_incident(request, pk)
    account = account_of(request)
    if not may(account, "reverse_incidents", row.staff.department):
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有撤销：请写明理由。")
        return redirect("incident", pk)
    now = timezone.now()
    try:
        reason = form.cleaned_data["reason"]
        services.incident_reverse(incident=row, on=timezone.localdate(now), reason=reason, by=account, at=now)
        messages.success(request, "已撤销，台账已冲销，以后各次的次序随之重算。")
    except services.IncidentRefused as refused:
        messages.error(request, f"没有撤销：{refused}。")
    return redirect("incident", pk)


@require_safe
def incident_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person is told of an incident that counts, on paper; 404 for one that does not."""
    row = visible_incident(request, pk)
    if row.state != Incident.State.CONFIRMED:
        raise Http404
    now = timezone.now()
    entries = entries_of([pk], seen_by=account_of(request))[pk]
    own = [each for each in entries if each.staff_id == row.staff_id]
    return pdf_shown(f"奖罚通知单-{row.staff.number}-{pk}.pdf", incident_letter(row, own, at=now))


def _decide(request: HttpRequest, rows: list[Incident]) -> None:
    """Tell what became of it; a record that somebody else decided meanwhile changes nothing."""
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    ways: dict[str, tuple[Callable[..., Any], str]] = {
        "confirm": (services.incidents_confirm, "确认"),
        "reject": (partial(services.incidents_reject, reason=reason), "驳回"),
    }
    if decision not in ways:
        raise Http404
    decide, word = ways[decision]
    try:
        decide(incidents=rows, by=account_of(request), at=timezone.now())
        messages.success(request, f"已{word} {len(rows)} 条记录。")
    except services.IncidentRefused as refused:
        messages.error(request, f"没有{word}任何记录：{refused}。")


def visible_incident(request: HttpRequest, pk: int) -> Incident:
    """The incident of an address, where the account sees the person; else 404."""
    rows = incidents_visible_to(account_of(request)).select_related(
        "staff__department",
        "provision__version",
        "team",
        "reversal__by",
        "signature__by",
        "recorded_by",
        "decided_by",
    )
    return get_object_or_404(rows, pk=pk)


def _answer_forms(waiting: list[IncidentAppeal], account: Account) -> dict[int, AppealAnswerForm]:
    """A form for each of the appeals that wait and that the account decides."""
    if not waiting:
        return {}
    rows = appeals_decidable_by(account).filter(pk__in=[each.pk for each in waiting])
    return {pk: AppealAnswerForm(auto_id=f"appeal-{pk}-%s") for pk in rows.values_list("pk", flat=True)}


def _cash(row: Incident, account: Account, today: date) -> list[tuple[Staff, CashState]]:
    """How what is collected in cash of an incident stands, for the people whom the account sees."""
    fines = cash_fines(Incident.objects.filter(pk=row.pk))
    seen = staff_visible_to(account).in_bulk([each.staff_id for each in fines]) if fines else {}
    return [(seen[each.staff_id], each.state(today)) for each in fines if each.staff_id in seen]


def _places(request: HttpRequest, action: str) -> set[int]:
    return set(departments_where(account_of(request), action).values_list("pk", flat=True))


def _words(row: Incident) -> str:
    return rule_from(row.provision, version="").kind.in_words()
