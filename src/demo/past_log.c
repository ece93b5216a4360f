/* The log of a day: letters by the hour, delivered, put off and delivered later, or refused, and an
 * outage of one destination. Each line is as Postfix 3.7 writes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/memory.h"
#include "demo/letter.h"
#include "demo/past.h"
#include "demo/world.h"

/* Letters of an hour, by the hour of the day: an office's, with a newsletter at night. */
static const unsigned letters_in_hour[24] = {60, 42, 30, 90, 36, 48, 120, 270, 540, 720, 780, 720,
    510, 630, 750, 720, 660, 480, 270, 180, 150, 120, 90, 72};
/* The newsletter's run of the day, and the numbers of its letters. */
#define NEWSLETTER_READERS 700
#define NEWSLETTER_FROM 4000000
#define NEWSLETTER_AGO (13 * 3600)
#define NEWSLETTER_SECONDS 280
/* Inodes that no file here has. */
#define INODE_FROM ((uint64_t)1 << 24)

struct line {
	int64_t at;
	size_t offset, len; /* of its text */
};

struct past {
	const struct network *net;
	int64_t now;
	struct buffer text;
	struct line *lines;
	size_t count, room;
};

/* One letter's way. */
struct fate {
	struct past *past;
	const struct letter *letter;
	char id[PAST_ID_SIZE];
	int64_t at;
	unsigned pid;
};

static void add_line(struct fate *f, int64_t at, const char *program, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void add_line(struct fate *f, int64_t at, const char *program, const char *format, ...)
{
	struct past *past = f->past;
	size_t offset = past->text.len;
	char when[32], message[1024];
	struct tm tm;
	time_t seconds = at;
	va_list args;

	/* Nothing is told of what has not been yet. */
	if (at > past->now)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	localtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	buffer_printf(
	    &past->text, "%s mail postfix/%s[%u]: %s: %s\n", when, program, f->pid, f->id, message);
	if (past->count == past->room) {
		past->room = past->room == 0 ? 4096 : past->room * 2;
		past->lines = memory_resize(past->lines, past->room, sizeof(*past->lines));
	}
	past->lines[past->count++] = (struct line){at, offset, past->text.len - offset};
}

static void taken(struct fate *f)
{
	const struct letter_sender *sender = f->letter->sender;

	if (sender->login != NULL)
		add_line(f, f->at, "smtpd", "client=%s[%s], sasl_method=PLAIN, sasl_username=%s",
		    sender->client_name, sender->client_address, sender->login);
	else
		add_line(f, f->at, "smtpd", "client=%s[%s]", sender->client_name,
		    sender->client_address);
	add_line(f, f->at, "cleanup", "message-id=<%s@%s>", f->id, sender->client_name);
	add_line(f, f->at, "qmgr", "from=<%s>, size=%zu, nrcpt=%zu (queue active)", sender->address,
	    f->letter->message.len, f->letter->recipient_count);
}

static void append_relay(const struct past *past, const char *domain, char out[160])
{
	const struct world_host *host = world_find(domain);
	char address[INET_ADDRSTRLEN];

	network_address(past->net, host, address);
	snprintf(out, 160, "%s[%s]:%u", host->name, address, past->net->mail_port);
}

static void attempt(
    struct fate *f, int64_t at, const char *dsn, const char *status, const char *reply)
{
	const char *to = f->letter->recipients[0];
	char relay[160];

	append_relay(f->past, strchr(to, '@') + 1, relay);
	add_line(f, at, "smtp",
	    "to=<%s>, relay=%s, delay=%lld, delays=0.1/0/0.1/0.2, dsn=%s, status=%s (%s)", to,
	    strcmp(dsn, "4.4.1") == 0 ? "none" : relay, (long long)(at - f->at), dsn, status,
	    reply);
}

static void delivered(struct fate *f, int64_t at)
{
	char reply[96];

	snprintf(reply, sizeof(reply), "250 2.0.0 Ok: queued as %.12s", f->id);
	attempt(f, at, "2.0.0", "sent", reply);
	add_line(f, at, "qmgr", "removed");
}

/* Put off at first, with growing pauses until `until`. Gives the time when it is tried again. */
static int64_t put_off(struct fate *f, int64_t until, const char *dsn, const char *reply)
{
	int64_t at = f->at + 1, pause = 300;

	do {
		attempt(f, at, dsn, "deferred", reply);
		at += pause;
		pause = pause < 1200 ? pause * 2 : 1800;
		add_line(f, at, "qmgr", "from=<%s>, size=%zu, nrcpt=1 (queue active)",
		    f->letter->sender->address, f->letter->message.len);
	} while (at < until);
	return at;
}

static void to_customer(struct fate *f)
{
	int64_t from = f->past->now - PAST_OUTAGE_FROM, to = f->past->now - PAST_OUTAGE_TO;
	char relay[160], reply[512];
	int64_t at = f->at + 1;

	append_relay(f->past, "customer.example", relay);
	snprintf(reply, sizeof(reply), "connect to %s: Connection refused", relay);
	if (f->at >= from && f->at < to)
		at = put_off(f, to, "4.4.1", reply);
	delivered(f, at);
}

static void to_freemail(struct fate *f, uint64_t random)
{
	char reply[512];

	if (random % 100 >= 6) {
		delivered(f, f->at + 1);
		return;
	}
	snprintf(reply, sizeof(reply),
	    "host mx1.freemail.example said: 550 5.1.1 <%s>: Recipient address rejected: User "
	    "unknown in virtual mailbox table (in reply to RCPT TO command)",
	    f->letter->recipients[0]);
	attempt(f, f->at + 1, "5.1.1", "bounced", reply);
	add_line(f, f->at + 1, "qmgr", "removed");
}

static void to_university(struct fate *f)
{
	char reply[512];

	snprintf(reply, sizeof(reply),
	    "host mail.cs.university.example said: 450 4.2.0 <%s>: Recipient address rejected: "
	    "Greylisted, see https://greylist.university.example/help (in reply to RCPT TO "
	    "command)",
	    f->letter->recipients[0]);
	delivered(f, put_off(f, f->at + 240, "4.2.0", reply));
}

static void write_letter(
    struct past *past, const struct letter *letter, const char *domain, unsigned number, int64_t at)
{
	struct fate f = {past, letter, "", at, 2000 + number % 60};

	past_queue_id(f.id, at, INODE_FROM + number);
	taken(&f);
	if (strcmp(domain, "customer.example") == 0)
		to_customer(&f);
	else if (strcmp(domain, "freemail.example") == 0)
		to_freemail(&f, hash_u64(number + 77) >> 8);
	else if (strcmp(domain, "university.example") == 0)
		to_university(&f);
	else
		delivered(&f, at + 1);
}

static const char *domain_of(unsigned number)
{
	static const char *const domains[] = {"customer.example", "freemail.example",
	    "university.example", "bigmail.example", "customer.example"};

	return domains[hash_u64(number + 77) % (sizeof(domains) / sizeof(domains[0]))];
}

static void one_letter(struct past *past, unsigned number, int64_t at)
{
	struct letter letter;

	letter_make_to(&letter, number, domain_of(number), at);
	write_letter(past, &letter, domain_of(number), number, at);
	letter_free(&letter);
}

/* The newsletter's readers, all within some minutes: so many at once are usual for it. */
static void newsletter_run(struct past *past)
{
	for (unsigned i = 0; i < NEWSLETTER_READERS; i++) {
		unsigned number = NEWSLETTER_FROM + i;
		int64_t at = past->now - NEWSLETTER_AGO + (int64_t)(i % NEWSLETTER_SECONDS);
		struct letter letter;

		letter_make_newsletter(&letter, number, domain_of(number), at);
		write_letter(past, &letter, domain_of(number), number, at);
		letter_free(&letter);
	}
}

static void one_day(struct past *past)
{
	unsigned number = LETTER_FIRST_COUNT * 100;

	for (int64_t minute = past->now - PAST_SECONDS; minute < past->now; minute += 60) {
		time_t seconds = minute;
		struct tm tm;
		unsigned count;

		localtime_r(&seconds, &tm);
		/* An hour's letters, spread over its minutes. */
		count = letters_in_hour[tm.tm_hour] * (unsigned)(tm.tm_min + 1) / 60 -
			letters_in_hour[tm.tm_hour] * (unsigned)tm.tm_min / 60;
		for (unsigned i = 0; i < count; i++, number++)
			one_letter(past, number, minute + (int64_t)(hash_u64(number) % 60));
	}
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

bool past_write_log(
    const struct instance *in, const struct network *net, int64_t now, struct error *err)
{
	struct past past = {.net = net, .now = now};
	BUFFER_AUTO struct buffer sorted = {0};
	char path[INSTANCE_PATH_MAX * 2];
	FD_AUTO int fd = -1;
	bool done;

	one_day(&past);
	newsletter_run(&past);
	qsort(past.lines, past.count, sizeof(*past.lines), by_time);
	for (size_t i = 0; i < past.count; i++)
		buffer_append(&sorted, past.text.data + past.lines[i].offset, past.lines[i].len);
	snprintf(path, sizeof(path), "%s/mail.log.1", in->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	done = fd >= 0 && fd_write_all(fd, sorted.data, sorted.len);
	free(past.lines);
	buffer_free(&past.text);
	return done || error_set_errno(err, "io_error", errno, "%s", path);
}
