/*
 * Procedure call standard for the 64-bit Arm architecture, 6.1: x19 to x29, sp, the low
 * halves of v8 to v15 and fpcr belong to the caller; x30 is the way back.
 *
 * A saved stack, from its pointer up: x19 to x28, x29, x30, d8 to d15, fpcr, padding.
 */
#define SAVED_BYTES 176

	.text

	.globl	fiber_switch
	.hidden	fiber_switch
	.type	fiber_switch, %function
	.balign	16
fiber_switch:
	.cfi_startproc
	sub	sp, sp, #SAVED_BYTES
	.cfi_adjust_cfa_offset SAVED_BYTES
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_rel_offset x29, 80
	.cfi_rel_offset x30, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x2, fpcr
	str	x2, [sp, #160]

	/* Both stacks have the same layout here, so the unwinding rules go on to hold. */
	mov	x3, sp
	str	x3, [x0]
	mov	sp, x1

	ldr	x2, [sp, #160]
	msr	fpcr, x2
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x29, x30, [sp, #80]
	.cfi_restore x29
	.cfi_restore x30
	ldp	x27, x28, [sp, #64]
	ldp	x25, x26, [sp, #48]
	ldp	x23, x24, [sp, #32]
	ldp	x21, x22, [sp, #16]
	ldp	x19, x20, [sp, #0]
	add	sp, sp, #SAVED_BYTES
	.cfi_adjust_cfa_offset -SAVED_BYTES
	ret
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

	.globl	fiber_switch_prepare
	.hidden	fiber_switch_prepare
	.type	fiber_switch_prepare, %function
	.balign	16
fiber_switch_prepare:
	.cfi_startproc
	and	x0, x0, #-16
	sub	x0, x0, #SAVED_BYTES
	stp	x2, x1, [x0, #0]		/* x19: arg, x20: entry */
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	stp	xzr, xzr, [x0, #64]
	adr	x3, start
	stp	xzr, x3, [x0, #80]		/* x29: the last frame */
	stp	xzr, xzr, [x0, #96]
	stp	xzr, xzr, [x0, #112]
	stp	xzr, xzr, [x0, #128]
	stp	xzr, xzr, [x0, #144]
	mrs	x3, fpcr
	stp	x3, xzr, [x0, #160]
	ret
	.cfi_endproc
	.size	fiber_switch_prepare, . - fiber_switch_prepare

	.type	start, %function
	.balign	16
start:
	.cfi_startproc
	.cfi_undefined x30			/* backtraces end here */
	mov	x0, x19
	blr	x20
	brk	#1
	.cfi_endproc
	.size	start, . - start

	.section .note.GNU-stack, "", %progbits
