"""Forming unions: what licensing systems report, and what comes of it.

Owns messages about permits and qualifications with everything that was done with each, the licensing systems that may
send them, invitations to enterprises to form a union and enroll their people, and applications filled in beforehand
that a worker confirms. Does not own the enterprise, the application or the roster that comes of it. May import members
and everything below; packages of the same floor are blind to each other.
"""
