from django.urls import path

from penalties.views import fund, incidents, proposals

urlpatterns = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new", incidents.incident_new, name="incident_new"),
    path("incidents/people", incidents.incident_people, name="incident_people"),
    path("incidents/provisions", incidents.incident_provisions, name="incident_provisions"),
    path("incidents/decide", incidents.incidents_decide, name="incidents_decide"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/decide", incidents.incident_decide, name="incident_decide"),
    path("incidents/<int:pk>/reverse", incidents.incident_reverse, name="incident_reverse"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
    path("fund/", fund.fund, name="fund"),
    path("fund/export", fund.fund_export_view, name="fund_export"),
    path("fund/fines/<int:pk>/<int:staff_id>/", fund.fund_fine, name="fund_fine"),
    path("fund/fines/<int:pk>/<int:staff_id>/refund", fund.fund_refund, name="fund_fine_refund"),
    path("fund/transfer", fund.fund_transfer, name="fund_transfer"),
    path("fund/expenses/new", fund.fund_expense_new, name="fund_expense_new"),
    path("fund/expenses/<int:pk>/", fund.fund_expense, name="fund_expense"),
    path("fund/counts/new", fund.fund_count_new, name="fund_count_new"),
    path("fund/counts/<int:pk>/witness", fund.fund_count_witness, name="fund_count_witness"),
]
