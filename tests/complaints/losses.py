"""A closed case of three people with points 3, 2, 1, and the ways to its charges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from complaints.models import Appeal, Case, Charge, Loss, PartyMember, ResponsibleParty, Ruling
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose
from notices.models import Notice
from penalties.models import MoneyEntry
from people.models import Account, Department, FactChange, Staff
from tests import factories
from tests.payroll import months
from tests.payroll.months import moment

D = Decimal
SHARE: dict[str, Any] = {"code": "x-loss", "title": "客诉损失分摊", "kind": "loss_share", "params": {}}
CLOSED = moment("2026-10-10 09:00")
DECIDED = moment("2026-10-12 10:00")
WHOLE = D(100)


def share(**params: Any) -> dict[str, Any]:
    return {**SHARE, "params": params}


@dataclass
class Ground:
    """A department with its people by number and one closed case."""

    department: Department
    staff: dict[str, Staff] = field(default_factory=dict)

    def account(self, group: str, staff: Staff | None = None) -> Account:
        return factories.account(group, self.department, staff=staff)

    def case(self, closed_at: datetime | None = CLOSED, **fields: Any) -> Case:
        return factories.case(self.department, closed_at, received_at=moment("2026-10-03 09:00"), **fields)


def ground(*provisions: dict[str, Any], bonuses: Sequence[str] = ("600.00", "2000.00", "2000.00")) -> Ground:
    """甲, 乙 and 丙 with 3, 2 and 1 base points; the provisions, or the plain loss_share."""
    here = Ground(months.department(*(provisions or (SHARE,))))
    for place, name in enumerate("甲乙丙"):
        here.staff[name] = months.agent(
            here.department,
            str(1001 + place),
            name=name,
            team=factories.team(here.department, "售后"),
            base_points=D(3 - place),
            performance_bonus=D(bonuses[place]),
        )
    return here


def together(here: Ground, *names: str, percent: Decimal = WHOLE) -> Party:
    return Party(percent, staff=tuple(here.staff[name] for name in names))


def proposed(
    here: Ground, *parties: Party, case: Case | None = None, loss: str = "1000.00", by: Account | None = None
) -> Ruling:
    """A ruling on a new closed case unless one is given, with its loss recorded."""
    case = case or here.case()
    loss_record(case=case, amount=D(loss), basis="退货与运费", by=None, at=DECIDED)
    parties = parties or (together(here, "甲", "乙", "丙"),)
    return ruling_propose(case=case, parties=parties, reason="发错货", by=by, at=DECIDED)


def decided(here: Ground, *parties: Party, at: datetime = DECIDED, **given: Any) -> Ruling:
    return ruling_decide(ruling=proposed(here, *parties, **given), accept=True, by=None, at=at)


def charged(ruling: Ruling) -> dict[str, Decimal]:
    """What each person bears, by name, as the charges say."""
    return {each.staff.name: each.amount for each in ruling.charges.select_related("staff")}


def standing() -> dict[str, Decimal]:
    """What the money ledger comes to for each person, by name."""
    sums: dict[str, Decimal] = {}
    for entry in MoneyEntry.objects.select_related("staff"):
        sums[entry.staff.name] = sums.get(entry.staff.name, D(0)) + entry.amount
    return sums


def everything() -> list[Any]:
    """All rows that losses may change."""
    models: tuple[Any, ...] = (
        Appeal, Case, Charge, FactChange, Loss, MoneyEntry, Notice, PartyMember, ResponsibleParty, Ruling,
    )  # fmt: skip
    return [list(model.objects.order_by("pk").values()) for model in models]


def refused(error: type[Exception], act: Callable[[], Any]) -> Any:
    """The refusal, which has changed nothing and says what to do."""
    before = everything()
    try:
        act()
    except error as found:
        assert everything() == before
        assert found.reason and found.remedy  # type: ignore[attr-defined]
        return found
    raise AssertionError("nothing was refused")
