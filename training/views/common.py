"""Which department a page of training is about."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest

from people.models import Department


def place_among(request: HttpRequest, places: Sequence[Department]) -> Department:
    """The department of the address among `places`, the first where none is named; 404 without any."""
    if not places:
        raise Http404
    code = request.GET.get("department", "")
    return next((each for each in places if each.code == code), places[0])
