"""Coupons at the desk: kinds and their stock, what was redeemed, and what partners are paid."""
