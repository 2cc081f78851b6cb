"""Services, yearly targets, deliveries, and how far everything is."""
