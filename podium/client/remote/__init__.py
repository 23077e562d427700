"""
The client of a server: Podium's, an open-source Conductor's, or an Orkes cluster's.

``settings`` say where it is; ``wire`` carries calls, ``session`` asks them with tokens and again, ``refusals`` turns
answers into errors, ``server`` asks in nouns; the rest are the verbs of `podium.Client`, and the workers' way.
"""
