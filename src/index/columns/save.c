/* Writes the index into a file, beside the old one and then in its place, so that there is always
 * a whole one. It is called in a forked copy of the server, which sees the arrays stand still
 * while the server goes on. */
#include "index/columns/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "index/columns/rows.h"

struct dict *saved_dict(struct index *ix, size_t i)
{
	struct dict *dicts[] = {&ix->senders, &ix->addresses, &ix->domains, &ix->reasons,
	    &ix->classes, &ix->clients, &ix->logins, &ix->helos, &ix->origins, &ix->subjects};

	return i < sizeof(dicts) / sizeof(*dicts) ? dicts[i] : NULL;
}

XXH64_state_t *saved_sum_begin(void)
{
	XXH64_state_t *sum = XXH64_createState();

	/* As memory.h has it: without memory the process ends. */
	if (!sum || XXH64_reset(sum, 0) != XXH_OK)
		abort();
	return sum;
}

struct writer {
	int fd;
	XXH64_state_t *sum;
	int error; /* errno of what failed; 0: nothing yet */
};

/* Summed part by part as it is written, while the processor still has it; after an error the rest
 * is skipped. */
static void put(struct writer *w, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0 && w->error == 0) {
		size_t part = len < SAVED_PART ? len : SAVED_PART;
		XXH64_update(w->sum, p, part);
		if (!fd_write_all(w->fd, p, part))
			w->error = errno;
		p += part;
		len -= part;
	}
}

static void put_array(struct writer *w, const void *data, uint64_t count, uint32_t width)
{
	struct saved_array array = {.count = count, .width = width};

	put(w, &array, sizeof(array));
	put(w, data, count * width);
}

static void put_columns(struct writer *w, const struct index *ix)
{
	size_t width;
	const char *column;

	for (size_t i = 0; (column = rows_column(&ix->c, i, &width)) != NULL; i++)
		put_array(w, column, ix->rows, (uint32_t)width);
}

static uint64_t count_block_numbers(const struct recipients *r)
{
	uint64_t count = 0;

	for (uint32_t at = 1; at < r->block_count; at++)
		count += 2 + (recipients_taken(r, at) ? 2 * (uint64_t)r->block[at]->kept : 0);
	return count;
}

/* Blocks are pointers in memory and numbers in the file; a free number keeps its place, because
 * rows name blocks by number. */
static void put_blocks(struct writer *w, const struct recipients *r)
{
	static const uint32_t none[2] = {0, SAVED_FREE};
	struct saved_array array = {count_block_numbers(r), sizeof(uint32_t), 0};

	put(w, &array, sizeof(array));
	for (uint32_t at = 1; at < r->block_count; at++) {
		const struct recipient_block *b = r->block[at];
		if (recipients_taken(r, at))
			put(w, b, sizeof(*b) + b->kept * sizeof(b->list[0]));
		else
			put(w, none, sizeof(none));
	}
}

static void put_dict(struct writer *w, const struct dict *d)
{
	put(w, &d->key, sizeof(d->key));
	put_array(w, d->entries, d->count, sizeof(*d->entries));
	if (d->with_note)
		put_array(w, d->note, d->count, sizeof(*d->note));
	put_array(w, d->arena, d->arena_len, 1);
}

static void put_all(struct writer *w, struct index *ix)
{
	struct saved_head head = {.magic = SAVED_MAGIC, .version = SAVED_VERSION, .rows = ix->rows};
	const struct dict *d;
	uint64_t sum;

	snprintf(head.program, sizeof(head.program), "%s", POSTROOM_VERSION);
	head.as_of = ix->as_of;
	head.corrupt = ix->corrupt_known ? ix->corrupt : UINT64_MAX;
	put(w, &head, sizeof(head));
	put_columns(w, ix);
	put_blocks(w, &ix->recipients);
	put_array(w, ix->recipients.pair, ix->recipients.pair_count, sizeof(*ix->recipients.pair));
	for (int kind = 0; kind < SAVED_SPARSE; kind++) {
		const struct sparse *b = &ix->sparse[kind];
		put_array(w, b->slot, b->mask ? (uint64_t)b->mask + 1 : 0, sizeof(*b->slot));
	}
	for (size_t i = 0; (d = saved_dict(ix, i)) != NULL; i++)
		put_dict(w, d);
	put_array(w, ix->diagnoses,
	    ix->diagnoses_cap < ix->reasons.count ? ix->diagnoses_cap : ix->reasons.count,
	    sizeof(*ix->diagnoses));
	sum = XXH64_digest(w->sum);
	put(w, &sum, sizeof(sum));
}

bool saved_write(struct index *ix, int fd)
{
	struct writer w = {.fd = fd, .sum = saved_sum_begin()};

	put_all(&w, ix);
	XXH64_freeState(w.sum);
	errno = w.error;
	return w.error == 0;
}

/* Written beside, synced, then renamed: whenever the machine stops, there is the old file or the
 * new one, whole. */
bool index_save(struct index *ix, const char *path, struct error *err)
{
	BUFFER_AUTO struct buffer temporary = {0};
	int fd, error = 0;

	buffer_printf(&temporary, "%s.new", path);
	fd = open(
	    buffer_string(&temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set_errno(
		    err, "io_error", errno, "create %s", buffer_string(&temporary));
	if (!saved_write(ix, fd) || fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && rename(buffer_string(&temporary), path) != 0)
		error = errno;
	if (error == 0)
		return true;
	error_set_errno(err, "io_error", error, "write %s", buffer_string(&temporary));
	unlink(buffer_string(&temporary));
	return false;
}
