from django.urls import path

from penalties.views import appeals, incidents, proposals, recording

urlpatterns = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new", recording.incident_new, name="incident_new"),
    path("incidents/people", recording.incident_people, name="incident_people"),
    path("incidents/provisions", recording.incident_provisions, name="incident_provisions"),
    path("incidents/batch", recording.incidents_batch, name="incidents_batch"),
    path("incidents/batch/part", recording.incidents_batch_part, name="incidents_batch_part"),
    path("incidents/decide", incidents.incidents_decide, name="incidents_decide"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/decide", incidents.incident_decide, name="incident_decide"),
    path("incidents/<int:pk>/reverse", incidents.incident_reverse, name="incident_reverse"),
    path("incidents/<int:pk>/evidence", recording.incident_evidence, name="incident_evidence"),
    path("incidents/<int:pk>/sign", appeals.incident_sign, name="incident_sign"),
    path("incidents/<int:pk>/appeal", appeals.incident_appeal, name="incident_appeal"),
    path(
        "incidents/<int:pk>/appeal/withdraw",
        appeals.incident_appeal_withdraw,
        name="incident_appeal_withdraw",
    ),
    path("incidents/<int:pk>/appeal/decide", appeals.incident_appeal_decide, name="incident_appeal_decide"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
]
