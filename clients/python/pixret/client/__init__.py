"""pixret.client."""
