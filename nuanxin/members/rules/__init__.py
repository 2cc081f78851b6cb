"""Pure decisions about people: no clock, no database, no request."""
