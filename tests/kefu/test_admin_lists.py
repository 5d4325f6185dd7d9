"""The administration as a whole: every list is short, goes out as a workbook, and ends at the own door."""

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commissions.models import Order, OrderClaim
from payroll.models import ManualLine, PayLine, Payslip
from payroll.services.manual_lines import manual_line_add
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from penalties.models import Incident, MoneyEntry, PointsEntry, Reversal
from people.admin import bases as admin_bases
from people.models import AccessLog, Account, Department, Staff, Team, Term
from rules.models import Signature, Version
from shifts.models import Attendance, AttendanceMonth, Leave
from tests import factories
from tests.declaration_objects import declarations_fill
from tests.factories import WHEN
from tests.filing_objects import filings_known
from workbench.benchmarks.settlement import MONTH, generate

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

OWN_PAGES = ("shifts", "duties")
PEOPLE, ROWS, QUERIES = 65, 50, 12
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Kept for the machine alone, somebody's own, or part of a row that is shown: nobody looks them up.
TECHNICAL = {
    "people.RowChange",
    "people.IdempotencyKey",
    "files.Attachment",
    "notices.Notice",
    "notices.NoticeChoice",
    "nominations.Voice",
    "nominations.Attestation",
    "payroll.SettledOrders",
    "payroll.EmployerCost",
    "payroll.Withholding",
    "payroll.TaxFilingRow",
    "payroll.BankReceipt",
    "commissions.OrderSplit",
    "penalties.FundPosting",
    "complaints.Complainant",
    "training.ExamItem",
    "training.SittingQuestion",
    "complaints.CasePart",
    "complaints.Alarm",
    "complaints.ResponsibleParty",
    "promotions.BallotVoter",
    "promotions.BallotCount",
    "complaints.PartyMember",
    "appraisals.SheetPart",
    "appraisals.ItemScore",
    "appraisals.SheetEvent",
}


def url_of(model: Any, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def cells_of(response: Any) -> list[tuple[Any, ...]]:
    """The rows of a downloaded workbook, its header first."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == XLSX, response
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return list(book.worksheets[0].iter_rows(values_only=True))


@pytest.fixture
def house() -> Department:
    """A department of PEOPLE with a computed month and something in every table."""
    department = generate(PEOPLE, 200)
    now = timezone.now()
    hr = factories.account("hr", department, username="house-hr")
    version = Version.objects.get(department=department)
    people = list(department.staff.order_by("pk"))
    orders = list(Order.objects.filter(department=department)[:PEOPLE])
    Order.objects.filter(pk__in=[each.pk for each in orders]).update(agent=None, attribution="none")
    for staff, order in zip(people, orders, strict=True):
        Attendance.objects.create(staff=staff, work_date=MONTH, late_minutes=3)
        Leave.objects.create(staff=staff, starts_on=MONTH, days=1, type="sick")
        Signature.objects.create(version=version, staff=staff, at=now)
        OrderClaim.objects.create(order=order, staff=staff, reason="是我的", at=now)
        Team.objects.create(department=department, name=f"小组{staff.number}")
    period = period_open(department=department, month=MONTH)
    for staff in people:
        manual_line_add(
            period=period, staff=staff, title="补贴", amount=Decimal(1), reason="车费", by=hr, at=now
        )
    period_settle(period=period, by=hr, at=now)
    declarations_fill(people, by=hr, many=PEOPLE, at=now)
    filings_known(period, people, by=hr, at=now, many=PEOPLE)
    return department


def test_every_model_is_in_the_administration() -> None:
    configs = [each for each in apps.get_app_configs() if Path(each.path).parent == settings.BASE_DIR]
    # Rosters, punches, handovers and duties are looked at and decided on pages of their own.
    ours = {
        model for each in configs for model in each.get_models() if each.label not in ("shifts", "duties")
    }
    ours |= {Attendance, AttendanceMonth, Leave}
    kept_for_history = {model for model in ours if hasattr(model, "pgh_tracked_model") or model._meta.proxy}
    missing = {model._meta.label for model in ours - kept_for_history - set(admin.site._registry)} - TECHNICAL
    assert not missing, f"register them in admin.py, or name them here: {sorted(missing)}"


def test_every_list_is_short_and_cheap_for_any_number_of_rows(house: Department) -> None:
    clients = {
        "superuser": client_of(Account.objects.create_superuser("root1")),
        "manager": client_of(factories.account("manager", house)),
    }
    found: dict[tuple[str, str], int] = {}
    long_lists = set()
    for model, model_admin in admin.site._registry.items():
        for who, client in clients.items():
            client.get(url_of(model))  # what is remembered for the process is there afterwards
            with CaptureQueriesContext(connection) as queries:
                response = client.get(url_of(model))
            assert response.status_code in (200, 403), (model, who)
            if response.status_code == 403:
                continue
            found[model._meta.label, who] = len(queries)
            shown = len(response.context_data["cl"].result_list)
            assert shown <= ROWS, model
            if model._default_manager.count() >= 60:
                long_lists.add(model._meta.label)
        assert model_admin.list_max_show_all <= ROWS, model
    dear = {name: count for name, count in found.items() if count > QUERIES}
    assert not dear
    assert long_lists >= {
        "people.Staff", "people.Team", "people.Term", "penalties.Incident", "penalties.MoneyEntry",
        "commissions.Order", "commissions.Metric", "commissions.OrderClaim", "shifts.Attendance",
        "shifts.Leave", "payroll.Payslip", "payroll.PayLine", "payroll.ManualLine", "rules.Signature",
        "statutory.ContributionBase", "statutory.TaxDeduction", "statutory.AnnualBonus",
        "payroll.TaxFiling", "payroll.TaxFilingResult", "payroll.BankPayment",
    }  # fmt: skip


def test_every_list_of_people_is_searched_by_number_name_and_initials(house: Department) -> None:
    manager = client_of(factories.account("manager", house))
    Staff.objects.filter(number="10003").update(name="欧阳芳", pinyin="ouyangfang", initials="oyf")
    Payslip.objects.filter(number="10003").update(name="欧阳芳")
    for model in (Staff, Term, Incident, MoneyEntry, Order, OrderClaim, Attendance, Leave, Payslip, PayLine,
                  ManualLine, Signature):  # fmt: skip
        for typed in ("10003", "欧阳", "ouyang", "oyf"):
            response = manager.get(url_of(model), {"q": typed})
            rows = response.context_data["cl"].queryset.count()
            assert 0 < rows < model._default_manager.count(), (model, typed, rows)


# Exports


def test_an_export_holds_every_page_of_the_filter_and_the_columns_of_the_list(house: Department) -> None:
    manager = client_of(factories.account("manager", house))
    header, *rows = cells_of(manager.get(url_of(Staff, "xlsx")))
    assert header[:3] == ("工号", "姓名", "部门")
    assert len(rows) == PEOPLE
    _, *found = cells_of(manager.get(url_of(Staff, "xlsx"), {"q": "10003"}))
    assert [row[0] for row in found] == ["10003"]
    assert f'href="{url_of(Staff, "xlsx")}?q=10003"' in text_of(manager.get(url_of(Staff), {"q": "10003"}))


def test_every_list_goes_out_with_a_constant_number_of_queries(house: Department) -> None:
    root = client_of(Account.objects.create_superuser("root1"))
    for model, model_admin in admin.site._registry.items():
        with CaptureQueriesContext(connection) as queries:
            response = root.get(url_of(model, "xlsx"))
            rows = cells_of(response)
        assert len(rows) == 1 + model_admin.get_queryset(response.wsgi_request).count(), model
        assert len(queries) <= QUERIES + 4, (model, len(queries))


def test_cells_that_look_like_formulas_are_text(house: Department) -> None:
    names = ["=1+1", "+86", "-1", "@SUM(A1)"]
    for number, name in enumerate(names):
        factories.staff(house, f"9{number}", name=name)
    answer: Any = client_of(factories.account("manager", house)).get(url_of(Staff, "xlsx"), {"q": "9"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert {name: kinds.get(name) for name in names} == dict.fromkeys(names, "s")


def test_amounts_and_moments_go_out_as_numbers_and_dates(house: Department) -> None:
    manager = client_of(factories.account("manager", house))
    header, first, *_ = cells_of(manager.get(url_of(Payslip, "xlsx")))
    given = dict(zip(header, first, strict=True))
    assert isinstance(given["应发"], int | float) and given["工号"].startswith("1")
    header, first, *_ = cells_of(manager.get(url_of(OrderClaim, "xlsx")))
    assert dict(zip(header, first, strict=True))["认领时间"].year == timezone.localdate().year


def test_too_much_at_once_is_refused_with_what_to_do(
    house: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_bases, "EXPORT_ROWS", PEOPLE - 1)
    manager = client_of(factories.account("manager", house))
    response = manager.get(url_of(Staff, "xlsx"), {"left_on__isempty": "1"}, follow=True)
    assert response.redirect_chain == [(f"{url_of(Staff)}?left_on__isempty=1", 302)]
    assert "缩小范围" in text_of(response)


# Whose pay was looked at


def looks(what: str) -> list[tuple[str, int | None]]:
    return [(each.by.username, each.staff_id) for each in AccessLog.objects.filter(what=what)]


def test_looking_at_pay_and_taking_it_out_is_noted(house: Department) -> None:
    manager = factories.account("manager", house, username="boss")
    client = client_of(manager)
    slip = Payslip.objects.select_related("staff").first()
    assert slip is not None
    text_of(client.get(url_of(Payslip)))
    assert looks("period") == [("boss", None)]
    text_of(client.get(url_of(Payslip, "change", slip.pk)))
    assert looks("payslip") == [("boss", slip.staff_id)]
    cells_of(client.get(url_of(PayLine, "xlsx")))
    assert looks("export") == [("boss", None)]
    text_of(client.get(url_of(Term)))
    assert looks("terms") == [("boss", None)]
    text_of(client.get(url_of(Staff, "change", slip.staff_id)))
    assert looks("terms") == [("boss", slip.staff_id), ("boss", None)]
    before = AccessLog.objects.count()
    text_of(client.get(url_of(Staff)))
    text_of(client.get(url_of(Attendance)))
    assert AccessLog.objects.count() == before


def test_ones_own_pay_is_not_noted(house: Department) -> None:
    staff = house.staff.get(number="10003")
    account = factories.account("agent", staff=staff)
    period = Payslip.objects.filter(staff=staff).get().period
    type(period).objects.filter(pk=period.pk).update(state="approved", approved_by=account, approved_at=WHEN)
    agent = client_of(account)
    _, *rows = cells_of(agent.get(url_of(Payslip, "xlsx")))
    assert [row[0] for row in rows] == ["10003"]
    assert "10003" in text_of(agent.get(url_of(Payslip)))
    assert not AccessLog.objects.exists()


# Other departments


def test_another_department_gets_no_row_no_history_and_no_export(house: Department) -> None:
    stranger = client_of(factories.account("manager", factories.department("D2")))
    hidden = [Staff, Team, Term, Incident, MoneyEntry, PointsEntry, Order, OrderClaim, Attendance, Leave,
              Payslip, PayLine, ManualLine, Signature]  # fmt: skip
    for model in hidden:
        row = model._default_manager.order_by("pk").first()
        assert row is not None or model is PointsEntry, model
        page = text_of(stranger.get(url_of(model)))
        assert "员工" not in re.sub("员工(?!\\d)", "", page), model
        assert len(cells_of(stranger.get(url_of(model, "xlsx")))) == 1, model
        for kind in ("change", "history") if row is not None else ():
            response = stranger.get(url_of(model, kind, row.pk))
            assert response.status_code == 302, (model, kind)
    assert not AccessLog.objects.exists()


def test_pay_does_not_leak_through_histories_to_who_may_not_see_it(house: Department) -> None:
    staff = house.staff.get(number="10003")
    Term.objects.filter(staff=staff).update(base_pay="8765.43")
    term = staff.terms.get()
    supervisor = client_of(factories.account("supervisor", house))
    assert "8765.43" not in text_of(supervisor.get(url_of(Staff, "history", staff.pk)))
    for page in ("history", "change"):
        assert supervisor.get(url_of(Term, page, term.pk)).status_code in (302, 403)
    assert supervisor.get(url_of(Term, "xlsx")).status_code == 403
    hr = client_of(factories.account("hr", house))
    assert "8765.43" in text_of(hr.get(url_of(Term, "history", term.pk)))


# Histories and ledgers


def test_a_history_shows_who_changed_what_through_the_administration(house: Department) -> None:
    hr = factories.account("hr", house, username="hr-chen")
    staff = house.staff.get(number="10003")
    inline = {"terms-TOTAL_FORMS": "0", "terms-INITIAL_FORMS": "0"}
    sent = {"name": "林一新", "hired_on": staff.hired_on, "left_on": "", "account": "", **inline}
    assert client_of(hr).post(url_of(Staff, "change", staff.pk), sent).status_code == 302
    page = text_of(client_of(hr).get(url_of(Staff, "history", staff.pk)))
    for word in ("hr-chen", "姓名", staff.name, "林一新", "共1次改动"):
        assert word in page
    entry = MoneyEntry.objects.first()
    assert entry is not None
    assert "记录本身就是它的历史" in text_of(client_of(hr).get(url_of(MoneyEntry, "history", entry.pk)))


def test_a_ledger_is_corrected_by_reversing_and_never_edited(house: Department) -> None:
    manager = client_of(factories.account("manager", house))
    entry = MoneyEntry.objects.filter(reverses__isnull=True).first()
    assert entry is not None
    assert manager.post(url_of(MoneyEntry, "change", entry.pk), {"amount": "0"}).status_code == 403
    assert manager.post(url_of(MoneyEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403
    path = reverse("admin:penalties_moneyentry_take_back", args=[entry.pk])
    sent = {"_form_submitted": "on", "on": f"{timezone.localdate():%Y-%m-%d}", "reason": "记错了人"}
    for stranger in (
        factories.account("hr", house),
        factories.account("manager", factories.department("D2")),
    ):
        client_of(stranger).post(path, sent)
        assert not Reversal.objects.exists()
    manager.post(path, sent)
    assert Reversal.objects.get().incident_id == entry.source_id
    assert MoneyEntry.objects.filter(reverses=entry).exists()
