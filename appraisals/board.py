"""A month's appraisals as they stand: what each person's items come to, what is missing, the places."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from appraisals.evidence import Found, MonthEvidence, load
from appraisals.models import Sheet, SheetPart
from core.money import plain
from people.models import Department
from people.terms import PersonMonth
from rules.kinds.appraisal import SUPERVISOR, Evaluation, Mark, places_of
from rules.provisions import Rule

DRAFT = Sheet.State.DRAFT


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a person's month. `score` out of `scale`, None: missing, and `words` say why."""

    item: str
    origin: str
    words: str
    score: Decimal | None
    scale: Decimal
    weight: Decimal
    is_supervised: bool = False

    @property
    def is_missing(self) -> bool:
        return self.score is None

    @property
    def share(self) -> Decimal | None:
        """The points of the total that it brings, unrounded."""
        return None if self.score is None else self.score / self.scale * self.weight


@dataclass(frozen=True, slots=True)
class Appraisal:
    """One person's month: the scheme, its parts and the score out of 100; None where it cannot be told.

    Of a sheet that was published `parts` and `score` are what it says, `now` what the facts of today come to.
    """

    person: PersonMonth
    scheme: Rule[Evaluation] | None
    trouble: str
    parts: Sequence[Part]
    score: Decimal | None
    now: Decimal | None
    sheet: Sheet | None
    place: int | None = None

    @property
    def state(self) -> str:
        return self.sheet.state if self.sheet is not None else DRAFT

    @property
    def state_label(self) -> str:
        return str(Sheet.State(self.state).label)

    @property
    def missing(self) -> list[Part]:
        return [part for part in self.parts if part.is_missing]

    @property
    def is_outdated(self) -> bool:
        """Whether what was published is not what the facts of today come to."""
        return self.state != DRAFT and self.now is not None and self.now != self.score

    @property
    def why_none(self) -> str:
        """Why there is no score, in words; empty where there is one."""
        if self.trouble or self.score is not None:
            return self.trouble
        return f"缺{'、'.join(part.item for part in self.missing)}"


def board_of(department: Department, month: date, *, only: Collection[int] | None = None) -> list[Appraisal]:
    """The appraisals of everybody whom a scheme binds, by number, with their places among all.

    The number of queries depends on neither people nor items. With `only` some rows of staff alone, and the
    places are among these.
    """
    evidence = load(department, month, only=only)
    sheets = {
        sheet.staff_id: sheet
        for sheet in Sheet.objects.filter(staff__in=list(evidence.month.people), month=month)
    }
    stored = _stored([sheet for sheet in sheets.values() if sheet.state != DRAFT])
    found = []
    for person in evidence.month.people.values():
        schemes, sheet = evidence.schemes(person), sheets.get(person.staff_id)
        if schemes or (sheet is not None and sheet.state != DRAFT):
            found.append(_appraisal(evidence, person, schemes, sheet, stored))
    places = places_of({each.person.staff_id: each.score for each in found if each.score is not None})
    return [replace(each, place=places.get(each.person.staff_id)) for each in found]


def _appraisal(
    evidence: MonthEvidence,
    person: PersonMonth,
    schemes: Sequence[Rule[Evaluation]],
    sheet: Sheet | None,
    stored: dict[int, list[Part]],
) -> Appraisal:
    trouble = ""
    if len(schemes) > 1:
        named = "、".join(f"{rule.code} {rule.title}" for rule in schemes)
        trouble = f"有{len(schemes)}个考评方案约束此人：{named}；改制度的岗位，只留一个"
    scheme = schemes[0] if len(schemes) == 1 else None
    parts: Sequence[Part] = ()
    now = None
    if scheme is not None:
        values = evidence.values(person, scheme.kind)
        marks = scheme.kind.marks({name: each.value for name, each in values.items()})
        parts, now = [_part(mark, values[mark.item.name]) for mark in marks], scheme.kind.total(marks)
    if sheet is not None and sheet.state != DRAFT:
        return Appraisal(person, scheme, "", stored.get(sheet.pk, []), sheet.score, now, sheet)
    return Appraisal(person, scheme, trouble, parts, now, now, sheet)


def _part(mark: Mark, found: Found) -> Part:
    item = mark.item
    return Part(
        item=item.name,
        origin=item.origin,
        words=found.words,
        score=mark.score,
        scale=item.scale,
        weight=item.weight or Decimal(0),
        is_supervised=item.source == SUPERVISOR,
    )


def _stored(sheets: Sequence[Sheet]) -> dict[int, list[Part]]:
    """What published sheets say, by sheet; one query, none for no sheets."""
    found: dict[int, list[Part]] = {sheet.pk: [] for sheet in sheets}
    editions = {sheet.pk: sheet.edition for sheet in sheets}
    for row in SheetPart.objects.filter(sheet__in=sheets).order_by("position") if sheets else ():
        if row.edition == editions[row.sheet_id]:
            found[row.sheet_id].append(
                Part(row.item, row.origin, row.value, row.score, row.scale, row.weight)
            )
    return found


def weighed(part: Part) -> str:
    """How a part counts, in words: `80/100 × 40% = 32`."""
    if part.share is None:
        return ""
    share = part.share.quantize(Decimal("0.01"))
    return f"{plain(part.score or Decimal(0))}/{plain(part.scale)}×{plain(part.weight)}%＝{plain(share)}"
