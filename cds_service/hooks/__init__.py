"""From a hook request to a decision, pure: the hooks and what they ask for, steps 4 to 6, and what would change it."""
