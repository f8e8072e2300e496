"""What every room stands on: settings, database, clock, partitions, processes. Knows nothing of the product."""
