"""The ground floor: ideas every subject shares, and no tables.

Owns the actor protocol, refusals, state tables, ids, the working calendar, secrets, events, and the identifiers of
Chinese public life (resident ID, credit code, mobile phone). Knows no subject. May import Django and libraries only.
"""
