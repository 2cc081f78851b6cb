"""What personal data this floor holds, why, for how long, and how it is erased."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from nuanxin.records.retention import Aged, PersonalField

FIELDS = (
    PersonalField(
        "formation.PermitMessage",
        ("sealed_payload", "paper_digest", "body_digest"),
        _("Shows what a licensing office reported, so that it can be carried out again when it failed"),
        _("180 days after it arrived"),
        "delete row",
        found_by=(("offer__id_digest", "identity"), ("offer__phone_digest", "phone")),
        due=Aged("permit_messages", "received_at", timedelta(days=180)),
    ),
    PersonalField(
        "formation.Offer",
        ("sealed_values", "id_digest", "phone_digest", "token_digest"),
        _("Fills your application in from your qualification, for you to confirm or not"),
        _("90 days after it was sent"),
        "delete row",
        found_by=(("id_digest", "identity"), ("phone_digest", "phone")),
        due=Aged("permit_offers", "sent_at", timedelta(days=90)),
    ),
)
