"""The addresses of accounts. Only what people need of allauth is mounted: no sign-up, no list of addresses, no API."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.decorators.http import require_http_methods, require_POST

from audit.views import invitations, me, security

shown = require_http_methods(["GET", "HEAD", "POST"])
sign_out = login_not_required(require_POST(account.logout))

urlpatterns = [
    path("login/", shown(account.login), name="login"),
    path("login/", shown(account.login), name="account_login"),  # allauth's own name for it
    path("login/passkey/", shown(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("login/second/", shown(mfa.authenticate), name="mfa_authenticate"),
    path("logout/", sign_out, name="logout"),
    path("logout/", sign_out, name="account_logout"),
    path("password/forgotten/", shown(account.password_reset), name="account_reset_password"),
    path("password/sent/", shown(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z_-]{1,200})/$",
        shown(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("password/done/", shown(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    path("confirm/", shown(account.reauthenticate), name="account_reauthenticate"),
    path("confirm/code/", shown(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("confirm/passkey/", shown(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("invitations/", invitations.every, name="invitations"),
    path("invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation-withdraw"),
    path("invitation/<str:secret>/", login_not_required(invitations.come_in), name="invitation"),
    path("me/", me.show, name="me"),
    path("me/keys/", me.keep_keys, name="me-keys"),
    path("me/security/", security.show, name="me-security"),
    path("me/security/", security.show, name="mfa_index"),
    path("me/security/", security.show, name="mfa_list_webauthn"),
    path("me/security/password/", shown(account.password_change), name="account_change_password"),
    path("me/security/password/first/", shown(account.password_set), name="account_set_password"),
    path("me/security/app/", shown(totp.activate_totp), name="mfa_activate_totp"),
    path("me/security/app/remove/", shown(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("me/security/passkeys/new/", shown(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("me/security/passkeys/<int:pk>/", shown(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("me/security/passkeys/<int:pk>/remove/", shown(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("me/security/codes/", shown(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("me/security/codes/new/", shown(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("me/security/codes/file/", shown(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("me/security/sessions/<int:pk>/end/", security.end_session, name="session-end"),
    path("me/security/sessions/end/", security.end_others, name="sessions-end"),
]
