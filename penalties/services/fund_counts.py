"""Counting the fund's cash: one counts, another was there and says whether it is so."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from penalties.errors import FundRefused
from penalties.fund import fund_balances, fund_readers
from penalties.models import FundCount, FundPosting, FundTransaction
from penalties.services.fund import MOST, fund_lock, post
from penalties.services.fund_notices import count_recorded_notify
from people.models import Account, Department

Book = FundPosting.Account
State = FundCount.State
WORD_LENGTH = 200


@transaction.atomic
def count_record(
    *,
    department: Department,
    counted: Decimal,
    explanation: str = "",
    witness: Account,
    by: Account,
    at: datetime,
) -> FundCount:
    """The cash as it was counted, beside what the book says then; a difference has to be explained.

    FundRefused for a witness who is the counter or has nothing to do with the department, for a difference
    without a word, and while an earlier count waits for its witness.
    """
    department = fund_lock(department.pk)
    if not counted.is_finite() or not 0 <= counted < MOST or counted != round(counted, 2):
        raise FundRefused(f"金额{counted}不对", "应不为负，最多两位小数", field="counted")
    if witness.pk == by.pk:
        raise FundRefused("盘点人不能给自己见证", "请在场的另一人见证", field="witness")
    if not fund_readers(department).filter(pk=witness.pk).exists():
        raise FundRefused(f"{witness}不是本部门的人", "请本部门在场的另一人见证", field="witness")
    if FundCount.objects.filter(department=department, state=State.OPEN).exists():
        raise FundRefused("上一次盘点还没有见证", "先请见证人确认，或写明不认可的原因", field="counted")
    booked = fund_balances(department)[Book.CASH]
    explanation = _fitting(explanation, "explanation")
    if counted != booked and not explanation:
        raise FundRefused(
            f"实有{counted}元，账面{booked}元，相差{counted - booked}元",
            "写明差额的原因，或再点一遍",
            field="explanation",
        )
    count = FundCount.objects.create(
        department=department,
        counted_at=at,
        counted=counted,
        booked=booked,
        explanation=explanation,
        counted_by=by,
        witness=witness,
    )
    count_recorded_notify(count, at=at)
    return count


@transaction.atomic
def count_witness(*, count: FundCount, agrees: bool, word: str = "", by: Account, at: datetime) -> FundCount:
    """The witness says that it is so (a difference enters the book then) or why not; the same again is fine.

    FundRefused to anybody else, without a word where it is not so, and where it was said otherwise before.
    """
    department = fund_lock(count.department_id)
    count = FundCount.objects.select_for_update().get(pk=count.pk)
    state = State.AGREED if agrees else State.DISPUTED
    word = _fitting(word, "word")
    if by.pk != count.witness_id:
        raise FundRefused("只有指定的见证人可以见证", f"请{count.witness}见证", field="by")
    if count.state == state:
        return count
    if count.state != State.OPEN:
        raise FundRefused(f"这次盘点{count.get_state_display()}，不能再改", "有出入请重新盘点", field="count")
    if not agrees and not word:
        raise FundRefused("不认可须写明原因", "写明哪里不符", field="word")
    count.state, count.word, count.witnessed_at = state, word, at
    count.save(update_fields=["state", "word", "witnessed_at"])
    if agrees and count.difference:
        post(
            department,
            FundTransaction.Kind.COUNT,
            {Book.CASH: count.difference, Book.DIFFERENCES: -count.difference},
            text=f"{'盘盈' if count.difference > 0 else '盘亏'}：{count.explanation}",
            on=timezone.localdate(at),
            key=f"count:{count.pk}",
            by=by,
            at=at,
            count=count,
        )
    return count


def _fitting(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > WORD_LENGTH:
        raise FundRefused(f"写了{len(text)}字", f"最多{WORD_LENGTH}字，请写短一些", field=field)
    return text
