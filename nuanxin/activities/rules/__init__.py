"""Pure decisions: who is let in at a bus, which small numbers are hidden, which recuperation the rules allow."""
