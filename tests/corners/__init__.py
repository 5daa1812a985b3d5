"""Where things go wrong that are no mistake of a file's: disks, clocks, processes, terminals, other systems, and sheer size."""
