// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 1: the smallest program. It does nothing, and the kernel counts how often it runs.

int hello(void *ctx) { return 0; }
