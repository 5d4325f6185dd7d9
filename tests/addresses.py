"""Every address of the site, read from the resolver, so that no page escapes the tests that walk them all.

A place (a department in a test) says by `known` which of its objects an address means: the keys are the
parameters of the addresses, with numbers by what they number (`OBJECTS`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from people.models import Department

# What a number in an address is a number of, by the beginning of the route's name; the longest fits.
OBJECTS = {
    "incident": "incident",
    "case": "case",
    "ruling_": "case",
    "charge_": "charge",
    "me_charge": "charge",
    "me_appeal": "appeal",
    "points_person": "staff_id",
    "ladder_": "staff_id",
    "declarations_person": "staff_id",
    "declaration_": "declaration",
    "appraisal_": "staff_id",
    "proposal": "proposal",
    "disciplinary_case": "disciplinary_case",
    "round": "round",
    "candidate": "candidate",
    "grade_change": "grade_change",
    "me_grade_vote": "candidate",
    "nomination": "nomination",
    "fund_fine": "cash_fine",
    "fund_expense": "expense",
    "fund_count": "count",
    "alias_end": "alias",
    "identity_document": "identity_document",
    "identity_account": "bank_account",
    "import_": "upload",
    "import_batch": "batch",
    "import_undo": "batch",
    "remembered_header": "header_mapping",
    "remembered_answer": "import_answer",
    "objection": "objection",
    "claim_": "claim",
    "debt_": "line",
    "me_claim": "order",
    "order_give": "order",
    "me_object": "line",
    "pay_manual": "manual",
    "pay_tax_file": "tax_filing",
    "pay_tax_result": "tax_result",
    "pay_bank_": "bank_payment",
    "rules_": "version",
    "leave_request": "leave_request",
    "leave_balance": "staff_id",
    "me_leave": "leave_request",
    "me_outing": "outing",
    "me_request_": "leave_request",
    "shift_request_": "leave_request",
    "handover_": "handover_item",
    "me_handover": "handover_item",
    "turn_give": "turn",
    "me_turn_swap": "turn",
    "me_turn_answer": "turn_swap",
    "me_memo": "memo",
    "suggestion": "suggestion",
    "duty_record": "duty_record",
    "enrolment": "enrolment",
    "material_": "material",
    "pattern": "pattern",
    "swap": "swap",
    "me_swap": "swap",
    "roster_person": "staff_id",
    "me_rules": "version",
    "notice": "notice",
    "question": "question",
    "exam": "exam",
    "me_exam": "exam",
    "sitting": "sitting",
    "me_sitting": "own_sitting",
}
NUMBERS = {"pk", "number"}
ACTIONS = ("changelist", "add", "history", "delete", "change")
# How rows of the administration belong to a department, the nearest first.
TO_DEPARTMENT = (
    "department",
    "staff__department",
    "period__department",
    "version__department",
    "incident__staff__department",
    "payslip__period__department",
    "order__department",
    "case__department",
    "paper__department",
    "clock__case__department",
    "ruling__case__department",
    "candidate__round__department",
    "change__staff__department",
    "sheet__department",
    "departments",
)


@dataclass(frozen=True, slots=True)
class Route:
    """An address: its name, its parameters, and the model that a page of the administration is about."""

    name: str
    params: tuple[str, ...] = ()
    model: str = ""

    def __str__(self) -> str:
        return self.name

    def path(self, known: Mapping[str, Any]) -> str:
        """The address with the objects of a place."""
        keys = {each: self.key_of(each) for each in self.params}
        lacking = [key for key in keys.values() if key not in known]
        assert not lacking, f"{self.name}: say what its {lacking} is, see tests/addresses.py"
        return reverse(self.name, kwargs={each: known[key] for each, key in keys.items()})

    def key_of(self, param: str) -> str:
        """What `known` calls a parameter."""
        if param == "kind" and "request_" in self.name:
            return "request_kind"
        if param not in NUMBERS or self.name.startswith(("pay_slip", "admin:")):
            return param
        fitting = [start for start in OBJECTS if self.name.startswith(start)]
        assert fitting, f"{self.name}: say in OBJECTS what its {param} is a number of"
        return OBJECTS[max(fitting, key=len)]


@cache
def pages() -> tuple[Route, ...]:
    """Everything but the administration and the API's resources, which other tests walk."""
    return tuple(
        Route(name, params)
        for name, params in _walk(get_resolver())
        if not name.startswith(("admin:", "api:")) or name == "api:docs"
    )


@cache
def admin_pages() -> tuple[Route, ...]:
    """The administration: lists, forms and histories of every model, and what models add to them."""
    models = {
        f"{each._meta.app_label}_{each._meta.model_name}": each._meta.label for each in apps.get_models()
    }
    found = []
    for name, params in _walk(get_resolver()):
        start, _, _ = name.removeprefix("admin:").rpartition("_")
        if name.startswith("admin:"):
            model = next((label for key, label in models.items() if (start + "_").startswith(key + "_")), "")
            found.append(Route(name, params, model))
    return tuple(found)


def row_of(label: str, department: Department | None = None) -> Model | None:
    """A row of a model: the department's, where rows of the model belong to departments."""
    model = apps.get_model(label)
    if model is Department:
        return department or Department.objects.first()
    for way in TO_DEPARTMENT if department else ():
        try:
            return model._default_manager.filter(**{way: department}).first()
        except FieldError:
            continue
    return model._default_manager.first()


def _walk(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name with its name space, parameters) of every named address."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern) and each.name:
            params = tuple(each.pattern.converters) or tuple(each.pattern.regex.groupindex)
            yield ":".join((*spaces, each.name)), params
