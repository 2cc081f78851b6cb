"""Writes of the access floor."""

from nuanxin.access.actions.accounts import (
    NewSignIn,
    change_language,
    change_own_password,
    create_cadre_account,
    create_first_administrator,
    reset_password,
    seed_roles,
    set_active,
)
from nuanxin.access.actions.codes import check_code, send_code
from nuanxin.access.actions.devices import (
    create_device,
    distrust_devices,
    enroll_device,
    is_trusted,
    renew_enrollment,
    revoke_device,
    trust_device,
)
from nuanxin.access.actions.identities import account_of_identity, drop_identities, link_identity, unlink_identity
from nuanxin.access.actions.keys import (
    issue_cadre_token,
    issue_client_token,
    issue_own_token,
    revoke_client,
    revoke_token,
)
from nuanxin.access.actions.posts import (
    close_staff_session,
    end_absence,
    end_post,
    grant_post,
    open_staff_session,
    register_absence,
)
from nuanxin.access.actions.sessions import end_other_sessions, end_session
from nuanxin.access.actions.sign_in import (
    bind_second_factor,
    check_password,
    check_second_factor,
    drop_second_factor,
    has_second_factor,
    new_second_factor_secret,
    record_sign_in,
    renew_recovery_codes,
)
from nuanxin.access.actions.throttle import Once, forgive, take, take_all

__all__ = [
    "NewSignIn",
    "Once",
    "account_of_identity",
    "bind_second_factor",
    "change_language",
    "change_own_password",
    "check_code",
    "check_password",
    "check_second_factor",
    "close_staff_session",
    "create_cadre_account",
    "create_device",
    "create_first_administrator",
    "distrust_devices",
    "drop_identities",
    "drop_second_factor",
    "end_absence",
    "end_other_sessions",
    "end_post",
    "end_session",
    "enroll_device",
    "forgive",
    "grant_post",
    "has_second_factor",
    "is_trusted",
    "issue_cadre_token",
    "issue_client_token",
    "issue_own_token",
    "link_identity",
    "new_second_factor_secret",
    "open_staff_session",
    "record_sign_in",
    "register_absence",
    "renew_enrollment",
    "renew_recovery_codes",
    "reset_password",
    "revoke_client",
    "revoke_device",
    "revoke_token",
    "seed_roles",
    "send_code",
    "set_active",
    "take",
    "take_all",
    "trust_device",
    "unlink_identity",
]
