from django.urls import path

from penalties.views import incidents, lawful, proposals

urlpatterns = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new", incidents.incident_new, name="incident_new"),
    path("incidents/people", incidents.incident_people, name="incident_people"),
    path("incidents/provisions", incidents.incident_provisions, name="incident_provisions"),
    path("incidents/decide", incidents.incidents_decide, name="incidents_decide"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/decide", incidents.incident_decide, name="incident_decide"),
    path("incidents/<int:pk>/reverse", incidents.incident_reverse, name="incident_reverse"),
    path("lawful/<str:code>/", lawful.lawful, name="lawful"),
    path("lawful/<str:code>/<path:deduction>/", lawful.lawful_provision, name="lawful_provision"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
]
