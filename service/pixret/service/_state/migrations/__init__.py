"""How the tables of a state came to be, and how an older state becomes a newer one."""
