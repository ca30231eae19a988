from django.urls import path

from clinics.people import addresses, joining, managing, profile, second_step, views
from clinics.people.styleguide import styleguide

app_name = "people"

# The way in and out: on the clinics' hosts and on the platform's own.
way_in = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/passkey/", second_step.passkey, name="passkey"),
    path("sign-in/code/", second_step.code, name="code"),
    path("sign-in/recovery/", second_step.recovery, name="recovery"),
    path("sign-in/set-up/", second_step.set_up, name="set_up"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("session/", profile.session, name="session"),
    path("profile/", profile.profile, name="profile"),
    path("profile/name/", profile.rename, name="rename"),
    path("profile/language/", profile.set_language, name="set_language"),
    path("profile/keys/", profile.set_keys, name="set_keys"),
    path("profile/spanish/", profile.set_spanish, name="set_spanish"),
    path("profile/password/", profile.change_password, name="change_password"),
    path("profile/app/", profile.add_app, name="add_app"),
    path("profile/passkey/", profile.add_passkey, name="add_passkey"),
    path("profile/second-step/<int:factor_id>/remove/", profile.remove_factor, name="remove_factor"),
    path("profile/recovery-codes/", profile.renew_codes, name="renew_codes"),
    path("profile/sessions/<uuid:session_id>/end/", profile.end_session, name="end_session"),
    path("profile/sessions/end/", profile.end_others, name="end_others"),
    path("profile/tokens/<int:token_id>/revoke/", profile.revoke_token, name="revoke_token"),
]
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    *way_in,
    path("sign-in/forgot/", joining.forgot, name="forgot"),
    path("sign-in/link/<uuid:link_id>/<str:token>/", joining.follow_link, name="follow_link"),
    path("sign-in/choose/", joining.choose_password, name="choose_password"),
    path("profile/address/", addresses.change_address, name="change_address"),
    path("profile/address/confirm/", addresses.confirm_address, name="confirm_address"),
    path("settings/people/", managing.people, name="people"),
    path("settings/people/invite/", managing.invite, name="invite"),
    path("settings/people/rules/", managing.set_rules, name="set_rules"),
    path(
        "settings/people/invitations/<uuid:link_id>/withdraw/", managing.withdraw_invitation, name="withdraw_invitation"
    ),
    path("settings/people/<uuid:person_id>/role/", managing.change_role, name="change_role"),
    path("settings/people/<uuid:person_id>/deactivate/", managing.deactivate, name="deactivate"),
    path("settings/people/<uuid:person_id>/reactivate/", managing.reactivate, name="reactivate"),
    path("settings/people/<uuid:person_id>/sign-out/", managing.sign_out_everywhere, name="sign_out_everywhere"),
    path("settings/people/<uuid:person_id>/second-step/", managing.reset_second_step, name="reset_second_step"),
    path("settings/people/<uuid:person_id>/password-link/", managing.send_password_link, name="send_password_link"),
    path("styleguide/", styleguide, name="styleguide"),
]
api_urlpatterns: list = []
