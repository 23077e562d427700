"""
The command line.

Results go to the standard output, everything that is said about them to the standard error. Exit codes: 0 done or
completed, 1 the run failed (or the store could not be reached), 2 wrong usage or a wrong definition, 130 interrupted.
"""
