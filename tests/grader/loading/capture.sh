#!/bin/sh
# Runs every wrong program of this folder as a tracer, as root on a lab host, and keeps what was written to standard
# error beside it: NAME.bpf.c (loaded by default_tracer.py.txt) or NAME.py.txt (with hello.bpf.c) -> NAME.stderr
# libbpf_NAME are loaded by libbpf_tracer.py.txt (with libbpf_hello.bpf.c), on an interface made for it and with no more
# capabilities than in the jail.
# usage: capture.sh [NAME...]
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/tracer
[ $# -gt 0 ] || set -- $(cd "$here" && ls | sed -n 's/\.bpf\.c$//p; s/\.py\.txt$//p' | grep -v -e '^default_tracer$' -e hello$ -e '^libbpf_tracer$')
for name in "$@"; do
    rm -rf $work && mkdir -p $work
    as="" loader=default_tracer hello=hello
    case $name in libbpf_*)
        loader=libbpf_tracer hello=libbpf_hello
        as="setpriv --bounding-set -all,+bpf,+perfmon,+net_admin,+dac_read_search,+sys_resource"
        as="$as env LAB_INTERFACE=capture LAB_PINS=/sys/fs/bpf/capture PYTHONPATH=/opt/lab/python"
        ip link add capture type veth peer name capture-far
        mkdir /sys/fs/bpf/capture ;;
    esac
    cp "$here/$loader.py.txt" $work/tracer.py
    cp "$here/$hello.bpf.c" $work/tracer.bpf.c
    [ ! -f "$here/$name.py.txt" ] || cp "$here/$name.py.txt" $work/tracer.py
    [ ! -f "$here/$name.bpf.c" ] || cp "$here/$name.bpf.c" $work/tracer.bpf.c
    (cd $work && timeout 120 $as python3 $work/tracer.py >/dev/null 2>"$here/$name.stderr" </dev/null)
    echo "$name: exit code $?"
    [ -z "$as" ] || { ip link del capture; rm -rf /sys/fs/bpf/capture; }
done
