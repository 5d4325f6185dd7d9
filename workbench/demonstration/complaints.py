"""The demonstration's complaints: one of October whose loss reached pay, and one in every state today.

They go through the services of real use, each step by whoever takes it there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from commissions.models import Order
from complaints.models import Case
from complaints.services.appeals import appeal_raise
from complaints.services.cases import case_open, case_step, event_record
from complaints.services.lifecycle import callback_record, case_merge, case_pause, case_reopen
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose
from complaints.services.sweep import sweep
from penalties.services import incident_confirm, incident_record
from people.models import Account, Department, Staff

REGULATION, STORE = "s000-09-05", "s000-09-16"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CARD = {"客户类别": "终端消费者", "客户诉求": "退货", "客户要求": "退货并退还运费"}


@dataclass(frozen=True)
class Cast:
    """The people of the story and the moment at which it is told."""

    department: Department
    staff: dict[str, Staff]
    accounts: dict[str, Account]
    now: datetime

    def by(self, name: str) -> Account:
        return self.accounts[f"demo-{name}"]

    def own(self, number: str) -> Account:
        """With what somebody signs in."""
        account = self.staff[number].account
        assert account is not None, number
        return account

    def open(self, title: str, *, ago: timedelta, key: str, by: str = "agent", **fields: Any) -> Case:
        """A case received and recorded so long ago, held by the demonstration's agent unless said."""
        received = self.now - ago
        given = {"holder": self.staff["8103"], **fields}
        return case_open(
            department=self.department,
            title=title,
            received_at=received,
            key=f"demo-{key}",
            by=self.by(by),
            at=received,
            **given,
        )

    def close(self, case: Case, *, ago: timedelta, note: str = "", upheld: bool = True) -> Case:
        """Settled by whoever holds it, on the plain path."""
        return case_step(
            case=case,
            decision="结案",
            brings={"处理结果": "已补发并致歉，客户认可"},
            note=note,
            upheld=upheld,
            by=self.by("agent"),
            at=self.now - ago,
        )


def cast_of(department: Department, now: datetime) -> Cast:
    staff = {each.number: each for each in department.staff.select_related("department", "account")}
    accounts = {each.username: each for each in Account.objects.filter(username__startswith="demo-")}
    return Cast(department, staff, accounts, now)


@transaction.atomic
def october_complaint_load(*, department: Department, now: datetime) -> None:
    """A complaint of October whose loss two people bear, one of them beyond what a month may take.

    `now`: when it was ruled on. Beside it a minor demerit that was decided for it.
    """
    cast = cast_of(department, now)
    case = cast.open(
        "羊毛衫缩水，发错洗涤说明",
        ago=6 * DAY,
        key="october",
        by="lead",
        complainant="林女士",
        phone="13800000001",
        cause="产品质量有缺陷",
        product="羊毛衫",
    )
    loss_record(
        case=case,
        amount=Decimal("600.00"),
        basis="退货全款与两次运费，见平台退款单",
        by=cast.by("supervisor"),
        at=now - 2 * DAY,
    )
    cast.close(case, ago=2 * DAY)
    ruling = ruling_propose(
        case=case,
        parties=[
            Party(Decimal(60), staff=(cast.staff["8303"],)),
            Party(Decimal(40), staff=(cast.staff["8304"],)),
        ],
        reason="8303发错说明，8304复核时没有看出",
        by=cast.by("supervisor"),
        at=now - DAY,
    )
    ruling_decide(ruling=ruling, accept=True, answer="同意", by=cast.by("manager"), at=now)
    demerit = incident_record(
        staff=cast.staff["8303"],
        code="s000-09-24b",
        work_date=now.date(),
        note=f"投诉{case.number}：资料错误引起投诉，批示记小过",
        by=cast.by("hr"),
        at=now,
    )
    incident_confirm(incident=demerit, by=cast.by("manager"), at=now)


@transaction.atomic
def complaints_load(*, department: Department, now: datetime) -> None:
    """One case in every state, as they stand at `now`; once."""
    cast = cast_of(department, now.replace(second=0, microsecond=0))
    _running(cast)
    _over(cast)
    _merged_and_reopened(cast)
    _ruled(cast)
    sweep(at=cast.now)


def _running(cast: Cast) -> None:
    """New, on its path, overdue, paused, and one with the platform's clock beside ours."""
    order = Order.objects.filter(department=cast.department, agent=cast.staff["8103"]).first()
    cast.open(
        "收到的颜色和拍的不一样",
        ago=3 * HOUR,
        key="new",
        order=order,
        channel="platform",
        platform_due_at=cast.now + DAY,
        complainant="小鹿",
        phone="13800000002",
    )
    on_path = cast.open(
        "裤子尺码发错",
        ago=3 * DAY,
        key="path",
        by="lead",
        provision_code=REGULATION,
        card=CARD,
        cause="规格、等级、数量等与合同或货物清单不一致",
        complainant="周先生",
        phone="13800000003",
        about=cast.staff["8303"],
    )
    case_step(
        case=on_path,
        decision="受理，甲类（质量、规格、数量）",
        brings={"核实情况": "照片与订单尺码不符"},
        by=cast.by("agent"),
        at=cast.now - 2 * DAY,
    )
    case_step(
        case=on_path,
        decision="已分派，调查",
        brings={"受理部门": "售后组", "处理通知": "两天内查明打包情况"},
        by=cast.by("hr"),
        at=cast.now - DAY,
    )
    overdue = cast.open("毛衣起球，等了一周没有答复", ago=9 * DAY, key="overdue", complainant="木棉")
    event_record(
        case=overdue,
        kind="phoned",
        happened_at=cast.now - 5 * DAY,
        note="电话没有接通",
        by=cast.by("agent"),
        at=cast.now - 5 * DAY,
    )
    paused = cast.open("退回的货还在路上", ago=4 * DAY, key="paused", holder=cast.staff["8302"])
    case_pause(
        case=paused,
        reason="等客户寄回的货到仓",
        happened_at=cast.now - 2 * DAY,
        by=cast.by("supervisor"),
        at=cast.now - 2 * DAY,
    )
    cast.open("客服回复太慢", ago=HOUR, key="unheld", by="lead", holder=None, channel="store")


def _over(cast: Cast) -> None:
    """Closed in time and called back, closed as unfounded, closed late, and declined."""
    happy = cast.open("少发一件", ago=12 * DAY, key="happy", complainant="小鹿", phone="13800000002")
    cast.close(happy, ago=10 * DAY)
    callback_record(
        case=happy,
        happened_at=cast.now - 8 * DAY,
        is_reached=True,
        satisfaction=5,
        note="补发很快",
        by=cast.by("agent"),
        at=cast.now - 8 * DAY,
    )
    cast.close(cast.open("说赠品没有寄", ago=11 * DAY, key="unfounded"), ago=9 * DAY, upheld=False)
    late = cast.open("运费一直没退", ago=20 * DAY, key="late")
    cast.close(late, ago=11 * DAY, note="财务月末关账，退款晚了")
    declined = cast.open(
        "穿了两个月要求全额退款", ago=6 * DAY, key="declined", by="lead", provision_code=STORE, card=CARD
    )
    case_step(
        case=declined,
        decision="不成立，婉拒",
        brings={"门店核实情况": "超过退货期限，无质量问题"},
        note="已说明退货期限",
        by=cast.by("agent"),
        at=cast.now - 5 * DAY,
    )


def _merged_and_reopened(cast: Cast) -> None:
    first = cast.open("快递压坏包装", ago=5 * DAY, key="first", complainant="晴天", phone="13800000004")
    second = cast.open(
        "快递压坏，再次来电", ago=4 * DAY, key="second", complainant="晴天", phone="13800000004"
    )
    case_merge(
        case=first, into=second, reason="同一单的两次来电", by=cast.by("supervisor"), at=cast.now - 3 * DAY
    )
    again = cast.open("扣子掉了", ago=13 * DAY, key="again")
    cast.close(again, ago=11 * DAY)
    case_reopen(
        case=again,
        reason="补寄的扣子颜色不对",
        happened_at=cast.now - 2 * DAY,
        by=cast.by("supervisor"),
        at=cast.now - 2 * DAY,
    )


def _ruled(cast: Cast) -> None:
    """Responsibility proposed for one case, decided for another, and appealed by who bears it."""
    proposed = cast.open("催了三次才发货", ago=8 * DAY, key="proposed", by="lead")
    decided = cast.open("地址没改，寄错了城市", ago=8 * DAY, key="decided", by="lead")
    for case, amount in ((proposed, "120.00"), (decided, "86.50")):
        loss_record(
            case=case,
            amount=Decimal(amount),
            basis="赔付红包与运费，见平台记录",
            by=cast.by("supervisor"),
            at=cast.now - 6 * DAY,
        )
        cast.close(case, ago=5 * DAY)
        ruling = ruling_propose(
            case=case,
            parties=[Party(Decimal(100), staff=(cast.staff["8103"],))],
            reason="当班客服没有跟进备注",
            by=cast.by("supervisor"),
            at=cast.now - 2 * DAY,
        )
    ruling_decide(ruling=ruling, accept=True, answer="同意", by=cast.by("manager"), at=cast.now - DAY)
    appeal_raise(
        charge=ruling.charges.get(),
        reason="备注写了，是仓库没有看",
        by=cast.by("agent"),
        at=cast.now - HOUR,
    )
