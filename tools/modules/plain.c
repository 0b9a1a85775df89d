// SPDX-License-Identifier: GPL-2.0
/* Clears nothing, includes what declares it, and says that it is not GPL. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>

MODULE_DESCRIPTION("A module that is not GPL and clears nothing");
MODULE_LICENSE("Proprietary");
