"""Writes of the catalog: services and their budgets, targets, deliveries, and what is counted from them."""

from nuanxin.catalog.actions.counting import carry_services, fold, recount
from nuanxin.catalog.actions.deliveries import Served, deliver, deliver_by_hand, deliver_many, take_back
from nuanxin.catalog.actions.services import end_service, save_service
from nuanxin.catalog.actions.targets import drop_target, save_target

__all__ = [
    "Served",
    "carry_services",
    "deliver",
    "deliver_by_hand",
    "deliver_many",
    "drop_target",
    "end_service",
    "fold",
    "recount",
    "save_service",
    "save_target",
    "take_back",
]
