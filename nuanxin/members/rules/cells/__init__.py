"""Pure rules of membership across cells: who holds a person, what a claim may become, what a message must be."""
