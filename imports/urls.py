from django.urls import path

from imports.views import batches, uploads

urlpatterns = [
    path("imports/", uploads.imports, name="imports"),
    path("imports/<int:pk>/", uploads.upload, name="import_upload"),
    path("imports/<int:pk>/progress", uploads.progress, name="import_progress"),
    path("imports/<int:pk>/kind", uploads.kind, name="import_kind"),
    path("imports/<int:pk>/headers", uploads.headers, name="import_headers"),
    path("imports/<int:pk>/options", uploads.options, name="import_options"),
    path("imports/<int:pk>/confirm", uploads.confirm, name="import_confirm"),
    path("imports/<int:pk>/retry", uploads.retry, name="import_retry"),
    path("imports/<int:pk>/discard", uploads.discard, name="import_discard"),
    path("imports/<int:pk>/file", batches.original, name="import_file"),
    path("imports/<int:pk>/errors", batches.error_sheet, name="import_errors"),
    path("imports/done/<int:pk>/", batches.batch, name="import_batch"),
    path("imports/done/<int:pk>/undo", batches.undo, name="import_undo"),
    path("imports/done/<int:pk>/undoing", batches.undoing, name="import_undoing"),
]
