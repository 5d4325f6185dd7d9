"""Which appraisal schemes and grade provisions a department has, with their weights."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from appraisals.views.common import place_of
from rules.kinds.appraisal import Evaluation, Grade
from rules.kinds.labels import ROLE_LABELS
from rules.provisions import has_kind
from rules.selectors import rules_of_version, version_on


@require_safe
def appraisal_schemes(request: HttpRequest) -> HttpResponse:
    """The provisions in force today; those with figures left open are shown as not in effect."""
    place, places = place_of(request)
    version = version_on(place, timezone.localdate())
    rules = list(rules_of_version(version)) if version is not None else []
    shown = {
        "place": place,
        "places": places,
        "version": version,
        "schemes": [(rule, _bound(rule.roles)) for rule in rules if has_kind(rule, Evaluation)],
        "grades": [(rule, _bound(rule.roles)) for rule in rules if has_kind(rule, Grade)],
    }
    return render(request, "appraisals/schemes.html", shown)


def _bound(roles: tuple[str, ...]) -> str:
    """Whom a provision binds, in words."""
    return "、".join(ROLE_LABELS.get(role, role) for role in roles) or "全体"
