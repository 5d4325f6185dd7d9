"""Sheets for the tax bureau and what it reckoned. Nothing here changes what anybody is paid.

An export is a row with the digest of what the file says; the file itself is written from frozen payslips
whenever it is downloaded.
"""

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from core.text import listed
from payroll.errors import FilingRefused
from payroll.filings.comparison import compared
from payroll.filings.filers import Filer, filer_of, not_filed_by
from payroll.filings.layouts import layout_of
from payroll.filings.result_file import MAX_BYTES, result_read
from payroll.filings.tax_sheet import TaxMonth, tax_month, tax_rows
from payroll.filings.writing import Written, digests_of
from payroll.models import SettlementPeriod, TaxFiling, TaxFilingResult, TaxFilingRow
from people.models import AccessLog, Account, Department, Staff
from people.sealing import digests
from people.services import access_log_months
from people.services.identity import identities_viewed

RESULT_LAYOUT = "result"
NAME_LENGTH = 255


@transaction.atomic
def tax_filing_export(
    *, period: SettlementPeriod, layout: str, month: date | None = None, by: Account, at: datetime
) -> TaxFiling:
    """Export the sheet of a tax month of the period, for all departments of its employer.

    `month`: which of those in which something of the period was paid (`tax_months_of`); that of the wages
    where it is not said.

    Where the last export says the same already, it is given and no other made. FilingRefused where the
    account may not file for one of them, for a layout that is none for taxes, where nobody is to be filed,
    or somebody without an identity document.
    """
    filer, chosen = _filer(period, month, by), layout_of(layout, "wages", "bonus")
    _lock(filer)
    found = tax_month(filer, chosen.kind, on=timezone.localdate(at))
    rows = tax_rows(found, chosen)
    _note(filer, found, "报税表", by, at)
    known = digests_of(chosen, rows)
    last = filer.filings().filter(kind=chosen.kind).first()
    if last is not None and last.digest in known:
        return last
    return TaxFiling.objects.create(
        department=filer.department,
        employer=filer.employer,
        month=filer.month,
        kind=chosen.kind,
        layout=chosen.code,
        people=len(rows),
        income=found.income,
        tax=found.tax,
        nth=last.nth + 1 if last else 1,
        digest=known[0],
        by=by,
        at=at,
    )


@transaction.atomic
def tax_filing_file(*, period: SettlementPeriod, filing: TaxFiling, by: Account, at: datetime) -> Written:
    """The file of an export, as it was; FilingRefused where it would say something else by now."""
    filer, layout = _filer(period, filing.month, by), layout_of(filing.layout, filing.kind)
    month = tax_month(filer, filing.kind, on=timezone.localdate(filing.at))
    rows = tax_rows(month, layout)
    if filing.digest not in digests_of(layout, rows):
        raise FilingRefused("这份报税表的内容已经不同", "员工的证件或工资在导出以后有变更，请重新导出")
    _note(filer, month, "报税表", by, at)
    name = f"{filing.get_kind_display()}-{filer.name}-{filing.month:%Y-%m}-第{filing.nth}次.{layout.suffix}"
    return Written(name, layout, rows)


@transaction.atomic
def tax_result_read(
    *,
    period: SettlementPeriod,
    kind: str,
    file: UploadedFile,
    month: date | None = None,
    by: Account,
    at: datetime,
) -> TaxFilingResult:
    """Read the bureau's result of a tax month and store how it compares; pay stays as it is.

    `month` as in `tax_filing_export`.

    The same file again gives the result that there is, unless it compares otherwise by now. FilingRefused
    as `result_read` says, and where somebody of the month has no identity document.
    """
    filer, layout = _filer(period, month, by), layout_of(RESULT_LAYOUT, RESULT_LAYOUT)
    _lock(filer)
    here = tax_month(filer, kind, on=timezone.localdate(at))
    if here.undocumented:
        raise FilingRefused(
            f"{len(here.undocumented)}人没有登记身份证件，无法对照：{listed(here.undocumented, 10)}",
            "请先在员工的证件里登记，再上传",
        )
    read = result_read(file.read(MAX_BYTES + 1), layout, kind=kind, month=filer.month)
    if not read.people:
        raise FilingRefused("文件里没有这个所得项目的人", "请选对所得项目与文件", field="file")
    rows = compared(kind, here.by_number, read.people)
    _note(filer, here, "对照税局结果", by, at)
    known = digests(f"{read.digest} {rows}")
    last = filer.results().filter(kind=kind).first()
    if last is not None and last.digest in known:
        return last
    result = TaxFilingResult.objects.create(
        department=filer.department,
        employer=filer.employer,
        month=filer.month,
        kind=kind,
        file_name=(file.name or "税款计算").replace("\x00", "")[-NAME_LENGTH:],
        people=len(read.people),
        differing=sum(each.outcome != TaxFilingRow.Outcome.SAME for each in rows),
        digest=known[0],
        by=by,
        at=at,
    )
    TaxFilingRow.objects.bulk_create(
        TaxFilingRow(
            result=result,
            staff_id=each.staff_id,
            name=each.name[:64],
            document=each.document[:64],
            outcome=each.outcome,
            expected=each.expected,
            found=each.found,
            difference=each.difference,
            cause=each.cause[:500],
            figures=[[label, str(here), str(theirs)] for label, here, theirs in each.figures],
        )
        for each in rows
    )
    return result


def _filer(period: SettlementPeriod, month: date | None, by: Account) -> Filer:
    """FilingRefused for a month that is not frozen, and where another department's taxes are not theirs."""
    if not period.is_frozen:
        raise FilingRefused(f"{period}还没有批准，不能报税", "先批准")
    filer = filer_of(period, month)
    closed = not_filed_by(filer, by)
    if closed:
        raise FilingRefused(
            f"{filer.name}还有您无权报税的部门：{listed([each.name for each in closed], 5)}",
            "请由能办理全部部门的人事导出",
        )
    return filer


def _lock(filer: Filer) -> None:
    """One export or reading of the filer at a time."""
    Department.objects.select_for_update(no_key=True).get(pk=filer.departments[0].pk)


def _note(filer: Filer, month: TaxMonth, what: str, by: Account, at: datetime) -> None:
    """Whose numbers were seen and why, and that the departments' pay was."""
    people = Staff.objects.filter(pk__in=[each.staff_id for each in month.people])
    identities_viewed(
        staff=people,
        what=AccessLog.What.IDENTITY,
        reason=f"{filer.month:%Y年%m月}{what}",
        month=filer.month,
        by=by,
        at=at,
    )
    months = [(each.pk, filer.month) for each in filer.departments]
    access_log_months(months=months, by=by, at=at, what=AccessLog.What.EXPORT)
