// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 1, variant: BCC attaches what is written like this by itself, and the program says hello.

RAW_TRACEPOINT_PROBE(sched_process_exec)
{
    bpf_trace_printk("hello\n");
    return 0;
}
