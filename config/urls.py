from django.urls import include, path

from config import health, reports

urlpatterns = [
    path("hooks/twilio/", include("messaging.hook_urls")),  # first: nothing is looked up as often
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("health/modes", health.list_modes, name="modes"),
    path("health/modes/<str:name>", health.mode, name="mode"),
    path("health/send-again/<uuid:pk>/", health.send_again, name="send-again"),
    path("health/", health.show, name="health"),
    path("csp-report/", reports.policy_broken, name="csp-report"),
    path("log/", include("audit.urls")),
    path("", include("accounts.urls")),
    path("", include("messaging.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
