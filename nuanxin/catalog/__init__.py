"""What the union offers: services and who may have them, yearly targets, and one row for each person and time served.

Floor 6, beside `bookings`, of which it knows nothing. What is scarce is booked there; what is offered stands above both.
"""
