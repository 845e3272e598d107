"""A farm of models at large: `make farm` makes thousands of calls and exits with an error where a promise is broken."""
