from django.urls import path

from penalties import proposal_views, views

urlpatterns = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/new", views.incident_new, name="incident_new"),
    path("incidents/people", views.incident_people, name="incident_people"),
    path("incidents/provisions", views.incident_provisions, name="incident_provisions"),
    path("incidents/decide", views.incidents_decide, name="incidents_decide"),
    path("incidents/<int:pk>/", views.incident, name="incident"),
    path("incidents/<int:pk>/decide", views.incident_decide, name="incident_decide"),
    path("incidents/<int:pk>/reverse", views.incident_reverse, name="incident_reverse"),
    path("proposals/", proposal_views.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposal_views.proposal, name="proposal"),
]
