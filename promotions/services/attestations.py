"""Somebody certifies a criterion that no record decides."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from people.models import Account, Staff
from people.selectors import staff_where
from promotions.errors import AttestationRefused
from promotions.models import Attestation
from rules.kinds.ladder import Step
from rules.provisions import Rule, has_kind
from rules.selectors import timeline_of

LONGEST_NOTE = 500


@transaction.atomic
def attestation_record(
    *,
    staff: Staff,
    code: str,
    answer: bool,
    note: str,
    on: date,
    by: Account | None,
    at: datetime,
    item: str = "",
) -> Attestation:
    """Record whether a person meets an `attested` criterion of a provision; without `item` all of it.

    The same word sent again is stored once.
    AttestationRefused for a provision that asks for no such word on the day, an unknown item, a day to come
    or outside the employment, an empty note, the own person, and whoever may not attest about the person.
    """
    note = note.strip()[:LONGEST_NOTE]
    if not note:
        raise AttestationRefused("认定须写依据；写明看到了什么", field="note")
    if on > timezone.localdate(at):
        raise AttestationRefused(f"{on:%Y-%m-%d}还没有到；填写今天或以前的日期", field="on")
    if not staff.is_employed_on(on):
        raise AttestationRefused(f"{staff}在{on:%Y-%m-%d}不在职；检查日期", field="on")
    if by is not None:
        _check_may(staff, by, on)
    rule = timeline_of(staff.department).on(on).get(code)
    items = attested_items(rule) if rule is not None and has_kind(rule, Step) else []
    if rule is None or not items:
        raise AttestationRefused(f"条款{code}在{on:%Y-%m-%d}没有要认定的条件；检查条款编号", field="code")
    if item and item not in items:
        raise AttestationRefused(
            f"条款“{rule.code} {rule.title}”没有“{item}”这一项；从列出的项里选", field="item"
        )
    # Who sends the same word again has said it once.
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    word = {"staff": staff, "code": rule.code, "item": item, "on": on}
    last = Attestation.objects.filter(**word).first()
    if last is not None and (last.answer, last.note, last.by_id) == (answer, note, by and by.pk):
        return last
    return Attestation.objects.create(**word, answer=answer, note=note, by=by, at=at)


def attested_items(rule: Rule[Step]) -> list[str]:
    """What of a provision people certify; an empty text is the whole provision."""
    criteria = (*rule.kind.all_of, *rule.kind.any_of)
    return [each.item for each in criteria if each.given[0] == "attested"]


def _check_may(staff: Staff, by: Account, on: date) -> None:
    if staff.account_id == by.pk:
        raise AttestationRefused("不能认定自己；请由组长、主管或经理认定")
    if not staff_where(by, "attest_criteria", on=on).filter(pk=staff.pk).exists():
        raise AttestationRefused("不能认定此人；请由其组长、主管或经理认定")
