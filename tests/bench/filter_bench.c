/* Filters and groups over a large index: what each costs in time that passes and in time of both
 * processors, with and without replies that are unique.
 *     filter_bench [messages [filters|groups|FILTER]]      a table on standard output */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "index/groups.h"
#include "world.h"

#define RUNS 50

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct times {
	double ms[RUNS], cpu;
	size_t count;
};

static void report(const char *name, struct times *t, uint64_t matched)
{
	qsort(t->ms, t->count, sizeof(*t->ms), compare_doubles);
	printf("| %-46.46s | %8.2f | %8.2f | %8.2f | %8llu |\n", name, t->ms[t->count / 2],
	    t->ms[t->count - 1 - t->count / 100], t->cpu / (double)t->count,
	    (unsigned long long)matched);
	fflush(stdout);
}

/* Message n. Without unique replies, those of a domain are all the same. */
static void tell(struct index *ix, uint64_t n, int64_t now, bool unique)
{
	MESSAGE_AUTO struct message m;
	struct world_message w;

	message_init(&m);
	world_message(n, now, false, &w);
	if (w.long_id)
		snprintf(m.id, sizeof(m.id), "4bJkB%05lluz%07llu", (unsigned long long)(n % 100000),
		    (unsigned long long)n);
	else
		snprintf(m.id, sizeof(m.id), "%05llX%llX", (unsigned long long)(n * 7 % 0xF4240),
		    (unsigned long long)(n + 0x10000));
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN |
		  MESSAGE_KNOWS_SUBJECT | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_REASONS |
		  MESSAGE_KNOWS_DETAILS;
	m.arrival = m.create_time = w.arrival_us / 1000000;
	m.next_retry = w.next_retry;
	m.size = w.body + 500;
	m.inode = n + 0x10000;
	m.sender = slice_of(w.sender);
	m.subject = slice_of(w.subject);
	m.client_name = slice_of(w.client_name);
	m.client_address = slice_of(w.client_address);
	m.login = slice_of(w.login);
	m.helo = slice_of(w.helo);
	for (unsigned r = 0; r < w.recipients; r++) {
		struct world_recipient from;
		struct message_recipient *to = message_add_recipient(&m);
		world_recipient(&w, r, &from);
		if (!unique && from.diagnostic[0])
			snprintf(from.reason, sizeof(from.reason),
			    "host %s[198.51.100.7] said: 452 4.2.2 Over quota", from.host);
		to->address = message_keep(&m, slice_of(from.address));
		to->reason = message_keep(&m, slice_of(from.reason));
		to->dsn = message_keep(&m, slice_of(from.dsn));
		to->remote = message_keep(&m, slice_of(from.host));
	}
	index_upsert(ix, &m);
}

/* A few changes between two measurements, so that nothing can be answered from before. */
static void churn(struct index *ix, uint64_t count, int64_t now, bool unique)
{
	static uint64_t next;

	for (int i = 0; i < 20; i++, next++)
		tell(ix, next % count, now + (int64_t)(next & 1), unique);
}

/* What filters found is kept for the next time: some others are asked for, until it is not. */
static void forget(struct index *ix, int64_t now)
{
	struct index_match match;
	char text[40];

	for (unsigned i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "recipients=%u", 1000 + i);
		struct filter *f = filter_parse(slice_of(text), NULL);
		index_count(ix, f, now, &match);
		filter_free(f);
	}
}

static void bench_filter(
    struct index *ix, uint64_t count, int64_t now, bool unique, struct slice text)
{
	struct filter_error problem;
	struct filter *f = filter_parse(text, &problem);
	struct index_sort sort = {INDEX_SORT_ARRIVAL, true};
	struct index_match match = {0};
	struct times t = {0};
	uint32_t rows[100];
	char name[60];
	double begin = now_ms();

	snprintf(name, sizeof(name), "%.*s", text.len > 50 ? 50 : (int)text.len, text.data);
	if (!f) {
		printf("%s: column %u, expected %s\n", name, problem.column, problem.expected);
		return;
	}
	while (t.count < RUNS && (t.count < 5 || now_ms() - begin < 5000)) {
		churn(ix, count, now, unique);
		forget(ix, now);
		double start = now_ms(), cpu = cpu_ms();
		index_page(ix, f, sort, SLICE(""), 100, now, rows, &match, NULL, NULL);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
	}
	report(name, &t, match.messages);
	t = (struct times){.count = 0};
	while (t.count < RUNS) {
		churn(ix, count, now, unique);
		double start = now_ms(), cpu = cpu_ms();
		index_page(ix, f, sort, SLICE(""), 100, now, rows, &match, NULL, NULL);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
	}
	snprintf(name, sizeof(name), "  the same, asked for again");
	report(name, &t, match.messages);
	filter_free(f);
}

static void one_sender(struct buffer *out, unsigned n)
{
	buffer_printf(out, "from:=customer.%u@sender11.example", n);
}

static void one_id(struct buffer *out, unsigned n)
{
	buffer_printf(out, "%05X", n);
}

static void one_user(struct buffer *out, unsigned n)
{
	buffer_printf(out, "to:user%u@", n);
}

static void one_domain(struct buffer *out, unsigned n)
{
	buffer_printf(out, "from:*@sender%u.example", n);
}

static void one_pattern(struct buffer *out, unsigned n)
{
	buffer_printf(out, "from:*%u*@*.example", n);
}

/* What an operator pastes: `count` IDs, senders or recipients joined by `or`. */
static void bench_list(struct index *ix, uint64_t count, int64_t now, bool unique,
    void (*one)(struct buffer *, unsigned), unsigned terms)
{
	BUFFER_AUTO struct buffer text = {0};

	for (unsigned i = 0; i < terms && text.len < FILTER_TEXT_MAX - 60; i++) {
		buffer_append_string(&text, i ? " or " : "");
		one(&text, i * 7);
	}
	bench_filter(ix, count, now, unique, buffer_slice(&text));
}

static void bench_filters(struct index *ix, uint64_t count, int64_t now, bool unique)
{
	static const char *const texts[] = {"", "queue:deferred", "age>2h size>1k",
	    "from:sender11.example reason:refused", "a7 or reason:unusual or subject:99",
	    "zebra9 or qx7q or overflown", "a7 or 99 or e", "a or e or o",
	    "user1 or mx.dest or refused", "-zebra9 -qx7q -overflown", "zebra9 qx7q overflown",
	    "domain:dest1.example age>1h", "to:*@dest7.example", "diagnosis:over-quota",
	    "reason:\"\"", "subject:invoice -from:customer"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		bench_filter(ix, count, now, unique, slice_of(texts[i]));
	bench_list(ix, count, now, unique, one_sender, 5000);
	bench_list(ix, count, now, unique, one_id, 10000);
	bench_list(ix, count, now, unique, one_user, 10000);
	bench_list(ix, count, now, unique, one_domain, 5000);
	bench_list(ix, count, now, unique, one_pattern, 5000);
}

static void bench_groups(struct index *ix, uint64_t count, int64_t now, bool unique,
    const enum group_key *keys, size_t key_count, const char *filter)
{
	struct filter *f = filter_parse(slice_of(filter), NULL);
	struct times t = {0};
	uint64_t groups = 0;
	char name[100];

	while (t.count < 20) {
		struct groups g;
		churn(ix, count, now, unique);
		forget(ix, now);
		double start = now_ms(), cpu = cpu_ms();
		groups_count(ix, f, keys, key_count, 20, now, &g);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
		groups = g.count + g.other_groups;
		groups_free(&g);
	}
	snprintf(name, sizeof(name), "by %s%s%s %s", group_key_name(keys[0]),
	    key_count > 1 ? "," : "", key_count > 1 ? group_key_name(keys[1]) : "", filter);
	report(name, &t, groups);
	filter_free(f);
}

static void bench_table(struct index *ix, uint64_t count, int64_t now, bool unique,
    enum group_key row, enum group_key column)
{
	const enum group_key keys[2] = {row, column};
	const size_t limits[2] = {20, 20};
	struct times t = {0};
	char name[100];

	while (t.count < 20) {
		struct groups_table table;
		churn(ix, count, now, unique);
		forget(ix, now);
		double start = now_ms(), cpu = cpu_ms();
		groups_table_count(ix, NULL, keys, limits, now, &table);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
		groups_table_free(&table);
	}
	snprintf(
	    name, sizeof(name), "table by %s, %s", group_key_name(row), group_key_name(column));
	report(name, &t, 0);
}

static void bench_all_groups(struct index *ix, uint64_t count, int64_t now, bool unique)
{
	enum group_key keys[2];

	for (keys[0] = 0; keys[0] < GROUP_KEY_COUNT; keys[0]++)
		bench_groups(ix, count, now, unique, keys, 1, "");
	for (keys[0] = 0; keys[0] < GROUP_KEY_COUNT; keys[0]++) {
		for (keys[1] = keys[0] + 1; keys[1] < GROUP_KEY_COUNT; keys[1]++)
			bench_table(ix, count, now, unique, keys[0], keys[1]);
	}
	keys[0] = GROUP_SENDER;
	keys[1] = GROUP_RECIPIENT_DOMAIN;
	bench_groups(ix, count, now, unique, keys, 2, "");
	keys[1] = GROUP_AGE;
	bench_groups(ix, count, now, unique, keys, 2, "");
	keys[0] = GROUP_RECIPIENT_DOMAIN;
	bench_groups(ix, count, now, unique, keys, 1, "age>2h");
	bench_groups(ix, count, now, unique, keys, 1, "from:sender11.example");
	bench_groups(ix, count, now, unique, keys, 1, "zebra9 or qx7q or overflown");
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	const char *what = argc > 2 ? argv[2] : "";
	int64_t now = clock_now();

	for (int unique = 0; unique < 2; unique++) {
		struct index *ix = index_create();
		index_scan_begin(ix, true, count);
		for (uint64_t n = 0; n < count; n++)
			tell(ix, n, now, unique);
		index_scan_end(ix, true, now);
		double start = cpu_ms();
		while (index_settle(ix, 1000))
			continue;
		printf("\n%llu messages, %s; classes and diagnoses settled in %.0f ms\n\n"
		       "| %-46s | p50 ms   | p99 ms   | CPU ms   | matched or groups |\n"
		       "|---|---|---|---|---|\n",
		    (unsigned long long)count,
		    unique ? "40 % of the replies unique" : "shared replies", cpu_ms() - start, "");
		bool filters = strcmp(what, "filters") == 0, groups = strcmp(what, "groups") == 0;
		if (*what && !filters && !groups)
			bench_filter(ix, count, now, unique, slice_of(what));
		if (!*what || filters)
			bench_filters(ix, count, now, unique);
		if (!*what || groups)
			bench_all_groups(ix, count, now, unique);
		index_free(ix);
	}
	return 0;
}
