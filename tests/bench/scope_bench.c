/* What a scope costs: the same questions within a scope of ten domains, which matches one message
 * in a hundred, and of everybody with that filter typed beside the question. In CPU time of this
 * process, so that what else the machine does is not measured:
 *     scope_bench [messages]      a table on standard output
 * warm: asked again after a few messages have changed, as an open page asks. cold: after so much
 * has changed that nothing that was found before is of use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "index/index.h"
#include "query/completions.h"
#include "query/groups.h"

#define WARM_RUNS 60
#define COLD_RUNS 15
#define DOMAINS 1000
#define SCOPE_DOMAINS 10
/* Messages that change between two measurements: what 200 a second are in a twentieth of one. */
#define CHURN 10
#define NOW INT64_C(1800000000)

struct bench {
	struct index *ix;
	struct query *q;
	struct query_scope *scope;
	struct buffer scope_text;
	uint64_t count, changed;
	unsigned over; /* questions beyond the limit of 1.3 */
};

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static uint64_t scrambled(uint64_t n)
{
	n = (n ^ n >> 31) * UINT64_C(0x7fb5d329728ea185);
	n = (n ^ n >> 27) * UINT64_C(0x81dadef4bc2dd44d);
	return n ^ n >> 33;
}

/* One in ten has two to six recipients, each in a domain of its own. */
static void tell(struct index *ix, uint64_t n, uint64_t change)
{
	MESSAGE_AUTO struct message m;
	uint64_t r = scrambled(n + 1);
	char sender[100], address[60];

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%05llX%09llX", (unsigned long long)(r % 0xF4240),
	    (unsigned long long)n);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_REASONS |
		  MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_ORIGIN;
	m.arrival = m.create_time = NOW - 400000 + (int64_t)(r % 300000);
	m.next_retry = m.arrival + 400000 + (int64_t)change;
	m.size = 500 + r % 50000;
	m.inode = n;
	snprintf(sender, sizeof(sender), "u%llu@shop%llu.example", (unsigned long long)(r % 97),
	    (unsigned long long)(r >> 20) % 500);
	m.sender = slice_of(sender);
	for (uint64_t i = 0; i < (n % 10 == 0 ? 2 + r % 5 : 1); i++) {
		struct message_recipient *to = message_add_recipient(&m);
		uint64_t at = scrambled(r + i);
		snprintf(address, sizeof(address), "u%llu@mail%llu.example",
		    (unsigned long long)(at >> 12) % 100000, (unsigned long long)at % DOMAINS);
		to->address = message_keep(&m, slice_of(address));
		to->reason = message_keep(&m, r & 1 ? SLICE("450 4.2.0 Try again later")
						    : SLICE("connect: Connection timed out"));
	}
	index_upsert(ix, &m);
}

static void change_some(struct bench *b)
{
	for (int i = 0; i < CHURN; i++, b->changed++)
		tell(b->ix, scrambled(b->changed) % b->count, b->changed % 7);
}

/* ---- The questions ---- */

typedef void ask_fn(struct bench *b, const struct query_scope *scope, const struct filter *filter);

static void ask_count(struct bench *b, const struct query_scope *scope, const struct filter *filter)
{
	struct index_match match;

	query_count(b->q, scope, filter, NOW, &match);
}

static void ask_page(struct bench *b, const struct query_scope *scope, const struct filter *filter)
{
	static struct query_page page;
	struct query_message m;

	query_page(b->q, scope, filter, (struct index_sort){INDEX_SORT_RECIPIENTS, true}, SLICE(""),
	    100, NOW, &page, NULL);
	for (size_t i = 0; i < page.count; i++)
		query_page_message(b->q, &page, i, &m);
	query_page_free(&page);
}

static void ask_groups(
    struct bench *b, const struct query_scope *scope, const struct filter *filter)
{
	struct groups groups;

	query_groups(b->q, scope, filter, GROUP_RECIPIENT_DOMAIN, 100, NOW, &groups, NULL);
	groups_free(&groups);
}

static void ask_table(struct bench *b, const struct query_scope *scope, const struct filter *filter)
{
	static const enum group_key keys[] = {GROUP_SENDER_DOMAIN, GROUP_AGE};
	static const size_t limits[] = {100, GROUPS_COLUMNS_MAX};
	struct groups_table table;

	query_groups_table(b->q, scope, filter, keys, limits, NOW, &table, NULL);
	groups_table_free(&table);
}

static const struct {
	const char *name;
	ask_fn *ask;
} asks[] = {{"count", ask_count}, {"page", ask_page}, {"groups", ask_groups}, {"table", ask_table}};

/* ---- Measuring ---- */

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct bench *b, ask_fn *ask, const struct query_scope *scope,
    const struct filter *filter, bool cold)
{
	double ms[WARM_RUNS];
	size_t runs = cold ? COLD_RUNS : WARM_RUNS;

	for (size_t i = 0; i < runs; i++) {
		change_some(b);
		/* Any message may be another one after this. */
		if (cold)
			index_set_pauses(b->ix, NULL, 0);
		double start = cpu_ms();
		ask(b, scope, filter);
		ms[i] = cpu_ms() - start;
	}
	qsort(ms, runs, sizeof(*ms), compare_doubles);
	return ms[runs / 2];
}

static struct filter *parse(struct slice text)
{
	struct filter *filter = filter_parse(text, NULL);

	if (!filter)
		abort();
	return filter;
}

static void measure(struct bench *b, const char *question, size_t ask)
{
	BUFFER_AUTO struct buffer typed = {0};
	struct filter *alone = parse(slice_of(question)), *both;

	if (*question)
		buffer_printf(&typed, "(%s) ", question);
	buffer_printf(&typed, "(%s)", buffer_string(&b->scope_text));
	both = parse(buffer_slice(&typed));
	for (int cold = 0; cold < 2; cold++) {
		double within = median(b, asks[ask].ask, b->scope, alone, cold);
		double by_hand = median(b, asks[ask].ask, query_scope_all(), both, cold);
		b->over += within > by_hand * 1.3;
		printf("| %-6s of %-24s | %s | %8.2f | %8.2f | %5.2f |\n", asks[ask].name,
		    *question ? question : "everything", cold ? "cold" : "warm", within, by_hand,
		    within / by_hand);
		fflush(stdout);
	}
	filter_free(alone);
	filter_free(both);
}

int main(int argc, char **argv)
{
	static const char *const questions[] = {"", "age>24h", "size>40k", "from:shop1",
	    "reason:\"timed out\"", "-to:u1", "recipients>1", "id:ABC", "again", "queue:hold"};
	struct bench b = {.count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000};

	b.ix = index_create();
	b.q = query_create(b.ix);
	index_scan_begin(b.ix, true, b.count);
	for (uint64_t n = 0; n < b.count; n++)
		tell(b.ix, n, 0);
	index_scan_end(b.ix, true, NOW);
	while (index_settle(b.ix, 100000))
		continue;
	for (int i = 0; i < SCOPE_DOMAINS; i++)
		buffer_printf(&b.scope_text, "%sdomain:=mail%d.example", i ? " or " : "", i * 7);
	b.scope = query_scope_create(buffer_slice(&b.scope_text), NULL);
	printf("| question                           | when | scope ms | typed ms | ratio |\n");
	printf("|---|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		for (size_t a = 0; a < sizeof(asks) / sizeof(*asks); a++)
			measure(&b, questions[i], a);
	}
	printf("%u beyond 1.3\n", b.over);
	query_scope_free(b.scope);
	query_free(b.q);
	index_free(b.ix);
	buffer_free(&b.scope_text);
	return 0;
}
