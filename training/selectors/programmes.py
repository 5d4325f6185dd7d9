"""Reads of programmes: which a department has, who goes through them, who sees and teaches whom."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from people.models import Account, Department, Staff
from people.selectors import departments_where, not_left, staff_visible_to, staff_where
from rules.kinds.programme import Programme
from rules.provisions import Rule, has_kind, rule_from
from rules.selectors import employed_in, timeline_of
from shifts.selectors.days_owed import days_owed_of
from training.models import Enrolment, Material, StepRecord, StepTeacher
from training.plan import Plan, plan_of
from training.selectors.results import exam_results

ACTION = "manage_training"


def programmes_on(department: Department, day: date) -> list[Rule[Programme]]:
    """The programmes of a department's rules on a day that have no figure left open; two queries."""
    return timeline_of(department).on(day).of_kind(Programme)


def programme_rule(enrolment: Enrolment) -> Rule[Programme]:
    """The programme of an enrolment with its steps, as its version says."""
    rule = rule_from(enrolment.provision, version="")
    assert has_kind(rule, Programme)
    return rule


def enrolments_visible_to(account: Account) -> QuerySet[Enrolment]:
    """Those of the people whom an account sees, of its own newcomers as mentor, and the open ones of whom it
    teaches; as mentor and teacher while it works there.
    """
    return Enrolment.objects.filter(
        Q(staff__in=staff_visible_to(account).order_by().values("pk"))
        | _guided_by(account)
        | Q(Exists(_taught_by(account)), ended_on__isnull=True)
    )


def enrolments_taught_by(account: Account) -> QuerySet[Enrolment]:
    """The open enrolments in which an account is the mentor or was named for a step."""
    rows = Enrolment.objects.filter(_guided_by(account) | Exists(_taught_by(account)))
    return rows.filter(ended_on__isnull=True).exclude(staff__account=account)


def enrolments_managed_by(account: Account) -> QuerySet[Enrolment]:
    """The enrolments of the people whose training an account arranges; never its own."""
    managed = staff_where(account, ACTION).order_by().values("pk")
    return Enrolment.objects.filter(staff__in=managed).exclude(staff__account=account)


def _guided_by(account: Account) -> Q:
    """Of whom an account is the mentor, while it works where the newcomer learns."""
    return Q(
        not_left(timezone.localdate(), "mentor"), mentor__account=account, mentor__department=F("department")
    )


def _taught_by(account: Account) -> QuerySet[StepTeacher]:
    """The steps for which an account was named, while it works there."""
    return StepTeacher.objects.filter(
        not_left(timezone.localdate(), "staff"),
        department=OuterRef("department"),
        code=OuterRef("code"),
        staff__account=account,
        staff__department=OuterRef("department"),
    )


def manages(account: Account, enrolment: Enrolment) -> bool:
    """Whether an account arranges the training of a newcomer; one query."""
    return enrolments_managed_by(account).filter(pk=enrolment.pk).exists()


def steps_recordable(plan: Plan, account: Account, *, managing: bool, on: date) -> set[str]:
    """The steps of which an account may say on a day who took part: all for who arranges the training
    (`managing`, as `manages` says), else the own while it works there. Nobody records the own attendance.
    """
    if plan.enrolment.staff.account_id == account.pk:
        return set()
    if managing:
        return {each.step.code for each in plan.steps}
    return {
        each.step.code
        for each in plan.steps
        if each.teacher is not None
        and each.teacher.account_id == account.pk
        and each.teacher.is_employed_on(on)
    }


def plans_of(enrolments: Sequence[Enrolment], today: date) -> list[Plan]:
    """The plans of enrolments (with staff, mentor and provision) on a day; five queries for any number."""
    if not enrolments:
        return []
    staff_ids = {each.staff_id for each in enrolments}
    first = min(each.starts_on for each in enrolments)
    records = _newest_records(each.pk for each in enrolments)
    results = exam_results(staff_ids, until=today)
    teachers = _named_teachers(
        {each.department_id for each in enrolments}, {each.code for each in enrolments}
    )
    owed = days_owed_of(staff_ids, first)
    rules: dict[int, Rule[Programme]] = {}
    plans = []
    for each in enrolments:
        if each.provision_id not in rules:
            rules[each.provision_id] = programme_rule(each)
        rule = rules[each.provision_id]
        plans.append(
            plan_of(
                each,
                rule.title,
                rule.kind,
                today=today,
                records=records.get(each.pk, {}),
                results=results.get(each.staff_id, {}),
                teachers=teachers.get((each.department_id, each.code), {}),
                is_rest=owed[each.staff_id].is_rest,
            )
        )
    return plans


def plan_on(enrolment: Enrolment, today: date) -> Plan:
    """The plan of one enrolment on a day."""
    return plans_of([enrolment], today)[0]


def enrolments_of_batch(department: Department, batch: str) -> QuerySet[Enrolment]:
    """The newcomers of a batch, by number, with what a plan needs; without who was enrolled by mistake."""
    rows = Enrolment.objects.filter(department=department, batch=batch).exclude(ended_on__lt=F("starts_on"))
    return rows.select_related("staff", "mentor", "provision").order_by("staff__number", "pk")


def _newest_records(enrolments: Iterable[int]) -> dict[int, dict[str, StepRecord]]:
    rows = StepRecord.objects.filter(enrolment__in=list(enrolments)).select_related("by").order_by("id")
    found: dict[int, dict[str, StepRecord]] = {}
    for each in rows:
        found.setdefault(each.enrolment_id, {})[each.step] = each
    return found


def _named_teachers(
    departments: Collection[int], codes: Collection[str]
) -> dict[tuple[int, str], dict[str, Staff]]:
    rows = StepTeacher.objects.filter(department__in=departments, code__in=codes, staff__isnull=False)
    found: dict[tuple[int, str], dict[str, Staff]] = {}
    for each in rows.select_related("staff"):
        assert each.staff is not None
        found.setdefault((each.department_id, each.code), {})[each.step] = each.staff
    return found


def teachers_of(department: Department, code: str) -> dict[str, Staff]:
    """Who was named for which step of a programme."""
    return _named_teachers({department.pk}, {code}).get((department.pk, code), {})


def mentors_of(department: Department, day: date) -> QuerySet[Staff]:
    """Who may be a mentor or teach: who works in the department on a day, by number."""
    return employed_in(department, day)


def newcomers_of(account: Account, department: Department, day: date) -> QuerySet[Staff]:
    """Whom an account may enrol: its people who have not left on a day, who joined last first; not itself."""
    rows = staff_where(account, ACTION).filter(not_left(day), department=department)
    return rows.exclude(account=account).order_by("-joined_on", "number")


def departments_trained_by(account: Account) -> QuerySet[Department]:
    """Where an account arranges training."""
    return departments_where(account, ACTION).order_by("code")


def materials_visible_to(account: Account) -> QuerySet[Material]:
    """What an account may open: where it arranges training, and what it learns or teaches by."""
    visible = Enrolment.objects.filter(
        Q(staff__account=account) | _guided_by(account),
        department=OuterRef("department"),
        code=OuterRef("code"),
    )
    return Material.objects.filter(
        Q(department__in=departments_where(account, ACTION).order_by().values("pk"))
        | Exists(visible)
        | Exists(_taught_by(account)),
        retired_on__isnull=True,
    )


def materials_by_step(account: Account, department: Department, code: str) -> dict[str, list[Material]]:
    """The material of a programme that an account may open, by step; that of the whole under an empty one."""
    rows = materials_visible_to(account).filter(department=department, code=code)
    found: dict[str, list[Material]] = {}
    for each in rows.select_related("attachment").order_by("id"):
        found.setdefault(each.step, []).append(each)
    return found
