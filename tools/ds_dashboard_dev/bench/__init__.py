"""`make bench`: figures of the system that anyone can measure again, each beside its aim."""
