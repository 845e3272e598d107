"""A signed-in browser for each person."""

from tests.reviews.conftest import browse as browse
