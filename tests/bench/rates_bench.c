/* What counting the log costs the log reader: minutes of a log at 5,000 lines a second are written
 * to a file and read as it reads a file that grows: cut into lines, parsed, indexed, and counted.
 *     rates_bench [MINUTES]      a table on standard output
 * Nine lines for each message: a login of 2,000, a sender of its own in one of three (some 11,000
 * new ones a minute), two recipients in a hundred thousand domains, one in four attempts deferred.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "logreader/log_index.h"
#include "logreader/log_tally.h"

#define LINES_A_SECOND 5000
#define LINES_A_MESSAGE 9
#define MINUTES 5

struct counted {
	struct log_tally *tally; /* NULL: only indexed */
	uint64_t lines, minutes, entries;
	int64_t latest_s;
};

static double processor_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Anonymous memory of this process, in KiB. */
static long memory_kib(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	long kib = -1;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Anonymous: %ld", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

static uint32_t draw(uint64_t *seed, uint32_t limit)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((hash_u64(*seed) >> 32) * limit >> 32);
}

static void put_attempt(FILE *out, const char *head, uint64_t *seed, unsigned n)
{
	bool deferred = draw(seed, 4) == 0;
	unsigned domain = draw(seed, draw(seed, 2) == 0 ? 10 : 100000);

	fprintf(out,
	    "%s postfix/smtp[%u]: %s%09X: to=<name%u@domain%u.example>, "
	    "relay=mx%u.domain%u.example[198.51.100.%u]:25, delay=%u.2, delays=0.1/0/0.5/0.6, "
	    "dsn=%s, status=%s\n",
	    head, 2000 + n % 100, "4", n, draw(seed, 500), domain, draw(seed, 3), domain,
	    draw(seed, 256), draw(seed, 9), deferred ? "4.2.0" : "2.0.0",
	    deferred ? "deferred (host mx.domain.example[198.51.100.7] said: 450 4.2.0 Greylisted, "
		       "see http://postgrey.example/help (in reply to RCPT TO command))"
		     : "sent (250 2.0.0 Ok: queued as 4XYZ123456)");
}

static void put_message(FILE *out, int64_t at, unsigned n)
{
	uint64_t seed = n * UINT64_C(977);
	char time[CLOCK_RFC3339_SIZE], head[64], sender[64];

	clock_rfc3339(at, time);
	snprintf(head, sizeof(head), "%s mail", time);
	snprintf(sender, sizeof(sender), "user%u@shop%u.example",
	    draw(&seed, 3) == 0 ? n : draw(&seed, 2000), draw(&seed, 20));
	fprintf(out,
	    "%s postfix/submission/smtpd[1]: 4%09X: client=pc%u.example[192.0.2.%u], "
	    "sasl_method=PLAIN, sasl_username=login%u@shop.example\n",
	    head, n, n % 200, n % 200, draw(&seed, 2000));
	fprintf(out, "%s postfix/cleanup[2]: 4%09X: message-id=<%u.%u@shop.example>\n", head, n, n,
	    n * 7);
	fprintf(out, "%s postfix/qmgr[3]: 4%09X: from=<%s>, size=%u, nrcpt=2 (queue active)\n",
	    head, n, sender, 1000 + draw(&seed, 90000));
	for (int i = 0; i < 2; i++)
		put_attempt(out, head, &seed, n);
	fprintf(out, "%s postfix/qmgr[3]: 4%09X: removed\n", head, n);
	fprintf(out, "%s postfix/smtpd[1]: connect from pc%u.example[192.0.2.%u]\n", head, n % 200,
	    n % 200);
	fprintf(out,
	    "%s postfix/smtpd[1]: disconnect from pc%u.example[192.0.2.%u] ehlo=1 auth=1 "
	    "mail=1 rcpt=2 data=1 quit=1 commands=7\n",
	    head, n % 200, n % 200);
	fprintf(
	    out, "%s postfix/anvil[9]: statistics: max connection rate 1/60s for (smtp:1)\n", head);
}

static int write_log(unsigned minutes, int64_t from)
{
	char name[] = "/tmp/rates-bench-XXXXXX";
	int fd = mkstemp(name);
	FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	unsigned count = minutes * 60 * LINES_A_SECOND / LINES_A_MESSAGE;

	if (out == NULL)
		exit(1);
	unlink(name);
	for (unsigned n = 0; n < count; n++)
		put_message(out, from + (int64_t)n * minutes * 60 / count, n);
	if (fclose(out) != 0)
		exit(1);
	return fd;
}

static void on_minute(void *context, const struct log_tally_minute *minute)
{
	struct counted *counted = context;

	counted->minutes++;
	for (int kind = 0; kind < RATE_KINDS; kind++)
		counted->entries += minute->kinds[kind].count;
}

static void on_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	struct counted *counted = context;

	(void)source;
	(void)offset;
	counted->lines++;
	if (counted->tally != NULL)
		log_tally_line(counted->tally, line);
}

/* Processor time of a pass over the whole file. */
static double pass(int fd, struct counted *counted, size_t *index_bytes)
{
	struct log_index index;
	struct log_source *source;
	double from = processor_s(), took;

	log_index_init(&index);
	source = log_index_add(&index, 0, "log");
	log_source_set_file(source, dup(fd), &index.key);
	while (log_source_step(source, &index.key, on_line, counted))
		log_index_enforce(&index);
	took = processor_s() - from;
	*index_bytes = log_index_memory(&index);
	log_index_free(&index);
	return took;
}

int main(int argc, char **argv)
{
	unsigned minutes = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : MINUTES;
	int64_t from = INT64_C(1764496800);
	FD_AUTO int fd = write_log(minutes > 0 ? minutes : 1, from);
	struct counted indexed = {.tally = NULL}, counted = {.tally = NULL};
	size_t index_bytes, tally_bytes;
	double alone, both;
	long before = memory_kib();

	alone = pass(fd, &indexed, &index_bytes);
	counted.tally = log_tally_create(on_minute, &counted);
	log_tally_set_instance(counted.tally, SLICE("postfix"));
	log_tally_clock(counted.tally, from + minutes * 60 + 60);
	both = pass(fd, &counted, &index_bytes);
	tally_bytes = log_tally_memory(counted.tally);
	printf("| what | figure |\n|---|---|\n");
	printf("| lines | %llu, %lld MB |\n", (unsigned long long)counted.lines,
	    (long long)(lseek(fd, 0, SEEK_END) / 1000000));
	printf(
	    "| cut, parsed and indexed | %.2f us a line |\n", alone * 1e6 / (double)indexed.lines);
	printf("| and counted | %.2f us a line |\n", both * 1e6 / (double)counted.lines);
	printf("| of a core at %d lines a second | %.1f %% |\n", LINES_A_SECOND,
	    both / (double)counted.lines * LINES_A_SECOND * 100);
	printf("| memory of the index, of the counts | %.1f MB, %.1f MB |\n",
	    (double)index_bytes / 1e6, (double)tally_bytes / 1e6);
	printf("| anonymous memory of the process, more than at the start | %.1f MB |\n",
	    (double)(memory_kib() - before) / 1000);
	printf("| keys told of a minute, on average | %llu |\n",
	    (unsigned long long)(counted.minutes > 0 ? counted.entries / counted.minutes : 0));
	log_tally_destroy(&counted.tally);
	return counted.lines == indexed.lines ? 0 : 1;
}
