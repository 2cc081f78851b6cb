"""What an applicant filled in, as the applicant sees it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.kernel.secrets import PersonKey
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.members.models import Application


def facts(found: Application) -> dict[str, str]:
    """Return what was filled in, in the reader's language; the phone in full, for masking on the page."""
    key = PersonKey(found.sealed_key)
    return {
        "name": found.name,
        "document": document_in_words(found.id_kind, key.unseal(found.sealed_id)),
        "phone": key.unseal(found.sealed_phone),
        "group": local_name(found.occupation_group),
        "employer": local_name(found.employer) if found.employer else found.employer_name,
        "platform": local_name(found.platform) if found.platform else "",
    }
