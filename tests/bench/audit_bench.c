/* audit_bench DIRECTORY RECORDS: how many records a second the audit takes, sustained, until each
 * is on disk; how long one waits for that at 2,000 a second; and how long it takes to prove all.
 * The directory must not be there; what is made in it stays. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/search.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "base/log.h"

#define PACE 2000
#define PACE_SECONDS 5

/* As long as most are. */
static uint64_t record(struct audit *audit, unsigned i)
{
	char path[80], reference[20];

	snprintf(path, sizeof(path), "/api/v1/messages/4X%08xzz/content", i);
	snprintf(reference, sizeof(reference), "%016x", i);
	return audit_record(audit, &(struct audit_entry){.action = AUDIT_CONTENT_READ,
				       .who = SLICE("anna"),
				       .role = SLICE("operator"),
				       .via = SLICE("session"),
				       .from = SLICE("192.0.2.17"),
				       .object = slice_of(path),
				       .message = SLICE("4Xabcdefgzz"),
				       .outcome = SLICE("done"),
				       .status = 200,
				       .reference = slice_of(reference),
				       .text = SLICE("the text of a record, as long as most")});
}

static void wait_until_kept(struct audit *audit, uint64_t ticket)
{
	while (!audit_is_kept(audit, ticket))
		usleep(200);
}

static void append_all(struct audit *audit, unsigned records)
{
	int64_t begun = clock_monotonic_ms();
	uint64_t ticket = 0;
	double seconds;

	for (unsigned i = 0; i < records; i++) {
		ticket = record(audit, i);
		/* As the service refuses before so many wait. */
		if (i % 5000 == 0)
			wait_until_kept(audit, ticket);
	}
	wait_until_kept(audit, ticket);
	seconds = (double)(clock_monotonic_ms() - begun) / 1000;
	printf("%u records on disk after %.1f s: %.0f a second\n", records, seconds,
	    records / seconds);
}

static void append_paced(struct audit *audit)
{
	int64_t begun = clock_monotonic_ms(), longest = 0;

	for (unsigned i = 0; i < PACE * PACE_SECONDS; i++) {
		int64_t due = begun + (int64_t)i * 1000 / PACE, now = clock_monotonic_ms();
		uint64_t ticket;

		if (due > now)
			usleep((useconds_t)(due - now) * 1000);
		ticket = record(audit, i);
		if (i % 200 != 0)
			continue;
		now = clock_monotonic_ms();
		wait_until_kept(audit, ticket);
		if (clock_monotonic_ms() - now > longest)
			longest = clock_monotonic_ms() - now;
	}
	printf("at %d a second one is on disk after %" PRId64 " ms at most\n", PACE, longest);
}

static void prove(const char *directory)
{
	struct audit_report report;
	struct error err;
	int64_t begun = clock_monotonic_ms();

	if (!audit_verify(directory, NULL, 0, NULL, &report, &err) || report.problems > 0) {
		printf("it is not whole: %s\n", report.problems > 0 ? report.problem[0] : err.text);
		exit(1);
	}
	printf("%" PRIu64 " records proved in %.2f s\n", report.records,
	    (double)(clock_monotonic_ms() - begun) / 1000);
}

static void look_for_nobody(const char *directory)
{
	static struct audit_query query = {.who = "nobody", .limit = 100};
	struct audit_found found = {.count = 0};
	struct error err;
	int64_t begun = clock_monotonic_ms();

	if (!audit_search(directory, &query, &found, &err))
		exit(1);
	printf("all of them looked through in %.2f s\n",
	    (double)(clock_monotonic_ms() - begun) / 1000);
	buffer_free(&found.lines);
}

int main(int argc, char **argv)
{
	struct audit *audit;

	if (argc != 3) {
		fprintf(stderr, "usage: audit_bench DIRECTORY RECORDS\n");
		return 2;
	}
	/* The journal's lines are not what is measured. */
	log_init("bench", LOG_LEVEL_WARNING);
	audit = audit_create(argv[1], 0);
	append_all(audit, (unsigned)strtoul(argv[2], NULL, 10));
	append_paced(audit);
	audit_destroy(&audit);
	prove(argv[1]);
	look_for_nobody(argv[1]);
	return 0;
}
