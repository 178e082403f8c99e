"""The assessment as one object, and what it says about the record: facts found, events, hash."""
