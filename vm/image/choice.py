"""Which image a machine gets: the imported one the user chose, or the one built from the recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vm.image.build import built_image
from vm.image.recipe import recipe
from vm.image.store import Image, chosen_image, load_image
from vm.side_by_side import side_by_side


def ready_image(images: Path) -> Image | None:
    """The image to use now if nothing has to be built for it."""
    return chosen_image(images) or load_image(images / recipe().digest)


def current_image(
    images: Path, progress: Callable[[str], None], beside: Callable[[], object] = lambda: None
) -> Image:
    """The image to use now; built first when it must be, and then `beside` runs beside that.

    Raises HostSetupError, or what `beside` raises.
    """
    if (image := ready_image(images)) is not None:
        return image
    built: Image
    built, _ = side_by_side(lambda: built_image(images, recipe(), progress), beside)
    return built
