"""Pages on which rules are read: the library, a department's versions, differences, who has signed."""

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import PAGE, page_of
from people.models import Department
from people.selectors import departments_visible_to, departments_where, may
from people.web import account_of, sought_in
from rules.differences import differences
from rules.forms.provisions import LibraryForm
from rules.models import Edition, Rulebook, Version
from rules.reading import reading_of
from rules.selectors import (
    may_see_signatures,
    provisions_found,
    rulebooks_found,
    said,
    signing_of,
    unsigned_staff,
    version_on,
    versions_of,
)


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Rulebooks to choose from, found by name, code or clause; and the departments one may read."""
    account = account_of(request)
    form = LibraryForm(request.GET)
    words = sought_in(request, "q")
    trade = form.cleaned_data.get("trade", "") if form.is_valid() else ""
    provisions = provisions_found(words, trade=trade) if words else None
    shown = {
        "form": form,
        "words": words,
        "page": page_of(request, rulebooks_found(words=words, trade=trade)),
        "found": [reading_of(row) for row in provisions[: PAGE // 2]] if provisions is not None else [],
        "departments": departments_visible_to(account)[:PAGE],
    }
    return render(request, "rules/library.html", shown)


@require_safe
def rulebook(request: HttpRequest, book: str) -> HttpResponse:
    """One rulebook's edition (the latest unless another is named), its provisions 50 to a page."""
    row = get_object_or_404(Rulebook, code=book)
    editions = list(row.editions.order_by("-number"))
    edition = _edition(editions, request.GET.get("edition"))
    words = sought_in(request, "q")
    rows = edition.provisions.filter(said(words)).order_by("position")
    page = page_of(request, rows)
    shown = {
        "book": row,
        "edition": edition,
        "editions": editions,
        "words": words,
        "page": page,
        "readings": [reading_of(each) for each in page],
        "adoptable": departments_where(account_of(request), "publish_rules")[:PAGE],
    }
    return render(request, "rules/rulebook.html", shown)


@require_safe
def department(request: HttpRequest, code: str) -> HttpResponse:
    """A department's rules: the version in force, those about to start, history, the draft."""
    place = readable(request, code)
    account = account_of(request)
    today = timezone.localdate()
    everything = list(
        Version.objects.filter(department=place)
        .select_related("department", "published_by", "changed_by")
        .annotate(provisions_count=Count("provisions"))
        .order_by("-effective_on", "-number")
    )
    published = [each for each in everything if each.published_at]
    current = next((each for each in published if each.effective_on <= today), None)
    newest = published[0] if published else None
    may_publish = may(account, "publish_rules", place)
    may_look = may_publish or may_see_signatures(account, place)
    shown = {
        "department": place,
        "current": current,
        "editions": current.editions.select_related("rulebook") if current else (),
        "upcoming": [each for each in reversed(published) if each.effective_on > today][:PAGE],
        "page": page_of(request, published),
        "may_publish": may_publish,
        "signing": signing_of(newest, today) if newest and may_look else None,
        "newest": newest,
        "may_see_lawful": may(account, "view_pay", place),
        "may_import": may(account, "import_data", place),
        "draft": next((each for each in everything if not each.published_at), None) if may_publish else None,
    }
    return render(request, "rules/department.html", shown)


@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The provisions of a published version, 50 to a page; found by words."""
    place = readable(request, code)
    row = _published(place, number)
    words = sought_in(request, "q")
    rows = row.provisions.filter(said(words)).order_by("position")
    page = page_of(request, rows)
    shown = {
        "department": place,
        "version": row,
        "words": words,
        "page": page,
        "readings": [reading_of(each) for each in page],
        "may_see_signatures": may_see_signatures(account_of(request), place),
        "is_current": version_on(place, timezone.localdate()) == row,
    }
    return render(request, "rules/version.html", shown)


@require_safe
def version_differences(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What a version changed in another (left out: in the one that it was made from)."""
    place = readable(request, code)
    row = _published(place, number)
    others = list(versions_of(place).exclude(pk=row.pk).order_by("-number")[:PAGE])
    given = request.GET.get("with", "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else None
    before = next((each for each in others if each.number == wanted), None)
    if wanted is not None and before is None:
        raise Http404("没有这个版本")
    if before is None:
        before = next((each for each in others if each.pk == row.base_id), None)
    found = differences(
        before.provisions.order_by("position") if before else (), row.provisions.order_by("position")
    )
    shown = {
        "department": place,
        "version": row,
        "before": before,
        "others": others,
        "page": page_of(request, found),
    }
    return render(request, "rules/differences.html", shown)


@require_safe
def signatures(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Who has not signed a version, 50 to a page, with a text to remind them."""
    place = readable(request, code)
    if not may_see_signatures(account_of(request), place):
        raise Http404("没有这个页面")
    row = _published(place, number)
    today = timezone.localdate()
    page = page_of(request, unsigned_staff(row, today))
    shown = {
        "department": place,
        "version": row,
        "signing": signing_of(row, today),
        "page": page,
        "sign_url": request.build_absolute_uri("/me/rules/"),
    }
    return render(request, "rules/signatures.html", shown)


def readable(request: HttpRequest, code: str) -> Department:
    """The department of that code if its rules are the account's to read; else it does not exist."""
    return get_object_or_404(departments_visible_to(account_of(request)), code=code)


def _published(department: Department, number: int) -> Version:
    row = get_object_or_404(
        versions_of(department).select_related("department", "published_by"), number=number
    )
    return row


def _edition(editions: list[Edition], given: str | None) -> Edition:
    chosen = [each for each in editions if given is None or str(each.number) == given]
    if not chosen:
        raise Http404("没有这一版")
    return chosen[0]
