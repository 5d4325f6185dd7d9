from django.urls import path

from people import alias_views as views

urlpatterns = [
    path("", views.aliases, name="aliases"),
    path("<str:code>/", views.aliases_department, name="aliases_department"),
    path("<str:code>/xlsx", views.aliases_xlsx, name="aliases_xlsx"),
    path("<str:code>/<int:pk>/end", views.alias_finish, name="alias_end"),
]
