"""Reads of incidents, ledgers and proposals."""

from collections.abc import Collection

from django.db.models import QuerySet

from penalties.models import Incident, MoneyEntry, PointsEntry, Proposal
from people.models import Account
from people.selectors import departments_where, staff_visible_to
from rules.kinds.base import Kind
from rules.models import Provision
from rules.provisions import Rule, rule_from


def incidents_visible_to(account: Account) -> QuerySet[Incident]:
    """Incidents of the staff whom an account may see."""
    return Incident.objects.filter(staff__in=staff_visible_to(account))


def money_visible_to(account: Account) -> QuerySet[MoneyEntry]:
    return MoneyEntry.objects.filter(staff__in=staff_visible_to(account))


def points_visible_to(account: Account) -> QuerySet[PointsEntry]:
    return PointsEntry.objects.filter(staff__in=staff_visible_to(account))


def proposals_visible_to(account: Account) -> QuerySet[Proposal]:
    """Proposals are as confidential as pay: shown to those who see the pay of the department."""
    return Proposal.objects.filter(
        staff__in=staff_visible_to(account), department__in=departments_where(account, "view_pay")
    )


def rules_of(provision_ids: Collection[int]) -> dict[int, Rule[Kind]]:
    """The provisions, of whatever version, ready to be applied; by id, one query."""
    rows = Provision.objects.filter(pk__in=provision_ids).select_related("version")
    return {row.pk: rule_from(row, version=f"第{row.version.number}版") for row in rows}
