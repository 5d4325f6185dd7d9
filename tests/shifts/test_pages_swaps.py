"""Pages of swaps: the asker's, the partner's, the manager's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.periods import first_of, shift_months
from shifts.models import Swap
from shifts.planning.plan import REST
from shifts.services.rosters import CellChange, roster_assign, roster_open, roster_publish
from tests.shifts.planned import AT, planned, signed_in

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


@pytest.fixture
def swapping():
    """Two agents with a published month from today on, one on days and one on evenings."""
    made = planned(2)
    month = shift_months(first_of(timezone.localdate()), 1)
    roster = roster_open(department=made.department, team=made.team, month=month)
    changes = [
        CellChange(staff.pk, month + timedelta(days=i), None, REST if i % 7 == 6 else made.slot(code))
        for staff, code in zip(made.people, "DE", strict=True)
        for i in range(28)
    ]
    roster = roster_assign(roster=roster, changes=changes, by=None, at=AT)
    made.roster = roster_publish(roster=roster, version=roster.version, by=made.manager, at=AT)
    made.accounts = [signed_in(each) for each in made.people]
    return made


def test_a_swap_goes_from_the_asker_to_the_partner_to_the_manager(swapping):
    asker, partner, boss = Client(), Client(), Client()
    for client, account in zip((asker, partner, boss), (*swapping.accounts, swapping.manager), strict=True):
        client.force_login(account)
    day = swapping.roster.month + timedelta(days=2)
    given = {"partner": swapping.people[1].pk, "asker_date": f"{day}", "reason": "看病"}
    assert "等对方同意" in text(asker.post(reverse("me_swaps"), given, follow=True))
    swap = Swap.objects.get()
    assert "已有同样的换班申请" in text(asker.post(reverse("me_swaps"), given))
    assert "看病" in text(partner.get(reverse("me_swaps")))
    assert asker.post(reverse("me_swap_answer", args=[swap.pk]), {"agrees": "1"}).status_code == 404
    assert "已同意" in text(
        partner.post(reverse("me_swap_answer", args=[swap.pk]), {"agrees": "1"}, follow=True)
    )
    assert "员工101" in text(boss.get(reverse("swaps")))
    assert "批准换班" in text(boss.get(reverse("swap", args=[swap.pk])))
    for client in (asker, partner):
        assert client.get(reverse("swap", args=[swap.pk])).status_code == 404
        assert client.post(reverse("swap_decide", args=[swap.pk]), {"approves": "1"}).status_code == 404
    page = text(boss.post(reverse("swap_decide", args=[swap.pk]), {"approves": "1"}, follow=True))
    assert "排班已改" in page
    assert [each.after.code for each in swap.changes.order_by("staff")] == ["E", "D"]
    assert "不能再改" in text(
        boss.post(reverse("swap_decide", args=[swap.pk]), {"approves": "1"}, follow=True)
    )


def test_a_swap_that_breaks_a_rule_says_why_in_the_form(client, swapping):
    client.force_login(swapping.accounts[0])
    # The day of rest of both: nothing to exchange.
    day = swapping.roster.month + timedelta(days=6)
    given = {"partner": swapping.people[1].pk, "asker_date": f"{day}"}
    assert "两人的班相同" in text(client.post(reverse("me_swaps"), given))
    outsider = planned(1).people[0]
    response = client.post(reverse("me_swaps"), given | {"partner": outsider.pk})
    assert "errorlist" in text(response) or "error" in text(response)
    assert not Swap.objects.exists()


def test_own_swaps_take_few_queries(client, swapping, django_assert_max_num_queries):
    client.force_login(swapping.accounts[0])
    with django_assert_max_num_queries(12):
        assert client.get(reverse("me_swaps")).status_code == 200
    client.force_login(swapping.manager)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("swaps")).status_code == 200
