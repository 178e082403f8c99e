"""Tools for those who build or integrate CDS services: a checker for any service, and a sandbox that plays the EHR."""
