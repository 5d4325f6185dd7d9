from django.urls import path

from kefu.imports import batch_views, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<int:pk>/", views.upload, name="import_upload"),
    path("imports/<int:pk>/progress", views.progress, name="import_progress"),
    path("imports/<int:pk>/kind", views.kind, name="import_kind"),
    path("imports/<int:pk>/headers", views.headers, name="import_headers"),
    path("imports/<int:pk>/options", views.options, name="import_options"),
    path("imports/<int:pk>/confirm", views.confirm, name="import_confirm"),
    path("imports/<int:pk>/retry", views.retry, name="import_retry"),
    path("imports/<int:pk>/discard", views.discard, name="import_discard"),
    path("imports/<int:pk>/file", batch_views.original, name="import_file"),
    path("imports/<int:pk>/errors", batch_views.error_sheet, name="import_errors"),
    path("imports/done/<int:pk>/", batch_views.batch, name="import_batch"),
    path("imports/done/<int:pk>/undo", batch_views.undo, name="import_undo"),
    path("imports/done/<int:pk>/undoing", batch_views.undoing, name="import_undoing"),
]
