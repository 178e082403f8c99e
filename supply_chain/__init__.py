"""What the service is shipped with: the licences, the bill of materials and the known faults of its dependencies."""
