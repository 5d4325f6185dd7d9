"""The kinds of spreadsheets: who may import them, what has to be said with one, which loader takes it."""

from datetime import date, datetime

from commissions.imports import attribution_loader, metrics_loader, orders_loader
from imports.models import Upload
from payroll.imports import tax_openings_loader
from penalties.balances_import import openings_loader
from penalties.imports import incidents_loader
from people.imports import staff_loader
from people.models import Account, Department
from people.permissions import ACTIONS
from people.selectors import actions_in, may
from sheets.loading import SHEET_KINDS, Load
from sheets.profiles import Profile, all_profiles
from shifts.imports import attendance_loader, leave_loader
from statutory.imports import bases_loader, deductions_loader

# What an import of the kind needs besides `import_data`: the right to do the same by hand.
ALSO_NEEDED = {
    "staff": "manage_staff",
    "incidents": "record_incidents",
    "opening": "settle_pay",
    "bases": "manage_declarations",
    "deductions": "manage_declarations",
    "tax_openings": "manage_declarations",
}

DECLARED = {"bases": bases_loader, "deductions": deductions_loader, "tax_openings": tax_openings_loader}


def kinds_open_to(account: Account, department: Department) -> frozenset[str]:
    """The kinds that somebody who may import data there may import; at most three queries."""
    actions = actions_in(account, department)
    return frozenset(kind for kind in SHEET_KINDS if kind not in ALSO_NEEDED or ALSO_NEEDED[kind] in actions)


def also_needed(kind: str) -> str:
    """In words, what somebody lacks to whom a kind is not open."""
    label = dict(ACTIONS)[ALSO_NEEDED[kind]]
    return f"{SHEET_KINDS[kind]}的导入还须有“{label}”的权限"


def profile_of(upload: Upload) -> Profile:
    """The profile under which the upload is read, as its file says it."""
    return next(each for each in all_profiles() if (each.kind, each.name) == (upload.kind, upload.profile))


def loader_of(upload: Upload, *, by: Account, at: datetime) -> Load:
    """The loader of a recognised upload with its options (dates as 2026-10-01)."""
    department, options = upload.department, upload.options
    days = {
        name: date.fromisoformat(options[name]) for name in ("as_of", "effective_on") if options.get(name)
    }
    if upload.kind == "staff":
        return staff_loader(department=department, effective_on=days["effective_on"], by=by, at=at)
    if upload.kind == "orders":
        return orders_loader(department=department, as_of=days["as_of"], shop=options.get("shop", ""))
    if upload.kind == "attribution":
        return attribution_loader(department=department, by=by, at=at)
    if upload.kind == "metrics":
        return metrics_loader(department=department, as_of=days.get("as_of"), by=by, at=at)
    if upload.kind == "attendance":
        return attendance_loader(department=department, by=by, at=at)
    if upload.kind == "leave":
        return leave_loader(department=department, at=at)
    if upload.kind == "opening":
        return openings_loader(department=department, by=by, at=at)
    if upload.kind in DECLARED:
        return DECLARED[upload.kind](department=department, by=by, at=at)
    confirm = bool(options.get("confirm")) and may(by, "confirm_incidents", department)
    return incidents_loader(department=department, confirm=confirm, by=by, at=at)


def default_options(kind: str, today: date) -> dict[str, str]:
    """What holds unless somebody says otherwise: an export is of today, changes of staff hold from today."""
    if kind == "orders":
        return {"as_of": f"{today}"}
    if kind == "staff":
        return {"effective_on": f"{today}"}
    return {}
