#!/bin/busybox sh
# First program of the lab host: modules, disk, network, this installation's keys, then the real init.
/bin/busybox mkdir -p /proc /sys /dev /root
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in virtio_blk failover net_failover virtio_net; do
    /bin/busybox insmod /modules/$module.ko
done
case " $(/bin/busybox cat /proc/cmdline) " in
*" lab.canary "*)
    # The accelerator's boot probe: this kernel reached user space, so it can reach the rest.
    echo "lab: canary" > /dev/ttyS0
    /bin/busybox poweroff -f
    ;;
esac
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do
    /bin/busybox usleep 50000
    tries=$((tries + 1))
done
if ! /bin/busybox mount -t ext4 -o rw,noatime,barrier=0 /dev/vda /root; then
    echo "lab: no root disk" > /dev/ttyS0
    /bin/busybox poweroff -f
fi
# QEMU's user network hands out one fixed address, so there is nothing to negotiate.
/bin/busybox ip link set lo up
/bin/busybox ip link set eth0 up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
/bin/busybox ip route add default via 10.0.2.2
/bin/busybox cp -R /keys/. /root/ 2>/dev/null
/bin/busybox umount /proc /sys
exec /bin/busybox switch_root -c /dev/console /root /sbin/init
