"""Forms of training; what they take is checked by the services."""
