"""For the clinical-governance lead: is the clinical content sound, what awaits a signature, what would a change do?

``check`` looks for content that is uncited, overdue or in conflict with itself; ``review`` lists
what was not read in its source, for signing; ``diff`` assesses the shipped cases under two versions of the content.
The commands are ``cds-service knowledge check|review|diff``.
"""
