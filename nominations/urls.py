from django.urls import path

from nominations.views import board, nominations

urlpatterns = [
    path("awards/", board.awards, name="awards"),
    path("awards/close", board.awards_close, name="awards_close"),
    path("awards/waiting/", board.awards_waiting, name="awards_waiting"),
    path("awards/new", nominations.nomination_new, name="nomination_new"),
    path("awards/honours/", board.honours, name="honours"),
    path("awards/honours/export", board.honours_export_view, name="honours_export"),
    path("awards/<int:pk>/", nominations.nomination, name="nomination"),
    path("awards/<int:pk>/voice", nominations.nomination_voice, name="nomination_voice"),
    path("awards/<int:pk>/attest", nominations.nomination_attest, name="nomination_attest"),
    path("awards/<int:pk>/decide", nominations.nomination_decide, name="nomination_decide"),
    path("awards/<int:pk>/revoke", nominations.nomination_revoke, name="nomination_revoke"),
    path("awards/<int:pk>/withdraw", nominations.nomination_withdraw, name="nomination_withdraw"),
    path("awards/<int:pk>/certificate", nominations.nomination_certificate, name="nomination_certificate"),
    path("me/awards/", board.me_awards, name="me_awards"),
]
