"""Which types of cases there are: those in force in a department, and those of cases that somebody sees."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from complaints.models import Case
from people.models import Department
from rules.kinds.cases import PLAIN_CASE, CaseType, LossShare
from rules.provisions import Rule
from rules.selectors import timeline_of

PLAIN_TITLE = "一般投诉"


def types_in_force(department: Department, on: date) -> list[Rule[CaseType]]:
    """The types under which a case can be recorded on a day, by code."""
    rules = timeline_of(department).on(on).of_kind(CaseType)
    return sorted((rule for rule in rules if not rule.is_inert), key=lambda rule: rule.code)


def path_of_type(types: list[Rule[CaseType]], code: str) -> CaseType | None:
    """The path of a type; the plain one without a code, None for a code that is not in force."""
    if not code:
        return PLAIN_CASE
    return next((rule.kind for rule in types if rule.code == code), None)


def types_seen(cases: QuerySet[Case]) -> list[tuple[str, str]]:
    """The types of these cases, as (code, title), the plain one with an empty code; one query."""
    rows = cases.order_by().values_list("type_code", "provision__title").distinct()
    titles = {code: title or PLAIN_TITLE for code, title in rows}
    return sorted(titles.items())


def share_rules(case: Case) -> list[Rule[LossShare]]:
    """The provisions by which the loss of a case can be shared: those of the day of receipt."""
    return timeline_of(case.department).on(timezone.localdate(case.received_at)).of_kind(LossShare)
