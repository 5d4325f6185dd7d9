"""Reads of cases: who sees which, what their path allows, which are alike."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from complaints.models import Case, CasePart, Loss
from files.models import Attachment
from people.models import Account, Department
from people.permissions import IN_OWN_EMPLOYMENT
from people.selectors import departments_where, groups_acting_in, staff_where
from rules.kinds.cases import HOLDER, PLAIN_CASE, CaseField, CaseStep, CaseType
from rules.provisions import has_kind, rule_from

ALIKE_WITHIN = timedelta(days=90)


def cases_visible_to(account: Account) -> QuerySet[Case]:
    """All cases of the departments where the account sees them, elsewhere those that it holds or recorded.

    A lead also sees what the team holds, since steps of its path may be the lead's.
    Nobody reads a case against oneself as its holder or recorder; a share of its loss is shown apart.
    """
    if not account.is_active:
        return Case.objects.none()
    whole = Q(department__in=departments_where(account, "view_cases"))
    own = Q(holder__account=account) | Q(recorded_by=account)
    own |= Q(holder__in=staff_where(account, "record_cases"))
    working = Q(department__in=departments_where(account, "record_cases"))
    return Case.objects.filter(whole | (own & working & ~against(account)))


def against(account: Account) -> Q:
    """Cases about the account's own person; `is_against` asks the same of one."""
    return Q(about__isnull=False, about__account=account)


def sees_whole(account: Account, department: Department) -> bool:
    """Whether the account also sees who is held responsible for cases of the department."""
    return departments_where(account, "view_cases").filter(pk=department.pk).exists()


def path_of(case: Case) -> CaseType:
    """The path that was frozen on the case."""
    if case.provision is None:
        return PLAIN_CASE
    rule = rule_from(case.provision, version="")
    assert has_kind(rule, CaseType)
    return rule.kind


def step_of(case: Case) -> CaseStep:
    """Where an open case stands on its path."""
    step = path_of(case).step(case.step)
    assert step is not None
    return step


def in_order(values: Mapping[str, str], fields: Iterable[CaseField]) -> list[tuple[str, str]]:
    """What was written into fields, in the rulebook's order; the database keeps names by their length."""
    places = {each.name: place for place, each in enumerate(fields)}
    return sorted(values.items(), key=lambda each: places.get(each[0], len(places)))


def is_against(account: Account, case: Case) -> bool:
    """Whether the case is about the account's own person, who has no hand in it, whatever the rank."""
    return case.about is not None and case.about.account_id == account.pk


def works_on(account: Account, case: Case) -> bool:
    """Whether somebody holds or recorded the case, or steers its department's; never whom it is about."""
    if is_against(account, case):
        return False
    mine = account.pk in {case.recorded_by_id, case.holder.account_id if case.holder else None}
    if mine and departments_where(account, "record_cases").filter(pk=case.department_id).exists():
        return True
    return departments_where(account, "steer_cases").filter(pk=case.department_id).exists()


def takes_step(account: Account, case: Case) -> bool:
    """Whether the present step of an open case is for the account to take."""
    working = departments_where(account, "record_cases") | departments_where(account, "decide_cases")
    if is_against(account, case) or not working.filter(pk=case.department_id).exists():
        return False
    step = step_of(case)
    if HOLDER in step.by and case.holder is not None and case.holder.account_id == account.pk:
        return True
    acting = groups_acting_in(account, case.department) & set(step.by)
    if acting - IN_OWN_EMPLOYMENT:
        return True
    # Who acts by the own employment takes steps of what they see, not of everybody's.
    return bool(acting) and cases_visible_to(account).filter(pk=case.pk).exists()


def part_barring(account: Account, case: Case) -> CasePart | None:
    """The part in the case that keeps an account from the present step: whoever records does not decide."""
    part = step_of(case).part
    if part is None:
        return None
    return CasePart.objects.filter(case=case, account=account).exclude(part=part).first()


def customer_key(*, name: str, phone: str) -> str:
    """By what a complainant is known again, without saying who it is; empty where neither is given."""
    digits = "".join(each for each in phone if each.isdigit())
    known = f"phone:{digits}" if digits else f"name:{name.strip()}" if name.strip() else ""
    return salted_hmac("complaints.customer", known, algorithm="sha256").hexdigest() if known else ""


def cases_alike(
    department: Department,
    *,
    name: str = "",
    phone: str = "",
    order_no: str = "",
    received_at: datetime,
    but: Case | None = None,
) -> QuerySet[Case]:
    """Cases of the same customer or order within 90 days, the latest first: a duplicate or a repeat."""
    key = customer_key(name=name, phone=phone)
    alike = Q(pk__in=[])
    if key:
        alike |= Q(customer_key=key)
    if order_no.strip():
        alike |= Q(order__order_no=order_no.strip())
    rows = Case.objects.filter(alike, department=department, received_at__gte=received_at - ALIKE_WITHIN)
    return rows.exclude(pk=but.pk if but else 0).order_by("-received_at", "-id")


def cases_beside(case: Case) -> QuerySet[Case]:
    """Other cases of the same customer or order within 90 days before or after one, the latest first."""
    alike = Q(pk__in=[])
    if case.customer_key:
        alike |= Q(customer_key=case.customer_key)
    if case.order_id is not None:
        alike |= Q(order=case.order_id)
    span = (case.received_at - ALIKE_WITHIN, case.received_at + ALIKE_WITHIN)
    rows = Case.objects.filter(alike, department=case.department_id, received_at__range=span)
    return rows.exclude(pk=case.pk).order_by("-received_at", "-id")


def attachments_of(case: Case, account: Account) -> QuerySet[Attachment]:
    """What is attached to a case; the evidence of its losses too for who sees those."""
    attached = Q(pk__in=case.attachments.order_by().values("pk"))
    if sees_whole(account, case.department):
        attached |= Q(pk__in=Loss.evidence.through.objects.filter(loss__case=case).values("attachment"))
    return Attachment.objects.filter(attached).order_by("id")
