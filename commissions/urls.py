from django.urls import path

from commissions import views

urlpatterns = [path("order-reading/<str:code>/", views.order_reading, name="order_reading")]
