"""What has happened to a case, its clocks included, in the order in which it happened."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from complaints.models import Callback, Case, CaseEvent, ClockEvent
from complaints.selectors.cases import in_order, path_of
from people.models import Account

Kind = CaseEvent.Kind
_TONES = {
    "closed": "good",
    "declined": "",
    "reopened": "warn",
    "paused": "warn",
    "policy": "warn",
    "merged": "info",
}
LATE_AFTER = 60  # minutes: what was recorded later than that says when


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: what, when, when it was recorded and by whom; `given` what a step brought."""

    at: datetime
    recorded_at: datetime
    label: str
    words: str = ""
    by: Account | None = None
    tone: str = ""
    given: tuple[tuple[str, str], ...] = ()
    order: tuple[int, int] = field(default=(0, 0))

    @property
    def is_late(self) -> bool:
        """Whether it was recorded well after it happened."""
        return (self.recorded_at - self.at).total_seconds() > LATE_AFTER * 60


def story_of(case: Case, *, whole: bool) -> list[Happening]:
    """Everything, the latest first, without what is said of responsibility unless `whole`; three queries."""
    callbacks = list(Callback.objects.filter(case=case).select_related("by"))
    asked = {row.at for row in callbacks if row.is_reached}
    found = [*_of_case(case, asked, whole), *_of_clocks(case), *map(_of_callback, callbacks)]
    return sorted(found, key=lambda each: (each.at, each.recorded_at, each.order), reverse=True)


def _of_case(case: Case, asked: Collection[datetime], whole: bool) -> Iterator[Happening]:
    """Its events, but those that a callback told, which says more (`asked`: when they were)."""
    brought = [each for step in path_of(case).steps for each in step.brings]
    for event in CaseEvent.objects.filter(case=case).select_related("by"):
        if event.kind == Kind.REVISITED and event.at in asked:
            continue
        if event.kind == Kind.NOTE and "ruling" in event.data and not whole:
            continue
        words = event.note
        if event.kind == Kind.CLOSED:
            words = "投诉成立" if event.data.get("upheld", True) else "投诉不成立"
        given = in_order(event.data, brought) if event.kind == Kind.DECIDED else ()
        yield Happening(
            at=event.at,
            recorded_at=event.recorded_at,
            label=f"{event.step}：{event.decision}" if event.decision else event.get_kind_display(),
            words=words,
            by=event.by,
            tone=_TONES.get(event.kind, ""),
            given=tuple((str(name), str(value)) for name, value in given),
            order=(1, event.pk),
        )


def _of_clocks(case: Case) -> Iterator[Happening]:
    rows = ClockEvent.objects.filter(clock__case=case).select_related("clock", "by")
    for event in rows:
        again = f"（第{event.clock.round}次）" if event.clock.round > 1 else ""
        yield Happening(
            at=event.at,
            recorded_at=event.recorded_at,
            label=f"{event.clock.title}{again}：{_clock_label(event)}",
            words=event.reason,
            by=event.by,
            tone="bad" if event.kind == "rang" and not event.level.startswith("before") else "",
            order=(2, event.pk),
        )


def _clock_label(event: ClockEvent) -> str:
    if event.kind == ClockEvent.Kind.RANG:
        kind, _, number = event.level.partition("-")
        return {"before": f"到期前{number}小时提醒", "due": "已到期"}.get(kind, f"逾期第{number}次告知")
    return event.get_kind_display()


def _of_callback(row: Callback) -> Happening:
    score = f"满意度{row.satisfaction}分" if row.is_reached else "没有联系上"
    return Happening(
        at=row.at,
        recorded_at=row.recorded_at,
        label=f"回访客户：{score}",
        words=row.note,
        by=row.by,
        order=(3, row.pk),
    )
