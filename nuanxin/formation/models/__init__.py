"""Rows of the formation floor."""

from nuanxin.formation.models.invitation import Invitation, Offer
from nuanxin.formation.models.permit import PermitMessage, PermitSource, PermitStep

__all__ = ["Invitation", "Offer", "PermitMessage", "PermitSource", "PermitStep"]
