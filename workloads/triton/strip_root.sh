#!/bin/sh
# Run by mmdebstrap on the new root ($1): drop what the server never reads, compile Python once for all containers.
set -eu
root=$1
lib=$(echo "$root"/usr/lib/*-linux-gnu)

rm -rf "$root"/usr/share "$root"/usr/include "$root"/usr/lib/valgrind \
    "$lib"/gconv "$lib"/perl* \
    "$root"/usr/lib/python3/dist-packages/setuptools "$root"/usr/lib/python3/dist-packages/pkg_resources \
    "$root"/usr/lib/python3/dist-packages/numpy/distutils "$root"/usr/lib/python3/dist-packages/numpy/f2py
cd "$root"/usr/lib/python3.11
rm -rf idlelib lib2to3 pydoc_data ensurepip turtledemo tkinter unittest distutils dist-packages
find "$root"/usr/lib/python3 "$root"/usr/lib/python3.11 -depth -type d -name tests -exec rm -rf {} +
mkdir -p "$root"/var/tmp "$root"/usr/share "$root"/proc "$root"/sys "$root"/dev "$root"/models
chmod 1777 "$root"/tmp "$root"/var/tmp

# Packages are extracted, not configured, so nobody chose an alternative for these two.
ln -sf blas/libblas.so.3 "$lib"/libblas.so.3
ln -sf lapack/liblapack.so.3 "$lib"/liblapack.so.3
echo 'root:x:0:0:root:/:/bin/sh' > "$root"/etc/passwd
echo 'root:x:0:' > "$root"/etc/group

# Hash-checked byte code does not depend on file times; without it every process of every container would compile numpy anew.
chroot "$root" /usr/bin/python3.11 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    /usr/lib/python3 /usr/lib/python3.11
chroot "$root" /usr/bin/python3.11 -c 'import numpy; assert numpy.__version__.startswith("1."), numpy.__version__'
