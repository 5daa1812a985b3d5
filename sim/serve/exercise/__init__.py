"""The live exercise in a browser: a page to join, a page per team, the facilitator's, and one for the projector."""
