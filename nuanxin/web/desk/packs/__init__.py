"""Welcome packs at the desk: stock per place, every movement, and how far the packs have come."""
