"""A month's files: sheets for the tax bureau, its result beside what was withheld, payment and receipt."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import page_of
from files.views import served
from payroll.errors import FilingRefused
from payroll.filings.filers import filer_of, filings_of, not_filed_by, results_of
from payroll.filings.layouts import all_layouts, layouts_on
from payroll.filings.writing import Written
from payroll.forms import BankForm, LayoutForm, ReceiptForm, ResultForm
from payroll.models import TaxFilingResult, TaxFilingRow
from payroll.selectors.filings import filing_page, result_rows, result_sheets
from payroll.services.bank_payments import bank_payment_export, bank_payment_file, bank_receipt_record
from payroll.services.pay_day import paid_on_of
from payroll.services.tax_filings import tax_filing_export, tax_filing_file, tax_result_read
from payroll.views.common import PayMonth, begun, looked_at_month, pay_month_of
from people.models import AccessLog
from people.web import sought_in
from sheets.writing import write_workbook


@require_safe
def pay_filings(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """What was exported of the month, for whom, and the forms for more."""
    pay_month = _month(request, code, month)
    period = pay_month.period
    try:
        found = filing_page(period, pay_month.account, _tax_month(request))
    except FilingRefused:
        raise Http404 from None
    shown = {
        "pay_month": pay_month,
        "tab": "filings",
        "period": period,
        "found": found,
        "names": {key: each.name for key, each in all_layouts().items()},
        "tax_form": LayoutForm(
            layouts=found.tax_layouts, initial={"layout": found.tax_layout}, auto_id="tax-%s"
        ),
        "result_form": ResultForm(auto_id="result-%s"),
        "bank_form": BankForm(
            layouts=found.bank_layouts,
            initial={"layout": found.bank_layout, "seen": found.exports},
            auto_id="bank-%s",
        ),
        "receipt_form": ReceiptForm(initial={"on": paid_on_of(period, timezone.now())}, auto_id="receipt-%s"),
        "may_export": period.state == period.State.APPROVED or found.without_account,
        "may_pay": "mark_paid" in pay_month.actions and found.is_receipt_due,
    }
    return render(request, "payroll/filings.html", shown)


@require_POST
def pay_tax_export(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Export a sheet for the tax bureau; it is downloaded from the page."""
    pay_month = _month(request, code, month)
    tax_month = _tax_month(request)
    in_use = layouts_on(tax_month or pay_month.period.pays_on, "wages", "bonus")
    form = LayoutForm(request.POST, layouts=in_use)

    def act() -> str:
        filing = tax_filing_export(
            period=pay_month.period,
            layout=_given(form)["layout"],
            month=tax_month,
            by=pay_month.account,
            at=timezone.now(),
        )
        return f"已导出{filing}{filing.people}人，这是第{filing.nth}次；请在下面下载。"

    return _done(request, pay_month, act)


@require_safe
def pay_tax_file(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse | FileResponse:
    """The file of an export."""
    pay_month = _month(request, code, month)
    filing = get_object_or_404(filings_of(pay_month.period), pk=pk)
    return _file(
        request,
        pay_month,
        lambda: tax_filing_file(
            period=pay_month.period, filing=filing, by=pay_month.account, at=timezone.now()
        ),
    )


@require_POST
def pay_tax_results(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Read the bureau's result back."""
    pay_month = _month(request, code, month)
    form = ResultForm(request.POST, request.FILES)
    try:
        given = _given(form)
        result = tax_result_read(
            period=pay_month.period,
            kind=given["kind"],
            file=given["file"],
            month=_tax_month(request),
            by=pay_month.account,
            at=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, f"没有读入：{refused}。")
        return redirect(_url(request, pay_month))
    said = f"{result.differing}人不一致" if result.differing else "全部一致"
    messages.success(request, f"已读入{result.people}人，{said}；工资没有改动。")
    return redirect("pay_tax_result", *pay_month.args, result.pk)


@require_safe
def pay_tax_result(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse:
    """Person by person what was withheld beside what the bureau reckoned."""
    pay_month = _month(request, code, month)
    result = _result(pay_month, pk)
    outcome, sought = request.GET.get("outcome", ""), sought_in(request, "q")
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "tab": "filings",
        "period": pay_month.period,
        "result": result,
        "outcome": outcome,
        "outcomes": TaxFilingRow.Outcome.choices,
        "sought": sought,
        "page": page_of(request, result_rows(result, outcome=outcome, sought=sought)),
    }
    return render(request, "payroll/filing_result.html", shown)


@require_safe
def pay_tax_result_export(request: HttpRequest, code: str, month: date, pk: int) -> FileResponse:
    """The comparison as a workbook."""
    pay_month = _month(request, code, month)
    result = _result(pay_month, pk)
    looked_at_month(pay_month, AccessLog.What.EXPORT)
    name = f"税局结果对照-{result.month:%Y-%m}.xlsx"
    return workbook_download(name, lambda *, target: write_workbook(target, result_sheets(result)))


@require_POST
def pay_bank_export(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Export the payment file; it is downloaded from the page."""
    pay_month = _month(request, code, month)
    form = BankForm(request.POST, layouts=layouts_on(pay_month.period.pays_on, "bank"))

    def act() -> str:
        given = _given(form)
        payment = bank_payment_export(
            period=pay_month.period,
            layout=given["layout"],
            seen=given["seen"],
            by=pay_month.account,
            at=timezone.now(),
        )
        again = f"注意：这是第{payment.nth}次导出，不要重复付款。" if payment.nth > 1 else ""
        return f"已导出{payment.count}笔，合计{payment.total}元；请在下面下载。{again}"

    return _done(request, pay_month, act)


@require_safe
def pay_bank_file(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse | FileResponse:
    """The file of a payment export."""
    pay_month = _month(request, code, month)
    payments = pay_month.period.bank_payments.select_related("period__department__employer")
    payment = get_object_or_404(payments, pk=pk)
    return _file(
        request,
        pay_month,
        lambda: bank_payment_file(payment=payment, by=pay_month.account, at=timezone.now()),
    )


@require_POST
def pay_bank_receipt(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse:
    """Enter the bank's receipt, by which the month is paid."""
    pay_month = begun(pay_month_of(request, code, month, action="mark_paid"))
    payment = get_object_or_404(pay_month.period.bank_payments.select_related("period"), pk=pk)
    form = ReceiptForm(request.POST, request.FILES)

    def act() -> str:
        given = _given(form)
        bank_receipt_record(
            payment=payment,
            number=given["number"],
            content=given["file"],
            amount=given["amount"],
            on=given["on"],
            by=pay_month.account,
            at=timezone.now(),
        )
        return "已登记回单，本月已发放。"

    return _done(request, pay_month, act)


@require_safe
def pay_bank_receipt_file(request: HttpRequest, code: str, month: date, pk: int) -> FileResponse:
    """The receipt that was uploaded."""
    pay_month = begun(pay_month_of(request, code, month))
    payments = pay_month.period.bank_payments.filter(receipt__attachment__isnull=False)
    payment = get_object_or_404(payments.select_related("receipt__attachment"), pk=pk)
    attachment = payment.receipt.attachment
    assert attachment is not None
    return served(attachment)


def _month(request: HttpRequest, code: str, month: date) -> PayMonth:
    return begun(pay_month_of(request, code, month, action="file_taxes"))


def _tax_month(request: HttpRequest) -> date | None:
    """The tax month that was chosen, 2026-10; None where none was. 404 for what is no month."""
    given = (request.POST if request.method == "POST" else request.GET).get("tax", "")
    try:
        return date.fromisoformat(f"{given}-01") if given else None
    except ValueError:
        raise Http404 from None


def _url(request: HttpRequest, pay_month: PayMonth) -> str:
    chosen = _tax_month(request)
    return reverse("pay_filings", args=pay_month.args) + (f"?tax={chosen:%Y-%m}" if chosen else "")


def _result(pay_month: PayMonth, pk: int) -> TaxFilingResult:
    """The result, for who may file for every department that is in it."""
    if not_filed_by(filer_of(pay_month.period), pay_month.account):
        raise Http404
    return get_object_or_404(results_of(pay_month.period), pk=pk)


def _given(form: Form) -> dict[str, Any]:
    """What the form says. FilingRefused where it cannot be used."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise FilingRefused(f"{label or ''}{errors[0]}".rstrip("。"))
    return form.cleaned_data


def _done(request: HttpRequest, pay_month: PayMonth, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, f"没有办成：{refused}。")
    return redirect(_url(request, pay_month))


def _file(
    request: HttpRequest, pay_month: PayMonth, write: Callable[[], Written]
) -> HttpResponse | FileResponse:
    """The file, which no cache keeps; back to the page where it is refused."""
    try:
        written = write()
        response = workbook_download(written.name, written.write)
    except Refused as refused:
        messages.error(request, f"不能下载：{refused}。")
        return redirect(_url(request, pay_month))
    response["Cache-Control"] = "private, no-store"
    return response
