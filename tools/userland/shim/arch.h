/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the clear_page.S of arm64 and riscv, whose own headers are empty here. NAME_exported
 * is for the tests. Instructions that QEMU may not have are macros that do what they do.
 */
#define SYM_FUNC_START(name)		.globl name; .type name, %function; .p2align 2; name:
#define SYM_FUNC_END(name)		.size name, . - name
#define SYM_FUNC_ALIAS(alias, name)	.globl alias; .set alias, name
#define EXPORT_SYMBOL(name)		.globl name##_exported; .set name##_exported, name

#ifdef __aarch64__
/* As what MOPS says has been patched in. */
#define CONFIG_AS_HAS_MOPS		1
#define alternative_if_not		.if
#define ARM64_HAS_MOPS			!MOPS
#define alternative_else_nop_endif	.endif
	.macro setpn dst, n, value
	adrp	x16, test_reads
	ldr	x17, [x16, :lo12:test_reads]
	add	x17, x17, #1
	str	x17, [x16, :lo12:test_reads]
	.endm
	.macro setmn dst, n, value
	cbz	x1, 91f
90:	stp	xzr, xzr, [x0], #16
	subs	x1, x1, #16
	b.ne	90b
91:
	.endm
	.macro seten dst, n, value
	.endm
/* What the register says is the tests', and each time it is read is counted. */
#define mrs				READ_SYSREG
	.macro READ_SYSREG reg, name
	setpn	0, 0, 0
	adrp	x16, test_\name
	ldr	\reg, [x16, :lo12:test_\name]
	.endm
#endif

#ifdef __riscv
/* As riscv_cpufeature_patch_check() has it for a processor with blocks of BLOCK bytes. */
#define RISCV_ISA_EXT_ZICBOZ		0
#define ALTERNATIVE(old, new, vendor, id, option) ALTERNATIVE_ORDER old, new, (id) >> 16
	.macro ALTERNATIVE_ORDER old, new, order
	.if BLOCK && BLOCK <= 1 << (\order)
	\new
	.else
	\old
	.endif
	.endm
#define CBO_ZERO(base)			ZERO_BLOCK base
	.macro ZERO_BLOCK base
	li	t1, BLOCK
	add	t1, t1, \base
	mv	t0, \base
90:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 90b
	.endm
#endif
	.section .note.GNU-stack, "", %progbits
	.text
