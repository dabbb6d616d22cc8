"""pixret.cli."""
