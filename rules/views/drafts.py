"""Pages on which a department's next version is worked on: adopting, changing, adding, publishing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.paging import PAGE, page_of
from people.models import Department
from people.selectors import departments_where
from people.web import account_of, sought_in
from rules import services
from rules.collisions import Collision, new_collisions
from rules.differences import differences, fingerprint
from rules.forms.params import ParamsForm, rows_changed
from rules.forms.provisions import (
    KIND_GROUPS,
    OwnProvisionForm,
    ProvisionForm,
    PublishForm,
    collection_fields,
)
from rules.kinds import KINDS
from rules.models import Provision, Version
from rules.reading import reading_of
from rules.selectors import draft_of, latest_version, rulebooks_found, versions_of
from rules.services import RulebookError
from rules.services.versions import problems_of
from rules.views.reading import readable
from rules.wording import contradictions_of

FORM = "rules/provision_form.html"
CHANGES_SHOWN = 10


@require_safe
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The draft: what it changes so far, what is blank or contradictory, its provisions 40 to a page."""
    department = _writable(request, code)
    row = draft_of(department)
    if row is None:
        return render(request, "rules/draft_none.html", {"department": department})
    rows = _sourced(row)
    found = differences(row.base.provisions.order_by("position") if row.base else (), rows)
    words = sought_in(request, "q")
    readings = [reading_of(each) for each in rows]
    listed = [each for each in readings if words in f"{each.row.code} {each.row.title} {each.row.clause}"]
    if request.GET.get("blank"):
        listed = [each for each in listed if each.blanks]
    shown = {
        "department": department,
        "draft": row,
        "is_stale": latest_version(department) != row.base,
        "changes": found[:CHANGES_SHOWN],
        "changes_count": len(found),
        "problems": problems_of(rows),
        "collisions": _collisions(row),
        "contradictions": _contradictions(rows),
        "blanks": sum(1 for each in readings if each.blanks),
        "states": {each.code: each for each in found},
        "words": words,
        "only_blank": bool(request.GET.get("blank")),
        "page": page_of(request, listed, size=PAGE - CHANGES_SHOWN),
        "books": rulebooks_found().exclude(editions__versions=row),
    }
    return render(request, "rules/draft.html", shown)


@require_POST
def draft_start(request: HttpRequest, code: str) -> HttpResponse:
    department = _writable(request, code)
    services.draft_start(department=department, by=account_of(request), at=timezone.now())
    return redirect("rules_draft", code)


@require_POST
def draft_adopt(request: HttpRequest, code: str) -> HttpResponse:
    """Put a rulebook into the draft, which begins with it where there was none."""
    department = _writable(request, code)
    by, at = account_of(request), timezone.now()
    row = services.draft_start(department=department, by=by, at=at)
    book = request.POST.get("rulebook", "")
    blank = _told(request, lambda: services.draft_adopt(draft=row, rulebook=book, by=by, at=at))
    if blank is not None:
        left = f"其中{len(blank)}条有数字待填，填好以前不起作用。" if blank else "数字都已齐全。"
        messages.success(request, f"已把 {book} 放进草案，尚未发布。{left}")
    return redirect("rules_draft", code)


@require_POST
def draft_rebase(request: HttpRequest, code: str) -> HttpResponse:
    row = _draft(_writable(request, code))
    by, at = account_of(request), timezone.now()
    conflicts = _told(request, lambda: services.draft_rebase(draft=row, by=by, at=at))
    if conflicts is not None:
        both = f"两边都改过的条款以草案为准，请再看一遍：{'、'.join(conflicts)}。" if conflicts else ""
        messages.success(request, f"草案的改动已移到最新版本上。{both}")
    return redirect("rules_draft", code)


@require_POST
def draft_discard(request: HttpRequest, code: str) -> HttpResponse:
    department = _writable(request, code)
    row = draft_of(department)
    if row is not None and _told(request, lambda: services.draft_discard(draft=row) or True):
        messages.success(request, "草案已放弃，现行制度不变。")
    return redirect("rules_department", code)


@require_http_methods(["GET", "POST"])
def draft_publish(request: HttpRequest, code: str) -> HttpResponse:
    """What would be published, what it would have cost, from when and why; then the new version."""
    department = _writable(request, code)
    former = latest_version(department)
    row = draft_of(department)
    form = PublishForm(request.POST or None, former=former, collisions=_collisions(row), initial=_shown(row))
    if request.method == "POST":
        done = _publish(request, department, form)
        if done is not None:
            return redirect("rules_version", code, done.number)
    if row is None:
        messages.info(request, "没有草案；可能刚被发布或放弃。")
        return redirect("rules_department", code)
    rows = _sourced(row)
    found = differences(row.base.provisions.order_by("position") if row.base else (), rows)
    shown = {
        "department": department,
        "draft": row,
        "form": form,
        "is_stale": former != row.base,
        "problems": problems_of(rows),
        "contradictions": _contradictions(rows),
        "blanks": sum(1 for each in rows if reading_of(each).blanks),
        "page": page_of(request, found),
    }
    return render(request, "rules/publish.html", shown)


def _collisions(draft: Version | None) -> list[Collision]:
    """What the draft rules twice and the version that it changes does not."""
    if draft is None:
        return []
    return new_collisions(_sourced(draft), _sourced(draft.base) if draft.base else [])


def _contradictions(rows: list[Provision]) -> list[tuple[Provision, list[str]]]:
    """The provisions whose text states another figure than their parameters, each with the words."""
    return [(each, found) for each in rows if (found := contradictions_of(each))]


def _sourced(version: Version) -> list[Provision]:
    return list(version.provisions.select_related("source__edition__rulebook").order_by("position"))


def _shown(draft: Version | None) -> dict[str, Any]:
    """Which draft, and in what state, the publishing form shows."""
    if draft is None or draft.changed_at is None:
        return {}
    return {"draft": draft.pk, "seen": draft.changed_at.isoformat()}


def _publish(request: HttpRequest, department: Department, form: PublishForm) -> Version | None:
    """The version that the form makes, or made when it was sent before; errors are in the form."""
    sent = request.POST.get("draft", "")
    if sent.isascii() and sent.isdigit() and len(sent) < 19:
        # A double click: the draft that the form shows is published already.
        done = versions_of(department).filter(pk=sent).first()
        if done is not None:
            messages.info(request, f"这份草案已发布为第{done.number}版。")
            return done
    if not form.is_valid():
        return None
    row = Version.objects.filter(department=department, pk=form.cleaned_data["draft"]).first()
    if row is None:
        messages.error(request, "这份草案已被放弃，没有发布。")
        return None
    try:
        done = services.draft_publish(
            draft=row,
            seen=form.cleaned_data["seen"],
            effective_on=form.cleaned_data["effective_on"],
            note=form.cleaned_data["note"],
            holds=form.holds(),
            by=account_of(request),
            at=timezone.now(),
        )
    except RulebookError as error:
        for problem in error.problems:
            form.add_error(None, problem)
        return None
    messages.success(request, f"已发布{done}。员工在“我的制度”里阅读并签署。")
    return done


@require_safe
def kinds(request: HttpRequest, code: str) -> HttpResponse:
    """The kinds of provision to choose from for an own one."""
    department = _writable(request, code)
    groups = [(label, [(name, KINDS[name].label) for name in names]) for label, names in KIND_GROUPS]
    return render(request, "rules/kinds.html", {"department": department, "groups": groups})


@require_http_methods(["GET", "POST"])
def provision_add(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """An own provision of a kind in a typed form."""
    department = _writable(request, code)
    if kind not in KINDS:
        raise Http404("没有这种条款")
    data, is_sent = _sent(request)
    form = OwnProvisionForm(data, kind=kind)
    params = ParamsForm(kind, data, {})
    if is_sent and _all_valid(form, params):
        fields = {**form.values(), "kind": kind, "params": params.value()}
        by, at = account_of(request), timezone.now()
        row = services.draft_start(department=department, by=by, at=at)
        try:
            services.draft_provision_add(draft=row, provision=fields, by=by, at=at)
        except RulebookError as error:
            form.add_error("code" if "编号" in str(error) else None, str(error))
        else:
            messages.success(request, f"已在草案里新增“{fields['title']}”。")
            _warn_of_wording(request, row, fields["code"])
            return redirect("rules_draft", code)
    return _form(request, department, form, params, is_sent, kind_label=KINDS[kind].label)


@require_http_methods(["GET", "POST"])
def provision_change(request: HttpRequest, code: str, provision: str) -> HttpResponse:
    """Other figures, words or scope for a provision of the draft."""
    department = _writable(request, code)
    draft_row = _draft(department)
    row = draft_row.provisions.select_related("source__edition__rulebook").filter(code=provision).first()
    if row is None:
        raise Http404("草案里没有这条条款")
    data, is_sent = _sent(request)
    form = ProvisionForm(data, kind=row.kind, roles=row.roles, initial=_initial(row))
    params = ParamsForm(row.kind, data, row.params)
    if is_sent and _all_valid(form, params):
        by, at, seen = account_of(request), timezone.now(), request.POST.get("seen", "")
        values = {**form.values(), "params": params.value()}
        try:
            services.draft_provision_change(
                draft=draft_row, code=provision, values=values, seen=seen, by=by, at=at
            )
        except RulebookError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"草案已保存“{values['title']}”，发布后生效。")
            _warn_of_wording(request, draft_row, provision)
            return redirect("rules_draft", code)
    base = draft_row.base.provisions.filter(code=provision).first() if draft_row.base else None
    shown = {
        "row": row,
        "reading": reading_of(row),
        "base": reading_of(base) if base else None,
        "is_changed": base is not None and fingerprint(base) != fingerprint(row),
        "seen": request.POST.get("seen") or fingerprint(row),
        "kind_label": KINDS[row.kind].label,
    }
    return _form(request, department, form, params, is_sent, **shown)


@require_POST
def provision_drop(request: HttpRequest, code: str, provision: str) -> HttpResponse:
    row = _draft(_writable(request, code))
    by, at = account_of(request), timezone.now()
    drop = services.draft_provision_drop
    if _told(request, lambda: drop(draft=row, code=provision, by=by, at=at) or True):
        messages.success(request, f"已从草案里删去 {provision}；发布以前可以恢复。")
    return redirect("rules_draft", code)


@require_POST
def provision_restore(request: HttpRequest, code: str, provision: str) -> HttpResponse:
    row = _draft(_writable(request, code))
    by, at = account_of(request), timezone.now()
    restore = services.draft_provision_restore
    if _told(request, lambda: restore(draft=row, code=provision, by=by, at=at) or True):
        messages.success(request, f"{provision} 已恢复成原版本的样子。")
    return redirect("rules_draft", code)


def _writable(request: HttpRequest, code: str) -> Department:
    """A readable department in which the account may publish; 404 for others', 403 for readers."""
    department = departments_where(account_of(request), "publish_rules").filter(code=code).first()
    if department is None:
        readable(request, code)
        raise PermissionDenied("发布制度的权限在部门经理和总经理。")
    return department


def _draft(department: Department) -> Version:
    row = draft_of(department)
    if row is None:
        raise Http404("没有草案")
    return row


def _sent(request: HttpRequest) -> tuple[Any, bool]:
    """The form's data, and whether it is to be saved (else rows were added or taken away)."""
    if request.method != "POST":
        return None, False
    changed = rows_changed(request.POST)
    return (request.POST, True) if changed is None else (changed, False)


def _all_valid(form: ProvisionForm, params: ParamsForm) -> bool:
    return not [each for each in (form, params) if not each.is_valid()]


def _warn_of_wording(request: HttpRequest, draft: Version, code: str) -> None:
    """Say where the text that people will sign states another figure than the one just saved."""
    row = draft.provisions.select_related("source").get(code=code)
    for words in contradictions_of(row):
        messages.warning(request, f"“{row.title}”的{words}；请把条文或数字改成一致。")


def _initial(row: Provision) -> dict[str, Any]:
    names = ("title", "clause", "roles", "window", "confirm", "basis")
    return {**{name: getattr(row, name) for name in names}, **collection_fields(row)}


def _form(
    request: HttpRequest,
    department: Department,
    form: ProvisionForm,
    params: ParamsForm,
    is_sent: bool,
    **shown: Any,
) -> HttpResponse:
    """The page of a provision's form; errors only where it was to be saved."""
    shown |= {"department": department, "form": form, "params": params, "shows_errors": is_sent}
    return render(request, FORM, shown)


def _told(request: HttpRequest, write: Callable[[], Any]) -> Any:
    """What a service returns; None, with a message, where it refuses."""
    try:
        return write()
    except RulebookError as error:
        messages.error(request, str(error))
        return None
