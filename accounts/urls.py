from django.urls import path

from accounts.views import invitation, settings, signing, staff

urlpatterns = [
    path("sign-in/", signing.password, name="sign-in"),
    path("sign-in/code/", signing.code, name="sign-in-code"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("invitation/<str:secret>/", invitation.open_invitation, name="invitation"),
    path("set-up/authenticator/", invitation.authenticator, name="set-up-authenticator"),
    path("set-up/recovery-codes/", invitation.recovery_codes, name="set-up-recovery-codes"),
    path("settings/", settings.show, name="settings"),
    path("settings/password/", settings.password, name="settings-password"),
    path("settings/recovery-codes/", settings.new_recovery_codes, name="new-recovery-codes"),
    path("staff/", staff.show, name="staff"),
    path("staff/invitations/", staff.add, name="staff-invite"),
    path("staff/<uuid:pk>/role/", staff.change_role, name="staff-role"),
    path("staff/<uuid:pk>/end/", staff.end, name="staff-end"),
]
