/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For x86's clear_page_64.S and the like, whose own headers are empty here. NAME_end and NAME_exported are for the tests.
 * With NO_CLZERO plain stores stand for that instruction.
 */
#define SYM_FUNC_START(name)		.globl name; .type name, @function; .p2align 4; name:
#define SYM_TYPED_FUNC_START(name)	SYM_FUNC_START(name)
#define SYM_FUNC_START_LOCAL(name)	.type name, @function; .p2align 4; name:
#define SYM_FUNC_END(name)		SHIM_END(name)
#define SHIM_END(name)			.globl name##_end; name##_end: .size name, . - name
#define EXPORT_SYMBOL(name)		SHIM_EXPORTED(name)
#define SHIM_EXPORTED(name)		.globl name##_exported; name##_exported:
#define EXPORT_SYMBOL_GPL(name)		EXPORT_SYMBOL(name)
#define ANNOTATE_NOENDBR
#define _ASM_EXTABLE_UA(from, to)
#define _ASM_EXTABLE_TYPE(from, to, type)
#define RET				ret
#define ALIGN				.p2align 4
#define FRAME_BEGIN
#define FRAME_END
/* Selected by the number FEATURES, a bit each. */
#define X86_FEATURE_REP_GOOD		1
#define X86_FEATURE_ERMS		2
	.macro ALTERNATIVE old, new, feature
	.if FEATURES >> \feature & 1
	\new
	.else
	\old
	.endif
	.endm
#ifdef NO_CLZERO
	.macro clzero
	.irp	offset, 0, 8, 16, 24, 32, 40, 48, 56
	movq	$0, \offset(%rax)
	.endr
	.endm
#endif
	.section .note.GNU-stack, "", @progbits
	.text
