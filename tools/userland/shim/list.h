/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's list.h wants, and that file's own text. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define LIST_POISON1		((void *)0x100)
#define LIST_POISON2		((void *)0x122)
struct list_head {
	struct list_head *next, *prev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};
#include "text/list.h"
