/* Fills the spool of a private Postfix instance with deferred messages in bulk: valid queue files
 * and defer logs, as cleanup(8) and bounce(8) write them (POSTFIX queue file format:
 * global/record.c, global/rec_type.h; defer log: bounce/bounce_append_service.c). For benchmarks
 * only.
 *
 *     queue_generate --queue-directory DIR --count N [--seed N] [--recipients MAX] [--user NAME]
 *                    [--unique-reasons PERCENT] [--churn RATE] [--processes N]
 *
 * Senders are varied, the destinations are 2,000 long-tailed domains, a message has 1 to 500
 * recipients, half the IDs are short and half long, subjects are unique, and of the reasons 40 %
 * are unique long replies as large providers give them. The next retry lies one to two hours ahead,
 * so that a queue manager that is running predicates the files alone. The same seed gives the same
 * messages but for IDs and times, which follow the inode and the clock.
 *
 * With --churn it makes RATE of the N messages a second, removes as many of those that it made
 * before, and moves every tenth to the hold queue first, by the renames that Postfix makes; and
 * prints what it did: "made|held|removed ID MICROSECONDS" (Unix time when it was done). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"

#define DOMAINS 2000
#define SENDERS 5000
#define LOGINS 300
#define RECIPIENTS_MAX 500
#define AGE_MAX (5 * 86400 - 3600)
#define RETRY_AHEAD 3600

struct generator {
	uint64_t random;
	uint32_t most_recipients, unique_reasons;
	int64_t now;
	char id[40];		       /* of the last message made */
	uint32_t part;		       /* of this process, where several make them */
	double domain_weight[DOMAINS]; /* cumulative, Zipf with exponent 1 */
	struct buffer file, log;
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "queue_generate: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* xorshift64*: fast, and the same everywhere. */
static uint64_t next_random(struct generator *g)
{
	g->random ^= g->random >> 12;
	g->random ^= g->random << 25;
	g->random ^= g->random >> 27;
	return g->random * 0x2545f4914f6cdd1du;
}

static uint32_t below(struct generator *g, uint32_t limit)
{
	return (uint32_t)((next_random(g) >> 32) * limit >> 32);
}

static void prepare_domains(struct generator *g)
{
	double sum = 0;

	for (int i = 0; i < DOMAINS; i++)
		g->domain_weight[i] = sum += 1.0 / (i + 1);
	for (int i = 0; i < DOMAINS; i++)
		g->domain_weight[i] /= sum;
}

static int pick_domain(struct generator *g)
{
	double x = (double)(next_random(g) >> 11) / 9007199254740992.0;
	int low = 0, high = DOMAINS - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (g->domain_weight[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void put_record(struct buffer *b, char type, const void *data, size_t len)
{
	size_t rest = len;

	buffer_append_char(b, type);
	do {
		buffer_append_char(b, (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
		rest >>= 7;
	} while (rest > 0);
	buffer_append(b, data, len);
}

__attribute__((format(printf, 3, 4))) static void put_text(
    struct buffer *b, char type, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_record(b, type, text, strlen(text));
}

struct sizes {
	long size, data_offset, recipients, content;
};

static void put_sizes(struct buffer *b, const struct sizes *s)
{
	put_text(b, 'C', "%15ld %15ld %15ld %15d %15ld %15d", s->size, s->data_offset,
	    s->recipients, 0, s->content, 0);
}

static uint32_t recipient_count(struct generator *g)
{
	uint32_t kind = below(g, 1000);

	if (kind < 850 || g->most_recipients == 1)
		return 1;
	if (kind < 950)
		return 2 + below(g, 4);
	if (kind < 995)
		return 6 + below(g, 45);
	return 51 + below(g, g->most_recipients > 51 ? g->most_recipients - 50 : 1);
}

static void put_reply(struct generator *g, struct buffer *b, int domain, uint64_t serial)
{
	static const char *const common[] = {
	    "4.2.2|452|Mailbox full: the recipient is over quota|RCPT TO command",
	    "4.2.0|450|Rejected: Greylisted, see https://greylist.example/why|RCPT TO command",
	    "4.3.2|421|Service not available, closing transmission channel|end of DATA command",
	    "4.7.1|451|Please try again later|MAIL FROM command",
	    "4.4.5|452|Insufficient system storage|RCPT TO command",
	    "4.1.8|450|Sender address rejected: Domain not found|RCPT TO command",
	};
	char code[8], reply[8], text[128], phase[48];

	if (below(g, 100) < g->unique_reasons) {
		buffer_printf(b,
		    "host mx%d.d%04d.example[203.0.113.%d] said: 421-4.7.28 Our system has "
		    "detected an unusual rate "
		    "of unsolicited mail originating from your IP address. To protect our users "
		    "from spam, mail "
		    "sent from your IP address has been temporarily rate limited. 421-4.7.28 For "
		    "more information "
		    "go to https://support.d%04d.example/mail/answer/%08x 421 4.7.28 review our "
		    "bulk senders "
		    "guidelines. %016" PRIx64 "-%016" PRIx64
		    " - gsmtp (in reply to end of DATA command)",
		    1 + domain % 4, domain, domain % 254 + 1, domain, (unsigned)next_random(g),
		    next_random(g), serial);
		return;
	}
	switch (below(g, 8)) {
	case 0:
		buffer_printf(b,
		    "connect to mx.d%04d.example[203.0.113.%d]:25: Connection timed out", domain,
		    domain % 254 + 1);
		return;
	case 1:
		buffer_printf(b,
		    "Host or domain name not found. Name service error for name=d%04d.example "
		    "type=MX: "
		    "Host not found, try again",
		    domain);
		return;
	default:
		sscanf(common[below(g, sizeof(common) / sizeof(common[0]))],
		    "%7[^|]|%7[^|]|%127[^|]|%47[^|]", code, reply, text, phase);
		buffer_printf(b,
		    "host mx.d%04d.example[203.0.113.%d] said: %s %s %s (in reply to %s)", domain,
		    domain % 254 + 1, reply, code, text, phase);
	}
}

static void put_defer_block(
    struct generator *g, const char *address, size_t offset, int domain, uint64_t serial)
{
	BUFFER_AUTO struct buffer reason = {0};
	const char *text;

	put_reply(g, &reason, domain, serial);
	text = buffer_string(&reason);
	buffer_printf(&g->log,
	    "<%s>: %s\nrecipient=%s\noffset=%zu\ndsn_orig_rcpt=rfc822;%s\nstatus=4.4.1\n"
	    "action=delayed\n",
	    address, text, address, offset, address);
	if (strncmp(text, "host ", 5) == 0)
		buffer_printf(&g->log,
		    "diag_type=smtp\ndiag_text=%s\nmta_type=dns\nmta_mname=mx.d%04d.example\n",
		    strstr(text, "said: ") + 6, domain);
	buffer_printf(&g->log, "reason=%s\n\n", text);
}

static void put_envelope_head(
    struct generator *g, const struct sizes *sizes, int64_t arrival, uint64_t serial)
{
	struct buffer *b = &g->file;
	uint32_t sender = below(g, SENDERS), kind = below(g, 100);
	uint32_t address = below(g, 65536);

	put_sizes(b, sizes);
	put_text(b, 'T', "%" PRId64 " %u", arrival, below(g, 1000000));
	put_text(b, 'A', "create_time=%" PRId64, arrival);
	put_text(b, 'A', "rewrite_context=local");
	if (kind < 30)
		put_text(b, 'A', "sasl_method=PLAIN"),
		    put_text(b, 'A', "sasl_username=login%03u", sender % LOGINS);
	if (kind >= 95)
		put_text(b, 'S', "%s", "");
	else
		put_text(b, 'S', "sender%u@s%03u.example", sender, sender % 400);
	put_text(b, 'A', "log_client_name=client%u.example", address % 500);
	put_text(b, 'A', "log_client_address=198.51.100.%u", address % 250);
	put_text(b, 'A', "log_client_port=%u", 1024 + below(g, 60000));
	put_text(b, 'A', "log_message_origin=client%u.example[198.51.100.%u]", address % 500,
	    address % 250);
	put_text(b, 'A', "log_helo_name=helo%u.example", address % 500);
	put_text(b, 'A', "log_protocol_name=ESMTP");
	(void)serial;
}

static void put_recipients(struct generator *g, uint32_t count, uint64_t serial)
{
	char address[96];

	for (uint32_t i = 0; i < count; i++) {
		int domain = pick_domain(g);

		snprintf(
		    address, sizeof(address), "user%u@d%04d.example", below(g, 1000000), domain);
		put_text(&g->file, 'A', "dsn_orig_rcpt=rfc822;%s", address);
		put_text(&g->file, 'O', "%s", address);
		put_defer_block(g, address, g->file.len, domain, serial);
		put_text(&g->file, 'R', "%s", address);
	}
}

static void put_content(struct generator *g, const char *id, int64_t arrival, uint64_t serial)
{
	char date[64];
	time_t when = (time_t)arrival;
	struct tm tm;
	uint32_t lines = 3 + below(g, 40);

	gmtime_r(&when, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	put_text(&g->file, 'N', "Received: from client.example (client.example [198.51.100.7])");
	put_text(&g->file, 'N', "\tby mail.example (Postfix) with ESMTP id %s;", id);
	put_text(&g->file, 'N', "\t%s", date);
	put_text(&g->file, 'N', "Subject: Order %" PRIu64 " of %08x is on its way", serial,
	    (unsigned)next_random(g));
	put_text(&g->file, 'N', "Message-ID: <%" PRIu64 ".%08x@mail.example>", serial,
	    (unsigned)next_random(g));
	put_text(&g->file, 'N', "Date: %s", date);
	put_record(&g->file, 'N', "", 0);
	for (uint32_t i = 0; i < lines; i++)
		put_text(&g->file, 'N',
		    "Line %u of a message that nobody has to read; it only has a length.", i);
}

/* The long form of mail_queue.h: base 52 seconds and microseconds, 'z', base 51 inode. */
static void long_id(char *out, int64_t seconds, uint32_t microseconds, uint64_t inode)
{
	static const char digit[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	char tail[24];
	int n = 0;

	for (int i = 5; i >= 0; i--, seconds /= 52)
		out[i] = digit[seconds % 52];
	for (int i = 9; i >= 6; i--, microseconds /= 52)
		out[i] = digit[microseconds % 52];
	out[10] = 'z';
	for (; inode > 0; inode /= 51)
		tail[n++] = digit[inode % 51];
	for (int i = 0; i < n; i++)
		out[11 + i] = tail[n - 1 - i];
	out[11 + n] = '\0';
}

static void build_file(struct generator *g, const char *id, int64_t arrival, uint64_t serial)
{
	struct sizes sizes = {0};
	uint32_t count = recipient_count(g);
	size_t data;
	BUFFER_AUTO struct buffer head = {0};

	buffer_clear(&g->file);
	buffer_clear(&g->log);
	buffer_append_char(&g->log, '\n');
	put_envelope_head(g, &sizes, arrival, serial);
	put_recipients(g, count, serial);
	put_record(&g->file, 'M', "", 0);
	data = g->file.len;
	put_content(g, id, arrival, serial);
	sizes = (struct sizes){
	    (long)(g->file.len - data), (long)data, (long)count, (long)(g->file.len - data)};
	put_record(&g->file, 'X', "", 0);
	put_record(&g->file, 'E', "", 0);
	put_sizes(&head, &sizes);
	memcpy(
	    g->file.data, head.data, head.len); /* the C record has one length, whatever is in it */
}

/* Two system calls a file less than by chown: this process is one that Postfix's user may be, and
 * files that it makes are his. */
static void be_postfix(const char *user)
{
	struct passwd *pw = getpwnam(user);

	if (pw == NULL) {
		fprintf(stderr, "queue_generate: there is no user %s\n", user);
		exit(2);
	}
	umask(0);
	if (setegid(pw->pw_gid) != 0 || seteuid(pw->pw_uid) != 0)
		fail("seteuid");
}

static int create(int spool, const char *name, mode_t mode)
{
	int fd = openat(spool, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		fail(name);
	return fd;
}

static void write_all(int fd, const char *name, const struct buffer *bytes)
{
	if (write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len)
		fail(name);
}

/* Returns the name of its hashed directory. */
static char make_message(struct generator *g, int spool, uint64_t serial)
{
	char *id = g->id, path[80], name[80];
	int64_t arrival = g->now - 60 - below(g, AGE_MAX),
		retry = g->now + RETRY_AHEAD + below(g, 3600);
	uint32_t microseconds = below(g, 1000000);
	struct timespec times[2] = {{.tv_sec = retry}, {.tv_sec = retry}};
	struct stat st;
	char hash;
	int fd;

	/* The name holds the inode number, so the file has to be there first; in its own directory,
	 * because a file system looks for a free inode near the directory, and slowly where a
	 * million were made. */
	snprintf(path, sizeof(path), "%05X", microseconds);
	hash = path[0];
	snprintf(name, sizeof(name), "deferred/%c/.new%u", hash, g->part);
	fd = create(spool, name, 0700);
	if (fstat(fd, &st) != 0)
		fail(name);
	if (below(g, 2) == 0)
		snprintf(id, sizeof(g->id), "%05X%lX", microseconds, (unsigned long)st.st_ino);
	else
		long_id(id, arrival, microseconds, st.st_ino);
	build_file(g, id, arrival, serial);
	write_all(fd, name, &g->file);
	if (futimens(fd, times) != 0)
		fail(name);
	close(fd);
	snprintf(path, sizeof(path), "defer/%c/%s", hash, id);
	fd = create(spool, path, 0600);
	write_all(fd, path, &g->log);
	close(fd);
	snprintf(path, sizeof(path), "deferred/%c/%s", hash, id);
	if (renameat(spool, name, spool, path) != 0)
		fail(path);
	return hash;
}

static void said(const char *what, const char *id)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	printf("%s %s %lld\n", what, id, (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* A message that the churn made, and where it is. */
struct alive {
	char id[40], hash;
	bool held;
};

static void hold(int spool, struct alive *a)
{
	char from[80], to[80];

	snprintf(from, sizeof(from), "deferred/%c/%s", a->hash, a->id);
	snprintf(to, sizeof(to), "hold/%s", a->id);
	if (renameat(spool, from, spool, to) != 0)
		fail(from);
	a->held = true;
	said("held", a->id);
}

static void remove_message(int spool, const struct alive *a)
{
	char path[80];

	snprintf(path, sizeof(path), "defer/%c/%s", a->hash, a->id);
	unlinkat(spool, path, 0);
	if (a->held)
		snprintf(path, sizeof(path), "hold/%s", a->id);
	else
		snprintf(path, sizeof(path), "deferred/%c/%s", a->hash, a->id);
	if (unlinkat(spool, path, 0) != 0)
		fail(path);
	said("removed", a->id);
}

/* Messages live for two seconds; every tenth is held after one. */
static void churn(struct generator *g, int spool, uint64_t count, uint32_t rate)
{
	uint64_t lag = (uint64_t)rate * 2;
	struct alive *alive = calloc(count, sizeof(*alive));
	struct timespec next;

	if (alive == NULL)
		fail("calloc");
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (uint64_t i = 0; i < count + lag; i++) {
		if (i < count) {
			alive[i].hash = make_message(g, spool, i);
			memcpy(alive[i].id, g->id, sizeof(g->id));
			said("made", g->id);
		}
		if (i >= rate && i - rate < count && (i - rate) % 10 == 0)
			hold(spool, &alive[i - rate]);
		if (i >= lag)
			remove_message(spool, &alive[i - lag]);
		fflush(stdout);
		next.tv_nsec += 1000000000L / rate;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	free(alive);
}

static void make_directories(int spool)
{
	static const char *const queues[] = {"deferred", "defer"};
	char path[32];

	for (size_t q = 0; q < 2; q++)
		for (int i = 0; i < 16; i++) {
			snprintf(path, sizeof(path), "%s/%X", queues[q], i);
			if (mkdirat(spool, path, 0700) != 0 && errno != EEXIST)
				fail(path);
		}
}

struct options {
	const char *directory, *user;
	uint64_t count, seed;
	uint32_t rate, processes, most_recipients, unique_reasons;
};

static bool take_options(struct options *o, int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];

		if (strcmp(argv[i], "--queue-directory") == 0)
			o->directory = value;
		else if (strcmp(argv[i], "--count") == 0)
			o->count = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			o->seed = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--recipients") == 0)
			o->most_recipients = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--unique-reasons") == 0)
			o->unique_reasons = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--churn") == 0)
			o->rate = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--processes") == 0)
			o->processes = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--user") == 0)
			o->user = value;
	}
	return o->directory != NULL && o->count > 0 && o->processes > 0;
}

/* The messages of one process: every so many-th, from its own number on. */
static void make_part(struct generator *g, int spool, const struct options *o)
{
	g->random ^= g->part * UINT64_C(0xd1342543de82ef95);
	for (uint64_t i = g->part; i < o->count; i += o->processes)
		make_message(g, spool, i);
}

/* Two processes keep two cores and the disk busy. */
static void make_all(struct generator *g, int spool, const struct options *o)
{
	int status, failed = 0;

	for (uint32_t part = 1; part < o->processes; part++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			g->part = part;
			make_part(g, spool, o);
			_exit(0);
		}
	}
	make_part(g, spool, o);
	while (wait(&status) > 0)
		failed |= status;
	if (failed != 0)
		exit(1);
}

int main(int argc, char **argv)
{
	struct options o = {.user = "postfix",
	    .processes = 1,
	    .most_recipients = RECIPIENTS_MAX,
	    .unique_reasons = 40};
	struct generator g = {.now = clock_now()};
	int spool;

	if (!take_options(&o, argc, argv)) {
		fprintf(stderr, "usage: queue_generate --queue-directory DIR --count N [--seed N] "
				"[--recipients MAX] [--user NAME] [--unique-reasons PERCENT] "
				"[--churn RATE] [--processes N]\n");
		return 2;
	}
	g.random = 20261122 ^ o.seed * UINT64_C(0x9e3779b97f4a7c15);
	g.most_recipients = o.most_recipients;
	g.unique_reasons = o.unique_reasons;
	be_postfix(o.user);
	spool = open(o.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool < 0)
		fail(o.directory);
	prepare_domains(&g);
	make_directories(spool);
	if (o.rate > 0)
		churn(&g, spool, o.count, o.rate);
	else
		make_all(&g, spool, &o);
	buffer_free(&g.file);
	buffer_free(&g.log);
	close(spool);
	return 0;
}
