"""What every page shows around its content: the navigation of the account's role, and the chosen theme."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from notices.selectors import UNREAD_SHOWN, unread_shown
from people.counting import counts_of
from people.models import Account
from people.permissions import EVERYBODY
from people.selectors import groups_of

THEMES = ("light", "dark")
MANAGING = frozenset({"supervisor", "manager", "hr", "gm", "auditor"})
ALL_BUT_AGENTS = MANAGING | {"lead"}
PLANNING = frozenset({"lead", "supervisor", "manager"})
TWO_STEP = frozenset({"hr", "manager", "gm"})


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """An entry of the navigation: the name of its page's URL, the login groups that see it, its heading."""

    label: str
    url_name: str
    groups: frozenset[str]
    part: str = ""
    needs_staff_row: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    part: str
    is_current: bool


PLACES = (
    NavigationEntry("首页", "home", EVERYBODY),
    NavigationEntry("导入", "imports", frozenset({"supervisor", "manager", "hr"}), "工资"),
    NavigationEntry("工资", "pay", frozenset({"manager", "hr", "gm", "auditor"}), "工资"),
    NavigationEntry("社保个税", "declarations", frozenset({"hr", "gm"}), "工资"),
    NavigationEntry("异议", "objections", frozenset({"manager", "hr", "gm", "auditor"}), "工资"),
    NavigationEntry("欠款", "debts", frozenset({"manager", "hr", "gm", "auditor"}), "工资"),
    NavigationEntry("订单认领", "claims", PLANNING, "工资"),
    NavigationEntry("投诉", "cases", EVERYBODY, "投诉"),
    NavigationEntry("奖惩", "incidents", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("得分", "points", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("考评", "appraisals", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("处理建议", "proposals", frozenset({"manager", "gm"}), "规章"),
    NavigationEntry("处分", "discipline", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("晋升", "ladder", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("评奖", "awards", EVERYBODY, "规章"),
    NavigationEntry("制度", "rules", ALL_BUT_AGENTS, "规章"),
    NavigationEntry("基金", "fund", EVERYBODY, "规章"),
    NavigationEntry("评审", "rounds", ALL_BUT_AGENTS, "职级"),
    NavigationEntry("晋升与降级", "grade_changes", ALL_BUT_AGENTS, "职级"),
    NavigationEntry("当班", "shift_now", PLANNING, "班务"),
    NavigationEntry("排班", "rosters", PLANNING, "班务"),
    NavigationEntry("换班", "swaps", PLANNING, "班务"),
    NavigationEntry("审批", "shift_requests", PLANNING, "班务"),
    NavigationEntry("请假", "shift_leave", ALL_BUT_AGENTS, "班务"),
    NavigationEntry("放假通知", "holidays", frozenset({"manager", "hr"}), "班务"),
    NavigationEntry("交接本", "handover", PLANNING, "班务"),
    NavigationEntry("职责", "duties", PLANNING, "班务"),
    NavigationEntry("值日", "turns", PLANNING, "班务"),
    NavigationEntry("建议", "suggestions", frozenset({"manager"}), "班务"),
    NavigationEntry("考试", "exams", ALL_BUT_AGENTS, "培训"),
    NavigationEntry("题库", "questions", frozenset({"supervisor", "manager", "hr"}), "培训"),
    NavigationEntry("培训", "enrolments", ALL_BUT_AGENTS, "培训"),
    NavigationEntry("培训计划", "programmes", ALL_BUT_AGENTS, "培训"),
    NavigationEntry("带教名次", "intake_places", frozenset({"supervisor", "manager", "hr"}), "培训"),
    NavigationEntry("我的班表", "me_month", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的考勤", "me_attendance", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的申请", "me_requests", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的交接", "me_handover", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的职责", "me_duties", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的备忘", "me_memos", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的培训", "me_training", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我带的新人", "me_newcomers", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的工资", "me_pay", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的台账", "me_ledger", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的得分", "me_points", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的考评", "me_appraisals", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的提成", "me_commission", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的晋升", "me_ladder", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的职级", "me_grades", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的考试", "me_exams", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的评奖", "me_awards", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("我的制度", "me_rules", EVERYBODY, "本人", needs_staff_row=True),
    NavigationEntry("账号", "accounts", frozenset({"manager", "hr"}), "管理"),
    NavigationEntry("证件与账号", "identities", frozenset({"hr"}), "管理"),
    NavigationEntry("别名", "aliases", frozenset({"manager", "hr"}), "管理"),
    NavigationEntry("后台", "admin:index", ALL_BUT_AGENTS, "管理"),
)
# What those who work in shifts reach with the thumb of one hand, on a phone.
THUMB = tuple(
    NavigationEntry(label, url_name, frozenset({"agent", "lead"}), needs_staff_row=True)
    for label, url_name in (
        ("今日", "me"),
        ("班表", "me_month"),
        ("交接", "me_handover"),
        ("申请", "me_requests"),
        ("我的", "me_all"),
    )
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation`, `unread` (read when asked for), `theme` (empty: the system's)."""
    theme = request.COOKIES.get("theme", "")
    return {
        "navigation": SimpleLazyObject(lambda: links_of(request)),
        "thumb": SimpleLazyObject(lambda: links_of(request, THUMB)),
        "shows_two_step": SimpleLazyObject(lambda: may_two_step(request)),
        "unread": SimpleLazyObject(lambda: unread_of(request)),
        "theme": theme if theme in THEMES else "",
    }


def unread_of(request: HttpRequest) -> str:
    """How many notices the account has not read, in words short enough for a bell; empty for none."""
    account = request.user
    if not isinstance(account, Account) or account.must_change_password:
        return ""
    count = _around(account)[1]
    return "" if not count else f"{UNREAD_SHOWN}+" if count > UNREAD_SHOWN else str(count)


def may_two_step(request: HttpRequest) -> bool:
    """The second step is offered to those who see or move other people's pay."""
    account = request.user
    return isinstance(account, Account) and bool(groups_of(account) & TWO_STEP)


def links_of(request: HttpRequest, places: Iterable[NavigationEntry] = PLACES) -> list[Link]:
    """The pages that the account's groups use, as far as they exist; at most two queries a request."""
    account = request.user
    if not isinstance(account, Account) or account.must_change_password:
        return []
    groups = groups_of(account)
    is_employed = _is_employed(account)
    links = []
    for place in places:
        if not groups & place.groups or (place.needs_staff_row and not is_employed):
            continue
        if place.url_name == "admin:index" and not account.is_staff:
            continue
        try:
            url = reverse(place.url_name)
        except NoReverseMatch:
            continue
        links.append(Link(place.label, url, place.part, False))
    return _with_current(links, request.path_info)


def _is_employed(account: Account) -> bool:
    """Whether somebody's file belongs to the account."""
    return bool(_around(account)[0])


def _around(account: Account) -> list[int]:
    """How many files belong to the account, how many notices wait; one query, remembered on the object."""
    if account.known_counts is None:
        account.known_counts = counts_of(account, [account.staff.all(), unread_shown(account)])
    return account.known_counts


def _with_current(links: Iterable[Link], path: str) -> list[Link]:
    """The same links, the one that leads to the page or nearest above it marked."""
    links = list(links)
    above = [
        link.url for link in links if path == link.url or (link.url != "/" and path.startswith(link.url))
    ]
    nearest = max(above, key=len, default="")
    return [replace(link, is_current=link.url == nearest) for link in links]
