"""Running an installation: set it up, keep its processes alive, save and restore it, assemble what is built.

Owns no table and no rule of the subject; only the command line (`nuanxin.cli`) imports it. May import every floor for
the one call that a command stands for.
"""
