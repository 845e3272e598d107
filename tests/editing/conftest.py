"""What the tests of the editor share with those of pages."""

from tests.pages.conftest import look

__all__ = ["look"]
