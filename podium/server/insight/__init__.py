"""How things stand in a store: what fails and why, what waits and for what, how fast things go, what lies in queues."""
