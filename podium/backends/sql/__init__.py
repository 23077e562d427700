"""
A store in a relational database.

SQLAlchemy knows the schema (`tables`) and writes the SQL (`queries`); the store (`store`) runs those texts on plain
connections, because a round through SQLAlchemy's engine costs more than the row it reads, and its import more than a
short program. What differs between databases is behind one seam (`database`), with one module for each (`sqlite`).
"""
