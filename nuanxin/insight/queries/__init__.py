"""Reads of tallies. Every number on a page comes from one statement, so from one moment; no member is scanned."""

from nuanxin.insight.queries.assurance import AssuranceRates, ChildRungs, Rung, assurance_rates
from nuanxin.insight.queries.dashboard import Breakdown, ChildRow, Dashboard, TrendDay, dashboard
from nuanxin.insight.queries.doors import DoorFunnels, Funnel, UnionFunnel, door_funnels
from nuanxin.insight.queries.recount import Mismatch, recount
from nuanxin.insight.queries.scopes import Crumb, ScopeView, region_scope, scope_in_reach, union_scope
from nuanxin.insight.queries.tallies import TallyRow, TallyTable, tallies

__all__ = [
    "AssuranceRates",
    "Breakdown",
    "ChildRow",
    "ChildRungs",
    "Crumb",
    "Dashboard",
    "DoorFunnels",
    "Funnel",
    "Mismatch",
    "Rung",
    "ScopeView",
    "TallyRow",
    "TallyTable",
    "TrendDay",
    "UnionFunnel",
    "assurance_rates",
    "dashboard",
    "door_funnels",
    "recount",
    "region_scope",
    "scope_in_reach",
    "tallies",
    "union_scope",
]
