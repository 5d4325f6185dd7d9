"""What a case cost and who bears it: recorded, proposed by one, decided by another, taken back.

Every write takes the lock of the case first, so that two decisions about one case wait for each other.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from complaints.errors import RulingRefused
from complaints.models import (
    Appeal,
    Case,
    CaseEvent,
    CasePart,
    Charge,
    Loss,
    PartyMember,
    ResponsibleParty,
    Ruling,
)
from complaints.selectors.cases import is_against, works_on
from complaints.selectors.parties import bearings_of
from complaints.services.cases import case_locked
from complaints.services.notifications import (
    charges_reversed_notify,
    ruling_decided_notify,
    ruling_proposed_notify,
)
from complaints.services.written import written
from complaints.sharing import Bearing, Share, loss_split, without_points
from core.money import ZERO, plain, to_fen
from files.models import Attachment
from files.services import attachment_add
from penalties.models import SourceKind
from penalties.services import Posting, money_post, money_reverse
from people.models import Account, FactChange, Staff, Team
from people.selectors import may
from people.services import facts_changed
from rules.kinds.cases import LossShare
from rules.provisions import Rule, has_kind, rule_from
from rules.selectors import timeline_of

State = Ruling.State
TEXT_LENGTH = 500
LARGEST = Decimal(10) ** 10  # yuan; what a stored amount stays below
PLACES = Decimal("0.0001")  # of a percent
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Party:
    """Who is to bear `percent` of a loss: persons together, else a team, else the whole department."""

    percent: Decimal
    staff: tuple[Staff, ...] = ()
    team: Team | None = None
    department: bool = False


@transaction.atomic
def loss_record(
    *,
    case: Case,
    amount: Decimal,
    basis: str,
    evidence: Collection[Attachment] = (),
    files: Sequence[UploadedFile] = (),
    by: Account | None,
    at: datetime,
) -> Loss:
    """Record what a case cost, in yuan, and how that was reckoned (s000-09-21b); `files` become evidence.

    By who steers cases, holds this one or recorded it. RulingRefused for an amount of zero or below or with
    more places than fen, without a basis, for a case that is declined or merged, and once a ruling stands.
    The same amount on the same basis by the same person again is recorded once.
    """
    case = case_locked(case.pk)
    if by is not None and not works_on(by, case):
        raise RulingRefused("您不能登记本案的损失", "请由承办人或调度案件的人登记", field="by")
    _check_living(case)
    _check_money(amount, "损失金额")
    basis = _words(basis, "核算依据", "basis", "没有写损失的核算依据", "请写明怎样核算出来")
    _check_nothing_stands(case)
    former = case.losses.filter(amount=amount, basis=basis, by=by, moved_from=None).first() if by else None
    if former is not None:
        return former
    loss = Loss.objects.create(case=case, amount=amount, basis=basis, by=by, at=at)
    kept = [
        attachment_add(staff=None, purpose=Attachment.Purpose.CASE, content=each, by=by, at=at)
        for each in files
    ]
    loss.evidence.set([*evidence, *kept])
    return loss


@transaction.atomic
def ruling_propose(
    *,
    case: Case,
    parties: Sequence[Party],
    reason: str,
    provision_code: str = "",
    amount: Decimal | None = None,
    by: Account | None,
    at: datetime,
) -> Ruling:
    """Propose who bears the loss of a case, at any time of it; nobody is charged before it is decided.

    `provision_code`: the loss_share of the day of receipt, needed where there are several; `amount`: yuan, up
    to the recorded losses, which are taken where it is left out. RulingRefused without steer_cases, without a
    loss or a reason, for shares that are not 100 % together, and while another ruling stands; once the case
    is closed also for what could not be decided: it was unfounded, or nobody bears a party's part.
    """
    case = case_locked(case.pk)
    _check_may(by, "steer_cases", case, "提出本案的责任归属", "请由调度案件的人提出")
    _check_living(case)
    _check_parties(case, parties)
    reason = _words(reason, "理由", "reason", "没有写归责理由", "请写明理由")
    rule = _share_rule(case, provision_code)
    amount = _amount_shared(case, amount)
    _check_nothing_stands(case)
    ruling = Ruling.objects.create(
        case=case,
        provision_id=rule.id,
        amount=amount,
        reason=reason,
        recorded_by_id=case.recorded_by_id,
        proposed_by=by,
        proposed_at=at,
    )
    for each in parties:
        party = ResponsibleParty.objects.create(
            ruling=ruling, percent=each.percent, team=each.team, is_department=each.department
        )
        PartyMember.objects.bulk_create(PartyMember(party=party, staff=person) for person in each.staff)
    if case.state == Case.State.CLOSED:
        _bearings(ruling, case, _closing_day(case))
    ruling_proposed_notify(ruling, at=at)
    return ruling


@transaction.atomic
def ruling_decide(
    *, ruling: Ruling, accept: bool, answer: str = "", by: Account | None, at: datetime
) -> Ruling:
    """Decide a proposal: accepted, everybody is charged by it; not accepted, another may be made.

    RulingRefused without decide_cases, to who recorded or investigated the case, proposed it or would be
    charged, once it is decided, for a case that is not closed or was unfounded, where nobody bears a
    party's part, and for a no without a word.
    """
    case = case_locked(ruling.case_id)
    ruling = _as_it_is(ruling, case)
    if ruling.state != State.PROPOSED:
        raise RulingRefused(
            f"这一归责{ruling.get_state_display()}，不能再裁定", "刷新页面看最新的结果", field="ruling"
        )
    _check_decider(by, case, ruling)
    ruling.answer = _words(
        answer, "裁定意见", "answer", "" if accept else "不采纳须写明原因", "请填写裁定意见"
    )
    ruling.decided_by, ruling.decided_at = by, at
    changed = ["state", "answer", "decided_by", "decided_at"]
    charges: list[Charge] = []
    if accept:
        kind = _kind_of(ruling)
        closing = _closing_day(case)
        shares = _shares(ruling, case, kind, closing, by)
        ruling.state = State.DECIDED
        ruling.charged_on = closing if kind.charged == "closing" else timezone.localdate(at)
        ruling.save(update_fields=[*changed, "charged_on"])
        charges = _charge(ruling, shares, kind, by=by, at=at)
    else:
        ruling.state = State.REFUSED
        ruling.save(update_fields=changed)
    ruling_decided_notify(ruling, charges, at=at)
    return ruling


@transaction.atomic
def ruling_reverse(*, ruling: Ruling, reason: str, by: Account | None, at: datetime) -> Ruling:
    """Take a decided ruling back, with a reason: what still stands of its charges is reversed in the ledger.

    A month that is approved already is corrected by the next one. Appeals that wait are granted by it.
    RulingRefused without decide_cases or a reason, to whom it charges, and for a ruling that is not decided.
    """
    case = case_locked(ruling.case_id)
    ruling = _as_it_is(ruling, case)
    _check_may(by, "decide_cases", case, "撤销本案的裁定", "请由裁定案件的人撤销")
    if by is not None and ruling.charges.filter(staff__account=by).exists():
        raise RulingRefused("不能撤销由自己承担损失的裁定", "请提出申诉，或由别人撤销", field="by")
    if ruling.state != State.DECIDED:
        raise RulingRefused(
            f"这一归责{ruling.get_state_display()}，不能撤销", "只有已裁定的可以撤销", field="ruling"
        )
    reason = _words(reason, "理由", "reason", "撤销没有写理由", "请写明理由")
    charges = list(ruling.charges.select_related("staff"))
    taken_back = money_reverse(
        source_kind=SourceKind.CASE_SHARE, source_ids=[each.pk for each in charges], by=by, at=at
    )
    waiting = Appeal.objects.filter(charge__in=charges, state=Appeal.State.ASKED)
    waiting.update(state=Appeal.State.APPROVED, answer="裁定已撤销", decided_by=by, decided_at=at)
    ruling.state = State.REVERSED
    ruling.save(update_fields=["state"])
    CaseEvent.objects.create(
        case=case,
        kind=CaseEvent.Kind.NOTE,
        at=at,
        note=f"责任裁定已撤销：{reason}",
        data={"ruling": ruling.pk},
        by=by,
        recorded_at=at,
    )
    case_facts_changed(ruling, note="撤销裁定", by=by, at=at)
    reversed_ids = {each.source_id for each in taken_back}
    charges_reversed_notify(ruling, [each for each in charges if each.pk in reversed_ids], at=at)
    return ruling


def case_facts_changed(ruling: Ruling, *, note: str, by: Account | None, at: datetime) -> None:
    """Settlement learns that the charges of the ruling's month are others now."""
    assert ruling.charged_on is not None
    facts_changed(
        department=ruling.case.department,
        months=[ruling.charged_on],
        source=FactChange.Source.CASE,
        by=by,
        at=at,
        note=f"{note}：{ruling.case.number}",
    )


def _as_it_is(ruling: Ruling, case: Case) -> Ruling:
    """The ruling as it is under the lock of its case."""
    row = Ruling.objects.select_related("provision__version").get(pk=ruling.pk)
    row.case = case
    return row


def _check_may(by: Account | None, action: str, case: Case, what: str, remedy: str) -> None:
    """RulingRefused unless the account may, whom the case is about never; no account is a command."""
    if by is None:
        return
    if not may(by, action, case.department):
        raise RulingRefused(f"您不能{what}", remedy, field="by")
    if is_against(by, case):
        raise RulingRefused(f"被投诉的人不能{what}", "请由别人办理", field="by")


def _check_living(case: Case) -> None:
    if case.state in (Case.State.DECLINED, Case.State.MERGED):
        other = f"请到{case.merged_into}办理" if case.merged_into else "要追究的，先重新打开本案"
        raise RulingRefused(f"本案{case.get_state_display()}，不登记损失和责任", other, field="case")


def _check_nothing_stands(case: Case) -> None:
    ruling = case.rulings.filter(state__in=[State.PROPOSED, State.DECIDED]).first()
    if ruling is not None:
        remedy = "先由有权的人裁定它" if ruling.state == State.PROPOSED else "先撤销该裁定，再重新提出"
        raise RulingRefused(f"本案已有归责（{ruling.get_state_display()}）", remedy, field="case")


def _check_money(amount: Decimal, what: str) -> None:
    if not amount.is_finite() or amount <= 0:
        raise RulingRefused(f"{what}应大于0，现为{amount}", "请填写实际的金额", field="amount")
    if amount >= LARGEST:
        raise RulingRefused(f"{what}超过可记的上限", "请核对金额", field="amount")
    if amount != to_fen(amount):
        raise RulingRefused(f"{what}{amount}不到分", "最多两位小数，请四舍五入到分", field="amount")


def _words(text: str, what: str, field: str, missing: str, remedy: str) -> str:
    return written(
        text, what, most=TEXT_LENGTH, field=field, missing=missing, remedy=remedy, refused=RulingRefused
    )


def _check_parties(case: Case, parties: Sequence[Party]) -> None:
    if not parties:
        raise RulingRefused("没有写责任方", "至少写一方：个人、小组或整个部门", field="parties")
    for each in parties:
        if (bool(each.staff), each.team is not None, each.department).count(True) != 1:
            raise RulingRefused(
                "一个责任方只能是个人、小组、部门中的一种", "请分成几方并各写比例", field="parties"
            )
        if not each.percent.is_finite() or not 0 < each.percent <= WHOLE:
            raise RulingRefused(
                f"比例{each.percent}%不对", "每一方的比例应大于0、不超过100%", field="percent"
            )
        if each.percent != each.percent.quantize(PLACES):
            raise RulingRefused(f"比例{each.percent}%过细", "比例最多四位小数", field="percent")
        of_others = [str(person) for person in each.staff if person.department_id != case.department_id]
        if each.team is not None and each.team.department_id != case.department_id:
            of_others.append(str(each.team))
        if of_others:
            raise RulingRefused(
                f"{'、'.join(of_others)}不属于{case.department}",
                "只能归责本部门的人和小组；别部门的请在该部门立案",
                field="parties",
            )
    _check_named_once(parties)
    total = sum((each.percent for each in parties), Decimal(0))
    if total != WHOLE:
        raise RulingRefused(
            f"各责任方的比例合计为{plain(total)}%", "请改到合计正好100%再提交", field="percent"
        )


def _check_named_once(parties: Sequence[Party]) -> None:
    """A person stands once among persons; beside that the person may belong to a unit that bears a share."""
    named = Counter(str(person) for each in parties for person in each.staff)
    named += Counter(str(each.team or "整个部门") for each in parties if not each.staff)
    if doubled := [name for name, times in named.items() if times > 1]:
        raise RulingRefused(f"{'、'.join(doubled)}写了两次", "每人、每个小组只写一次", field="parties")


def _share_rule(case: Case, code: str) -> Rule[LossShare]:
    """The loss_share of the day of receipt: the named one, else the only one (a case keeps its rules)."""
    day = timezone.localdate(case.received_at)
    rules = timeline_of(case.department).on(day)
    if not code:
        found = rules.of_kind(LossShare)
        if len(found) == 1:
            return found[0]
        said = "有几条损失分担条款" if found else "没有损失分担条款，或其参数还没有填"
        remedy = (
            f"请选一条：{'、'.join(each.code for each in found)}" if found else "先在制度里采用并填好一条"
        )
        raise RulingRefused(f"{day}{said}", remedy, field="provision_code")
    rule = rules.get(code)
    if rule is None or not has_kind(rule, LossShare) or rule.is_inert:
        raise RulingRefused(
            f"{code}在{day}不是有效的损失分担条款", "请选当天有效的损失分担条款", field="provision_code"
        )
    return rule


def _amount_shared(case: Case, amount: Decimal | None) -> Decimal:
    own = case.losses.filter(moved_to__isnull=True)
    total = own.aggregate(total=Sum("amount"))["total"] or ZERO
    if not total:
        raise RulingRefused("本案还没有登记损失", "先登记损失金额和核算依据", field="amount")
    if amount is None:
        amount = total
    _check_money(amount, "分担的损失")
    if amount > total:
        raise RulingRefused(
            f"分担的损失{amount}元多于登记的{total}元", "请改小，或先补登损失", field="amount"
        )
    return amount


def _check_decider(by: Account | None, case: Case, ruling: Ruling) -> None:
    if by is None:
        return
    _check_may(by, "decide_cases", case, "裁定本案的责任", "请由部门经理或总经理裁定")
    if by.pk in (ruling.recorded_by_id, ruling.proposed_by_id, case.recorded_by_id):
        raise RulingRefused("登记或提出的人不能裁定", "请由别人裁定", field="by")
    if CasePart.objects.filter(case=case, account=by).exclude(part="decider").exists():
        raise RulingRefused("登记或调查本案的人不能裁定", "请由别人裁定", field="by")


def _kind_of(ruling: Ruling) -> LossShare:
    kind = rule_from(ruling.provision, version=f"第{ruling.provision.version.number}版").kind
    assert isinstance(kind, LossShare)
    return kind


def _closing_day(case: Case) -> date:
    if case.state != Case.State.CLOSED or case.closed_at is None:
        raise RulingRefused(f"本案{case.get_state_display()}，还不能裁定", "请先结案再裁定", field="case")
    if case.is_upheld is False:
        raise RulingRefused("本案结论为投诉不成立，不追究责任", "有误请先重新打开本案", field="case")
    return timezone.localdate(case.closed_at)


def _shares(
    ruling: Ruling, case: Case, kind: LossShare, closing: date, by: Account | None
) -> dict[int, Share]:
    """What each person bears by the members and points of the day of closing; units get their members."""
    found = _bearings(ruling, case, closing)
    members = {each.staff_id for _, bearing in found for each in bearing.members}
    if by is not None and Staff.objects.filter(pk__in=members, account=by).exists():
        raise RulingRefused("不能裁定由自己承担的损失", "请由别人裁定", field="by")
    PartyMember.objects.bulk_create(
        PartyMember(party=party, staff_id=each.staff_id)
        for party, bearing in found
        if party.is_department or party.team_id is not None
        for each in bearing.members
    )
    return loss_split(ruling.amount, [bearing for _, bearing in found], rest_to_last=kind.remainder == "last")


def _bearings(ruling: Ruling, case: Case, closing: date) -> list[tuple[ResponsibleParty, Bearing]]:
    """The parties with their members of the day; RulingRefused where nobody bears a party's part."""
    found = bearings_of(ruling, case.department, closing)
    for party, bearing in found:
        _check_members(party, bearing, closing)
    return found


def _check_members(party: ResponsibleParty, bearing: Bearing, closing: date) -> None:
    if not bearing.members:
        raise RulingRefused(
            f"{bearing.name}在结案日{closing}没有成员", "请改归个人或别的小组，重新提出", field="parties"
        )
    if len(bearing.members) == 1:
        return
    lacking = without_points(bearing.members)
    is_unit = party.is_department or party.team_id is not None
    # In a unit whoever has no points bears nothing; naming somebody and charging nothing would be a mistake.
    if len(lacking) == len(bearing.members) or (lacking and not is_unit):
        names = "、".join(each.name for each in lacking[:10])
        raise RulingRefused(
            f"{names}在结案日{closing}没有基点，不能按基点分摊",
            "请先在任职条件里填写基点，或改为各方写明比例",
            field="parties",
        )


def _charge(
    ruling: Ruling, shares: dict[int, Share], kind: LossShare, *, by: Account | None, at: datetime
) -> list[Charge]:
    """The charges of a decided ruling, their entries in the ledger, and the month that changed."""
    assert ruling.charged_on is not None
    until = timezone.localdate(at) + timedelta(days=kind.appeal_days)
    people = Staff.objects.in_bulk(shares)
    charges = Charge.objects.bulk_create(
        Charge(
            ruling=ruling,
            staff=people[staff_id],
            amount=share.amount,
            arithmetic=share.steps,
            appeal_until=until,
            at=at,
        )
        for staff_id, share in shares.items()
    )
    money_post(
        source_kind=SourceKind.CASE_SHARE,
        postings=[
            # Who else bears how much is told to those who may see the case.
            Posting(
                each.pk,
                each.staff,
                -each.amount,
                f"{ruling.case.number}的损失{ruling.amount}元，承担{each.amount}元",
            )
            for each in charges
        ],
        provision=ruling.provision,
        work_date=ruling.charged_on,
        by=by,
        at=at,
    )
    case_facts_changed(ruling, note="裁定", by=by, at=at)
    return charges
