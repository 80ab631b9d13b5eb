"""How the tables of the records change from one version of the product to the next, for Alembic."""
