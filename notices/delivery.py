"""Sending what is due: of each account and channel everything at once, as one message.

A row is taken by pushing its moment ahead, so that two workers do not send it twice, and one that died with
it leaves it to the next. What fails is tried again at growing distances, then given up and said so.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from notices.channels import DeliveryFailed, Unreachable, deliver
from notices.models import NoticeChoice, NoticeDelivery, NoticeKind
from notices.selectors import reachable

State = NoticeDelivery.State
LEASE = timedelta(minutes=10)
AGAIN_AFTER = tuple(timedelta(minutes=each) for each in (5, 15, 60, 240, 720))
LINES = 20


def deliveries_send(*, now: datetime) -> int:
    """Send whatever is due, and return how many messages went out; what fails waits for its next time.

    A channel whose other end does not answer is left alone for the rest of the run.
    """
    due = NoticeDelivery.objects.filter(state=State.WAITING, due_at__lte=now).order_by()
    groups = sorted(set(due.values_list("notice__account", "channel")))
    accounts = {account for account, _ in groups}
    here = reachable(timezone.localdate(now)).filter(pk__in=accounts)
    choices = {each.account_id: each for each in NoticeChoice.objects.filter(account__in=here)}
    sent, silent = 0, set[str]()
    for account, channel in groups:
        if channel in silent:
            continue
        rows = _take(account, channel, now)
        choice = choices.get(account)
        wanted = [each for each in rows if choice and channel in choice.channels_for(each.notice.kind)]
        _close([each for each in rows if each not in wanted], State.DROPPED)
        if choice is None or not wanted:
            continue
        try:
            subject, text = message(wanted)
            deliver(channel=channel, choice=choice, subject=subject, text=text, at=now)
        except DeliveryFailed as failed:
            _fail(wanted, failed, now)
            if isinstance(failed, Unreachable):
                silent.add(channel)
        else:
            _close(wanted, State.SENT, sent_at=now)
            sent += 1
    return sent


def message(rows: list[NoticeDelivery]) -> tuple[str, str]:
    """(subject, text) that tell of notices: their kinds and where to read them.

    Never their own words: others read along in a bot's group, and mail is not ours.
    """
    told = [
        f"{each.notice.get_kind_display()}：{_address('notice', each.notice_id)}" for each in rows[:LINES]
    ]
    if len(rows) == 1:
        subject = f"kefu：{rows[0].notice.get_kind_display()}"
        lines = [subject, _address("notice", rows[0].notice_id)]
    else:
        subject = f"kefu：{len(rows)}条通知"
        rest = [f"还有{len(rows) - LINES}条：{_address('notices')}"] if len(rows) > LINES else []
        lines = [subject, *told, *rest]
    if rows[0].notice.kind == NoticeKind.TRIAL:
        lines.append("收到这一条，说明以后的通知能发到这里。")
    return subject, "\n".join(lines)


def _address(name: str, *args: int) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=args)}"


@transaction.atomic
def _take(account: int, channel: str, now: datetime) -> list[NoticeDelivery]:
    """What is due of an account's channel, for this worker alone as long as the lease lasts."""
    rows = list(
        NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state=State.WAITING, due_at__lte=now, channel=channel, notice__account=account)
        .select_related("notice")
        .order_by("id")
    )
    for row in rows:
        row.attempts += 1
        row.due_at = now + LEASE
    NoticeDelivery.objects.bulk_update(rows, ["attempts", "due_at"])
    return rows


def _close(rows: list[NoticeDelivery], state: str, *, sent_at: datetime | None = None) -> None:
    if rows:
        mine = NoticeDelivery.objects.filter(pk__in=[each.pk for each in rows])
        mine.update(state=state, error="", sent_at=sent_at)


def _fail(rows: list[NoticeDelivery], failed: DeliveryFailed, now: datetime) -> None:
    for row in rows:
        row.error = str(failed)
        if failed.is_final or row.attempts > len(AGAIN_AFTER):
            row.state = State.FAILED
        else:
            row.due_at = now + AGAIN_AFTER[row.attempts - 1]
    NoticeDelivery.objects.bulk_update(rows, ["error", "state", "due_at"])
