"""Pages of documents and bank accounts: entered and looked at by HR, seen masked by whose they are."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import page_of
from people.documents import account_checked
from people.identities import Row, doubts_of, history_of, rows_on, rows_seen, sharers_of
from people.identity_forms import AccountForm, DocumentForm, ReasonForm
from people.models import Account, BankAccount, Department, IdentityDocument, SealedNumber, Staff
from people.selectors import departments_where, not_left, person_matches
from people.services import account_record, document_record, identity_view, number_withdraw
from people.web import account_of, do, own_staff, sought_in


@require_safe
def identities(request: HttpRequest) -> HttpResponse:
    """The departments where the account may see numbers; of one, straight to it."""
    departments = departments_where(account_of(request), "view_identity").order_by("code")
    page = page_of(request, departments)
    if page.paginator.count == 1:
        return redirect("identities_department", page[0].code)
    return render(request, "people/identities_departments.html", {"page": page})


@require_safe
def identities_department(request: HttpRequest, code: str) -> HttpResponse:
    """Whose document and account are known today, masked, 50 to a page; who has left is found by search."""
    department = _managed(request, code)
    today = timezone.localdate()
    staff = Staff.objects.filter(department=department)
    sought = sought_in(request, "q")
    staff = staff.filter(person_matches(sought)) if sought else staff.filter(not_left(today))
    page = page_of(request, staff.order_by("number", "-joined_on"))
    shown = [each.pk for each in page]
    seen = rows_seen(shown, account_of(request))
    context = {
        "department": department,
        "page": page,
        "sought": sought,
        "documents": rows_on(IdentityDocument, shown, on=today, seen=seen),
        "accounts": rows_on(BankAccount, shown, on=today, seen=seen),
    }
    return render(request, "people/identities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def identity_person(request: HttpRequest, code: str, staff_id: int) -> HttpResponse:
    """Everything that is known of one person, masked; a new document or account from a day on."""
    staff = _person(request, code, staff_id)
    is_account = request.POST.get("form") == "account"
    sent = request.POST if request.method == "POST" else None
    by = account_of(request)
    documents, accounts = history_of(IdentityDocument, staff, by=by), history_of(BankAccount, staff, by=by)
    today = min(timezone.localdate(), staff.left_on or date.max)
    document_form = DocumentForm(
        None if is_account else sent, since=today if documents else staff.joined_on, auto_id="document_%s"
    )
    account_form = AccountForm(
        sent if is_account else None, since=today if accounts else staff.joined_on, auto_id="account_%s"
    )
    form: Form = account_form if is_account else document_form
    if sent is not None and form.is_valid() and _recorded(request, staff, form):
        return redirect("identity_person", code, staff_id)
    context = {
        "staff": staff,
        "department": staff.department,
        "document_form": document_form,
        "account_form": account_form,
        "documents": _shown(documents),
        "accounts": _shown(accounts),
    }
    return render(request, "people/identity_person.html", context)


@never_cache
@require_POST
def identity_document_view(request: HttpRequest, code: str, staff_id: int, pk: int) -> HttpResponse:
    """A document's number in full, this once, for a reason that is noted."""
    return _number(request, _person(request, code, staff_id), IdentityDocument, pk)


@never_cache
@require_POST
def identity_account_view(request: HttpRequest, code: str, staff_id: int, pk: int) -> HttpResponse:
    """An account's number in full, this once, for a reason that is noted."""
    return _number(request, _person(request, code, staff_id), BankAccount, pk)


@require_POST
def identity_document_withdraw(request: HttpRequest, code: str, staff_id: int, pk: int) -> HttpResponse:
    """Take back a document that was entered wrong."""
    return _withdrawn(request, _person(request, code, staff_id), IdentityDocument, pk)


@require_POST
def identity_account_withdraw(request: HttpRequest, code: str, staff_id: int, pk: int) -> HttpResponse:
    """Take back an account that was entered wrong."""
    return _withdrawn(request, _person(request, code, staff_id), BankAccount, pk)


@require_safe
def me_identity(request: HttpRequest) -> HttpResponse:
    """One's own document and account, masked."""
    staff, today = own_staff(request), timezone.localdate()
    context = {
        "staff": staff,
        "document": rows_on(IdentityDocument, [staff.pk], on=today).get(staff.pk),
        "account": rows_on(BankAccount, [staff.pk], on=today).get(staff.pk),
    }
    return render(request, "people/me_identity.html", context)


def _managed(request: HttpRequest, code: str) -> Department:
    return get_object_or_404(departments_where(account_of(request), "view_identity"), code=code)


def _person(request: HttpRequest, code: str, staff_id: int) -> Staff:
    staff = Staff.objects.select_related("department")
    return get_object_or_404(staff, department=_managed(request, code), pk=staff_id)


def _recorded(request: HttpRequest, staff: Staff, form: Form) -> bool:
    """Store what the form says; its refusal goes to the field that it is about."""
    who: dict[str, Any] = {"staff": staff, "by": account_of(request), "at": timezone.now()}
    try:
        if isinstance(form, AccountForm):
            row = account_record(**form.cleaned_data, **who)
            _warn(request, staff, row, account_checked(form.cleaned_data["number"]))
        else:
            document_record(**form.cleaned_data, **who)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        return False
    messages.success(request, "已登记。")
    return True


def _warn(request: HttpRequest, staff: Staff, row: BankAccount, number: str) -> None:
    for doubt in doubts_of(number, row.holder, staff.name, sharers_of(row, staff)):
        messages.warning(request, f"请核对：{doubt}。")


def _shown(rows: Any) -> list[dict[str, Any]]:
    return [{"row": row, "form": ReasonForm(auto_id=f"{row._meta.model_name}_{row.pk}_%s")} for row in rows]


def _one(staff: Staff, model: type[Row], pk: int, by: Account) -> Row:
    return get_object_or_404(history_of(model, staff, by=by).select_related("staff__department"), pk=pk)


def _number(request: HttpRequest, staff: Staff, model: type[SealedNumber], pk: int) -> HttpResponse:
    by, reason = account_of(request), request.POST.get("reason", "").replace("\x00", "")
    row = _one(staff, model, pk, by)
    try:
        number = identity_view(row=row, reason=reason, by=by, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"没有显示：{refused}。")
        return redirect("identity_person", staff.department.code, staff.pk)
    context = {"staff": staff, "department": staff.department, "row": row, "number": number}
    return render(request, "people/identity_number.html", context)


def _withdrawn(request: HttpRequest, staff: Staff, model: type[SealedNumber], pk: int) -> HttpResponse:
    by = account_of(request)
    row = _one(staff, model, pk, by)
    return do(
        request,
        lambda: number_withdraw(row=row, by=by, at=timezone.now()),
        "已撤回。它结束的上一条不会自动恢复，需要时请重新登记。",
        "identity_person",
        staff.department.code,
        staff.pk,
        refused_as="没有撤回：",
    )
