/* Filters and groups over a large index: what each costs in time that passes and in time of both
 * processors, with and without replies that are unique.
 *     filter_bench [messages [filters|groups|paused|asked[-worst|-filters|-groups]|FILTER]]      a
 * table on standard output asked: what make bench-large asks, of a queue like the one that it makes
 * (queue_generate.c). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "index/groups/groups.h"
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

/* ---- The queue of queue_generate.c ---- */

static uint32_t draw(uint64_t *seed, uint32_t limit)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((hash_u64(*seed) >> 32) * limit >> 32);
}

static unsigned recipients_of(uint64_t *seed)
{
	uint32_t kind = draw(seed, 1000);

	if (kind < 850)
		return 1;
	if (kind < 950)
		return 2 + draw(seed, 4);
	if (kind < 995)
		return 6 + draw(seed, 45);
	return 51 + draw(seed, 450);
}

/* Few domains have most of the mail. */
static unsigned domain_of(uint64_t *seed)
{
	double u = (double)draw(seed, 1u << 30) / (double)(1u << 30);

	return (unsigned)exp(u * log(2000)) - 1;
}

static void tell_recipient(struct message *m, uint64_t *seed, uint64_t n)
{
	static const char *const common[] = {"452 4.2.2 Mailbox full: the recipient is over quota",
	    "450 4.2.0 Rejected: Greylisted, see https://greylist.example/why",
	    "421 4.3.2 Service not available, closing transmission channel",
	    "451 4.7.1 Please try again later", "452 4.4.5 Insufficient system storage",
	    "450 4.1.8 Sender address rejected: Domain not found"};
	unsigned domain = domain_of(seed);
	struct message_recipient *to = message_add_recipient(m);
	char text[900];

	snprintf(text, sizeof(text), "user%u@d%04u.example", draw(seed, 1000000), domain);
	to->address = message_keep(m, slice_of(text));
	if (draw(seed, 100) < 40)
		snprintf(text, sizeof(text),
		    "host mx%u.d%04u.example[203.0.113.%u] said: 421-4.7.28 Our system has "
		    "detected an unusual rate of unsolicited mail originating from your IP "
		    "address. To protect our users from spam, mail sent from your IP address has "
		    "been temporarily rate limited. 421-4.7.28 For more information go to "
		    "https://support.d%04u.example/mail/answer/%08x 421 4.7.28 review our bulk "
		    "senders guidelines. %08x%08x-%016llx - gsmtp (in reply to end of DATA "
		    "command)",
		    1 + domain % 4, domain, domain % 254 + 1, domain, draw(seed, UINT32_MAX),
		    draw(seed, UINT32_MAX), draw(seed, UINT32_MAX), (unsigned long long)n);
	else
		snprintf(text, sizeof(text), "host mx.d%04u.example[203.0.113.%u] said: %s", domain,
		    domain % 254 + 1, common[draw(seed, 6)]);
	to->reason = message_keep(m, slice_of(text));
	to->dsn = SLICE("4.4.1");
	snprintf(text, sizeof(text), "mx.d%04u.example", domain);
	to->remote = message_keep(m, slice_of(text));
}

static void tell_generated(struct index *ix, uint64_t n, int64_t now)
{
	MESSAGE_AUTO struct message m;
	uint64_t seed = n * 1000003;
	uint32_t from = draw(&seed, 5000), host = draw(&seed, 65536);
	char sender[60], client[60], address[60], login[30] = "";

	message_init(&m);
	snprintf(m.id, sizeof(m.id), n & 1 ? "4bJkB%05lluz%07llu" : "%05llX%llX",
	    (unsigned long long)(n % 100000), (unsigned long long)(n + 0x10000));
	snprintf(sender, sizeof(sender), "sender%u@s%03u.example", from, from % 400);
	snprintf(client, sizeof(client), "client%u.example", host % 500);
	snprintf(address, sizeof(address), "198.51.100.%u", host % 250);
	if (draw(&seed, 100) < 30)
		snprintf(login, sizeof(login), "login%03u", from % 300);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN |
		  MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_DETAILS;
	m.arrival = m.create_time = now - 60 - (int64_t)draw(&seed, 4 * 86400);
	m.next_retry = now + 100000 + (int64_t)draw(&seed, 3600);
	m.size = 500 + draw(&seed, 3000);
	m.inode = n + 0x10000;
	m.sender = draw(&seed, 100) < 95 ? slice_of(sender) : SLICE("");
	m.client_name = m.helo = slice_of(client);
	m.client_address = slice_of(address);
	m.login = slice_of(login);
	for (unsigned r = recipients_of(&seed); r > 0; r--)
		tell_recipient(&m, &seed, n);
	index_upsert(ix, &m);
}

/* What the messages are like. */
enum world { SHARED, UNIQUE, GENERATED };

static void tell_any(struct index *ix, uint64_t n, int64_t now, enum world world)
{
	if (world == GENERATED)
		tell_generated(ix, n, now);
	else
		tell(ix, n, now, world == UNIQUE);
}

/* A few changes between two measurements, so that nothing can be answered from before. */
static void churn(struct index *ix, uint64_t count, int64_t now, enum world world)
{
	static uint64_t next;

	for (int i = 0; i < 20; i++, next++)
		tell_any(ix, next % count, now + (int64_t)(next & 1), world);
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
    struct index *ix, uint64_t count, int64_t now, enum world world, struct slice text)
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
		churn(ix, count, now, world);
		forget(ix, now);
		double start = now_ms(), cpu = cpu_ms();
		index_page(ix, f, sort, SLICE(""), 100, now, rows, &match, NULL, NULL);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
	}
	report(name, &t, match.messages);
	t = (struct times){.count = 0};
	while (t.count < RUNS) {
		churn(ix, count, now, world);
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
static void bench_list(struct index *ix, uint64_t count, int64_t now, enum world world,
    void (*one)(struct buffer *, unsigned), unsigned terms)
{
	BUFFER_AUTO struct buffer text = {0};

	for (unsigned i = 0; i < terms && text.len < FILTER_TEXT_MAX - 60; i++) {
		buffer_append_string(&text, i ? " or " : "");
		one(&text, i * 7);
	}
	bench_filter(ix, count, now, world, buffer_slice(&text));
}

/* One domain with its subdomains, and as many as a large table has, most of which have no mail. */
static void bench_paused(struct index *ix, uint64_t count, int64_t now, enum world world)
{
	static char names[10000][24];
	static struct slice domains[10000];
	struct index_pause pause = {.id = 1,
	    .kind = INDEX_PAUSE_PROVIDER,
	    .subdomains = true,
	    .key = SLICE("provider.example"),
	    .by = SLICE("anna"),
	    .reason = SLICE("bench"),
	    .domains = domains,
	    .domain_count = 1};

	for (size_t i = 0; i < 10000; i++) {
		snprintf(names[i], sizeof(names[i]), "dest%zu.example", i + 1);
		domains[i] = slice_of(names[i]);
	}
	index_set_pauses(ix, &pause, 1);
	bench_filter(ix, count, now, world, SLICE("paused:yes"));
	pause.domain_count = 10000;
	double start = now_ms();
	index_set_pauses(ix, &pause, 1);
	printf("10,000 domains told in %.2f ms\n", now_ms() - start);
	bench_filter(ix, count, now, world, SLICE("paused:=provider.example"));
	index_set_pauses(ix, NULL, 0);
	bench_filter(ix, count, now, world, SLICE("paused:yes"));
}

static void bench_filters(struct index *ix, uint64_t count, int64_t now, enum world world)
{
	static const char *const texts[] = {"", "queue:deferred", "age>2h size>1k",
	    "from:sender11.example reason:refused", "a7 or reason:unusual or subject:99",
	    "zebra9 or qx7q or overflown", "a7 or 99 or e", "a or e or o",
	    "user1 or mx.dest or refused", "-zebra9 -qx7q -overflown", "zebra9 qx7q overflown",
	    "domain:dest1.example age>1h", "to:*@dest7.example", "diagnosis:over-quota",
	    "reason:\"\"", "subject:invoice -from:customer"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		bench_filter(ix, count, now, world, slice_of(texts[i]));
	bench_list(ix, count, now, world, one_sender, 5000);
	bench_list(ix, count, now, world, one_id, 10000);
	bench_list(ix, count, now, world, one_user, 10000);
	bench_list(ix, count, now, world, one_domain, 5000);
	bench_list(ix, count, now, world, one_pattern, 5000);
}

static void bench_groups(struct index *ix, uint64_t count, int64_t now, enum world world,
    const enum group_key *keys, size_t key_count, const char *filter)
{
	struct filter *f = filter_parse(slice_of(filter), NULL);
	struct times t = {0};
	uint64_t groups = 0;
	char name[100];

	while (t.count < 20) {
		struct groups g;
		churn(ix, count, now, world);
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

static void bench_table(struct index *ix, uint64_t count, int64_t now, enum world world,
    enum group_key row, enum group_key column, const char *filter)
{
	struct filter *f = filter_parse(slice_of(filter), NULL);
	const enum group_key keys[2] = {row, column};
	const size_t limits[2] = {20, 20};
	struct times t = {0};
	char name[100];

	while (t.count < 20) {
		struct groups_table table;
		churn(ix, count, now, world);
		forget(ix, now);
		double start = now_ms(), cpu = cpu_ms();
		groups_table_count(ix, f, keys, limits, now, &table);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
		groups_table_free(&table);
	}
	snprintf(name, sizeof(name), "table by %s, %s %s", group_key_name(row),
	    group_key_name(column), filter);
	report(name, &t, 0);
	filter_free(f);
}

static void bench_all_groups(struct index *ix, uint64_t count, int64_t now, enum world world)
{
	enum group_key keys[2];

	for (keys[0] = 0; keys[0] < GROUP_KEY_COUNT; keys[0]++)
		bench_groups(ix, count, now, world, keys, 1, "");
	for (keys[0] = 0; keys[0] < GROUP_KEY_COUNT; keys[0]++) {
		for (keys[1] = keys[0] + 1; keys[1] < GROUP_KEY_COUNT; keys[1]++)
			bench_table(ix, count, now, world, keys[0], keys[1], "");
	}
	keys[0] = GROUP_SENDER;
	keys[1] = GROUP_RECIPIENT_DOMAIN;
	bench_groups(ix, count, now, world, keys, 2, "");
	keys[1] = GROUP_AGE;
	bench_groups(ix, count, now, world, keys, 2, "");
	keys[0] = GROUP_RECIPIENT_DOMAIN;
	bench_groups(ix, count, now, world, keys, 1, "age>2h");
	bench_groups(ix, count, now, world, keys, 1, "from:sender11.example");
	bench_groups(ix, count, now, world, keys, 1, "zebra9 or qx7q or overflown");
}

static const char *pick(uint64_t *seed, const char *const words[3])
{
	return words[draw(seed, 3)];
}

/* Three terms over all fields, each time other ones. */
static void bench_worst(struct index *ix, uint64_t count, int64_t now)
{
	static const char *const sorts[] = {
	    "arrival", "-size", "sender", "-sender", "next_retry", "recipients", "-id"};
	struct index_match match = {0};
	struct times t = {0};
	struct index_sort sort;
	uint32_t rows[100];
	uint64_t seed = 1;
	char text[200];

	while (t.count < RUNS) {
		unsigned digits = 100 + draw(&seed, 900);
		snprintf(text, sizeof(text), "%s%u or %s%s%u or %u-%u",
		    pick(&seed, (const char *const[3]){"user", "d0", "mail"}), digits,
		    pick(&seed, (const char *const[3]){"quota", "limit", "unsol"}),
		    pick(&seed, (const char *const[3]){"", " ", "i"}), 100 + draw(&seed, 900),
		    100 + draw(&seed, 900), 10 + draw(&seed, 90));
		struct filter *f = filter_parse(slice_of(text), NULL);
		index_sort_parse(slice_of(sorts[draw(&seed, 7)]), &sort, NULL);
		churn(ix, count, now, GENERATED);
		double start = now_ms(), cpu = cpu_ms();
		index_page(ix, f, sort, SLICE(""), 50, now, rows, &match, NULL, NULL);
		t.ms[t.count++] = now_ms() - start;
		t.cpu += cpu_ms() - cpu;
		filter_free(f);
	}
	report("three terms, never asked before", &t, match.messages);
}

static void bench_asked_filters(struct index *ix, uint64_t count, int64_t now)
{
	bench_filter(ix, count, now, GENERATED, SLICE("a1b or 9f3 or 77c"));
	bench_filter(ix, count, now, GENERATED, SLICE("a or e or 1"));
	bench_filter(ix, count, now, GENERATED, SLICE("-zebra9 -qx7q -overflown"));
	bench_filter(ix, count, now, GENERATED, SLICE("age>27h"));
}

/* What large_requests.mjs asks. */
static void bench_asked_groups(struct index *ix, uint64_t count, int64_t now)
{
	static const enum group_key pairs[3][2] = {{GROUP_RECIPIENT_DOMAIN, GROUP_AGE},
	    {GROUP_SENDER_DOMAIN, GROUP_REASON}, {GROUP_LOGIN, GROUP_RECIPIENT_DOMAIN}};
	static const char *const filters[] = {"", "age>27h"};
	enum group_key key;

	for (size_t f = 0; f < sizeof(filters) / sizeof(*filters); f++) {
		for (key = 0; key < GROUP_KEY_COUNT; key++)
			bench_groups(ix, count, now, GENERATED, &key, 1, filters[f]);
		for (size_t i = 0; i < 3; i++)
			bench_table(
			    ix, count, now, GENERATED, pairs[i][0], pairs[i][1], filters[f]);
	}
}

static void bench_world(enum world world, uint64_t count, const char *what)
{
	static const char *const words[] = {
	    "shared replies", "40 % of the replies unique", "as queue_generate makes them"};
	struct index *ix = index_create();
	int64_t now = clock_now();
	double start;

	index_scan_begin(ix, true, count);
	for (uint64_t n = 0; n < count; n++)
		tell_any(ix, n, now, world);
	index_scan_end(ix, true, now);
	start = cpu_ms();
	while (index_settle(ix, 1000))
		continue;
	printf("\n%llu messages, %s; classes and diagnoses settled in %.0f ms\n\n"
	       "| %-46s | p50 ms   | p99 ms   | CPU ms   | matched or groups |\n"
	       "|---|---|---|---|---|\n",
	    (unsigned long long)count, words[world], cpu_ms() - start, "");
	bool filters = strcmp(what, "filters") == 0, groups = strcmp(what, "groups") == 0;
	bool paused = strcmp(what, "paused") == 0;
	if (world == GENERATED && !groups)
		bench_worst(ix, count, now);
	if (world == GENERATED && (!*what || filters))
		bench_asked_filters(ix, count, now);
	if (world == GENERATED && (!*what || groups))
		bench_asked_groups(ix, count, now);
	if (world != GENERATED && *what && !filters && !groups && !paused)
		bench_filter(ix, count, now, world, slice_of(what));
	if (world != GENERATED && (!*what || filters))
		bench_filters(ix, count, now, world);
	if (world != GENERATED && (!*what || paused))
		bench_paused(ix, count, now, world);
	if (world != GENERATED && (!*what || groups))
		bench_all_groups(ix, count, now, world);
	index_free(ix);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	const char *what = argc > 2 ? argv[2] : "";
	bool asked = strncmp(what, "asked", 5) == 0;

	if (!asked) {
		bench_world(SHARED, count, what);
		bench_world(UNIQUE, count, what);
	}
	if (asked || !*what)
		bench_world(GENERATED, count, asked ? what + 5 + (what[5] == '-') : what);
	return 0;
}
