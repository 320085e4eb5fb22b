"""What all tests have in common: the site, built once, and no clock in tests with random input."""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from lab.website.build import Site

# A shell starts what goes on in the background with Ctrl-C ignored, and that would be handed on to every
# process that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no mistake.
hypothesis.settings.register_profile("without a clock", deadline=None)
hypothesis.settings.load_profile("without a clock")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """As it would be published now. Processes of pytest that share the tests share it too."""
    # Here, because most tests need no site, and it takes a second to import.
    from lab.website.build import build_site

    own = tmp_path_factory.getbasetemp()
    shared = Path(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "site"
    with FileLock(f"{shared}.lock"):
        if shared.exists():
            kept: Site = pickle.loads(shared.read_bytes())
            return kept
        built = build_site()
        shared.write_bytes(pickle.dumps(built))
        return built
