"""pixret.submissions."""
