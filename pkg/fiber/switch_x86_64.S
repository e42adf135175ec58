/*
 * System V ABI for x86-64, 3.2.1: rbx, rbp, r12 to r15, the control bits of mxcsr and the
 * x87 control word belong to the caller.
 *
 * A saved stack, from its pointer up: mxcsr and x87 control word, r15, r14, r13, r12, rbx,
 * rbp, return address.
 */
	.text

	.globl	fiber_switch
	.hidden	fiber_switch
	.type	fiber_switch, @function
	.balign	16
fiber_switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)

	/* Both stacks have the same layout here, so the unwinding rules go on to hold. */
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp

	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	ret
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

	.globl	fiber_switch_prepare
	.hidden	fiber_switch_prepare
	.type	fiber_switch_prepare, @function
	.balign	16
fiber_switch_prepare:
	.cfi_startproc
	andq	$-16, %rdi
	leaq	-80(%rdi), %rax		/* 64 bytes saved; start runs at top - 16, aligned */
	stmxcsr	(%rax)
	fnstcw	4(%rax)
	movq	$0, 8(%rax)		/* r15 */
	movq	$0, 16(%rax)		/* r14 */
	movq	%rsi, 24(%rax)		/* r13: entry */
	movq	%rdx, 32(%rax)		/* r12: arg */
	movq	$0, 40(%rax)		/* rbx */
	movq	$0, 48(%rax)		/* rbp: the last frame */
	leaq	start(%rip), %rcx
	movq	%rcx, 56(%rax)
	ret
	.cfi_endproc
	.size	fiber_switch_prepare, . - fiber_switch_prepare

	.type	start, @function
	.balign	16
start:
	.cfi_startproc
	.cfi_undefined %rip		/* backtraces end here */
	movq	%r12, %rdi
	call	*%r13
	ud2
	.cfi_endproc
	.size	start, . - start

	.section .note.GNU-stack, "", @progbits
