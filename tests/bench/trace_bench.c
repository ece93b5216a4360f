/* Traces over a large log: what the index takes, how often its filters are wrong, and how long the
 * first page of an answer takes, beside grep over the same files.
 *     trace_bench generate DIR MB     writes log files of 1 GB, one for each day, and nothing else
 *     trace_bench trace FILE...       oldest first, plain or gzip: indexes them, and asks; a table
 *                                     on standard output
 * Nine lines for each message: a client, a content of five domains that get half of the mail and a
 * hundred thousand others, one in ten deferred first, replies of the servers with their own IDs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "logreader/log_keys.h"
#include "logreader/log_trace.h"

/* 2026-11-01T00:00:00Z */
#define START_S INT64_C(1793491200)
#define FILE_BYTES (UINT64_C(1) << 30)
/* Planted once, in the first file, in the middle. */
#define RARE "once.only@rare.example"
#define RUNS 5

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* ---- the log ---- */

static uint32_t draw(uint64_t *seed, uint32_t limit)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((hash_u64(*seed) >> 32) * limit >> 32);
}

static void address(uint64_t *seed, char out[80])
{
	static const char *const popular[] = {"bigmail.example", "mailbox.example",
	    "webmail.example", "office.example", "provider.example"};

	if (draw(seed, 2) == 0)
		snprintf(out, 80, "user%u@%s", draw(seed, 2000000), popular[draw(seed, 5)]);
	else
		snprintf(out, 80, "name%u@domain%u.example", draw(seed, 300), draw(seed, 100000));
}

static void put_message(FILE *out, int64_t us, uint64_t n, const char *rare)
{
	uint64_t seed = n * 977;
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;
	char at[64], id[32], to[80], from[80], remote[32];

	gmtime_r(&seconds, &tm);
	snprintf(at, sizeof(at), "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00 mx1 postfix",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)(us % 1000000));
	snprintf(id, sizeof(id), "4b%08lluz%07u", (unsigned long long)(n % 100000000),
	    draw(&seed, 10000000));
	address(&seed, to);
	if (rare != NULL)
		snprintf(to, sizeof(to), "%s", rare);
	snprintf(from, sizeof(from), "staff%u@firm%u.example", draw(&seed, 40), draw(&seed, 500));
	snprintf(remote, sizeof(remote), "%08X%05X", draw(&seed, UINT32_MAX), draw(&seed, 1 << 20));
	fprintf(out, "%s/smtpd[1%03u]: connect from host%u.firm.example[192.0.2.%u]\n", at,
	    draw(&seed, 999), draw(&seed, 200), draw(&seed, 250));
	fprintf(out,
	    "%s/smtpd[1201]: %s: client=host7.firm.example[192.0.2.7], "
	    "sasl_method=PLAIN, sasl_username=%s\n",
	    at, id, from);
	fprintf(out, "%s/cleanup[1300]: %s: message-id=<%08x.%08x@mail.firm%u.example>\n", at, id,
	    draw(&seed, UINT32_MAX), draw(&seed, UINT32_MAX), draw(&seed, 500));
	fprintf(out, "%s/qmgr[900]: %s: from=<%s>, size=%u, nrcpt=1 (queue active)\n", at, id, from,
	    draw(&seed, 90000));
	fprintf(out,
	    "%s/smtpd[1201]: disconnect from host7.firm.example[192.0.2.7] ehlo=2 "
	    "starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8\n",
	    at);
	if (draw(&seed, 10) == 0)
		fprintf(out,
		    "%s/smtp[1400]: %s: to=<%s>, relay=mx.far.example[198.51.100.7]:25, "
		    "delay=3.1, delays=0.1/0/2/1, dsn=4.2.0, status=deferred (host "
		    "mx.far.example[198.51.100.7] said: 450 4.2.0 <%s>: Recipient address "
		    "rejected: Greylisted (in reply to RCPT TO command))\n",
		    at, id, to, to);
	fprintf(out,
	    "%s/smtp[1401]: Untrusted TLS connection established to "
	    "mx.far.example[198.51.100.7]:25: TLSv1.3 with cipher "
	    "TLS_AES_256_GCM_SHA384 (256/256 bits)\n",
	    at);
	fprintf(out,
	    "%s/smtp[1401]: %s: to=<%s>, relay=mx.far.example[198.51.100.7]:25, "
	    "delay=0.9, delays=0.1/0/0.4/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok: "
	    "queued as %s)\n",
	    at, id, to, remote);
	fprintf(out, "%s/qmgr[900]: %s: removed\n", at, id);
}

static int generate(const char *dir, uint64_t bytes)
{
	uint64_t n = 0, written = 0;

	for (unsigned file = 0; written < bytes; file++) {
		uint64_t most = bytes - written < FILE_BYTES ? bytes - written : FILE_BYTES;
		char path[512];
		FILE *out;

		snprintf(path, sizeof(path), "%s/mail.log.%03u", dir, file);
		out = fopen(path, "w");
		if (out == NULL) {
			perror(path);
			return 1;
		}
		for (uint64_t first = n; (uint64_t)ftell(out) < most; n++)
			put_message(out, START_S * 1000000 + (int64_t)n * 90000, n,
			    file == 0 && n == first + 100000 ? RARE : NULL);
		written += (uint64_t)ftell(out);
		if (fclose(out) != 0)
			return 1;
	}
	return 0;
}

/* ---- the index ---- */

static void ignore_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	(void)context;
	(void)source;
	(void)line;
	(void)offset;
}

static void make_index(struct log_index *index, char **files, int count)
{
	double start = now_ms(), gb;
	size_t blocks = 0, filters = 0, points = 0;

	for (int i = 0; i < count; i++) {
		struct log_source *s = log_index_add(index, 0, files[i]);
		int fd = open(files[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			perror(files[i]);
			exit(1);
		}
		log_source_set_file(s, fd, &index->key);
		while (log_source_step(s, &index->key, ignore_line, NULL))
			;
		log_index_enforce(index);
	}
	gb = (double)log_index_bytes(index) / 1e9;
	for (size_t i = 0; i < index->count; i++) {
		blocks += index->sources[i]->count;
		points += index->sources[i]->points.memory;
		for (size_t b = 0; b < index->sources[i]->count; b++)
			filters += log_filter_memory(&index->sources[i]->blocks[b].filter);
	}
	printf(
	    "| the index: %.1f GB of text in %d files | %.0f MB/s | %.1f MB (%.2f %% of the text; "
	    "filters %.1f MB, points %.1f MB) |\n",
	    gb, count, gb * 1e6 / (now_ms() - start), (double)log_index_memory(index) / 1e6,
	    (double)log_index_memory(index) / gb / 1e7, (double)filters / 1e6,
	    (double)points / 1e6);
	printf("| a block's filter | %.0f bytes | %zu blocks, from %s |\n",
	    (double)filters / (double)blocks, blocks,
	    log_index_oldest(index) / 1000000 < START_S + 60
		? "the beginning"
		: "later than the beginning: given up");
}

static void measure_filters(const struct log_index *index)
{
	size_t tests = 0, wrong = 0;

	for (uint64_t n = 0; n < 40; n++)
		for (size_t i = 0; i < index->count; i++)
			for (size_t b = 0; b < index->sources[i]->count; b++, tests++)
				wrong += log_source_may_contain(
				    index->sources[i], b, hash_u64(n + 12345));
	printf("| filters that are wrong | %.3f %% | of %zu asked |\n",
	    100.0 * (double)wrong / (double)tests, tests);
}

/* ---- questions ---- */

static void drop_frame(void *context, const struct buffer *frame)
{
	size_t *messages = context;

	*messages += (uint8_t)frame->data[1] == LOG_PROTO_TRACED;
}

static double trace(struct log_index *index, const char *text, size_t *messages, double *longest)
{
	const struct log_trace_question question = {.text = slice_of(text),
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX,
	    .limit = 50,
	    .after = {.id = SLICE("")}};
	double start = now_ms(), before = start;
	struct log_trace *t = log_trace_create(&question, SLICE("postfix"), index);
	bool done = false;

	*messages = 0;
	while (!done) {
		double after;

		done = log_trace_step(t, index);
		after = now_ms();
		if (after - before > *longest)
			*longest = after - before;
		before = after;
	}
	log_trace_answer(t, 1, &(struct log_trace_end){.error = SLICE("")}, drop_frame, messages);
	log_trace_destroy(&t);
	return now_ms() - start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What somebody would do without an index: all lines with the text. */
static double grep(const char *text, char **files, int count)
{
	double start = now_ms();
	pid_t child = fork();
	int status;

	if (child == 0) {
		const char **argv = memory_zero((size_t)count + 5, sizeof(*argv));
		size_t len = strlen(files[0]);
		bool packed = len > 3 && strcmp(files[0] + len - 3, ".gz") == 0;
		int out = open("/dev/null", O_WRONLY | O_CLOEXEC);

		argv[0] = packed ? "zgrep" : "grep";
		argv[1] = "-icF";
		argv[2] = "--";
		argv[3] = text;
		memcpy(argv + 4, files, (size_t)count * sizeof(*files));
		setenv("LC_ALL", "C", 1);
		dup2(out, 1);
		execvp(argv[0], (char **)argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return now_ms() - start;
}

static void ask(struct log_index *index, const char *name, const char *text, char **files,
    int count, bool beside)
{
	double ms[RUNS], longest = 0;
	size_t messages = 0;

	for (int i = 0; i < RUNS; i++)
		ms[i] = trace(index, text, &messages, &longest);
	qsort(ms, RUNS, sizeof(*ms), by_size);
	printf("| %s | %.0f ms (longest %.0f) | %zu messages, longest step %.0f ms |", name,
	    ms[RUNS / 2], ms[RUNS - 1], messages, longest);
	if (beside)
		printf(" %.0f ms |\n", grep(text, files, count));
	else
		printf(" |\n");
	fflush(stdout);
}

static int run(char **files, int count)
{
	struct log_index index;
	uint64_t seed = UINT64_C(1003) * 977;
	char to[80];

	log_index_init(&index);
	printf("| what | measured | | grep over the same files |\n|---|---|---|---|\n");
	make_index(&index, files, count);
	measure_filters(&index);
	/* Somebody's ID is drawn before his address. */
	draw(&seed, 10000000);
	address(&seed, to);
	ask(&index, "an address that was never seen", "nobody@never.example", files, count, true);
	ask(&index, "an address of the oldest file, once", RARE, files, count, true);
	ask(&index, "a recipient", to, files, count, false);
	ask(&index, "a domain in every block", "bigmail.example", files, count, false);
	ask(&index, "a domain with a few hundred messages", "domain777.example", files, count,
	    false);
	ask(&index, "a sender", "staff7@firm7.example", files, count, false);
	log_index_free(&index);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "generate") == 0)
		return generate(argv[2], strtoull(argv[3], NULL, 10) * 1000000);
	if (argc > 2 && strcmp(argv[1], "trace") == 0)
		return run(argv + 2, argc - 2);
	fprintf(stderr, "trace_bench generate DIR MB | trace_bench trace FILE...\n");
	return 2;
}
