"""Members who come from, or go to, another registry: what was sent and taken, and the union's answer."""
