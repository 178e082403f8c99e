"""`cds-service sandbox`: for integration testers, with any FHIR R4 server.

Puts the fixture patients there and takes them away again; plays the EHR against a running service; saves what was
exchanged as a new fixture.
"""
