/* SPDX-License-Identifier: GPL-2.0 */
#define ENTRY(name)	.globl name; .type name, @function; .p2align 4; name:

	.section .note.GNU-stack, "", @progbits
	.text

/*
 * Called in place of the function that the alternatives would select: notes the
 * arguments and goes on to test_x86_target, if any. Changes no register but
 * those that the real functions do, and does change these.
 */
ENTRY(test_x86_stub)
	movq	%rdi, test_x86_addr(%rip)
	movq	%rsi, test_x86_len(%rip)
	incq	test_x86_calls(%rip)
	movq	test_x86_target(%rip), %rcx
	movq	$-4096, %rax
	testq	%rcx, %rcx
	jz	1f
	jmp	*%rcx
1:	movq	%rax, %rdi
	movq	%rax, %rcx
	ret

/*
 * unsigned long test_x86_regs(void (*fn)(void *, unsigned long), void *addr,
 *			       unsigned long len, unsigned char xmm[16][16])
 *
 * Calls fn(addr, len) with a known value in every register. Returns a bit for
 * each that is another afterwards: bit 0 rbx, 1 rbp, 2 rdx, 3 rsi, 4..11 r8 to
 * r15, 12 the stack pointer, 13 the direction flag. %xmm0 to %xmm15 start as
 * all ones and are stored to xmm.
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
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	$-0x1230, %rbx
	movq	$-0x1231, %rbp
	movq	$-0x1232, %rdx
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	movq	$-0x1240 - \n, %r\n
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pcmpeqd	%xmm\n, %xmm\n
	.endr
	movq	$-0x1233, %rcx
	call	*%rax

	pushfq
	popq	%rcx
	shrq	$10, %rcx		/* the direction flag */
	andl	$1, %ecx
	shll	$13, %ecx
	movl	%ecx, %eax
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
