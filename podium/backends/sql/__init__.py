"""
A store in a relational database.

SQLAlchemy knows the schema (`tables`) and writes the SQL (`queries`); the duties of the store (`runs`, `work`, …,
joined in `store`) run those texts on plain connections, because a round through SQLAlchemy's engine costs more than the
row it reads, and its import more than a short program. What differs between databases is behind two seams: how they
spell (`spelling`), and how they are reached (`database`). What is SQLite's alone is in the modules that are called so.
"""
