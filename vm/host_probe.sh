# Prints what a lab host has, as KEY=VALUE lines. Arguments: names of the packages to look for.
# Only tools that every Debian has, because it runs before anything was installed.
say() { printf '%s=%s\n' "$1" "$2"; }
yes() { if "$@" >/dev/null 2>&1; then echo 1; else echo 0; fi; }
release=$(uname -r)
. /etc/os-release 2>/dev/null
say distribution "${ID:-unknown}"
say version "${VERSION_ID:-}"
say system "$(uname -s)"
say release "$release"
say machine "$(uname -m)"
say uid "$(id -u)"
say memory_mib "$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)"
say free_mib "$(df -Pm /var | awk 'NR == 2 {print $4}')"
say systemd "$(systemctl --version 2>/dev/null | awk 'NR == 1 {print $2}')"
say running_systemd "$(yes test -d /run/systemd/system)"
say cgroup2 "$(yes test -f /sys/fs/cgroup/cgroup.controllers)"
say kprobes "$(yes test -e /sys/bus/event_source/devices/kprobe)"
say uprobes "$(yes test -e /sys/bus/event_source/devices/uprobe)"
say btf "$(yes test -e /sys/kernel/btf/vmlinux)"
say bpf "$(yes test -e /proc/sys/kernel/unprivileged_bpf_disabled)"
say bpf_stats "$(cat /proc/sys/kernel/bpf_stats_enabled 2>/dev/null)"
say perf_paranoid "$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null)"
say headers "$(yes test -e "/lib/modules/$release/build/Makefile")"
say bcc "$(yes test -e /usr/lib/python3/dist-packages/bcc/__init__.py)"
say bpftool "$(PATH=$PATH:/usr/sbin yes command -v bpftool)"
say clang "$(yes command -v clang)"
say python "$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"
say docker "$(yes test -S /run/docker.sock)"
say bus "$(yes test -S /run/dbus/system_bus_socket)"
say recorder_user "$(yes id lab-recorder)"
say apt "$(yes command -v apt-get)"
for name in "$@"; do
    case "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" in
    installed) ;;
    *) say missing "$name" ;;
    esac
done
say end 1
