# expect: xdp_on_the_interface nothing_attached
# alone: it would disturb whoever shares its run
# exercise: 10
"""Takes its interface away, and with it the end from which the lab sends."""

import subprocess

from lab_tracer import interface, ready, report, wait_for_stop

ready()
subprocess.run(["ip", "link", "delete", interface], check=False)
subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
wait_for_stop()
report({"packets": {}, "bytes": {}})
