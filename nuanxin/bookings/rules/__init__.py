"""Pure decisions: who may have a place, which share gives it, who comes before whom."""
