"""Reads of rules: which apply to a department day by day, the library, the draft, who has signed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet

from people.models import Account, Department, Role, Staff, Term
from people.selectors import departments_where, not_left
from rules.kinds.base import Kind
from rules.models import Edition, LibraryProvision, Provision, Rulebook, Signature, Version
from rules.provisions import Rule, Rules, Timeline, rule_from


def timeline_of(department: Department, *, published_by: datetime | None = None) -> Timeline:
    """The department's published versions as a Timeline; two queries.

    With `published_by` only versions that were published at that moment, so that a frozen month is
    recomputed under the rules it was settled by.
    """
    versions = versions_of(department)
    if published_by is not None:
        versions = versions.filter(published_at__lte=published_by)
    rows: dict[int, list[Provision]] = {version.pk: [] for version in versions}
    for provision in Provision.objects.filter(version__in=rows).order_by("version", "position"):
        rows[provision.version_id].append(provision)
    return Timeline(
        (version.effective_on, version.number, rules_from(version, rows[version.pk])) for version in versions
    )


def timeline_of_kind(
    department: Department, kind: type[Kind], *, published_by: datetime | None = None
) -> Timeline:
    """As `timeline_of` with the provisions of one kind alone; one query."""
    versions = versions_of(department)
    if published_by is not None:
        versions = versions.filter(published_at__lte=published_by)
    names = [field.attname for field in Provision._meta.concrete_fields]
    found = versions.annotate(
        of_kind=FilteredRelation("provisions", condition=Q(provisions__kind=kind.name))
    ).order_by("number", "of_kind__position")
    rows: dict[tuple[date, int], list[Rule[Kind]]] = {}
    for effective_on, number, *values in found.values_list(
        "effective_on", "number", *(f"of_kind__{name}" for name in names)
    ):
        rules = rows.setdefault((effective_on, number), [])
        if values[0] is not None:
            provision = Provision(**dict(zip(names, values, strict=True)))
            rules.append(rule_from(provision, version=f"第{number}版"))
    return Timeline((*version, Rules(rules)) for version, rules in rows.items())


def rules_of_version(version: Version) -> Rules:
    """The provisions of one version or draft; one query."""
    return rules_from(version, list(version.provisions.order_by("position")))


def rules_from(version: Version, rows: list[Provision]) -> Rules:
    name = f"第{version.number}版" if version.published_at else "草案"
    return Rules(rule_from(row, version=name) for row in rows)


def rulebooks_of(rules: Iterable[Rule[Kind]]) -> dict[int, str]:
    """The name of the rulebook of each provision, by its id; a department's own have none; one query."""
    rows = Provision.objects.filter(pk__in=[rule.id for rule in rules], source__isnull=False)
    return dict(rows.values_list("pk", "source__edition__rulebook__name"))


# The library


def rulebooks_found(*, words: str = "", trade: str = "") -> QuerySet[Rulebook]:
    """Rulebooks of a trade in whose name, code or latest edition's provisions the words occur."""
    books = Rulebook.objects.annotate(
        latest=Edition.objects.filter(rulebook=OuterRef("pk")).order_by("-number").values("number")[:1],
        provisions_count=Count(
            "editions__provisions",
            filter=Q(editions__number=_latest_number("pk")),
            distinct=True,
        ),
    )
    if trade:
        books = books.filter(trade=trade)
    if words:
        own = Q(name__icontains=words) | Q(code__icontains=words)
        within = provisions_found(words).filter(edition__rulebook=OuterRef("pk"))
        books = books.filter(own | Exists(within))
    return books.order_by("code")


def provisions_found(words: str, *, trade: str = "") -> QuerySet[LibraryProvision]:
    """Provisions of latest editions in whose code, title or clause the words occur."""
    rows = LibraryProvision.objects.filter(edition__number=_latest_number("edition__rulebook"))
    if trade:
        rows = rows.filter(edition__rulebook__trade=trade)
    order = "edition__rulebook__code", "position"
    return rows.filter(said(words)).select_related("edition__rulebook").order_by(*order)


def said(words: str) -> Q:
    """Provisions in whose code, title or clause the words occur; all where there are none."""
    return Q(code__icontains=words) | Q(title__icontains=words) | Q(clause__icontains=words)


def _latest_number(rulebook: str) -> "QuerySet[Edition, int]":
    editions = Edition.objects.filter(rulebook=OuterRef(rulebook)).order_by("-number")
    return editions.values_list("number", flat=True)[:1]


# Versions of a department


def versions_of(department: Department) -> QuerySet[Version]:
    """What the department has published, the latest first."""
    return Version.objects.filter(department=department, published_at__isnull=False)


def version_on(department: Department, day: date) -> Version | None:
    """The version in force on a day."""
    return versions_of(department).filter(effective_on__lte=day).order_by("-effective_on", "-number").first()


def kinds_on(day: date, departments: Collection[int]) -> dict[int, set[str]]:
    """The kinds of the provisions in force on a day, by department; two queries, none for no department."""
    if not departments:
        return {}
    published = Version.objects.filter(
        department__in=departments, published_at__isnull=False, effective_on__lte=day
    ).order_by("department", "-effective_on", "-number")
    of = dict(published.distinct("department").values_list("pk", "department"))
    found: dict[int, set[str]] = {department: set() for department in departments}
    kinds = Provision.objects.filter(version__in=of).order_by().values_list("version", "kind").distinct()
    for version, kind in kinds:
        found[of[version]].add(kind)
    return found


def versions_upcoming(department: Department, day: date) -> QuerySet[Version]:
    """Published versions that begin after a day, the next first."""
    return versions_of(department).filter(effective_on__gt=day).order_by("effective_on", "number")


def latest_version(department: Department) -> Version | None:
    """The version that holds last: a change begins from it."""
    return versions_of(department).order_by("-effective_on", "-number").first()


def draft_of(department: Department) -> Version | None:
    drafts = Version.objects.filter(department=department, published_at__isnull=True)
    return drafts.select_related("department", "base", "changed_by").first()


# Reading and signing


@dataclass(frozen=True, slots=True)
class Signing:
    """How far a version is signed: of how many people."""

    signed: int
    people: int

    @property
    def missing(self) -> int:
        return self.people - self.signed


def employed_in(department: Department, day: date) -> QuerySet[Staff]:
    """Who works in the department on a day, by number."""
    return Staff.objects.filter(not_left(day), department=department, joined_on__lte=day).order_by("number")


def signing_of(version: Version, day: date) -> Signing:
    """How many of those who work there on the day have signed; one query."""
    signed = Exists(Signature.objects.filter(version=version, staff=OuterRef("pk")))
    counts = (
        employed_in(version.department, day)
        .order_by()
        .alias(has_signed=signed)
        .aggregate(people=Count("pk"), signed=Count("pk", filter=Q(has_signed=True)))
    )
    return Signing(**counts)


def unsigned_staff(version: Version, day: date) -> QuerySet[Staff]:
    """Who works in the department on the day and has not signed the version, by number."""
    signed = Signature.objects.filter(version=version, staff=OuterRef("pk"))
    return employed_in(version.department, day).exclude(Exists(signed))


def may_see_signatures(account: Account, department: Department) -> bool:
    """Those who publish rules or look after the staff of the department."""
    return any(
        departments_where(account, action).filter(pk=department.pk).exists()
        for action in ("publish_rules", "manage_staff")
    )


def role_on(staff: Staff, day: date) -> str:
    """The business role by which provisions bind a person on a day; an agent where no terms say otherwise."""
    term = Term.objects.filter(staff=staff, valid__contains=day).only("role").first()
    return term.role if term else Role.AGENT
