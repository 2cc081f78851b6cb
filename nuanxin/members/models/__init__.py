"""Rows of the members floor."""

from nuanxin.members.models.application import Application, ApplicationAct, ApplicationDraft, Consent
from nuanxin.members.models.card import Card, CardCheck, CardCode
from nuanxin.members.models.cells import (
    Cell,
    CellClaim,
    CellMessage,
    CellReceipt,
    CellTransfer,
    DirectoryEntry,
    DirectoryMove,
    DirectoryVoid,
    EarlierStay,
)
from nuanxin.members.models.ceremony import Ceremony, CeremonyGuest, CeremonyJoining, CeremonyKit
from nuanxin.members.models.contests import Contest, Lapse
from nuanxin.members.models.credential import Credential, CredentialUse
from nuanxin.members.models.duplicates import Duplicate, DuplicateDue, DuplicateKey, Merge, Sweep
from nuanxin.members.models.membership import (
    Filing,
    Membership,
    MembershipEntry,
    PhoneRelease,
    TransferAnswer,
    TransferRequest,
)
from nuanxin.members.models.roster import Roster, RosterChunk, RosterFile, RosterRow
from nuanxin.members.models.worker import AssuranceProof, Worker, WorkerOccupation

__all__ = [
    "Application",
    "ApplicationAct",
    "ApplicationDraft",
    "AssuranceProof",
    "Card",
    "CardCheck",
    "CardCode",
    "Cell",
    "CellClaim",
    "CellMessage",
    "CellReceipt",
    "CellTransfer",
    "Ceremony",
    "CeremonyGuest",
    "CeremonyJoining",
    "CeremonyKit",
    "Consent",
    "Contest",
    "Credential",
    "CredentialUse",
    "DirectoryEntry",
    "DirectoryMove",
    "DirectoryVoid",
    "Duplicate",
    "DuplicateDue",
    "DuplicateKey",
    "EarlierStay",
    "Filing",
    "Lapse",
    "Membership",
    "MembershipEntry",
    "Merge",
    "PhoneRelease",
    "Roster",
    "RosterChunk",
    "RosterFile",
    "RosterRow",
    "Sweep",
    "TransferAnswer",
    "TransferRequest",
    "Worker",
    "WorkerOccupation",
]
