"""Every write about notices: telling people, what they have read, where else they want to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from notices.models import Notice, NoticeChoice, NoticeDelivery, NoticeKind
from notices.selectors import notices_of, reachable
from notices.tasks import send_notices
from people.errors import PeopleError
from people.models import Account

TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What one account is told: in words for the page alone, `url` a path of this site.

    The same `source` tells an account nothing a second time.
    """

    to: int | None
    text: str
    url: str
    source: str


def notices_send(
    *, to: Iterable[int | None], kind: NoticeKind, text: str, url: str, source: str, at: datetime
) -> int:
    """Tell accounts (their ids; None, who does not sign in, is left out) the same; see notices_send_each."""
    told = [NewNotice(to=account, text=text, url=url, source=source) for account in to]
    return notices_send_each(told=told, kind=kind, at=at)


def notices_send_each(*, told: Sequence[NewNotice], kind: NoticeKind, at: datetime) -> int:
    """Tell each account its own; returns how many notices are new. Five queries for any number.

    Accounts that are closed and people who have left are told nothing. What goes out of the page, by each
    one's choice, is handed to one task once the transaction is committed.
    """
    wanted = {(each.to, each.source): each for each in told if each.to is not None}
    return _store(wanted, kind, at) if wanted else 0


@transaction.atomic(savepoint=False)
def _store(wanted: Mapping[tuple[int, str], NewNotice], kind: NoticeKind, at: datetime) -> int:
    accounts = {account for account, _ in wanted}
    rows = reachable(timezone.localdate(at)).filter(pk__in=accounts).select_related("notice_choice")
    choices = {row.pk: getattr(row, "notice_choice", None) for row in rows}
    same = Notice.objects.filter(account__in=accounts, source__in={source for _, source in wanted})
    known = set(same.values_list("account", "source"))
    new = {key: each for key, each in wanted.items() if key[0] in choices and key not in known}
    Notice.objects.bulk_create(
        [
            Notice(
                account_id=account,
                kind=kind,
                text=each.text[:TEXT_LENGTH],
                url=each.url,
                source=source,
                at=at,
            )
            for (account, source), each in new.items()
        ],
        ignore_conflicts=True,  # somebody else tells the same at this moment
    )
    leaving = {
        account: (choice, channels)
        for account, choice in choices.items()
        if choice and (channels := choice.channels_for(kind))
    }
    if any(account in leaving for account, _ in new):
        _queue([each for each in same if (each.account_id, each.source) in new], leaving, kind, at)
    return len(new)


def _queue(
    notices: Iterable[Notice],
    leaving: Mapping[int, tuple[NoticeChoice, list[str]]],
    kind: NoticeKind,
    at: datetime,
) -> None:
    """Write what has to go out of the page, and ask a worker to send it."""
    NoticeDelivery.objects.bulk_create(
        [
            NoticeDelivery(notice=notice, channel=channel, due_at=choice.due_at(kind, at))
            for notice in notices
            if notice.account_id in leaving
            for choice, channels in [leaving[notice.account_id]]
            for channel in channels
        ],
        ignore_conflicts=True,
    )
    # Without a queue it goes out with the next beat.
    transaction.on_commit(send_notices.delay, robust=True)


def notice_read(*, notice: Notice, at: datetime) -> Notice:
    """One's own notice was read; again changes nothing."""
    Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=at)
    return notice


def notices_read_all(*, account: Account, until: int, at: datetime) -> int:
    """All of the own notices up to the id `until`, the newest that the page showed, were read."""
    return notices_of(account).filter(read_at__isnull=True, pk__lte=until).update(read_at=at)


def choice_save(*, choice: NoticeChoice) -> NoticeChoice:
    """Keep where the account wants to be told; what waits goes by the new choice."""
    choice.save()
    return choice


def notice_try(*, account: Account, url: str, at: datetime) -> None:
    """Send a trial through every channel that the account has set up; one a minute.

    PeopleError where there is none.
    """
    choice = NoticeChoice.objects.filter(account=account).first()
    if choice is None or not choice.channels_for(NoticeKind.TRIAL):
        raise PeopleError("还没有填邮箱或机器人网址，没有可试的；先填写并保存。")
    minute = f"{at.timestamp() // timedelta(minutes=1).total_seconds():.0f}"
    sent = notices_send(
        to=[account.pk], kind=NoticeKind.TRIAL, text="这是一条试发的通知。", url=url,
        source=f"trial:{minute}", at=at,
    )  # fmt: skip
    if not sent:
        raise PeopleError("一分钟内已经试发过；结果见下面的“最近的发送”。")
