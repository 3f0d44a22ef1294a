import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty data directory that the engines' user can enter, which `tmp_path` of root is not."""
    folder = Path(tempfile.mkdtemp(prefix="pickstream-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
