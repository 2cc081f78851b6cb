"""Deciding what is told, by which ways and when. Pure."""

from nuanxin.messages.rules.sentences import SENTENCES, sentence, worded

__all__ = ["SENTENCES", "sentence", "worded"]
