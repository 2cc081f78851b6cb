"""What somebody is told, how they want to be told, and for unions what was sent to whom and how the gateways fare."""
