"""Why each transition of one run happened, how near the others came, and the smallest changes that would alter them."""
