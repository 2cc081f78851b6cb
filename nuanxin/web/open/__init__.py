"""What anybody may see without signing in: health, and pages for the public."""
