"""Pure decisions about what a membership entitles to."""
