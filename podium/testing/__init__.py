"""Virtual time, an engine without threads, fakes of the ports, and the suite that every backend passes."""
