"""The machine door: `/api/v1/`, the contract that other systems build on. Parse, one call of the domain, answer."""
