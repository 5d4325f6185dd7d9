"""Reads of memos and suggestions."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from duties.models import Memo, Suggestion
from people.models import Account, Staff
from people.selectors import departments_where, staff_visible_to
from rules.kinds.fines_and_awards import RangeAward
from rules.provisions import Rule
from rules.selectors import role_on, timeline_of


def memos_of(account: Account) -> QuerySet[Memo]:
    """One's own memos; nobody else reads them."""
    return Memo.objects.filter(staff__account=account).select_related("suggestion__decided_by")


def memos_found(memos: QuerySet[Memo], words: str, tag: str = "") -> QuerySet[Memo]:
    """Where the words are in the text or the tags, and that carry the tag."""
    if words:
        memos = memos.filter(Q(text__icontains=words) | Q(tags__contains=[words]))
    return memos.filter(tags__contains=[tag]) if tag else memos


def memos_due(account: Account, *, at: datetime) -> QuerySet[Memo]:
    """The own memos of which it is time to be reminded; one query."""
    return memos_of(account).filter(remind_at__lte=at, settled_at__isnull=True).order_by("remind_at")


def memos_to_remind(*, since: datetime, until: datetime) -> QuerySet[Memo]:
    """Everybody's memos whose reminder falls after `since` and not after `until`: whoever sends reminders
    asks for the time since it last did."""
    rows = Memo.objects.filter(remind_at__gt=since, remind_at__lte=until, settled_at__isnull=True)
    return rows.select_related("staff__account").order_by("remind_at", "id")


def suggestions_visible_to(account: Account) -> QuerySet[Suggestion]:
    """The suggestions that an account may answer, answered ones included."""
    return Suggestion.objects.filter(
        staff__in=staff_visible_to(account),
        staff__department__in=departments_where(account, "decide_suggestions"),
    ).select_related("staff__department", "decided_by", "incident")


def awards_for(staff: Staff, day: date) -> list[Rule[RangeAward]]:
    """The provisions under which an adopted suggestion of the person may be rewarded on a day."""
    role = role_on(staff, day)
    rules = timeline_of(staff.department).on(day).of_kind(RangeAward)
    return [rule for rule in rules if rule.binds(role)]
