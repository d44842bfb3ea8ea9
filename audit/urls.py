from django.urls import path

from audit import views

urlpatterns = [
    path("", views.log_list, name="log"),
    path("<uuid:pk>/", views.log_entry, name="log-entry"),
    path("<uuid:pk>/proof.json", views.log_proof, name="log-proof"),
]
