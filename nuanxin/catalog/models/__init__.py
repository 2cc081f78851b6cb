"""Rows of the catalog."""

from nuanxin.catalog.models.delivery import Delivery, Reached, ServiceTally, Uncounted
from nuanxin.catalog.models.service import Area, Budget, Service
from nuanxin.catalog.models.target import Target, TargetClass

__all__ = ["Area", "Budget", "Delivery", "Reached", "Service", "ServiceTally", "Target", "TargetClass", "Uncounted"]
