from django.urls import path

from shifts.views import files

urlpatterns = [
    path("files/<slug:name>", files.attachment, name="attachment"),
]
