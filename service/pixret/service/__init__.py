"""pixret.service."""
