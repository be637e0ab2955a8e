// SPDX-License-Identifier: GPL-2.0
/*
 * Lets calls fail that the module under test makes and that fail for other
 * reasons than memory: of ciphers, sockets, routes. For x86, where the first
 * thing on the stack of a function is who has called it.
 *
 * In /sys/module/call_faults/parameters:
 *
 * start, end: text of the module under test; no other calls count
 * function: the one to fail; instead of being run it returns at once. Writing
 *	it sets the counters to 0; an empty name, and none fails any more
 * error: what it returns then
 * nth: the call of this number fails
 * every: each call whose number can be divided by this fails
 * calls, failed: how many there were
 */

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/string.h>

static char function[64];
static struct kprobe probe;
static unsigned long start, end;
static long error;
static unsigned int nth, every;
static atomic_t calls, failed;

void call_faults_return(void);

asm(".pushsection .text\n"
    ".type call_faults_return, @function\n"
    "call_faults_return:\n"
    "	" ASM_RET
    ".size call_faults_return, . - call_faults_return\n"
    ".popsection\n");

static bool fails(unsigned int call)
{
	unsigned int divisor = READ_ONCE(every);

	return call == READ_ONCE(nth) || (divisor && !(call % divisor));
}

/* At the first instruction of the function, in any context. */
static int enter(struct kprobe *p, struct pt_regs *regs)
{
	unsigned long caller = *(unsigned long *)regs->sp;

	if (caller < READ_ONCE(start) || caller >= READ_ONCE(end) ||
	    !fails(atomic_inc_return(&calls)))
		return 0;
	atomic_inc(&failed);
	regs->ax = READ_ONCE(error);
	regs->ip = (unsigned long)call_faults_return;
	return 1;
}
NOKPROBE_SYMBOL(enter);

/* A probe with this one is never made a jump, which would go on with the
 * function whatever enter() says.
 */
static void after(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}
NOKPROBE_SYMBOL(after);

static void stop(void)
{
	if (*function)
		unregister_kprobe(&probe);
	*function = '\0';
}

/* The lock of this module's parameters is held. */
static int function_set(const char *value, const struct kernel_param *param)
{
	char name[sizeof(function)];
	int err;

	if (strscpy(name, value, sizeof(name)) < 0)
		return -ENAMETOOLONG;
	stop();
	atomic_set(&calls, 0);
	atomic_set(&failed, 0);
	strscpy(function, strim(name), sizeof(function));
	if (!*function)
		return 0;
	probe = (struct kprobe){ .symbol_name = function, .pre_handler = enter,
				 .post_handler = after };
	err = register_kprobe(&probe);
	if (err)
		*function = '\0';
	return err;
}

static const struct kernel_param_ops function_ops = { .set = function_set };

module_param_cb(function, &function_ops, NULL, 0200);
module_param(start, ulong, 0600);
module_param(end, ulong, 0600);
module_param(error, long, 0600);
module_param(nth, uint, 0600);
module_param(every, uint, 0600);
module_param_named(calls, calls.counter, int, 0400);
module_param_named(failed, failed.counter, int, 0400);

static void __exit call_faults_exit(void)
{
	stop();
}
module_exit(call_faults_exit);

MODULE_DESCRIPTION("failing calls of the module under test");
MODULE_LICENSE("GPL");
