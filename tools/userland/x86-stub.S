/* SPDX-License-Identifier: GPL-2.0 */
#define ENTRY(name)	.globl name; .type name, @function; .p2align 4; name:

	.section .note.GNU-stack, "", @progbits
	.text

	.macro	registers instruction, where
	\instruction	rbx, \where
	\instruction	rbp, \where + 8
	\instruction	rdx, \where + 16
	\instruction	rsi, \where + 24
	\instruction	r8, \where + 32
	\instruction	r9, \where + 40
	\instruction	r10, \where + 48
	\instruction	r11, \where + 56
	\instruction	r12, \where + 64
	\instruction	r13, \where + 72
	\instruction	r14, \where + 80
	\instruction	r15, \where + 88
	\instruction	rax, \where + 96
	\instruction	rsp, \where + 104
	.endm
	.macro	note reg, where
	movq	%\reg, \where(%rip)
	.endm
	.macro	compare reg, where
	cmpq	%\reg, \where(%rip)
	je	1f
	incq	test_x86_changed(%rip)
1:
	.endm

/*
 * Around what alternative_io() selects: note the operands, and count the registers
 * that have changed. Neither changes a register.
 */
ENTRY(test_x86_before)
	incq	test_x86_calls(%rip)
	movq	%rdi, test_x86_addr(%rip)
	movq	%rcx, test_x86_words(%rip)
	movq	%rax, test_x86_zero(%rip)
	movq	$0, test_x86_changed(%rip)
	movq	$0, test_x86_selected(%rip)
	registers note, test_x86_saved
	ret

ENTRY(test_x86_after)
	registers compare, test_x86_saved
	pushfq
	testl	$0x400, (%rsp)		/* the direction flag */
	jz	2f
	incq	test_x86_changed(%rip)
2:	popfq
	cld
	ret

/* In place of clear_pages_orig() in what is selected, and from v7.0 on. */
	.weak	clear_pages_orig
ENTRY(__clear_pages_unrolled)
	jmp	clear_pages_orig
test_x86_called:
	.asciz	"call clear_pages_orig"
ENTRY(test_x86_orig)
	movq	$test_x86_called, test_x86_selected(%rip)
	jmp	clear_pages_orig

/*
 * unsigned long test_x86_regs(void (*fn)(void *, unsigned long), void *addr,
 *			       unsigned long len, unsigned char xmm[16][16])
 *
 * Calls fn(addr, len), or what wants len / 8 in rcx (with test_x86_bytes: len) and
 * 0 in rax, with a known value in every other register. Returns a bit for each that is another afterwards:
 * bit 0 rbx, 1 rbp, 2 rdx, 3 rsi, 4..11 r8 to r15, 12 the stack pointer, 13 the
 * direction flag, 14 rax. %xmm0 to %xmm15 start as all ones and are stored to xmm.
 */
ENTRY(test_x86_regs)
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rcx
	pushq	%rdx
	movq	%rsp, test_x86_rsp(%rip)
	movq	%rdi, test_x86_fn(%rip)
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rdx, %rcx
	cmpb	$0, test_x86_bytes(%rip)
	jne	3f
	shrq	$3, %rcx
3:	movq	$-0x1230, %rbx
	movq	$-0x1231, %rbp
	movq	$-0x1232, %rdx
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	movq	$-0x1240 - \n, %r\n
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pcmpeqd	%xmm\n, %xmm\n
	.endr
	xorl	%eax, %eax
	call	*test_x86_fn(%rip)

	pushfq
	popq	%rcx
	shrq	$10, %rcx		/* the direction flag */
	andl	$1, %ecx
	shll	$13, %ecx
	negq	%rax
	sbbl	%eax, %eax		/* was it 0 */
	andl	$(1 << 14), %eax
	orl	%ecx, %eax
	cld
	.macro	differs bit
	setne	%cl
	movzbl	%cl, %ecx
	shll	$\bit, %ecx
	orl	%ecx, %eax
	.endm
	cmpq	%rsp, test_x86_rsp(%rip)
	differs	12
	movq	test_x86_rsp(%rip), %rsp
	cmpq	$-0x1230, %rbx
	differs	0
	cmpq	$-0x1231, %rbp
	differs	1
	cmpq	$-0x1232, %rdx
	differs	2
	cmpq	(%rsp), %rsi
	differs	3
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	cmpq	$-0x1240 - \n, %r\n
	differs	(\n - 4)
	.endr
	popq	%rdx
	popq	%rcx
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	%xmm\n, 16 * \n(%rcx)
	.endr
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.bss
	.p2align 3
test_x86_rsp:	.quad 0
test_x86_fn:	.quad 0
test_x86_saved:	.skip 112
