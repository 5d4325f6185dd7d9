"""Everybody's own pages: payslips of approved months, objections, the ledger. Made for the phone first."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import pdf_shown
from core.paging import page_of
from payroll.errors import ObjectionRefused
from payroll.forms import ObjectionForm
from payroll.models import Objection, PayLine, Payslip, SettlementPeriod
from payroll.papers import Options, payslips_paper, slips_to_print
from payroll.selectors.confirmations import confirmations_of
from payroll.selectors.objections import line_name, objection_deadline, objections_of
from payroll.selectors.statement import statement_settled
from payroll.selectors.statement_terms import with_facts
from payroll.services.confirmations import payslip_confirm
from payroll.services.objections import objection_raise
from payroll.trace_parts import line_view, sheet_of
from payroll.views.statement import asked_of, statement_shown
from penalties.fund import own_fines
from penalties.models import Incident, MoneyEntry, PointsEntry
from penalties.next_time import next_times
from penalties.selectors import with_contest
from people.models import Account
from people.selectors import employment_of
from people.web import account_of, do, id_from, typed

SHORT = 10


def own_slips(account: Account) -> QuerySet[Payslip]:
    """The account's own payslips of approved and paid months; drafts are nobody's own yet."""
    return Payslip.objects.filter(staff__account=account, period__state__in=SettlementPeriod.FROZEN)


@require_safe
def me_pay(request: HttpRequest) -> HttpResponse:
    """The own payslips, the latest first."""
    slips = own_slips(account_of(request)).select_related("period__department").order_by("-period__month")
    page = page_of(request, slips)
    shown = {"page": page, "confirmed": confirmations_of(page.object_list)}
    return render(request, "payroll/me/pay.html", shown)


@require_safe
def me_slip(request: HttpRequest, month: date) -> HttpResponse:
    """The own payslip of a month, two where somebody was transferred in it."""
    account = account_of(request)
    slips = _slips(own_slips(account), month)
    today = timezone.localdate()
    confirmed = confirmations_of(slips)
    sheets = []
    for slip in slips:
        objections = Objection.objects.filter(period=slip.period, staff=slip.staff_id).select_related(
            "answered_by", "manual_line__period"
        )
        deadline = objection_deadline(slip.period)
        sheets.append(
            {
                "slip": slip,
                "sheet": sheet_of(slip, objections),
                "confirmed": confirmed.get(slip.pk),
                "deadline": deadline,
                "may_object": deadline is not None and today <= deadline,
            }
        )
    shown = {"slips": sheets, "month": month, "month_text": f"{month:%Y-%m}", "form": ObjectionForm()}
    return render(request, "payroll/me/slip.html", shown)


@require_POST
def me_slip_confirm(request: HttpRequest, month: date) -> HttpResponse:
    """Say that the own payslip of a month was seen, with the net pay that it said."""
    account = account_of(request)
    staff = id_from(request.POST.get("staff", ""))
    slip = (
        own_slips(account).filter(period__month=month, staff=staff).select_related("period", "staff").first()
    )
    if slip is None:
        raise Http404
    try:
        net = Decimal(typed(request, "net"))
    except InvalidOperation:
        raise Http404 from None
    if not net.is_finite():
        raise Http404
    return do(
        request,
        lambda: payslip_confirm(slip=slip, net=net, by=account, at=timezone.now()),
        "已确认。",
        "me_slip",
        month,
        refused_as="",
    )


@require_safe
def me_slip_paper(request: HttpRequest, month: date) -> HttpResponse:
    """The own payslips of a month on paper."""
    own = own_slips(account_of(request)).filter(period__month=month, failure="")
    slips = list(slips_to_print(own.order_by("-staff__joined_on")))
    if not slips:
        raise Http404
    return pdf_shown(f"工资条-{month:%Y-%m}.pdf", payslips_paper(slips, options=Options(), at=timezone.now()))


@require_safe
def me_slip_orders(request: HttpRequest, month: date) -> HttpResponseBase:
    """The statement of the orders that the own month was settled on."""
    slips = _slips(with_facts(own_slips(account_of(request))), month)
    statement = statement_settled(slips, **asked_of(request))
    return statement_shown(request, statement, "payroll/me/slip_orders.html", {"month": month})


@require_http_methods(["GET", "HEAD", "POST"])
def me_object(request: HttpRequest, month: date, pk: int) -> HttpResponse:
    """Object to a line of the own payslip."""
    account = account_of(request)
    lines = PayLine.objects.filter(payslip__in=own_slips(account), payslip__period__month=month)
    related = "payslip__period__department", "payslip__staff", "provision__version"
    line = lines.select_related(*related).filter(pk=pk).first()
    if line is None:
        if request.method == "POST" and own_slips(account).filter(period__month=month).exists():
            messages.error(request, "没有提出：工资条在您打开页面以后重新计算过，请看最新的再提。")
            return redirect("me_slip", month)
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            objection_raise(line=line, reason=form.cleaned_data["reason"], by=account, at=timezone.now())
        except ObjectionRefused as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, "异议已提出，人事或部门经理答复以后在这里看得到。")
            return redirect("me_slip", month)
    earlier = objections_of(account).filter(period=line.payslip.period, line=line_name(line))
    shown = {"view": line_view(line, line.payslip, list(earlier)), "line": line, "month": month, "form": form}
    return render(request, "payroll/me/object.html", shown)


@require_safe
def me_objections(request: HttpRequest) -> HttpResponse:
    """The own objections and their answers."""
    rows = objections_of(account_of(request)).select_related("period", "answered_by", "manual_line__period")
    return render(request, "payroll/me/objections.html", {"page": page_of(request, rows)})


@require_safe
def me_ledger(request: HttpRequest) -> HttpResponse:
    """What was recorded of the person and what it came to, and the next one of what counts already."""
    account, today = account_of(request), timezone.localdate()
    staff = employment_of(account, on=today)
    if staff is None:
        return render(request, "home/me/nobody.html")
    page = page_of(request, _incidents(account))
    shown_here = Incident.objects.filter(pk__in=[each.pk for each in page.object_list])
    counted = [each for each in next_times(staff, on=today) if each.counted]
    shown = {
        "staff": staff,
        "page": page,
        "cash": {each.incident.pk: each.state for each in own_fines(account, shown_here, on=today)},
        "next": counted[:SHORT],
        "more": len(counted) > SHORT,
    }
    return render(request, "payroll/me/ledger.html", shown)


@require_safe
def me_next(request: HttpRequest) -> HttpResponse:
    """What the next one under each provision would come to."""
    staff = employment_of(account_of(request), on=timezone.localdate())
    if staff is None:
        return render(request, "home/me/nobody.html")
    found = next_times(staff, on=timezone.localdate())
    return render(request, "payroll/me/next.html", {"staff": staff, "page": page_of(request, found)})


def _slips(own: QuerySet[Payslip], month: date) -> list[Payslip]:
    related = "period__department", "staff__department"
    slips = own.filter(period__month=month).select_related(*related).order_by("-staff__joined_on")
    if not slips:
        raise Http404
    return list(slips)


def _incidents(account: Account) -> QuerySet[Incident]:
    """What is about the account's own rows, or costs them as joint liability; with `money` and `points`."""

    def total(entries: type[MoneyEntry] | type[PointsEntry], value: str) -> Any:
        own: Any = entries.objects.of_incident(OuterRef("pk")).filter(staff__account=account).order_by()
        return own.values("source_id").annotate(total=Sum(value)).values("total")

    jointly = MoneyEntry.objects.of_incident(OuterRef("pk")).filter(staff__account=account)
    money: DecimalField = DecimalField(max_digits=12, decimal_places=2)
    points: DecimalField = DecimalField(max_digits=6, decimal_places=1)
    own = Incident.objects.filter(Q(staff__account=account) | Exists(jointly))
    return (
        with_contest(own, seen_by=account)
        .select_related("provision", "reversal", "staff")
        .annotate(
            money=Subquery(total(MoneyEntry, "amount"), output_field=money),
            points=Subquery(total(PointsEntry, "points"), output_field=points),
        )
        .order_by("-work_date", "-id")
    )
