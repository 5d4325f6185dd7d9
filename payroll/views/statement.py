"""What the pages of somebody's orders of a month share: what is asked for, the table, the workbook."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.downloads import workbook_download
from core.paging import page_of
from payroll.selectors.statement import SORTS, STANDINGS, Statement
from payroll.statement_export import statement_export
from people.web import sought_in


def asked_of(request: HttpRequest) -> dict[str, str]:
    """What the address asks for, as `Statement` takes it; what it does not know is as if not asked."""
    standing, sort = request.GET.get("standing", ""), request.GET.get("sort", "")
    return {
        "standing": standing if standing in STANDINGS else "",
        "sort": sort if sort in SORTS else "",
        "sought": sought_in(request, "q"),
    }


def statement_shown(
    request: HttpRequest, statement: Statement, template: str, shown: dict[str, object]
) -> HttpResponseBase:
    """The page, fifty orders at a time, or with `as=xlsx` every order that fits in a workbook."""
    if request.GET.get("as") == "xlsx":
        who = "、".join(each.staff.number for each in statement.terms.values())
        name = f"提成对账单-{who}-{statement.month:%Y-%m}.xlsx"
        return workbook_download(name, partial(statement_export, statement))
    asked = request.GET.copy()
    asked.pop("page", None)
    asked["as"] = "xlsx"
    return render(
        request,
        template,
        {
            **shown,
            "orders": statement,
            "page": page_of(request, statement),
            "asked": asked_of(request),
            "standings": STANDINGS.items(),
            "sorts": [(key, label) for key, (label, _) in SORTS.items()],
            "export": f"?{asked.urlencode()}",
        },
    )
