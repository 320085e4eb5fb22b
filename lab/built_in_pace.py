"""How long waits take before this machine has shown its own pace."""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN: Mapping[str, Mapping[str, float]] = {}
