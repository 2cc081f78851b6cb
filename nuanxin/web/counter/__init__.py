"""The counter's door: a partner's phone or scanner checks a member's code and learns no more than it must.

Owns the pages of enrolled devices and the cookie that holds a device's key; every rule and every write is below. May
import web.kit and the floors under web.
"""
