"""Every page of the administration speaks Chinese: what its theme says, too."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import unfold
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation.template import templatize

from payroll.models import PayLine
from people.models import Account, Department
from people.permissions import GROUP_LABELS
from rules.models import LibraryProvision, Rulebook
from training.models import ExamResult
from workbench.demonstration.pay import demo_load

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.@:/-]*+(?!\*)")  # a masked digest ends in stars
# Names of formats, of this system and of what people type as they are.
ALLOWED = {
    *("C", "D"),  # grades of a quarter, beside A and B
    "IT",  # in the name of a rulebook
    "kefu", "XLSX", "CSV", "ID", "IP", "SHA", "SHA-256", "TOTP", "API", "URL", "JSON", "ERP", "VIP", "A", "B",
    "C", "D", "PPT", "QQ", "esc", "Control", "Command", "Mac", "LDAP",
}  # fmt: skip
SHOWN_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt"}
SILENT = {"script", "style", "template", "svg", "code"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Visible(HTMLParser):
    """The text of a page that somebody reads or hears; icons are written as words and are neither."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.texts += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.texts.append(given.get("value") or "")
        if tag not in VOID:
            is_icon = "material-symbols-outlined" in (given.get("class") or "")
            self.open.append((tag, tag in SILENT or is_icon))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(silent for _, silent in self.open):
            self.texts.append(data)


def english(html: str) -> set[str]:
    """Words in Latin letters that are no code: a code has a digit in it."""
    page = Visible()
    page.feed(html)
    found = {word.strip("._:/-") for text in page.texts for word in WORD.findall(text)}
    return {word for word in found - ALLOWED if not any(each.isdigit() for each in word)}


def paths_of(model_admin: admin.ModelAdmin, client: Client) -> Iterator[str]:
    """The pages of a registered model: list, nothing found, new, one object, its history, its deletion."""
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    listed = reverse(f"{name}_changelist")
    yield listed
    if model_admin.search_fields:
        yield f"{listed}?q=没有这样的记录"
    yield reverse(f"{name}_add")
    row = model_admin.model._default_manager.order_by("pk").first()
    if row is not None:
        for page in ("change", "history", "delete"):
            yield reverse(f"{name}_{page}", args=[row.pk])


def test_every_page_speaks_chinese(client: Client) -> None:
    demo_load(password="kefu-words-2026", say=lambda _: None)
    client.force_login(Account.objects.create_superuser("root1", first_name="总管"))
    codes = {each.username for each in Account.objects.all()} | set(GROUP_LABELS)
    codes |= set(Department.objects.values_list("code", flat=True))
    codes |= set(PayLine.objects.values_list("code", flat=True))
    codes |= set(ExamResult.objects.values_list("code", flat=True))
    library = {*Rulebook.objects.values_list("code", flat=True)}
    library |= {*LibraryProvision.objects.values_list("code", flat=True)}
    codes |= library | {each.capitalize() for each in library}
    troubles: dict[str, set[str]] = {}
    opened = 0
    pages = ["/admin/", "/admin/nonsense/", *(f"/admin/{each}/" for each in sorted(apps_shown()))]
    for model_admin in admin.site._registry.values():
        pages += paths_of(model_admin, client)
    for path in pages:
        response = client.get(path)
        assert response.status_code in (200, 403, 404), (path, response.status_code)
        opened += response.status_code == 200
        if found := english(response.content.decode()) - codes:
            troubles[path] = found
    assert not troubles, "\n".join(f"{path}: {sorted(words)}" for path, words in troubles.items())
    assert opened > 3 * len(admin.site._registry)


def test_signing_in_and_out_speaks_chinese(client: Client) -> None:
    for path in ("/admin/login/", "/admin/"):
        assert not english(client.get(path, follow=True).content.decode())


def apps_shown() -> set[str]:
    return {model._meta.app_label for model in admin.site._registry}


OTHER_PACKAGES = {"constance", "guardian", "import_export", "simple_history"}  # not installed here
STRING = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALLED = re.compile(rf"n?gettext\({STRING}(?:, {STRING}, count)?\)")
SAYING = {"_", "gettext", "gettext_lazy", "ngettext"}


def messages_of(folder: Path) -> Iterator[tuple[str, ...]]:
    """What the templates and modules of a package say through gettext, plurals as pairs."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".html", ".py") or OTHER_PACKAGES & set(path.parts):
            continue
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            source = "\n".join(CALLED.findall(templatize(source)))
        for node in ast.walk(ast.parse(source)):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in SAYING:
                yield tuple(
                    each.value
                    for each in node.args[:2]
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def test_nothing_that_the_theme_says_is_left_untranslated() -> None:
    said = {each for each in messages_of(Path(unfold.__file__).parent) if each}
    assert len(said) > 100
    left = set()
    for message, *plural in said:
        translated = ngettext(message, plural[0], 2) if plural else gettext(message)
        words = re.sub(r"%\(\w+\)s", "", message)
        if translated in (message, *plural) and re.search("[A-Za-z]{2}", words):
            left.add(message)
    assert not left
