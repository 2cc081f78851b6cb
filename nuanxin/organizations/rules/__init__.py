"""Pure rules about unions, enterprises and dated rows."""
