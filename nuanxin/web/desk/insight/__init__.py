"""Dashboards of unions and regions."""
