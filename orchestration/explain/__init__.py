"""A version explained to people: its graph, its path in sentences, what it has and what it lacks."""
