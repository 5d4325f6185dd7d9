"""What a department remembers of its files, for the walks through every page."""

from datetime import datetime
from typing import Any

from imports.models import Answer, FormatName, HeaderMapping
from people.models import Department


def remembered_known(
    department: Department, *, at: datetime, many: int = 1, who: str = "某"
) -> dict[str, Any]:
    """Headers and answers (as many of each), and a name; the keys of the newest."""
    given = {"department": department, "kind": "orders", "at": at}
    headers = HeaderMapping.objects.bulk_create(
        HeaderMapping(**given, profile="generic", header=f"{who}的列{place}", field="")
        for place in range(many)
    )
    answers = Answer.objects.bulk_create(
        Answer(
            **given,
            key=f"status:{place}",
            text=f"{who}的状态“{place}”算成交吗？",
            value="sale",
            choices=[["sale", "算"], ["void", "不算"]],
        )
        for place in range(many)
    )
    FormatName.objects.create(**given, profile="generic", name=f"{who}的店")
    return {"header_mapping": headers[-1].pk, "import_answer": answers[-1].pk}
