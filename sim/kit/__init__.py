"""The facilitator's kit of an exercise: what is handed out, read out and kept, made from the same file that is played."""
