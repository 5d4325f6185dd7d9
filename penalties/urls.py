from django.urls import path

from penalties.views import appeals, discipline, incidents, lawful, proposals, recording

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
    path("incidents/<int:pk>/letter", incidents.incident_letter_pdf, name="incident_letter"),
    path("discipline/", discipline.discipline, name="discipline"),
    path("discipline/new", discipline.discipline_new, name="discipline_new"),
    path("discipline/<int:pk>/", discipline.disciplinary_case, name="disciplinary_case"),
    path("discipline/<int:pk>/hear", discipline.discipline_hear, name="disciplinary_case_hear"),
    path("discipline/<int:pk>/decide", discipline.discipline_decide, name="disciplinary_case_decide"),
    path("discipline/<int:pk>/reverse", discipline.discipline_reverse, name="disciplinary_case_reverse"),
    path("discipline/<int:pk>/letter", discipline.discipline_letter_pdf, name="disciplinary_case_letter"),
    path("lawful/<str:code>/", lawful.lawful, name="lawful"),
    path("lawful/<str:code>/<path:deduction>/", lawful.lawful_provision, name="lawful_provision"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
]
