"""Pure decisions: who may be let in at a bus, what becomes of a day that breaks down, which small numbers are hidden."""
