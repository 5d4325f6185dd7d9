from django.urls import path

from promotions.views import ladder

urlpatterns = [
    path("ladder/", ladder.ladder, name="ladder"),
    path("ladder/export", ladder.ladder_export, name="ladder_export"),
    path("ladder/<int:pk>/", ladder.ladder_person, name="ladder_person"),
    path("ladder/<int:pk>/attest", ladder.ladder_attest, name="ladder_attest"),
    path("me/ladder/", ladder.me_ladder, name="me_ladder"),
]
