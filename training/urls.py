from django.urls import path

from training.views import marking, own, papers, questions

urlpatterns = [
    path("training/questions/", questions.questions, name="questions"),
    path("training/questions/new", questions.question_new, name="question_new"),
    path("training/questions/many", questions.questions_many, name="questions_many"),
    path("training/questions/<int:pk>/", questions.question, name="question"),
    path("training/questions/<int:pk>/retire", questions.question_retire, name="question_retire"),
    path("training/exams/", papers.exams, name="exams"),
    path("training/exams/new", papers.exam_new, name="exam_new"),
    path("training/exams/<int:pk>/", papers.exam, name="exam"),
    path("training/exams/<int:pk>/change", papers.exam_change, name="exam_change"),
    path("training/exams/<int:pk>/withdraw", papers.exam_withdraw, name="exam_withdraw"),
    path("training/exams/<int:pk>/extend", papers.exam_extend, name="exam_extend"),
    path("training/exams/<int:pk>/xlsx", papers.exam_export, name="exam_export"),
    path("training/marking/", marking.marking, name="marking"),
    path("training/sittings/<int:pk>/", marking.sitting, name="sitting"),
    path("me/exams/", own.me_exams, name="me_exams"),
    path("me/exams/<int:pk>/begin", own.me_exam_begin, name="me_exam_begin"),
    path("me/sittings/<int:pk>/", own.me_sitting, name="me_sitting"),
    path("me/sittings/<int:pk>/clock", own.me_sitting_clock, name="me_sitting_clock"),
    path("me/sittings/<int:pk>/answers/<int:position>", own.me_sitting_answer, name="me_sitting_answer"),
    path("me/sittings/<int:pk>/submit", own.me_sitting_submit, name="me_sitting_submit"),
]
