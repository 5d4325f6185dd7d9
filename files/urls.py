from django.urls import path

from files import views

urlpatterns = [path("files/<slug:name>", views.attachment, name="attachment")]
