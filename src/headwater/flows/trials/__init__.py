"""A flow tried before it runs: simulated for one person, tested by its own file, replayed over stored history."""
