"""The cadres' door: unions' staff and enterprises' people offices at a browser.

One module for each task area, blind to each other; the skeleton here knows them all. Holds no rule.
"""
