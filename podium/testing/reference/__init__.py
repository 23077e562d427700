"""
What definitions mean, a second time: an interpreter that is simple on purpose, for the engine to agree with.

It shares nothing with the engine but the model and the script languages. It walks over a definition as one reads it
(`interpreter`), asks how the tasks end that others do (`steps.World`), and tells which attempts there must be, in which
order, with which inputs and outputs, and how the run ends (`story.Story`). `agreement` compares that with a run.
"""
