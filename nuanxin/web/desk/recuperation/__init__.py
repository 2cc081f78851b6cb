"""Recuperation at the desk: stays within the dated rules, departures, and who comes along."""
