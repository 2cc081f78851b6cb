"""States of what a membership entitles to, a module for each kind."""
