"""What the doors share: base pages, partials, template tags, paging by key, Excel files, language and elder view.

Owns no data and no rule. Imports nothing from a door; doors import it.
"""
