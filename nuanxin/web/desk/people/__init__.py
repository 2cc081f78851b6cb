"""Members at the desk: found, looked at, changed with proof."""
