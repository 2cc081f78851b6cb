"""Pure decisions of the access floor."""
