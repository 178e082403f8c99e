"""What the operator sees of the service: the log, the metrics, the traces."""
