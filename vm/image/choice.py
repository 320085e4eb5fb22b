"""Which image a machine gets: the imported one the user chose, or the one built from the recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vm.image.build import built_image
from vm.image.recipe import recipe
from vm.image.store import Image, chosen_image


def current_image(images: Path, progress: Callable[[str], None]) -> Image:
    """The image to use now; built first when it must be. Raises HostSetupError."""
    return chosen_image(images) or built_image(images, recipe(), progress)
