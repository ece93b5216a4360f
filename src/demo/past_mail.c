/* Queue files and their defer logs as Postfix writes them (global/record.c, global/rec_type.h,
 * bounce/bounce_append_service.c), of mail that has waited. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/hash.h"
#include "demo/letter.h"
#include "demo/past.h"
#include "demo/world.h"

/* The next attempts are spread over half an hour, from the third minute on. */
#define NEXT_FROM 180
#define NEXT_SPREAD 1500

struct planting {
	const struct instance *in;
	const struct network *net;
	const struct past_waiting *waiting;
	int64_t now, arrival;
	uid_t owner;
	struct letter letter;
	uint64_t inode;
	char id[PAST_ID_SIZE];
};

/* A type, the length with seven bits a byte, the bytes. */
static void record(struct buffer *out, char type, struct slice bytes)
{
	size_t rest = bytes.len;

	buffer_append_char(out, type);
	do {
		buffer_append_char(out, (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
		rest >>= 7;
	} while (rest > 0);
	buffer_append_slice(out, bytes);
}

static void record_string(struct buffer *out, char type, const char *text)
{
	record(out, type, slice_of(text));
}

static void append_content(struct buffer *out, struct slice message)
{
	struct slice line = {0};

	while (slice_split(&message, '\n', &line)) {
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		record(out, 'N', line);
	}
}

static void append_envelope(struct buffer *out, const struct planting *p)
{
	const struct letter_sender *sender = p->letter.sender;
	char text[256];

	snprintf(text, sizeof(text), "%lld 0", (long long)p->arrival);
	record_string(out, 'T', text);
	snprintf(text, sizeof(text), "create_time=%lld", (long long)p->arrival);
	record_string(out, 'A', text);
	record_string(out, 'A', "rewrite_context=local");
	snprintf(text, sizeof(text), "log_client_name=%s", sender->client_name);
	record_string(out, 'A', text);
	snprintf(text, sizeof(text), "log_client_address=%s", sender->client_address);
	record_string(out, 'A', text);
	snprintf(text, sizeof(text), "log_helo_name=%s", sender->helo);
	record_string(out, 'A', text);
	if (sender->login != NULL) {
		snprintf(text, sizeof(text), "sasl_username=%s", sender->login);
		record_string(out, 'A', text);
	}
	record_string(out, 'S', sender->address);
	record_string(out, 'O', p->letter.recipients[0]);
	record_string(out, 'R', p->letter.recipients[0]);
}

/* Size of the content, offset of its first record, recipients, flags, size again, SMTPUTF8. */
static void append_sizes(struct buffer *out, size_t content, size_t offset)
{
	char text[128];

	snprintf(text, sizeof(text), "%15zu %15zu %15u %15u %15zu %15u", content, offset, 1u, 0u,
	    content, 0u);
	record_string(out, 'C', text);
}

static void append_message(struct buffer *out, const struct planting *p)
{
	BUFFER_AUTO struct buffer content = {0};
	BUFFER_AUTO struct buffer envelope = {0};
	BUFFER_AUTO struct buffer sizes = {0};

	append_envelope(&envelope, p);
	record_string(&envelope, 'M', "");
	append_content(&content, buffer_slice(&p->letter.message));
	append_sizes(&sizes, content.len, 0);
	append_sizes(out, content.len, sizes.len + envelope.len);
	buffer_append_slice(out, buffer_slice(&envelope));
	buffer_append_slice(out, buffer_slice(&content));
	record_string(out, 'X', "");
	record_string(out, 'E', "");
}

static void append_reason(struct buffer *out, const struct planting *p, const char *text)
{
	const struct world_host *host = world_find(p->waiting->domain);
	struct slice rest = slice_of(text);
	char address[INET_ADDRSTRLEN];

	network_address(p->net, host, address);
	while (rest.len > 0) {
		if (slice_starts_with(rest, "{host}")) {
			buffer_printf(out, "%s[%s]", host->name, address);
			rest = slice_from(rest, strlen("{host}"));
		} else if (slice_starts_with(rest, "{port}")) {
			buffer_printf(out, "%u", p->net->mail_port);
			rest = slice_from(rest, strlen("{port}"));
		} else if (slice_starts_with(rest, "{rcpt}")) {
			buffer_append_string(out, p->letter.recipients[0]);
			rest = slice_from(rest, strlen("{rcpt}"));
		} else {
			buffer_append_char(out, rest.data[0]);
			rest = slice_from(rest, 1);
		}
	}
}

static void append_defer_log(struct buffer *out, const struct planting *p)
{
	const char *to = p->letter.recipients[0];
	BUFFER_AUTO struct buffer reason = {0};

	append_reason(&reason, p, p->waiting->reason);
	buffer_printf(out, "\n<%s>: %.*s\nrecipient=%s\noffset=0\nstatus=%s\naction=delayed\n", to,
	    SLICE_ARGS(buffer_slice(&reason)), to, p->waiting->dsn);
	if (strstr(p->waiting->reason, " said: ") != NULL)
		buffer_printf(
		    out, "mta_type=dns\nmta_mname=%s\n", world_find(p->waiting->domain)->name);
	buffer_printf(out, "reason=%.*s\n\n", SLICE_ARGS(buffer_slice(&reason)));
}

/* Below deferred or defer; the directory is made as Postfix does when it first needs it. */
static bool place(
    const struct planting *p, const char *queue, char out[INSTANCE_PATH_MAX * 2], struct error *err)
{
	snprintf(out, INSTANCE_PATH_MAX * 2, "%s/spool/%s/%c", p->in->dir, queue,
	    past_queue_hash(p->inode));
	if ((mkdir(out, 0700) < 0 && errno != EEXIST) || chown(out, p->owner, (gid_t)-1) < 0)
		return error_set_errno(err, "io_error", errno, "%s", out);
	snprintf(out + strlen(out), INSTANCE_PATH_MAX * 2 - strlen(out), "/%s", p->id);
	return true;
}

/* Whole before it stands where Postfix looks. */
static bool move_in(const struct planting *p, const char *from, const char *queue, mode_t mode,
    int64_t mtime, struct error *err)
{
	struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
	char to[INSTANCE_PATH_MAX * 2];

	if (!place(p, queue, to, err))
		return false;
	if (chown(from, p->owner, (gid_t)-1) < 0 || chmod(from, mode) < 0 ||
	    utimensat(AT_FDCWD, from, times, 0) < 0 || rename(from, to) < 0)
		return error_set_errno(err, "io_error", errno, "%s", to);
	return true;
}

/* Gives its inode, which the name of a queue file ends with. */
static bool write_aside(const struct planting *p, const struct buffer *bytes,
    char path[INSTANCE_PATH_MAX * 2], uint64_t *inode, struct error *err)
{
	struct stat st;
	FD_AUTO int fd = -1;

	snprintf(path, INSTANCE_PATH_MAX * 2, "%s/spool/aside", p->in->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !fd_write_all(fd, bytes->data, bytes->len) || fstat(fd, &st) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	*inode = (uint64_t)st.st_ino;
	return true;
}

static bool plant(struct planting *p, int64_t next, struct error *err)
{
	BUFFER_AUTO struct buffer message = {0};
	BUFFER_AUTO struct buffer log = {0};
	char aside[INSTANCE_PATH_MAX * 2];
	uint64_t inode;

	append_message(&message, p);
	append_defer_log(&log, p);
	if (!write_aside(p, &message, aside, &p->inode, err))
		return false;
	past_queue_id(p->id, p->arrival, p->inode);
	return move_in(p, aside, "deferred", 0700, next, err) &&
	       write_aside(p, &log, aside, &inode, err) &&
	       move_in(p, aside, "defer", 0600, p->now, err);
}

bool past_plant_mail(
    const struct instance *in, const struct network *net, int64_t now, struct error *err)
{
	const struct passwd *postfix = getpwnam("postfix");
	size_t count;
	const struct past_waiting *all = past_waiting(&count);

	if (postfix == NULL)
		return error_set(err, "no_postfix", "there is no user postfix");
	for (size_t i = 0; i < count; i++)
		for (unsigned n = 0; n < all[i].messages; n++) {
			struct planting p = {in, net, &all[i], now, now - past_age(&all[i], n),
			    postfix->pw_uid, {0}, 0, ""};
			unsigned number = (unsigned)(i * 1000 + n);
			bool done;

			letter_make_to(&p.letter, number, all[i].domain, p.arrival);
			done = plant(
			    &p, now + NEXT_FROM + (int64_t)(hash_u64(number) % NEXT_SPREAD), err);
			letter_free(&p.letter);
			if (!done)
				return false;
		}
	return true;
}
