/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few names of cmocka that the tests use, for architectures that Debian
 * cross-compiles to but whose cmocka cannot be installed beside the native
 * one. Prints TAP; the first failed assertion ends its test.
 */
#ifndef _PORTABLE_CMOCKA_H_
#define _PORTABLE_CMOCKA_H_

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*run)(void **state);
};

static jmp_buf portable_failed;

static inline void portable_check(int ok, const char *what, const char *file,
				  int line)
{
	if (ok)
		return;
	printf("# %s:%d: %s\n", file, line, what);
	longjmp(portable_failed, 1);
}

static inline void portable_equal(uintmax_t a, uintmax_t b, const char *what,
				  const char *file, int line)
{
	if (a != b)
		printf("# %#" PRIxMAX " != %#" PRIxMAX "\n", a, b);
	portable_check(a == b, what, file, line);
}

static inline int portable_run_one(const struct CMUnitTest *test)
{
	if (setjmp(portable_failed))
		return 1;
	test->run(NULL);
	return 0;
}

static inline int portable_run(const struct CMUnitTest *tests, size_t n)
{
	int failed = 0;
	size_t i;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("1..%zu\n", n);
	for (i = 0; i < n; i++) {
		int bad = portable_run_one(&tests[i]);

		printf("%sok %zu - %s\n", bad ? "not " : "", i + 1,
		       tests[i].name);
		failed += bad;
	}
	return failed;
}

#define CM_OUTPUT_TAP			0
#define cmocka_set_message_output(form)	((void)(form))
#define cmocka_unit_test(fn)		{ #fn, fn }
#define cmocka_run_group_tests(tests, setup, teardown) \
	portable_run(tests, sizeof(tests) / sizeof((tests)[0]))
#define assert_true(c) \
	portable_check(!!(c), #c, __FILE__, __LINE__)
#define assert_false(c) \
	portable_check(!(c), "!(" #c ")", __FILE__, __LINE__)
#define assert_int_equal(a, b) \
	portable_equal((uintmax_t)(a), (uintmax_t)(b), #a " == " #b, \
		       __FILE__, __LINE__)
#define assert_memory_equal(a, b, size) \
	portable_check(!memcmp(a, b, size), #a " == " #b, __FILE__, __LINE__)
#define print_message(...)		printf(__VA_ARGS__)
#define fail_msg(...) \
	(printf("# " __VA_ARGS__), printf("\n"), \
	 portable_check(0, "failed", __FILE__, __LINE__))

#endif /* _PORTABLE_CMOCKA_H_ */
