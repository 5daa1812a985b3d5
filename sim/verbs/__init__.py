"""The verbs as Python and notebooks call them: names in, answers out that show and draw themselves."""
