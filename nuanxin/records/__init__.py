"""What must be remembered of every act, whatever its subject.

Owns audit entries (append-only), idempotency keys, attachments, overrides of the working calendar, and the retention
register. Knows no subject: rows point at subjects by type name and id. May import the kernel.
"""
