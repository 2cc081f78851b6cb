"""Pure decisions of the formation floor."""
