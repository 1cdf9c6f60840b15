"""Everything heavy or replaceable. Files here import one heavy library each and never one another."""
