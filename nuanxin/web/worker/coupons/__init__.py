"""Coupons on the phone: what one has, the line for new ones, and taking one."""
