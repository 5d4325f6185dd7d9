"""What pages of other rooms show of cases; their templates ask, since their code may not look up here."""

from typing import Any

from django import template
from django.utils import timezone

from complaints.selectors.board import cases_held, rows_of
from complaints.views.page import handover_url
from people.models import Staff

register = template.Library()
SHOWN = 10


@register.inclusion_tag("complaints/held.html")
def held_cases(staff: Staff) -> dict[str, Any]:
    """The open cases that a person holds, what ends first on top, each with the way to hand it over.

    Two queries.
    """
    cases = list(cases_held(staff)[: SHOWN + 1])
    rows = rows_of(cases[:SHOWN], timezone.now())
    return {
        "cases": [(case, standing, handover_url(case)) for case, standing in rows],
        "more": len(cases) > SHOWN,
    }
