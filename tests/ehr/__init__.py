"""An EHR for tests: a small strict FHIR server over a real socket, with the habits and the faults of real ones.

``record`` holds one patient, ``server`` answers for it, ``personality`` says how strictly and in which pages,
``faults`` breaks one answer or all, and ``dialects`` turn the record into the shape in which a vendor or a national
profile keeps it. Every request is kept, so that a test can say what was asked.
"""
