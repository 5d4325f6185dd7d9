from django.urls import path

from promotions.views import candidates, changes, ladder, me, rounds

urlpatterns = [
    path("ladder/", ladder.ladder, name="ladder"),
    path("ladder/export", ladder.ladder_export, name="ladder_export"),
    path("ladder/<int:pk>/", ladder.ladder_person, name="ladder_person"),
    path("ladder/<int:pk>/attest", ladder.ladder_attest, name="ladder_attest"),
    path("me/ladder/", ladder.me_ladder, name="me_ladder"),
    path("promotions/rounds/", rounds.rounds, name="rounds"),
    path("promotions/rounds/new", rounds.round_new, name="round_new"),
    path("promotions/rounds/<int:pk>/", rounds.round, name="round"),
    path("promotions/rounds/<int:pk>/candidates", rounds.round_candidate, name="round_candidate"),
    path("promotions/rounds/<int:pk>/step", rounds.round_step, name="round_step"),
    path("promotions/candidates/<int:pk>/", candidates.candidate, name="candidate"),
    path("promotions/candidates/<int:pk>/nominate", candidates.nominate, name="candidate_nominate"),
    path("promotions/candidates/<int:pk>/score", candidates.score, name="candidate_score"),
    path("promotions/changes/", changes.grade_changes, name="grade_changes"),
    path("promotions/changes/new", changes.grade_change_new, name="grade_change_new"),
    path("promotions/changes/<int:pk>/", changes.grade_change, name="grade_change"),
    path("promotions/changes/<int:pk>/letter", changes.letter, name="grade_change_letter"),
    path("promotions/changes/<int:pk>/appeal", changes.appeal, name="grade_change_appeal"),
    path(
        "promotions/changes/<int:pk>/appeal/withdraw",
        changes.appeal_withdraw,
        name="grade_change_appeal_withdraw",
    ),
    path("me/grades/", me.me_grades, name="me_grades"),
    path("me/grades/<int:pk>/vote", me.me_grade_vote, name="me_grade_vote"),
]
