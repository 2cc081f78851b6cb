"""Writes of the organizations floor."""

from nuanxin.organizations.actions.dissolving import dissolve_union
from nuanxin.organizations.actions.doors import close_door, give_secret, save_door, take_public_key
from nuanxin.organizations.actions.enterprises import (
    close_enterprise,
    cover_enterprise,
    create_enterprise,
    edit_enterprise,
    end_coverage,
    link_platform,
    register_contact,
    unlink_platform,
)
from nuanxin.organizations.actions.events import EnterpriseCovered, UnionClosed, UnionDissolved, UnionMoved
from nuanxin.organizations.actions.imports import ImportReport, RowResult, import_enterprises, import_unions
from nuanxin.organizations.actions.lists import (
    close_platform,
    list_group,
    save_group,
    save_platform,
    save_set,
    unlist_group,
)
from nuanxin.organizations.actions.rules import (
    change_admission_rule,
    end_admission_rule,
    set_admission_rule,
    set_dated_rule,
)
from nuanxin.organizations.actions.scaffold import PlannedUnion, plan_region, scaffold_region
from nuanxin.organizations.actions.seed import seed_code_lists
from nuanxin.organizations.actions.unions import close_union, create_union, edit_union, move_union, reopen_union

__all__ = [
    "EnterpriseCovered",
    "ImportReport",
    "PlannedUnion",
    "RowResult",
    "UnionClosed",
    "UnionDissolved",
    "UnionMoved",
    "change_admission_rule",
    "close_door",
    "close_enterprise",
    "close_platform",
    "close_union",
    "cover_enterprise",
    "create_enterprise",
    "create_union",
    "dissolve_union",
    "edit_enterprise",
    "edit_union",
    "end_admission_rule",
    "end_coverage",
    "give_secret",
    "import_enterprises",
    "import_unions",
    "link_platform",
    "list_group",
    "move_union",
    "plan_region",
    "register_contact",
    "reopen_union",
    "save_door",
    "save_group",
    "save_platform",
    "save_set",
    "scaffold_region",
    "seed_code_lists",
    "set_admission_rule",
    "set_dated_rule",
    "take_public_key",
    "unlink_platform",
    "unlist_group",
]
