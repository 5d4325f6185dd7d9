from django.urls import path

from duties.views import duties, handover, memos, turns

urlpatterns = [
    path("me/handover/", handover.me_handover, name="me_handover"),
    path("me/handover/book", handover.me_handover_book, name="me_handover_book"),
    path("me/handover/<int:pk>/", handover.me_handover_item, name="me_handover_item"),
    path("me/handover/<int:pk>/sign", handover.me_handover_sign, name="me_handover_sign"),
    path("me/handover/<int:pk>/say", handover.me_handover_say, name="me_handover_say"),
    path("shifts/handover/", handover.handover, name="handover"),
    path("shifts/handover/<int:pk>/", handover.handover_item, name="handover_item"),
    path("shifts/handover/<int:pk>/say", handover.handover_say, name="handover_say"),
    path("shifts/handover/<str:code>/<str:day>/review", handover.handover_review, name="handover_review"),
    path("me/duties/", duties.me_duties, name="me_duties"),
    path("me/duties/<str:duty>/<str:day>/", duties.me_duty, name="me_duty"),
    path("me/turns/<int:pk>/swap", turns.me_turn_swap, name="me_turn_swap"),
    path("me/turns/swaps/<int:pk>/answer", turns.me_turn_answer, name="me_turn_answer"),
    path("me/memos/", memos.me_memos, name="me_memos"),
    path("me/memos/<int:pk>/", memos.me_memo, name="me_memo"),
    path("me/memos/<int:pk>/do", memos.me_memo_do, name="me_memo_do"),
    path("shifts/duties/", duties.duties, name="duties"),
    path("shifts/duties/records/<int:pk>/", duties.duty_record, name="duty_record"),
    path("shifts/duties/<str:code>/<str:duty>/<str:day>/meeting", duties.duty_meeting, name="duty_meeting"),
    path("shifts/duties/<int:staff_id>/<str:duty>/<str:day>/waive", duties.duty_waive, name="duty_waive"),
    path("shifts/turns/", turns.turns, name="turns"),
    path("shifts/turns/<int:pk>/give", turns.turn_give, name="turn_give"),
    path("shifts/suggestions/", memos.suggestions, name="suggestions"),
    path("shifts/suggestions/<int:pk>/", memos.suggestion, name="suggestion"),
]
