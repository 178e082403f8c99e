"""Reading FHIR R4 as it comes: entries of a Bundle, dates with their precision, quantities, codings, references."""
