from django.urls import path

from commissions import figure_views, views

urlpatterns = [
    path("order-reading/<str:code>/", views.order_reading, name="order_reading"),
    path("figures/<str:code>/", figure_views.figures, name="figures"),
    path("metric-definitions/<str:code>/", figure_views.definitions, name="metric_definitions"),
]
