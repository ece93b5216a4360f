/* How much work a reason costs: the steps (blocks of code that run) are counted, so that nothing
 * depends on the machine's speed. This program is compiled with -fsanitize-coverage=trace-pc, which
 * calls the function below in each block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postfix/asked_delay.h"
#include "postfix/diagnosis.h"
#include "postfix/reason.h"

static uint64_t steps;

#ifdef __clang__
#define NOT_COUNTED __attribute__((no_sanitize("coverage")))
#else
#define NOT_COUNTED __attribute__((no_sanitize_coverage))
#endif

NOT_COUNTED void __sanitizer_cov_trace_pc(void);
NOT_COUNTED void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

/* A reply of `size` bytes made of `words`, again and again. */
static void make_reason(struct buffer *out, const char *words, size_t size)
{
	buffer_clear(out);
	buffer_append_string(out, "host mx.example.com[192.0.2.1] said: 450-4.2.1 ");
	while (out->len < size)
		buffer_append_string(out, words);
	buffer_append_string(out, "end (in reply to RCPT TO command)");
}

static uint64_t count_steps(const char *words, size_t size)
{
	BUFFER_AUTO struct buffer text = {0}, class = {0};
	struct reason parsed;

	make_reason(&text, words, size);
	steps = 0;
	reason_parse(buffer_slice(&text), &parsed);
	assert_non_null(diagnosis_find(buffer_slice(&text), SLICE("")));
	reason_class(&class, buffer_slice(&text));
	asked_delay(buffer_slice(&text));
	return steps;
}

/* Twice the length costs at most twice the steps, and a few for each byte. */
static void test_steps_grow_with_the_length(void **state)
{
	static const char *const words[] = {"450-4.2.1 x ", "450-", "450- ", "x?450-4.2.1 ?",
	    "450-450-450 4.2.1 ", "connect ", "450 4.2.", " (in reply to ", "???????", "aaaaaaaa",
	    "        ", "host mx.example.com[", "4.4.4.4.4.4.",
	    "450-4.2.1 host x[1] said: ", "again 1m1m1m1m", "wait 1 1 1 1 ", "1:1:1:1:"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		uint64_t one = count_steps(words[i], 65536);
		uint64_t two = count_steps(words[i], 2 * 65536);

		if (one == 0 || two > 2 * one + 10000 || one > 100 * UINT64_C(65536))
			fail_msg("%s: %llu, then %llu steps", words[i], (unsigned long long)one,
			    (unsigned long long)two);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steps_grow_with_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
