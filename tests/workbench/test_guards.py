"""The measure of what the guards cost: what it compares, and that nothing of it stays."""

import pytest
from django.db import connection

from commissions.models import Order
from kefu.embedded import APPLICATION
from payroll.models import Payslip
from people.models import Department
from workbench.benchmarks import guards

ARE_ON = """
    SELECT current_user, bool_and(tgenabled = 'O'), bool_or(tgenabled = 'O')
    FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.mark.django_db(transaction=True)
def test_the_measure_compares_import_and_settlement_and_leaves_nothing() -> None:
    result = guards.run(staff=5, orders=50, role=APPLICATION, rounds=1)
    assert set(result) == {"import", "settlement"}
    for measured in result.values():
        assert set(measured) == {"seconds", "without_seconds", "ratio"}
        assert measured["seconds"] > 0 and measured["without_seconds"] > 0
    assert not (Order.objects.exists() or Payslip.objects.exists() or Department.objects.exists())
    with connection.cursor() as cursor:
        cursor.execute(ARE_ON)
        assert cursor.fetchone() == (connection.settings_dict["USER"], True, True)


@pytest.mark.django_db
def test_half_of_the_rounds_are_the_applications_with_every_guard_the_others_have_none() -> None:
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute(ARE_ON)
            seen.append(cursor.fetchone())

    guards._compared(look, APPLICATION, rounds=2)
    guarded, bare = (APPLICATION, True, True), (connection.settings_dict["USER"], False, False)
    assert seen == [guarded, bare, bare, guarded, guarded, bare]
