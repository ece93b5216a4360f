/* Pages, views and previews at a given size, on rows of several shapes, in CPU time of this process
 * (so that what else the machine does is not measured):
 *     pages_bench [messages [shape]]      a table on standard output
 * mixed: as a queue is. sorted: everything in the order in which the rows came. equal: everything
 * the same in all. verp: a sender of its own for each message, alike in front. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "index/index.h"
#include "index/views/order.h"
#include "index/views/view.h"
#include "jobs/preview.h"
#include "query/groups.h"

#define RUNS 100
#define VIEW_RUNS 5
#define PAGE_ROWS 100
/* Messages that change between two measurements: what 200 a second are in a twentieth of one. */
#define CHURN 10

enum shape { MIXED, SORTED, EQUAL, VERP, SHAPES };
static const char *const shapes[SHAPES] = {"mixed", "sorted", "equal", "verp"};

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, double *ms, size_t count)
{
	qsort(ms, count, sizeof(*ms), compare_doubles);
	printf("| %-44s | %8.2f | %8.2f |\n", name, ms[count / 2], ms[count - 1 - count / 100]);
	fflush(stdout);
}

static uint64_t scrambled(uint64_t n)
{
	n = (n ^ n >> 31) * UINT64_C(0x7fb5d329728ea185);
	n = (n ^ n >> 27) * UINT64_C(0x81dadef4bc2dd44d);
	return n ^ n >> 33;
}

static void tell(struct index *ix, enum shape shape, uint64_t n, int64_t now, uint64_t change)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *to;
	uint64_t r = shape == SORTED || shape == EQUAL ? n : scrambled(n);
	char sender[100], address[60];

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%05llX%09llX", (unsigned long long)(r % 0xF4240),
	    (unsigned long long)n);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_REASONS |
		  MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_DETAILS;
	m.arrival = shape == EQUAL ? now - 5000 : now - 400000 + (int64_t)(r % 300000);
	if (shape == SORTED)
		m.arrival = now - 400000 + (int64_t)(n / 4);
	m.create_time = m.arrival;
	m.next_retry = shape == EQUAL ? now : m.arrival + 400000;
	m.next_retry += (int64_t)change;
	m.size = shape == EQUAL ? 2000 : shape == SORTED ? n : 500 + r % 50000;
	m.inode = n;
	if (shape == MIXED)
		snprintf(sender, sizeof(sender), "u%llu@shop%llu.example",
		    (unsigned long long)(r % 97), (unsigned long long)(r >> 20) % 500);
	else if (shape == EQUAL)
		snprintf(sender, sizeof(sender), "newsletter@shop.example");
	else
		snprintf(sender, sizeof(sender), "bounces+2026-11-%010llu@news.example",
		    (unsigned long long)(shape == SORTED ? n : r % 10000000000));
	m.sender = slice_of(sender);
	for (uint64_t i = 0; i < (shape != EQUAL && n % 10 == 0 ? 1 + r % 5 : 1); i++) {
		to = message_add_recipient(&m);
		snprintf(address, sizeof(address), "u%llu@mail%llu.example",
		    (unsigned long long)(r + i) % 100000, (unsigned long long)(r + i) % 300);
		to->address = message_keep(&m, slice_of(address));
		to->reason = message_keep(&m, r & 1 ? SLICE("450 4.2.0 Try again later")
						    : SLICE("connect: Connection timed out"));
	}
	index_upsert(ix, &m);
}

static void churn(struct index *ix, enum shape shape, uint64_t count, int64_t now)
{
	static uint64_t next;

	for (int i = 0; i < CHURN; i++, next++)
		tell(ix, shape, scrambled(next) % count, now, next % 7);
}

static void bench_page(struct index *ix, struct query *q, enum shape shape, uint64_t count,
    int64_t now, const char *name, struct slice after)
{
	struct query_page page;
	struct index_sort sort;
	double ms[RUNS];
	char title[100];

	index_sort_parse(slice_of(name), &sort, NULL);
	for (int i = 0; i < RUNS; i++) {
		churn(ix, shape, count, now);
		double start = cpu_ms();
		query_page(q, query_scope_all(), NULL, sort, after, PAGE_ROWS, now, &page, NULL);
		ms[i] = cpu_ms() - start;
		query_page_free(&page);
	}
	snprintf(title, sizeof(title), "%s: page by %s, %s", shapes[shape], name,
	    after.len > 0 ? "from the middle" : "first");
	report(title, ms, RUNS);
}

static void bench_pages(
    struct index *ix, struct query *q, enum shape shape, uint64_t count, int64_t now)
{
	static const char *const sorts[] = {"-arrival", "arrival", "-size", "size", "sender",
	    "-sender", "next_retry", "-next_retry", "recipients", "-recipients", "id", "-id"};

	for (size_t s = 0; s < sizeof(sorts) / sizeof(*sorts); s++) {
		BUFFER_AUTO struct buffer after = {0};
		struct index_sort sort;
		struct order order;
		const struct view *v;

		bench_page(ix, q, shape, count, now, sorts[s], SLICE(""));
		index_sort_parse(slice_of(sorts[s]), &sort, NULL);
		v = view_create(ix, NULL, SLICE(""), sort, now);
		order_init(&order, ix, NULL, sort);
		order_write_place(&order, view_row(v, view_length(v) / 2), &after);
		view_drop(ix, slice_of(view_id(v)));
		bench_page(ix, q, shape, count, now, sorts[s], buffer_slice(&after));
	}
}

/* As api/previews.c does it. */
static void count_groups(const struct selection *selection, int64_t now)
{
	static const enum group_key keys[] = {
	    GROUP_QUEUE, GROUP_SENDER, GROUP_RECIPIENT_DOMAIN, GROUP_REASON};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct groups groups;

		selection_groups(selection, query_scope_all(), keys[i], 10, now, &groups);
		groups_free(&groups);
	}
}

/* A view of half of it, and what a preview of a job on it takes: no page waits for longer. */
static void bench_views(struct query *q, enum shape shape, int64_t now)
{
	static const char *const sorts[] = {"-arrival", "size", "sender", "recipients", "id"};
	const struct query_scope *all = query_scope_all();
	const char *text = "reason:again";
	struct query_view view;
	struct filter *half = filter_parse(slice_of(text), NULL);
	struct preview_facts facts = {.now = now,
	    .maximal_lifetime = 432000,
	    .bounce_lifetime = 432000,
	    .postfix_version = 307,
	    .undo_seconds = 300};

	for (size_t s = 0; s < sizeof(sorts) / sizeof(*sorts); s++) {
		double view_ms[VIEW_RUNS], select_ms[VIEW_RUNS], preview_ms[VIEW_RUNS],
		    groups_ms[VIEW_RUNS];
		struct index_sort sort;
		char title[100];

		index_sort_parse(slice_of(sorts[s]), &sort, NULL);
		for (int i = 0; i < VIEW_RUNS; i++) {
			struct preview preview;
			double start = cpu_ms();
			query_view_create(q, all, half, slice_of(text), sort, now, &view, NULL);
			view_ms[i] = cpu_ms() - start;
			start = cpu_ms();
			struct selection *sel =
			    selection_from_view(q, all, &view, NULL, 0, now, NULL, NULL);
			select_ms[i] = cpu_ms() - start;
			start = cpu_ms();
			preview_make(JOB_DELETE, sel, &facts, &preview, NULL);
			preview_ms[i] = cpu_ms() - start;
			start = cpu_ms();
			count_groups(sel, now);
			groups_ms[i] = cpu_ms() - start;
			selection_destroy(&sel);
			query_view_drop(q, all, slice_of(view.id), now);
		}
		snprintf(title, sizeof(title), "%s: view of half by %s", shapes[shape], sorts[s]);
		report(title, view_ms, VIEW_RUNS);
		snprintf(title, sizeof(title), "%s: selection of it", shapes[shape]);
		report(title, select_ms, VIEW_RUNS);
		snprintf(title, sizeof(title), "%s: its preview's counts", shapes[shape]);
		report(title, preview_ms, VIEW_RUNS);
		snprintf(title, sizeof(title), "%s: its preview's groups", shapes[shape]);
		report(title, groups_ms, VIEW_RUNS);
	}
	filter_free(half);
}

static void bench_shape(enum shape shape, uint64_t count, int64_t now)
{
	struct index *ix = index_create();
	struct query *q = query_create(ix);

	index_scan_begin(ix, true, count);
	for (uint64_t n = 0; n < count; n++)
		tell(ix, shape, n, now, 0);
	index_scan_end(ix, true, now);
	bench_pages(ix, q, shape, count, now);
	bench_views(q, shape, now);
	query_free(q);
	index_free(ix);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	int64_t now = clock_now();

	printf("%llu messages, CPU time\n\n| %-44s | p50 ms   | p99 ms   |\n|---|---|---|\n",
	    (unsigned long long)count, "");
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		if (argc < 3 || strcmp(argv[2], shapes[shape]) == 0)
			bench_shape(shape, count, now);
	}
	return 0;
}
