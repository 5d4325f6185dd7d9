"""Recording a case: its type first, then the record card; what is known of the customer is shown before."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from complaints.forms.cases import PLAIN, CaseForm
from complaints.forms.fields import people_of
from complaints.models import Case
from complaints.selectors.cases import cases_alike, cases_visible_to
from complaints.selectors.orders import orders_numbered
from complaints.selectors.types import path_of_type, types_in_force
from complaints.services.cases import case_open
from core.errors import Refused
from core.paging import PAGE
from core.text import shortened
from duties.models import HandoverItem, Memo
from duties.selectors.handover import items_readable_by, items_visible_to
from duties.selectors.memos import memos_of
from people.fields import CHOICES_OF_PEOPLE
from people.models import Department
from people.selectors import departments_where, employment_of, person_matches
from people.web import account_of, id_from, sought_in

ALIKE_SHOWN = 10
# The fields of persons whose names are looked up while one types.
PERSONS = ("about", "holder", "person")


@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """First the type, then the card. The same form sent twice records one case."""
    place, places = _place(request)
    now = timezone.now()
    types = types_in_force(place, timezone.localdate(now))
    asked = request.GET.get("type", "" if types else PLAIN)
    path = path_of_type(types, "" if asked == PLAIN else asked) if asked else None
    shown: dict[str, Any] = {"place": place, "places": places, "types": types, "plain": PLAIN}
    if path is None:
        return render(request, "complaints/case_type.html", shown)
    item, memo = _item(request), _memo(request)
    form = CaseForm(
        request.POST or None,
        request.FILES or None,
        department=place,
        path=path,
        now=now,
        initial=_initial(request, place, item, memo),
    )
    code = "" if asked == PLAIN else asked
    shown |= {"form": form, "rule": next((rule for rule in types if rule.code == code), None)}
    if request.method == "POST" and form.is_valid():
        alike = _alike(form, place)
        if alike and form.cleaned_data["seen"] != _seen(alike):
            mine = cases_visible_to(account_of(request)).filter(pk__in=[each.pk for each in alike])
            shown |= {
                "alike": alike,
                "seen": _seen(alike),
                "readable": set(mine.values_list("pk", flat=True)),
            }
            return render(request, "complaints/case_new.html", shown)
        try:
            case = case_open(
                department=place,
                provision_code=code,
                handover_item=item,
                memo=memo,
                by=account_of(request),
                at=now,
                **form.given(),
            )
        except Refused as refused:
            form.add_error(form.field_of(refused.field), f"{refused}。")
        else:
            messages.success(request, f"已登记投诉{case.number}，时限已起算。")
            return redirect("case", case.pk)
    return render(request, "complaints/case_new.html", shown)


@require_safe
def case_order(request: HttpRequest) -> HttpResponse:
    """Part of the form: the order under the number that has been typed."""
    place, _ = _place(request)
    number = sought_in(request, "order_no")
    orders = list(orders_numbered(place, number)[:2]) if number else []
    return render(request, "complaints/order.html", {"orders": orders, "number": number})


@require_safe
def case_people(request: HttpRequest) -> HttpResponse:
    """Part of the forms: the first people of the department who fit what has been typed."""
    place, _ = _place(request)
    sought = next((text for name in PERSONS if (text := sought_in(request, name))), "")
    rows = people_of(place, timezone.localdate()).filter(person_matches(sought))[:CHOICES_OF_PEOPLE]
    names = [f"{each.number} {each.name}" for each in rows] if sought else []
    return render(request, "complaints/people_options.html", {"names": names})


def _place(request: HttpRequest) -> tuple[Department, list[Department]]:
    """The department of the address where the account records cases, the first where none is named.

    404 for another one: what is meant for it is not to be recorded elsewhere.
    """
    account = account_of(request)
    rows = departments_where(account, "record_cases") | departments_where(account, "view_cases")
    if request.resolver_match is not None and request.resolver_match.url_name == "case_new":
        rows = departments_where(account, "record_cases")
    code = request.GET.get("department", "")
    places = list(rows.order_by("code")[:PAGE])
    if not places:
        raise Http404
    found = next((each for each in places if each.code == code), None if code else places[0])
    if found is None:
        raise Http404
    return found, places


def _item(request: HttpRequest) -> HandoverItem | None:
    """The handover item that the address names, where the account may read it."""
    pk = id_from(request.GET.get("handover", ""))
    if pk is None:
        return None
    account = account_of(request)
    staff = employment_of(account, on=timezone.localdate(), unless_left=True)
    rows: QuerySet[HandoverItem] = items_visible_to(account)
    found = rows.filter(pk=pk).first()
    return found or (items_readable_by(staff).filter(pk=pk).first() if staff else None)


def _memo(request: HttpRequest) -> Memo | None:
    pk = id_from(request.GET.get("memo", ""))
    return memos_of(account_of(request)).filter(pk=pk).first() if pk is not None else None


def _initial(
    request: HttpRequest, place: Department, item: HandoverItem | None, memo: Memo | None
) -> dict[str, Any]:
    """What the address, a handover item or a memo already says; an order only where there is one."""
    text = item.text if item else memo.text if memo else ""
    number = sought_in(request, "order") or (item.order_no if item else "")
    known = number if number and orders_numbered(place, number).exists() else ""
    words = text if known or not number else f"{text}（订单{number}）"
    return {
        "title": shortened(" ".join(words.split()), 200),
        "order_no": known,
        "complainant": item.customer if item else "",
    }


def _alike(form: CaseForm, place: Department) -> list[Case]:
    given = form.cleaned_data
    order = given["order_no"]
    rows = cases_alike(
        place,
        name=given["complainant"],
        phone=given["phone"],
        order_no=order.order_no if order else "",
        received_at=given["received_at"],
    ).exclude(key=given["key"])
    return list(rows.select_related("provision", "holder")[:ALIKE_SHOWN])


def _seen(alike: list[Case]) -> str:
    return ",".join(str(each.pk) for each in alike)
