"""Reads across versions: which rules apply to a department, day by day."""

from datetime import datetime

from people.models import Department
from rules.models import Provision, Version
from rules.provisions import Rules, Timeline, rule_from


def timeline_of(department: Department, *, published_by: datetime | None = None) -> Timeline:
    """The department's published versions as a Timeline; two queries.

    With `published_by` only versions that were published at that moment, so that a frozen month is
    recomputed under the rules it was settled by.
    """
    versions = Version.objects.filter(department=department, published_at__isnull=False)
    if published_by is not None:
        versions = versions.filter(published_at__lte=published_by)
    rows: dict[int, list[Provision]] = {version.pk: [] for version in versions}
    for provision in Provision.objects.filter(version__in=rows).order_by("version", "position"):
        rows[provision.version_id].append(provision)
    return Timeline(
        (
            version.effective_on,
            version.number,
            Rules(rule_from(row, version=f"第{version.number}版") for row in rows[version.pk]),
        )
        for version in versions
    )
