"""Memos, and suggestions made of them: adopted with the rulebook's award, or declined with an answer."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from duties.errors import MemoRefused
from duties.models import Memo, Suggestion
from duties.selectors.memos import awards_for
from penalties.services import IncidentFact, IncidentsRefused, incidents_record
from people.models import Account, Staff

TEXT_LENGTH, TAG_LENGTH, MOST_TAGS, ANSWER_LENGTH = 2000, 16, 8, 500
State = Suggestion.State


@transaction.atomic
def memo_add(
    *,
    staff: Staff,
    text: str,
    tags: Iterable[str] = (),
    remind_at: datetime | None = None,
    key: str,
    at: datetime,
) -> Memo:
    """Note something; the same `key` again gives the memo made under it."""
    given = {"text": _text(text), "tags": _tags(tags), "remind_at": remind_at, "staff": staff, "at": at}
    row, _ = Memo.objects.get_or_create(key=key, defaults=given)
    if row.staff_id != staff.pk:
        raise MemoRefused("这个页面已过时，请刷新后再记")
    return row


@transaction.atomic
def memo_change(
    *, memo: Memo, text: str, tags: Iterable[str] = (), remind_at: datetime | None = None
) -> Memo:
    """Write a memo anew; what was sent up as a suggestion stays as it was sent."""
    row = Memo.objects.select_for_update().get(pk=memo.pk)
    row.text, row.tags, row.remind_at = _text(text), _tags(tags), remind_at
    row.save(update_fields=["text", "tags", "remind_at"])
    return row


@transaction.atomic
def memo_settle(*, memo: Memo, at: datetime) -> Memo:
    """The matter is settled: nothing reminds of it any more. Twice is once."""
    row = Memo.objects.select_for_update().get(pk=memo.pk)
    row.settled_at = row.settled_at or at
    row.save(update_fields=["settled_at"])
    return row


@transaction.atomic
def suggestion_send(*, memo: Memo, at: datetime) -> Suggestion:
    """Send a memo up as a suggestion, once."""
    row, _ = Suggestion.objects.get_or_create(
        memo=memo, defaults={"staff": memo.staff, "text": memo.text, "sent_at": at}
    )
    return row


@transaction.atomic
def suggestion_adopt(
    *,
    suggestion: Suggestion,
    answer: str,
    code: str = "",
    amount: Decimal | None = None,
    by: Account,
    at: datetime,
) -> Suggestion:
    """Adopt a suggestion, once: the award of a range_award provision in force, with the adopter's reason.

    The award counts at once and belongs to the day of adoption (s000-03-02b: 10 to 100 yuan). Where no
    provision grants one, none is named. MemoRefused for one's own, one that was answered, or an amount
    out of the range: then nothing changes.
    """
    row = _waiting(suggestion, by)
    answer = _answer(answer)
    today = timezone.localdate(at)
    granted = {rule.code for rule in awards_for(row.staff, today)}
    if granted and code not in granted:
        raise MemoRefused("请选依据的奖励条款")
    if code and code not in granted:
        raise MemoRefused("制度里没有这一条奖励")
    if code:
        fact = IncidentFact(
            staff=row.staff,
            code=code,
            work_date=today,
            amount=amount,
            note=f"采纳建议：{row.text[:300]}\n采纳理由：{answer}",
            key=f"suggestion:{row.pk}",
        )
        try:
            made = incidents_record(department=row.staff.department, facts=[fact], confirm=True, by=by, at=at)
        except IncidentsRefused as error:
            raise MemoRefused(str(next(iter(error.refusals.values())))) from None
        row.incident = made[0]
    return _decide(row, State.ADOPTED, answer, by, at)


@transaction.atomic
def suggestion_decline(*, suggestion: Suggestion, answer: str, by: Account, at: datetime) -> Suggestion:
    """Decline a suggestion, once, with an answer."""
    return _decide(_waiting(suggestion, by), State.DECLINED, _answer(answer), by, at)


def _waiting(suggestion: Suggestion, by: Account) -> Suggestion:
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("staff__department")
    row = rows.get(pk=suggestion.pk)
    if row.state != State.SENT:
        raise MemoRefused(f"这条建议{row.get_state_display()}，不能再改")
    if row.staff.account_id == by.pk:
        raise MemoRefused("自己的建议由别人答复")
    return row


def _decide(row: Suggestion, state: str, answer: str, by: Account, at: datetime) -> Suggestion:
    row.state, row.answer, row.decided_by, row.decided_at = state, answer, by, at
    row.save()
    return row


def _answer(answer: str) -> str:
    answer = answer.strip()
    if not answer or len(answer) > ANSWER_LENGTH:
        raise MemoRefused(f"请写明理由，最多{ANSWER_LENGTH}字")
    return answer


def _text(text: str) -> str:
    text = text.strip()
    if not text:
        raise MemoRefused("请写点什么")
    if len(text) > TEXT_LENGTH:
        raise MemoRefused(f"有{len(text)}字，最多{TEXT_LENGTH}字；请分成几条")
    return text


def _tags(tags: Iterable[str]) -> list[str]:
    """Each once, in the order given."""
    found = list(dict.fromkeys(tag.strip().lstrip("#＃") for tag in tags if tag.strip().lstrip("#＃")))
    if len(found) > MOST_TAGS or any(len(tag) > TAG_LENGTH for tag in found):
        raise MemoRefused(f"标签最多{MOST_TAGS}个，每个最多{TAG_LENGTH}字")
    return found
