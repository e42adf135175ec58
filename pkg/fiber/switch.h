/*
 * fiber/switch.h - from one stack to another without a system call.
 *
 * Saved are what the ABI has a callee save, floating point control words included.
 * The signal mask is the thread's. One assembly file a processor: switch_<processor>.S.
 */
#ifndef FIBER_SWITCH_H
#define FIBER_SWITCH_H

/*
 * Saves the registers on this stack, its pointer in *out_sp, and goes on where to_sp was
 * saved. Returns when somebody switches to *out_sp.
 */
void fiber_switch(void **out_sp, void *to_sp);

/*
 * Lays out a fresh stack that ends at top: the first switch to the pointer returned calls
 * entry(arg), which must not return.
 */
void *fiber_switch_prepare(void *top, void (*entry)(void *arg), void *arg);

#endif
