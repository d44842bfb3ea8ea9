from django.urls import path

from accounts.views import invitation, own_passkeys, passkeys, settings, signing, staff

urlpatterns = [
    path("sign-in/", signing.password, name="sign-in"),
    path("sign-in/code/", signing.code, name="sign-in-code"),
    path("sign-in/passkey/", passkeys.sign_in, name="sign-in-passkey"),
    path("sign-in/passkey/options/", passkeys.sign_in_options, name="sign-in-passkey-options"),
    path("sign-in/code/passkey/", passkeys.confirm_second_step, name="second-passkey"),
    path("sign-in/code/passkey/options/", passkeys.second_step_options, name="second-passkey-options"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("invitation/<str:secret>/", invitation.open_invitation, name="invitation"),
    path("set-up/authenticator/", invitation.authenticator, name="set-up-authenticator"),
    path("set-up/recovery-codes/", invitation.recovery_codes, name="set-up-recovery-codes"),
    path("settings/", settings.show, name="settings"),
    path("settings/password/", settings.password, name="settings-password"),
    path("settings/recovery-codes/", settings.new_recovery_codes, name="new-recovery-codes"),
    path("settings/passkeys/", own_passkeys.add, name="passkey-new"),
    path("settings/passkeys/options/", own_passkeys.creation_options, name="passkey-options"),
    path("settings/passkeys/<uuid:pk>/name/", own_passkeys.rename, name="passkey-name"),
    path("settings/passkeys/<uuid:pk>/remove/", own_passkeys.remove, name="passkey-remove"),
    path("staff/", staff.show, name="staff"),
    path("staff/invitations/", staff.add, name="staff-invite"),
    path("staff/<uuid:pk>/role/", staff.change_role, name="staff-role"),
    path("staff/<uuid:pk>/end/", staff.end, name="staff-end"),
]
