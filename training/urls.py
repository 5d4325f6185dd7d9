from django.urls import path

from training.views import enrolments, mine, places, programmes

urlpatterns = [
    path("training/", enrolments.enrolments, name="enrolments"),
    path("training/export", enrolments.enrolments_export, name="enrolments_export"),
    path("training/new", enrolments.enrolment_new, name="enrolment_new"),
    path("training/<int:pk>/", enrolments.enrolment, name="enrolment"),
    path("training/<int:pk>/step", enrolments.enrolment_step, name="enrolment_step"),
    path("training/<int:pk>/mentor", enrolments.enrolment_mentor, name="enrolment_mentor"),
    path("training/<int:pk>/end", enrolments.enrolment_end, name="enrolment_end"),
    path("training/programmes/", programmes.programmes, name="programmes"),
    path("training/programmes/teacher", programmes.programme_teacher, name="programme_teacher"),
    path("training/programmes/material", programmes.programme_material, name="programme_material"),
    path("training/materials/<int:pk>/file", programmes.material_file, name="material_file"),
    path("training/materials/<int:pk>/retire", programmes.material_retire, name="material_retire"),
    path("training/places/", places.intake_places, name="intake_places"),
    path("me/training/", mine.me_training, name="me_training"),
    path("me/newcomers/", mine.me_newcomers, name="me_newcomers"),
]
