"""A workflow as one file: written out of here, and taken over elsewhere, where nothing of it runs by itself."""
