#!/bin/sh
# Runs every wrong program of this folder as a tracer, as root on a lab host, and keeps what was written to standard
# error beside it: NAME.bpf.c (loaded by default_tracer.py.txt) or NAME.py.txt (with hello.bpf.c) -> NAME.stderr
# usage: capture.sh [NAME...]
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/tracer
[ $# -gt 0 ] || set -- $(cd "$here" && ls | sed -n 's/\.bpf\.c$//p; s/\.py\.txt$//p' | grep -v -e '^default_tracer$' -e '^hello$')
for name in "$@"; do
    rm -rf $work && mkdir -p $work
    cp "$here/default_tracer.py.txt" $work/tracer.py
    cp "$here/hello.bpf.c" $work/tracer.bpf.c
    [ ! -f "$here/$name.py.txt" ] || cp "$here/$name.py.txt" $work/tracer.py
    [ ! -f "$here/$name.bpf.c" ] || cp "$here/$name.bpf.c" $work/tracer.bpf.c
    (cd $work && timeout 120 python3 $work/tracer.py >/dev/null 2>"$here/$name.stderr" </dev/null)
    echo "$name: exit code $?"
done
