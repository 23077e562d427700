"""What engines do outside of themselves for a task type, beside HTTP and events: one module each, run by `runner`."""
