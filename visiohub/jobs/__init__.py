"""What happens by the clock: each job is a use case."""
