#!/bin/sh
# Turns a fresh Debian root ($1) into the lab host's: run by mmdebstrap as its customize hook.
# $2 is the folder of files to lay over it.
set -eu
root=$1

cp -R "$2"/. "$root"/
chmod 0755 "$root" "$root/etc"

# Root's shell answers every command of the lab: dash starts faster than bash.
sed -i 's|^root:\(.*\):/bin/bash$|root:\1:/bin/dash|' "$root/etc/passwd"
# The recorder's user: a tracer (uid 0 without CAP_KILL) cannot signal it.
chroot "$root" useradd --system --no-create-home --home-dir /run/lab --shell /usr/sbin/nologin lab-recorder

echo lab > "$root/etc/hostname"
printf '127.0.0.1 localhost lab\n::1 localhost\n' > "$root/etc/hosts"
# QEMU's user network: the same address, gateway and name server in every machine; the initrd sets the first two.
rm -f "$root/etc/resolv.conf"
echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"
: > "$root/etc/machine-id"
: > "$root/etc/fstab"
# Keys belong to one installation, never to an image.
rm -f "$root"/etc/ssh/ssh_host_*

for unit in ssh.service docker.service lab-ready.service; do
    chroot "$root" systemctl --quiet enable "$unit"
done
# Nothing the lab needs, all of it time before the first command, or noise in a trace.
chroot "$root" systemctl --quiet mask \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
    e2scrub_reap.service man-db.timer systemd-tmpfiles-clean.timer \
    getty@tty1.service serial-getty@ttyS0.service getty.target \
    systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
    systemd-resolved.service systemd-timesyncd.service networking.service \
    systemd-pstore.service systemd-journal-flush.service systemd-update-utmp.service \
    systemd-hibernate-clear.service systemd-firstboot.service systemd-tpm2-setup.service \
    systemd-tpm2-setup-early.service systemd-journal-catalog-update.service ldconfig.service \
    systemd-update-done.service systemd-machine-id-commit.service sshd-keygen.service
# The kernel and initrd are loaded from outside.
rm -f "$root"/boot/initrd.img-* "$root"/initrd.img* "$root"/vmlinuz*
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root/etc/apt/apt.conf.d/99mmdebstrap"
