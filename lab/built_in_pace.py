"""How long waits take before this machine has shown its own pace: from each milestone to the end, in seconds.

From `lab demo` from nothing, and a second start, on two busy emulated CPUs. Only the proportions matter: this
machine's pace scales them. A milestone is a line of progress as `lab.pace.milestone` shortens it; after a run
from nothing `pace.json` in the cache has them all.
"""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN: Mapping[str, Mapping[str, float]] = {
    "start": {
        "the lab host is not there yet: building its image first": 652,
        "container root: downloading nvidia-pytriton 0.7.0": 650,
        "container root: extracting 8 packages of Debian bookworm": 650,
        "image 1/3: fetching package lists": 634,
        "container root: putting the server and Debian together": 590,
        "image 1/3: installing kernel, BCC and Docker": 546,
        "image 2/3: making the disk": 431,
        "image 3/3: making the initrd": 374,
        "the lab host is not running: booting and preparing it": 374,
        "starting the lab host from cold": 373,
        "the lab host has started": 308,
        "installing the recorder and the session": 305,
        "unpacking the container's root on the lab host": 293,
        "starting lab-target and lab-decoy": 94,
        "warming the Triton servers": 23,
        "the lab host is not running: starting it": 5,
        "saving the prepared machine: from now on it starts in about a second": 4,
    },
    "demo 4 starter": {
        "[2] exercise 4: the starter, as you get it: it must fail": 14,
        "loading the tracer": 10,
        "stopping the tracer": 2,
    },
    "demo 4 solution": {
        "[3] exercise 4: the solution, it must pass": 37,
        "loading the tracer": 33,
        "sending the traffic": 15,
        "stopping the tracer": 4,
    },
    "restart triton": {"starting the server again": 75},
}
