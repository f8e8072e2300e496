"""What every room stands on: settings, database, clock, leases, partitions, processes. Knows nothing of the product."""
