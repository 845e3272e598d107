"""The classifier, trained once for all tests of the sample, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from deploy.sample import train


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a trained classifier in it."""
    pytest.importorskip("sklearn", reason="the extra “sample” is not installed")
    home = tmp_path_factory.mktemp("sample")
    with override_settings(HANDRAIL_HOME=home):
        train.train()
    return home


@pytest.fixture
def trained(trained_home: Path) -> Iterator[Path]:
    """The settings of an installation whose classifier is trained."""
    with override_settings(HANDRAIL_HOME=trained_home):
        yield trained_home
