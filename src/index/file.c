/* The index on disk: what the source said last, so that a restart shows it at once. A damaged file
 * costs nothing but that. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/memory.h"
#include "index/internal.h"

/* "PRIX", version, as_of, corrupt (UINT64_MAX: not known), count; then each message with its length
 * in front (postfix/message.h); then the hash of all of it, against damage, not against anybody. */
#define FILE_MAGIC 0x58495250u
#define FILE_VERSION 2u
/* A million messages take about 300 MB; ten times that is no file of ours. */
#define FILE_MAX ((size_t)4 << 30)
#define FILE_CHUNK ((size_t)1 << 20)

static const struct hash_key file_key = {0x706f7374726f6f6dull, 0x696e646578000001ull};

struct writer {
	int fd;
	struct buffer chunk;
	uint64_t hash;
	bool failed;
};

/* Chained over chunks of the same size, so that reading may do it in one go. */
static uint64_t chain(uint64_t hash, struct slice chunk)
{
	struct hash_key key = {file_key.k0 ^ hash, file_key.k1};

	return hash_bytes(&key, chunk);
}

static void write_chunks(struct writer *w, bool all)
{
	size_t done = 0;

	while (w->chunk.len - done >= FILE_CHUNK || (all && done < w->chunk.len)) {
		struct slice part =
		    slice_first(slice_from(buffer_slice(&w->chunk), done), FILE_CHUNK);
		w->hash = chain(w->hash, part);
		w->failed = w->failed || !fd_write_all(w->fd, part.data, part.len);
		done += part.len;
	}
	buffer_consume(&w->chunk, done);
}

static void fill_recipient(struct message *m, const struct index_recipient *from)
{
	struct message_recipient *to = message_add_recipient(m);

	if (!to)
		return;
	to->address = from->address;
	to->original = from->original;
	to->reason = from->reason;
	to->dsn = from->dsn;
	to->remote = from->remote;
	to->flags = from->flags;
}

/* The row as the source might have given it. Texts stay in the index. */
static void fill_message(const struct index *ix, uint32_t row, struct message *m)
{
	struct index_row r;
	struct index_recipient recipient;

	message_clear(m);
	index_row(ix, row, &r);
	memcpy(m->id, r.id, sizeof(m->id));
	m->queue = r.queue;
	m->known = r.known;
	m->flags = (r.forced_expire ? MESSAGE_FORCED_EXPIRE : 0) |
		   (r.recipients_cut ? MESSAGE_RECIPIENTS_CUT : 0) |
		   (ix->c.flags[row] & ROW_DAMAGED ? MESSAGE_DAMAGED : 0);
	m->arrival = r.arrival;
	m->size = r.size;
	m->next_retry = r.next_retry;
	m->create_time = r.create_time;
	m->inode = r.inode;
	m->signature = ix->c.signature[row];
	m->sender = r.sender;
	m->subject = r.subject;
	m->client_name = r.client_name;
	m->client_address = r.client_address;
	m->login = r.login;
	m->helo = r.helo;
	for (uint32_t n = 0; index_recipient(ix, row, n, &recipient); n++)
		fill_recipient(m, &recipient);
	m->recipient_todo = r.recipient_count;
}

static void write_all(struct index *ix, struct writer *w)
{
	MESSAGE_AUTO struct message m;
	BUFFER_AUTO struct buffer bytes = {0};

	message_init(&m);
	buffer_put_u32(&w->chunk, FILE_MAGIC);
	buffer_put_u32(&w->chunk, FILE_VERSION);
	buffer_put_i64(&w->chunk, ix->as_of);
	buffer_put_u64(&w->chunk, ix->corrupt_known ? ix->corrupt : UINT64_MAX);
	buffer_put_u64(&w->chunk, ix->messages);
	for (uint32_t row = 0; row < ix->rows; row++) {
		if (!internal_live(ix, row))
			continue;
		fill_message(ix, row, &m);
		buffer_clear(&bytes);
		message_encode(&bytes, &m);
		buffer_put_string(&w->chunk, buffer_slice(&bytes));
		write_chunks(w, false);
	}
	write_chunks(w, true);
	buffer_put_u64(&w->chunk, w->hash);
	w->failed = w->failed || !fd_write_all(w->fd, w->chunk.data, w->chunk.len);
}

bool index_save(struct index *ix, const char *path, struct error *err)
{
	BUFFER_AUTO struct buffer temporary = {0};
	struct writer w = {0};
	bool good;

	buffer_printf(&temporary, "%s.new", path);
	w.fd = open(
	    buffer_string(&temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w.fd < 0)
		return error_set_errno(
		    err, "io_error", errno, "create %s", buffer_string(&temporary));
	write_all(ix, &w);
	good = !w.failed && fsync(w.fd) == 0;
	good = close(w.fd) == 0 && good;
	good = good && rename(buffer_string(&temporary), path) == 0;
	buffer_free(&w.chunk);
	if (good)
		return true;
	error_set_errno(err, "io_error", errno, "write %s", buffer_string(&temporary));
	unlink(buffer_string(&temporary));
	return false;
}

static bool sound(struct slice file)
{
	struct cursor tail;
	struct slice body;
	uint64_t hash = 0;

	if (file.len < sizeof(uint64_t))
		return false;
	body = slice_first(file, file.len - sizeof(uint64_t));
	tail = cursor_init(file.data + body.len, sizeof(uint64_t));
	while (body.len > 0) {
		hash = chain(hash, slice_first(body, FILE_CHUNK));
		body = slice_from(body, FILE_CHUNK);
	}
	return cursor_u64(&tail) == hash;
}

static bool read_all(struct index *ix, struct slice file)
{
	struct cursor c = cursor_init(file.data, file.len - sizeof(uint64_t));
	MESSAGE_AUTO struct message m;
	uint64_t corrupt, count;

	message_init(&m);
	if (cursor_u32(&c) != FILE_MAGIC || cursor_u32(&c) != FILE_VERSION)
		return false;
	ix->as_of = cursor_i64(&c);
	corrupt = cursor_u64(&c);
	if (corrupt != UINT64_MAX)
		index_set_corrupt(ix, corrupt);
	count = cursor_u64(&c);
	for (uint64_t i = 0; i < count; i++) {
		if (!message_decode(&m, cursor_string(&c, MESSAGE_ENCODED_MAX)))
			return false;
		index_upsert(ix, &m);
	}
	return cursor_finished(&c);
}

bool index_restore(struct index *ix, const char *path, struct error *err)
{
	BUFFER_AUTO struct buffer file = {0};

	if (!fd_read_file(path, FILE_MAX, &file, err))
		return false;
	/* Sound means: what this program wrote. Only another version can fail after that. */
	if (!sound(buffer_slice(&file)) || !read_all(ix, buffer_slice(&file))) {
		internal_leave_all(ix);
		ix->as_of = 0;
		return error_set(err, "invalid_file", "%s is damaged or of another version", path);
	}
	ix->state = INDEX_RESTORED;
	ix->generation++;
	return true;
}
