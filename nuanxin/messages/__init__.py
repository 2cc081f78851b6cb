"""Telling people: one notice per fact, in the app and by text message.

Owns notices, their templates, the outbox of text messages with delivery receipts, and the adapter to the SMS gateway.
Does not decide who must be told: subjects do. May import records and the kernel.
"""
