"""Every write about people, one module per noun."""

from people.services.access import access_log, access_log_months, access_log_payslips
from people.services.accounts import account_create, account_password_change, groups_sync
from people.services.aliases import alias_add, alias_end, aliases_store
from people.services.departments import (
    department_create,
    employer_departments_set,
    proration_set,
    team_get_or_create,
)
from people.services.fact_changes import facts_changed, months_since
from people.services.identity import (
    account_record,
    document_record,
    identities_viewed,
    identity_view,
    number_withdraw,
)
from people.services.staff import (
    TERM_FIELDS,
    TermFields,
    staff_create,
    staff_hired_correct,
    staff_leave,
    staff_rename,
    staff_service_set,
    staff_terms_change,
    staff_transfer,
)

__all__ = [
    "TERM_FIELDS",
    "TermFields",
    "access_log",
    "access_log_months",
    "access_log_payslips",
    "account_create",
    "account_password_change",
    "account_record",
    "alias_add",
    "alias_end",
    "aliases_store",
    "department_create",
    "document_record",
    "employer_departments_set",
    "facts_changed",
    "groups_sync",
    "identities_viewed",
    "identity_view",
    "months_since",
    "number_withdraw",
    "proration_set",
    "staff_create",
    "staff_hired_correct",
    "staff_leave",
    "staff_rename",
    "staff_service_set",
    "staff_terms_change",
    "staff_transfer",
    "team_get_or_create",
]
