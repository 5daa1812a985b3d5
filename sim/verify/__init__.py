"""What can and cannot happen under a policy, found without running it."""
