"""Pages: what a report folder holds, as one HTML file that needs nothing else."""
