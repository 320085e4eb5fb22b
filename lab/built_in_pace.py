"""How long waits take before this machine has shown its own pace: from each milestone to the end, in seconds.

From one run of `lab demo` from nothing on two emulated CPUs. Only the proportions matter: this machine's pace
scales them. A milestone is a line of progress as `lab.pace.milestone` shortens it; after a run from nothing
`pace.json` in the cache has them all.
"""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN: Mapping[str, Mapping[str, float]] = {
    "start": {
        "the lab host is not there yet: building its image first": 562,
        "image 1/3: fetching package lists": 561,
        "image 1/3: installing kernel, BCC and Docker": 533,
        "image 2/3: making the disk": 465,
        "image 3/3: making the initrd": 440,
        "the lab host is not running: booting and preparing it": 434,
        "starting the lab host from cold": 433,
        "the lab host has started": 380,
        "installing the recorder and the session": 357,
        "container root: downloading nvidia-pytriton 0.7.0": 145,
        "container root: putting the server and Debian together": 127,
        "sending the container's root to the lab host": 115,
        "starting lab-target and lab-decoy": 95,
        "warming the Triton servers": 20,
        "the lab host is not running: starting it": 5,
        "saving the prepared machine: from now on it starts in about a second": 2,
    },
    "demo 4 starter": {
        "[2] exercise 4: the starter, as you get it: it must fail": 56,
        "loading the tracer": 51,
        "sending the traffic": 39,
        "stopping the tracer": 5,
    },
    "demo 4 solution": {
        "[3] exercise 4: the solution, it must pass": 71,
        "loading the tracer": 66,
        "sending the traffic": 41,
        "stopping the tracer": 5,
    },
    "restart triton": {"starting the server again": 75},
}
