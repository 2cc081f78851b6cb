"""Writes of the catalog: services and their budgets, targets, deliveries, and what is counted from them."""

from nuanxin.catalog.actions.code_lists import remove_area, remove_class, save_area, save_class
from nuanxin.catalog.actions.counting import carry_persons, carry_services, fold, recount
from nuanxin.catalog.actions.deliveries import Served, deliver, deliver_by_hand, deliver_many, take_back
from nuanxin.catalog.actions.lists import export_deliveries
from nuanxin.catalog.actions.service import end_service, save_service
from nuanxin.catalog.actions.targets import TargetFields, drop_target, save_target

__all__ = [
    "Served",
    "TargetFields",
    "carry_persons",
    "carry_services",
    "deliver",
    "deliver_by_hand",
    "deliver_many",
    "drop_target",
    "end_service",
    "export_deliveries",
    "fold",
    "recount",
    "remove_area",
    "remove_class",
    "save_area",
    "save_class",
    "save_service",
    "save_target",
    "take_back",
]
