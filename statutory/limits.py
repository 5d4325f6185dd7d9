"""How much the law lets somebody deduct a month, by kind and date; what of an amount does not fit it.

个人所得税专项附加扣除暂行办法 (国发〔2018〕41号, from 2019-01), 3岁以下婴幼儿照护 (国发〔2022〕8号, from
2022-01), 提高标准 (国发〔2023〕13号, from 2023-01), 个人养老金 (财政部、税务总局公告2024年第21号; 12,000 a
year).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import plain


@dataclass(frozen=True, slots=True)
class Limit:
    """What one kind allows from a month on, yuan a month.

    `each`: an amount is a multiple of it, as where every child counts whole or by half; `amounts`: it is one
    of them; `once`: such an amount is allowed in a single month as well.
    """

    since: date
    most: Decimal | None = None
    shared: Decimal | None = None
    each: Decimal | None = None
    amounts: tuple[Decimal, ...] = ()
    once: Decimal | None = None
    words: str = ""


_2019, _2022, _2023 = date(2019, 1, 1), date(2022, 1, 1), date(2023, 1, 1)
_RENTS = (Decimal(800), Decimal(1100), Decimal(1500))
LIMITS: dict[str, tuple[Limit, ...]] = {
    "children": (
        Limit(_2019, each=Decimal(500), words="每个子女每月1000元，父母各扣一半的每人500元"),
        Limit(_2023, each=Decimal(1000), words="每个子女每月2000元，父母各扣一半的每人1000元"),
    ),
    "infants": (
        Limit(_2022, each=Decimal(500), words="每个婴幼儿每月1000元，父母各扣一半的每人500元"),
        Limit(_2023, each=Decimal(1000), words="每个婴幼儿每月2000元，父母各扣一半的每人1000元"),
    ),
    "education": (
        Limit(
            _2019,
            amounts=(Decimal(400),),
            once=Decimal(3600),
            words="学历继续教育每月400元；取得职业资格证书的当年一次3600元，起月与止月须相同",
        ),
    ),
    "loan": (
        Limit(
            _2019,
            most=Decimal(1000),
            shared=Decimal(500),
            words="每月1000元，夫妻各扣一半的每人500元",
        ),
    ),
    "rent": (Limit(_2019, amounts=_RENTS, words="按城市每月800、1100或1500元"),),
    "parents": (
        Limit(
            _2019,
            most=Decimal(2000),
            shared=Decimal(1000),
            words="独生子女每月2000元，与兄弟姐妹分摊的每人最多1000元",
        ),
        Limit(
            _2023,
            most=Decimal(3000),
            shared=Decimal(1500),
            words="独生子女每月3000元，与兄弟姐妹分摊的每人最多1500元",
        ),
    ),
    "pension": (Limit(_2022, most=Decimal(1000), words="每年12000元，即每月最多1000元"),),
}
SHARED_KINDS = frozenset(kind for kind, limits in LIMITS.items() if any(each.shared for each in limits))
EXCLUDE_EACH_OTHER = {"loan": "rent", "rent": "loan"}


def limit_on(kind: str, month: date) -> Limit | None:
    """The limit of a kind in a month; None where the law names none (other deductions)."""
    held = [each for each in LIMITS.get(kind, ()) if each.since <= month]
    return held[-1] if held else None


def is_once_a_year(kind: str, amount: Decimal, month: date) -> bool:
    """Whether the law lets this amount be deducted in a single month of the year alone."""
    limit = limit_on(kind, month)
    return limit is not None and amount == limit.once


def does_not_fit(
    kind: str, amount: Decimal, month: date, *, is_shared: bool = False, is_once: bool = False
) -> str:
    """What is wrong with an amount of a month in words with the limit, empty where it fits.

    `is_once`: it is declared for that single month alone.
    """
    if kind not in LIMITS:
        return ""
    limit = limit_on(kind, month)
    if limit is None:
        first = LIMITS[kind][0].since
        return f"这一项从{first:%Y年%m月}才有"
    most = limit.shared if is_shared and limit.shared is not None else limit.most
    fits = (
        (most is None or amount <= most)
        and (limit.each is None or amount % limit.each == 0)
        and (not limit.amounts or amount in limit.amounts or (is_once and amount == limit.once))
    )
    return "" if fits else f"{plain(amount)}元不符合标准：{limit.words}"
