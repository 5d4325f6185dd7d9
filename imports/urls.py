from django.urls import path

from imports.views import batches, remembered, uploads

HEADER, ANSWER = (f"imports/remembered/{each}/<int:pk>/" for each in ("headers", "answers"))

urlpatterns = [
    path("imports/", uploads.imports, name="imports"),
    path("imports/<int:pk>/", uploads.upload, name="import_upload"),
    path("imports/<int:pk>/progress", uploads.progress, name="import_progress"),
    path("imports/<int:pk>/kind", uploads.kind, name="import_kind"),
    path("imports/<int:pk>/headers", uploads.headers, name="import_headers"),
    path("imports/<int:pk>/questions", uploads.questions, name="import_questions"),
    path("imports/<int:pk>/options", uploads.options, name="import_options"),
    path("imports/<int:pk>/confirm", uploads.confirm, name="import_confirm"),
    path("imports/<int:pk>/retry", uploads.retry, name="import_retry"),
    path("imports/<int:pk>/discard", uploads.discard, name="import_discard"),
    path("imports/<int:pk>/file", batches.original, name="import_file"),
    path("imports/<int:pk>/errors", batches.error_sheet, name="import_errors"),
    path("imports/remembered/", remembered.remembered, name="remembered"),
    path("imports/remembered/name", remembered.name, name="remembered_name"),
    path(HEADER, remembered.header, name="remembered_header"),
    path(
        "imports/remembered/headers/<int:pk>/forget",
        remembered.header_forget,
        name="remembered_header_forget",
    ),
    path(ANSWER, remembered.answer, name="remembered_answer"),
    path(
        "imports/remembered/answers/<int:pk>/forget",
        remembered.answer_forget,
        name="remembered_answer_forget",
    ),
    path("imports/done/<int:pk>/", batches.batch, name="import_batch"),
    path("imports/done/<int:pk>/undo", batches.undo, name="import_undo"),
    path("imports/done/<int:pk>/undoing", batches.undoing, name="import_undoing"),
]
