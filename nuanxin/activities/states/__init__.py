"""States of what members are invited to."""
