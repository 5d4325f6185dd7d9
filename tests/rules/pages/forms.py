"""Provisions of a department whose pages are tested, and how a browser sends their forms."""

from datetime import date
from typing import Any

from django.test import Client

from people.models import Account, Department
from rules.models import Version
from rules.selectors import draft_of
from rules.services import version_publish
from tests.factories import WHEN

OCTOBER = date(2026, 10, 1)
FINE = {"code": "t-fine", "title": "迟交周报", "clause": "迟交一次罚10元。", "kind": "fine"}
FINE |= {"params": {"amount": "10.00"}, "roles": ["agent"]}
OPEN = {"code": "t-open", "title": "未定", "kind": "fine", "params": {"amount": None}}
TEAM = {"code": "t-lead", "title": "组长例会", "kind": "text", "roles": ["lead"], "clause": "组长每周开会。"}
COMMISSION = {
    "code": "t-comm",
    "title": "提成",
    "kind": "commission",
    "params": {"measure": "net_sales", "brackets": [{"from": "0", "rate": "0.01"}]},
}
POINTS = {"code": "t-points", "title": "态度", "kind": "points", "params": {"deduct": "1", "base": "10"}}


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def publish(department: Department, *provisions: Any, on: date = OCTOBER) -> Version:
    return version_publish(
        department=department, effective_on=on, rulebooks=[], provisions=provisions, by=None, at=WHEN
    )


def said(response: Any) -> str:
    return response.content.decode()


def change(browser: Client, code: str, **fields: Any) -> Any:
    """The form of a provision of the draft as it stands, with these fields otherwise, sent."""
    path = f"/rules/D1/draft/provision/{code}/"
    page = browser.get(path)
    sent = posted(page) | fields
    return browser.post(path, {name: value for name, value in sent.items() if value is not None})


def posted(page: Any) -> dict[str, Any]:
    """What a browser would send of the page's provision form."""
    context = page.context
    form = context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, "")}
    if context.get("seen"):
        data["seen"] = context["seen"]
    _collect(context["params"], data)
    return data


def _collect(part: Any, data: dict[str, Any]) -> None:
    if hasattr(part, "bound"):
        value = part.bound.value()
        if value not in (None, "", False):
            data[part.name] = "on" if value is True else value
        return
    for row in getattr(part, "rows", ()):
        data.setdefault(f"{part.name}-row", []).append(row.number)
    if hasattr(part, "chosen"):
        data[f"{part.name}-which"] = str(part.chosen)
    inner = [*getattr(part, "rows", ()), *(each for _, each in getattr(part, "options", ()))]
    inner += list(getattr(part, "parts", {}).values())
    inner += [getattr(part, name) for name in ("who", "part") if hasattr(part, name)]
    for each in inner:
        _collect(each, data)


def params(department: Department, code: str) -> Any:
    return draft_of(department).provisions.get(code=code).params
