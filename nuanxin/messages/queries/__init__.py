"""Reading what was told, to whom, and by which ways somebody can be reached."""

from nuanxin.messages.queries.inbox import Told, get_notice, in_words, inbox, text_of, unread_count, visible_to

__all__ = ["Told", "get_notice", "in_words", "inbox", "text_of", "unread_count", "visible_to"]
