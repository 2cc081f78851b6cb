from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "nuanxin.bookings"
    label = "bookings"
