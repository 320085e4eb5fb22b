// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// All of our programs in one object file: compiled in one go, and the kernel's types are read once for all of them.

#include "recorder.bpf.c"
#include "gate.bpf.c"
