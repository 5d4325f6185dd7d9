from django.urls import path

from penalties.views import discipline, incidents, proposals

urlpatterns = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new", incidents.incident_new, name="incident_new"),
    path("incidents/people", incidents.incident_people, name="incident_people"),
    path("incidents/provisions", incidents.incident_provisions, name="incident_provisions"),
    path("incidents/decide", incidents.incidents_decide, name="incidents_decide"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/decide", incidents.incident_decide, name="incident_decide"),
    path("incidents/<int:pk>/reverse", incidents.incident_reverse, name="incident_reverse"),
    path("incidents/<int:pk>/letter", incidents.incident_letter_pdf, name="incident_letter"),
    path("discipline/", discipline.discipline, name="discipline"),
    path("discipline/new", discipline.discipline_new, name="discipline_new"),
    path("discipline/<int:pk>/", discipline.disciplinary_case, name="disciplinary_case"),
    path("discipline/<int:pk>/hear", discipline.discipline_hear, name="disciplinary_case_hear"),
    path("discipline/<int:pk>/decide", discipline.discipline_decide, name="disciplinary_case_decide"),
    path("discipline/<int:pk>/reverse", discipline.discipline_reverse, name="disciplinary_case_reverse"),
    path("discipline/<int:pk>/letter", discipline.discipline_letter_pdf, name="disciplinary_case_letter"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
]
