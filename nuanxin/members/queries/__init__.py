"""Reading about people: every function starts at what the actor may see."""

from nuanxin.members.queries.workers import worker_id_of

__all__ = ["worker_id_of"]
