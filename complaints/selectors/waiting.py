"""Cases that wait for somebody: for a step, for a ruling, for the decision of an appeal."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Appeal, Case, CasePart, Ruling
from complaints.selectors.cases import against, cases_visible_to
from people.models import Account
from people.selectors import departments_where, groups_of
from rules.kinds.cases import HOLDER, PLAIN_CASE, CaseType
from rules.models import Provision
from rules.provisions import has_kind, rule_from


def cases_awaiting(account: Account) -> QuerySet[Case]:
    """Open cases that the account sees and whose present step is its to take, as `takes_step` says of one.

    Reads the paths of the open cases first: at most three queries, whatever their number.
    """
    rows = cases_visible_to(account).filter(state=Case.State.OPEN)
    groups = groups_of(account)
    held = by_group = Q(pk__in=[])
    taken = CasePart.objects.filter(case=OuterRef("pk"), account=account)
    for provision, path in _paths(rows):
        for step in path.steps:
            here = Q(provision=provision, step=step.code)
            if step.part is not None:
                here &= ~Q(Exists(taken.exclude(part=step.part)))
            if HOLDER in step.by:
                held |= here
            if groups & set(step.by):
                by_group |= here
    acting = departments_where(account, "record_cases") | departments_where(account, "decide_cases")
    mine = held & Q(holder__account=account)
    return rows.filter(~against(account), mine | by_group, department__in=acting.values("pk"))


def _paths(rows: QuerySet[Case]) -> list[tuple[Provision | None, CaseType]]:
    found: list[tuple[Provision | None, CaseType]] = [(None, PLAIN_CASE)]
    for provision in Provision.objects.filter(pk__in=rows.order_by().values("provision")):
        rule = rule_from(provision, version="")
        if has_kind(rule, CaseType):
            found.append((provision, rule.kind))
    return found


def cases_to_rule(account: Account) -> QuerySet[Case]:
    """Cases with a proposal that the account may decide: neither about it nor recorded or proposed by it."""
    proposed = Ruling.objects.filter(case=OuterRef("pk"), state=Ruling.State.PROPOSED).exclude(
        proposed_by=account
    )
    places = departments_where(account, "decide_cases").values("pk")
    rows = Case.objects.filter(
        ~against(account), Exists(proposed), department__in=places, state=Case.State.CLOSED
    )
    return rows.exclude(recorded_by=account)


def cases_appealed(account: Account) -> QuerySet[Case]:
    """Cases with an appeal that the account may decide: not against its own rulings, nor its own."""
    waiting = (
        Appeal.objects.filter(charge__ruling__case=OuterRef("pk"), state=Appeal.State.ASKED)
        .exclude(charge__ruling__decided_by=account)
        .exclude(staff__account=account)
    )
    places = departments_where(account, "decide_appeals").values("pk")
    rows = Case.objects.filter(~against(account), Exists(waiting), department__in=places)
    return rows.exclude(recorded_by=account)
