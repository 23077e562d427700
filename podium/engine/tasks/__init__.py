"""System tasks: work that the engine does itself, or has done for it through a port."""
