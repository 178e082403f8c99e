"""Pages for people: the rules, the numbers and the sources that decide, with nothing loaded from elsewhere."""
