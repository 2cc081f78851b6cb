"""The check-up bus at the desk: routes, days, scanners, a day that breaks down, and arrivals to decide on."""
