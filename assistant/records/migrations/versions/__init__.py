"""One file for each change of the tables, in order; a file that shipped is never edited again."""
