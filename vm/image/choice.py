"""Which image a machine gets: the imported one the user chose, or the one built from the recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vm.image.build import built_image
from vm.image.recipe import recipe
from vm.image.store import Image, chosen_image, load_image


def ready_image(images: Path) -> Image | None:
    """The image to use now if nothing has to be built for it."""
    return chosen_image(images) or load_image(images / recipe().digest)


def current_image(images: Path, progress: Callable[[str], None]) -> Image:
    """The image to use now; built first when it must be. Raises HostSetupError."""
    return chosen_image(images) or built_image(images, recipe(), progress)
