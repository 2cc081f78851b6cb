"""Who may do what, where, and in whose name.

Owns accounts, sign-in codes and trusted phones, roles, posts (role + union subtree, or one enterprise), absences and
delegates, staff sessions, API clients, tokens, partner devices, and the concrete actors. Does not know workers: a
worker's account is an account like any other. May import organizations and everything below.
"""
