#!/bin/sh
# In the container it has the place of Triton's stub, which runs one instance of the model: instances load one after
# another. A stub that gets no CPU for a second while it loads counts as dead ("is not healthy"), and takes the server
# with it; on a slow machine four at a time do not get through. The eighth argument is the instance's name, work_0_3.
export LAB_STARTED=/dev/shm/started # Empty at each start of the container; the model puts its instance's name there.
before=$((${8##*_} - 1))
tries=200
while [ "$before" -ge 0 ] && [ ! -e "$LAB_STARTED/${8%_*}_$before" ] && [ "$tries" -gt 0 ]; do
    sleep 0.5
    tries=$((tries - 1)) # One that died must not keep the others for ever.
done
exec "$0.real" "$@"
