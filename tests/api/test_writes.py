"""Writes: what they do, who may, and what is answered to what does not fit."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from commissions.models import Order
from kefu.celery import app
from payroll.models import SettlementPeriod
from people.models import AccessLog, FactChange, ImportBatch, Staff, Team
from tests import factories
from tests.api.conftest import Client, Place, place
from tests.payroll import sample

pytestmark = pytest.mark.django_db


def post(client: APIClient, address: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1/{address}/", {} if body is None else body, format="json", headers=headers)


def faults(answer: Any) -> list[str]:
    """The fields that a problem names; it is a whole one, with a remedy for each."""
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == answer.status_code and problem["title"] and problem["detail"]
    assert all(each["message"] and each["remedy"] for each in problem["errors"])
    return [each["field"] for each in problem["errors"]]


def test_an_incident_is_recorded_confirmed_and_reversed(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    body = {"department": "D1", "number": "1102", "code": "t-fine", "work_date": "2026-10-07", "note": "漏记"}
    recorded = post(client, "incidents", body)
    assert recorded.status_code == 201
    assert (recorded.json()["state"], recorded.json()["entries"]) == ("recorded", [])
    address = f"incidents/{recorded.json()['id']}"
    confirmed = post(client, f"{address}/confirm")
    assert confirmed.json()["state"] == "confirmed"
    assert [each["money"] for each in confirmed.json()["entries"]] == ["-10.00"]
    again = post(client, f"{address}/confirm")
    assert again.status_code == 409 and faults(again) == ["incident"]
    reversed_ = post(client, f"{address}/reverse", {"reason": "查明不是本人", "on": "2026-10-08"})
    assert reversed_.json()["state"] == "reversed"
    assert [each["money"] for each in reversed_.json()["entries"]] == ["-10.00", "10.00"]
    assert client.get("/api/v1/incidents/?state=reversed").json()["results"][0]["number"] == "1102"


def test_an_incident_is_rejected(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    address = f"incidents/{one.incident.pk}/reject"
    for reason in ({}, {"reason": " "}):
        refused = post(client, address, reason)
        assert refused.status_code == 400 and faults(refused) == ["reason"]
    told = post(client, address, {"reason": "查无此事"}).json()
    assert (told["state"], told["rejection"]) == ("rejected", "查无此事")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"code": "nothing"}, 422, "code"),
        ({"work_date": "2026-09-01"}, 422, "work_date"),
        ({"work_date": "2019-01-01"}, 422, "number"),
        ({"work_date": "2099-01-01"}, 400, "work_date"),
        ({"work_date": "soon"}, 400, "work_date"),
        ({"code": "t-loss", "amount": "99999.00"}, 422, "amount"),
        ({"amount": "-1"}, 400, "amount"),
        ({"quantity": 0}, 400, "quantity"),
        ({"note": "\x00"}, 400, "note"),
    ],
)
def test_an_incident_that_does_not_fit_is_refused(one: Place, client_of: Client, change, status, field):
    client = client_of(one.managers["manager"])
    body = {"department": "D1", "number": "1102", "code": "t-fine", "work_date": "2026-10-07", **change}
    count = one.agent.incidents.count()
    refused = post(client, "incidents", body)
    assert (refused.status_code, faults(refused)) == (status, [field])
    assert one.agent.incidents.count() == count


def test_staff_are_taken_on_changed_and_leave(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    body = {
        "department": "D1", "number": "1199", "name": "孙新人", "hired_on": "2026-10-01", "team": "B",
        "tier": "junior", "base_pay": "3200.00",
    }  # fmt: skip
    made = post(client, "staff", body)
    assert made.status_code == 201
    assert made.json()["term"]["team"] == "B" and made.json()["term"]["base_pay"] == "3200.00"
    address = f"staff/{made.json()['id']}"
    changed = post(client, f"{address}/terms", {"on": "2026-11-01", "base_pay": "3500.00"})
    assert changed.json()["term"]["since"] == "2026-11-01"
    assert (changed.json()["term"]["base_pay"], changed.json()["term"]["team"]) == ("3500.00", "B")
    assert post(client, f"{address}/leave", {"last_day": "2099-11-30"}).json()["left_on"] == "2099-11-30"
    assert post(client, f"{address}/leave", {"last_day": None}).json()["left_on"] is None
    assert FactChange.objects.filter(source="staff", by=one.managers["hr"]).exists()


def test_an_alias_is_added_and_ended(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    given = {"department": "D1", "text": "演示店:小美", "number": one.agent.number, "from_on": "2026-10-05"}
    made = post(client, "aliases", given)
    assert made.status_code == 201, made.content
    assert made.json()["first_day"] == "2026-10-05" and made.json()["last_day"] is None
    taken = post(client, "aliases", {**given, "number": one.lead.number, "from_on": "2026-10-09"})
    assert taken.status_code == 422 and "先结束它" in taken.content.decode()
    ended = post(client, f"aliases/{made.json()['id']}/end", {"last_day": "2026-10-08"})
    assert ended.json()["last_day"] == "2026-10-08"
    found = client.get("/api/v1/aliases/", {"on": "2026-10-08", "number": one.agent.number}).json()["results"]
    assert {each["text"] for each in found} == {"演示店:小美", f"{one.agent.name}的旺旺"}
    assert post(client, "aliases", {**given, "number": "9999"}).status_code == 404


def test_refused_staff_leave_nothing_behind(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    body = {"department": "D1", "number": "1102", "name": "重号", "hired_on": "2026-10-01", "team": "新组"}
    refused = post(client, "staff", body)
    assert refused.status_code == 422 and "工号" in refused.json()["detail"]
    assert not Team.objects.filter(name="新组").exists()
    assert not Staff.objects.filter(name="重号").exists()
    nothing = post(client, f"staff/{one.agent.pk}/terms", {"on": "2026-11-01"})
    assert nothing.status_code == 400
    early = post(client, f"staff/{one.agent.pk}/terms", {"on": "2019-01-01", "role": "lead"})
    assert early.status_code == 422 and "不在职" in early.json()["detail"]


def orders(count: int, **first: Any) -> dict[str, Any]:
    rows = [
        {"order_no": f"N{index}", "amount": "12.50", "paid_at": "2026-10-20T10:00:00+08:00", "remark": "1102"}
        for index in range(count)
    ]
    rows[0] |= first
    return {"department": "D1", "orders": rows}


def test_a_thousand_orders_go_in_with_as_many_queries_as_one(
    one: Place, client_of: Client, django_assert_max_num_queries
):
    client = client_of(one.managers["manager"])
    with django_assert_max_num_queries(20):
        recorded = post(client, "orders", orders(1000))
    assert recorded.status_code == 201
    assert recorded.json()["recorded"] == len(recorded.json()["orders"]) == 1000
    assert Order.objects.filter(agent=one.agent, attribution="remark").count() == 1000
    assert post(client, "orders", orders(1001)).status_code == 400


def test_orders_that_are_wrong_are_named_each_and_none_is_stored(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    body = orders(4, order_no="O1102")
    body["orders"][2]["order_no"] = "N1"
    refused = post(client, "orders", body)
    assert refused.status_code == 422
    assert faults(refused) == ["orders[0]", "orders[2]"]
    assert "已经存在" in refused.json()["errors"][0]["message"]
    body["orders"][3]["amount"] = "many"
    shapeless = post(client, "orders", body)
    assert (shapeless.status_code, faults(shapeless)) == (400, ["orders[3].amount"])
    assert not Order.objects.filter(order_no__startswith="N").exists()


def test_metrics_of_a_person_and_a_team(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    given = {"department": "D1", "month": "2026-10", "code": "conversion_rate", "value": "0.75"}
    made = post(client, "metrics", {**given, "number": "1102"})
    assert (made.status_code, made.json()["value"], made.json()["month"]) == (201, "0.750000", "2026-10")
    assert post(client, "metrics", {**given, "team": "A"}).status_code == 201
    assert post(client, "metrics", given).status_code == 400
    assert post(client, "metrics", {**given, "team": "没有"}).status_code == 404
    assert faults(post(client, "metrics", {**given, "number": "1102", "month": "2026-13"})) == ["month"]


def upload(client: APIClient, text: str, **fields: Any) -> Any:
    file = SimpleUploadedFile("名单.csv", text.encode())
    body = {"department": "D1", "kind": "staff", "file": file, **fields}
    return client.post("/api/v1/imports/", body, format="multipart")


def test_a_file_is_imported_tried_and_repeated(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    text = "工号,姓名,入职日期\n1150,李五零,2026-10-01\n"
    tried = upload(client, text, dry_run="true")
    assert (tried.status_code, tried.json()["created"], tried.json()["is_dry_run"]) == (200, 1, True)
    assert not Staff.objects.filter(number="1150").exists()
    done = upload(client, text)
    assert (done.status_code, done.json()["created"]) == (201, 1)
    assert Staff.objects.get(number="1150").name == "李五零"
    again = upload(client, text)
    assert (again.status_code, again.json()["is_repetition"]) == (200, True)
    newest = client.get("/api/v1/imports/?kind=staff").json()["results"][0]
    assert (newest["file_name"], newest["by"]) == ("名单.csv", str(one.managers["hr"]))


def test_a_bad_file_is_told_row_by_row_and_changes_nothing(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    bad = upload(client, "工号,姓名,入职日期\n1150,李五零,昨天\n1151,,2026-10-01\n")
    assert bad.status_code == 422
    assert faults(bad) == ["入职日期", "姓名"]
    assert [each["row"] for each in bad.json()["errors"]] == [2, 3]
    assert upload(client, "\x7fELF\x00").status_code == 422
    assert faults(upload(client, "工号\n1\n", profile="none")) == ["file"]
    lacking = client.post("/api/v1/imports/", {"department": "D1"}, format="multipart")
    assert faults(lacking) == ["kind", "file"]
    assert post(client, "imports", {}).status_code == 415
    assert not Staff.objects.filter(number="1150").exists()
    assert ImportBatch.objects.count() == 1


def test_what_a_file_leaves_open_is_asked_and_answered(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])
    text = "工号,员工编号,姓名,入职日期\n1150,1151,李五零,2026-10-01\n"
    asked = upload(client, text)
    problem = asked.json()
    assert (asked.status_code, problem["type"]) == (422, "urn:kefu:problem:questions-open")
    (question,) = problem["questions"]
    assert question["key"] == "column:number"
    assert question["choices"][1] == {"value": "员工编号", "text": "B 列「员工编号」"}
    assert question["samples"] == ["第 2 行：工号 1150，员工编号 1151"]
    assert not Staff.objects.filter(name="李五零").exists()
    assert upload(client, text, answers='["员工编号"]').status_code == 400
    done = upload(client, text, answers='{"column:number": "员工编号"}')
    assert (done.status_code, done.json()["skipped"]) == (201, [])
    assert ["表头", "第 1 行"] in done.json()["recognised"]
    assert Staff.objects.get(name="李五零").number == "1151"


def test_a_month_is_handed_to_a_worker(one: Place, client_of: Client):
    app.control.purge()
    client = client_of(one.managers["hr"])
    started = post(client, "settlements", {"department": "D1", "month": "2026-11"})
    assert started.status_code == 202
    assert app.control.purge() == 1
    status = client.get(started.headers["Location"])
    assert (status.json()["state"], status.json()["run"]) == ("open", None)
    frozen = post(client, "settlements", {"department": "D1", "month": "2026-10"})
    assert frozen.status_code == 409 and "已批准" in frozen.json()["detail"]
    assert "退回后再算" in frozen.json()["errors"][0]["remedy"]
    assert faults(post(client, "settlements", {"department": "D1", "month": "2099-01"})) == ["month"]
    assert app.control.purge() == 0
    assert not SettlementPeriod.objects.filter(month=date(2099, 1, 1)).exists()


def test_a_month_is_approved_by_another_sent_back_and_paid(db: None, client_of: Client):
    made = place("D1", approve=False)
    gm = client_of(factories.account("gm"), departments=[made.department])
    hr, manager = client_of(made.managers["hr"]), client_of(made.managers["manager"])
    address = f"settlements/{made.period.pk}"
    seen = manager.get(f"/api/v1/{address}/").json()
    assert (seen["state"], seen["people"], seen["failed"]) == ("computed", 3, 0)
    assert post(hr, f"{address}/approve", {"facts_read_at": seen["facts_read_at"]}).status_code == 403
    assert faults(post(manager, f"{address}/approve")) == ["facts_read_at"]
    stale = post(manager, f"{address}/approve", {"facts_read_at": "2026-10-01T00:00:00+08:00"})
    assert stale.status_code == 409 and "在您核对以后有变化" in stale.json()["detail"]
    listed = manager.get(f"/api/v1/{address}/readiness/").json()
    assert "attendance" in [each["key"] for each in listed if each["is_open"]]
    unseen = post(manager, f"{address}/approve", {"facts_read_at": seen["facts_read_at"]})
    assert unseen.status_code == 409 and faults(unseen) == ["reason"]
    given = {"facts_read_at": seen["facts_read_at"], "reason": "已核对"}
    approved = post(manager, f"{address}/approve", given)
    assert approved.json()["state"] == "approved"
    twice = post(gm, f"{address}/approve", {"facts_read_at": seen["facts_read_at"]})
    assert twice.status_code == 409
    assert post(gm, f"{address}/send-back", {"reason": " "}).status_code == 400
    assert post(gm, f"{address}/send-back", {"reason": "漏了一笔"}).json()["state"] == "computed"
    assert post(hr, f"{address}/submit").status_code == 409  # whoever prepared it has already
    assert post(hr, f"{address}/mark-paid").status_code == 409
    late = {"reason": "漏了一笔", "facts_read_at": "2026-10-01T00:00:00+08:00"}
    post(manager, f"{address}/approve", given)
    assert post(gm, f"{address}/send-back", late).status_code == 409
    assert post(manager, f"{address}/mark-paid").status_code == 403
    assert post(hr, f"{address}/mark-paid").json()["state"] == "paid"


def test_the_preparer_does_not_approve(db: None, client_of: Client):
    made = place("D1", approve=False)
    preparer = made.managers["manager"]
    period = sample.settled(made.department, by=preparer)
    client = client_of(preparer)
    seen = client.get(f"/api/v1/settlements/{period.pk}/").json()["facts_read_at"]
    refused = post(client, f"settlements/{period.pk}/approve", {"facts_read_at": seen})
    assert refused.status_code == 409 and "编制人不能批准" in refused.json()["detail"]


def test_an_agent_reads_only_the_own_payslip_and_only_when_approved(db: None, client_of: Client):
    made = place("D1", approve=False)
    client = client_of(factories.account("agent", staff=made.agent))
    assert client.get("/api/v1/payslips/").json()["results"] == []
    assert client.get(f"/api/v1/payslips/{made.payslip.pk}/").status_code == 404
    manager = client_of(made.managers["manager"])
    seen = manager.get(f"/api/v1/settlements/{made.period.pk}/").json()["facts_read_at"]
    post(manager, f"settlements/{made.period.pk}/approve", {"facts_read_at": seen, "reason": "已核对"})
    (own,) = client.get("/api/v1/payslips/").json()["results"]
    slip = client.get(f"/api/v1/payslips/{own['id']}/").json()
    assert slip["number"] == "1102" and slip["net"] == own["net"]
    fine = next(each for each in slip["lines"] if each["code"] == "t-fine")
    assert fine["amount"] == "-10.00" and fine["trace"]["provision"]["code"] == "t-fine"
    brought = client.get(f"/api/v1/payslips/{own['id']}/orders/").json()
    assert brought == {"total": 1, "orders": [{"order_no": "O1102", "amount": "10000.00"}]}


def test_who_looks_at_pay_over_the_api_is_on_record(one: Place, client_of: Client):
    hr = one.managers["hr"]
    client = client_of(hr)
    client.get("/api/v1/payslips/")
    client.get(f"/api/v1/payslips/{one.payslip.pk}/")
    client.get(f"/api/v1/settlements/{one.period.pk}/")
    looked = AccessLog.objects.filter(by=hr).order_by("id").values_list("what", "staff", "month")
    month = date(2026, 10, 1)
    assert list(looked) == [
        ("period", None, month),
        ("payslip", one.agent.pk, month),
        ("period", None, month),
    ]
    own = client_of(factories.account("agent", staff=one.agent))
    own.get("/api/v1/payslips/")
    own.get(f"/api/v1/payslips/{one.payslip.pk}/")
    assert AccessLog.objects.count() == 3


def test_an_order_is_shared_over_the_api(one: Place, client_of: Client) -> None:
    client = client_of(one.managers["manager"])
    shares = [{"number": "1102", "share": "0.25"}, {"number": "1103", "share": "0.75"}]
    made = post(client, "order-splits", {"department": "D1", "order_no": "O1102", "shares": shares})
    assert made.status_code == 201, made.content.decode()
    assert made.json()["shares"] == [{**shares[0], "share": "0.2500"}, {**shares[1], "share": "0.7500"}]
    assert made.json()["is_current"] and one.split.order.splits.count() == 2
    (row,) = client.get("/api/v1/orders/?order_no=O1102").json()["results"]
    assert (row["agent"], row["shares"]) == ("1103", {"1102": "0.2500", "1103": "0.7500"})
    assert len(client.get("/api/v1/orders/?agent=1102").json()["results"]) == 1
    listed = client.get("/api/v1/order-splits/?number=1103").json()["results"]
    assert [each["id"] for each in listed] == [made.json()["id"]]


def test_shares_over_the_api_that_cannot_be_are_refused(one: Place, client_of: Client) -> None:
    client = client_of(one.managers["manager"])
    body = {"department": "D1", "order_no": "O1102", "shares": [{"number": "1102", "share": "0.5"}]}
    refused = post(client, "order-splits", body)
    assert (refused.status_code, "合计50%，不是100%" in refused.content.decode()) == (422, True)
    body["shares"] = [{"number": "9999", "share": "1"}]
    assert post(client, "order-splits", body).status_code == 404
    body["order_no"] = "none"
    assert post(client, "order-splits", body).status_code == 404
    agent = client_of(factories.account("agent", staff=one.colleague))
    body = {"department": "D1", "order_no": "O1102", "shares": [{"number": "1103", "share": "1"}]}
    assert post(agent, "order-splits", body).status_code == 403
    assert one.split.order.splits.count() == 1
