"""SQLAlchemy tables, unit of work, queries and migrations."""
