"""A real shop's month as users have it; the files are not part of the project."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, Sum

from commissions.models import Metric, Order, Refund
from people.models import Department
from tests import factories
from tests.commissions.conftest import Bring

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="没有样本文件夹 ../shared/samples")


@pytest.fixture
def agents(department: Department) -> Department:
    for number in range(1003, 1009):
        factories.staff(department, str(number))
    return department


def test_the_order_report_ties_to_its_sums(bring: Bring) -> None:
    report = bring("orders", file=SAMPLES / "tmall_order_report.csv")
    assert (report.summary.created, report.profile) == (28010, "tmall_report")
    paid = Order.objects.filter(paid_at__isnull=False).aggregate(Count("pk"), Sum("amount"))
    refunds = Refund.objects.aggregate(Sum("amount"))["amount__sum"]
    assert paid == {"pk__count": 24087, "amount__sum": Decimal("2474823.07")}
    assert refunds == Decimal("572335.92")
    assert paid["amount__sum"] - refunds == Decimal("1902487.15")
    assert not Order.objects.filter(paid_at__isnull=True, amount__gt=0).exists()
    again = bring("orders", file=SAMPLES / "tmall_order_report.csv")
    assert "没有改动任何数据" in again.lines()[0]


def test_the_attribution_file_gives_the_orders_to_the_agents(bring: Bring, agents: Department) -> None:
    with connection.cursor() as cursor:  # an order was never seen, and a plan for none would take minutes
        cursor.execute("ANALYZE commissions_order")
        cursor.execute("SET LOCAL statement_timeout = '30s'")
    bring("orders", file=SAMPLES / "tmall_order_report.csv")
    report = bring("attribution", file=SAMPLES / "tmall_attribution.csv")
    assert (report.summary.rows, report.summary.changed) == (27167, 27167)
    assert Order.objects.filter(agent__number="1001", attribution="file").count() == 4999
    assert Order.objects.filter(agent__isnull=True).count() == 28010 - 27167


def test_the_performance_export_becomes_metrics(bring: Bring, agents: Department) -> None:
    report = bring("metrics", file=SAMPLES / "chitu_performance_2020-02.csv")
    assert report.profile == "chitu"
    metric = Metric.objects.get(staff__number="1001", code="conversion_rate")
    assert (metric.value, f"{metric.month}", f"{metric.as_of}") == (
        Decimal("0.7241"),
        "2020-02-01",
        "2020-02-29",
    )
    assert Metric.objects.filter(staff__number="1003", code="conversion_rate").get().value == Decimal(
        "0.6999"
    )
