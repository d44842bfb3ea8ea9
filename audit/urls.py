from django.urls import path

from audit import review_views, views

urlpatterns = [
    path("", views.log_list, name="log"),
    path("review/", review_views.week_page, name="review"),
    path("review/sign-off/", review_views.sign_off_week, name="review-sign-off"),
    path("review/people/<uuid:pk>/", review_views.person_page, name="review-person"),
    path("review/clients/<uuid:pk>/", review_views.client_page, name="review-client"),
    path("<uuid:pk>/", views.log_entry, name="log-entry"),
    path("<uuid:pk>/proof.json", views.log_proof, name="log-proof"),
]
