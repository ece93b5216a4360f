/* The sources of one mail log in their order, newest first, and what is said of all of them
 * together. log_files.c adds, moves and removes them; log_lookup.c goes through them. A source is
 * known by its serial number, because its place changes when the log is rotated. */
#include "logreader/log_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void log_index_init(struct log_index *index)
{
	*index = (struct log_index){.key = hash_key_random(),
	    .memory_max = LOG_INDEX_MEMORY_MAX,
	    .points_max = LOG_INDEX_POINTS_MAX};
}

void log_index_free(struct log_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		log_source_destroy(&index->sources[i]);
	free(index->sources);
	*index = (struct log_index){0};
}

struct log_source *log_index_add(struct log_index *index, size_t at, const char *name)
{
	struct log_source *source = log_source_create(name, ++index->last_serial);
	size_t points = 0;

	for (size_t i = 0; i < index->count; i++)
		points += index->sources[i]->points.memory;
	/* What the others have not used by now. */
	source->points.memory_max = points < index->points_max ? index->points_max - points : 0;
	index->sources = memory_resize(index->sources, index->count + 1, sizeof(*index->sources));
	memmove(index->sources + at + 1, index->sources + at,
	    (index->count - at) * sizeof(*index->sources));
	index->sources[at] = source;
	index->count++;
	return source;
}

void log_index_remove(struct log_index *index, size_t at)
{
	log_source_destroy(&index->sources[at]);
	index->count--;
	memmove(index->sources + at, index->sources + at + 1,
	    (index->count - at) * sizeof(*index->sources));
}

size_t log_index_find(const struct log_index *index, uint64_t serial)
{
	size_t i = 0;

	while (i < index->count && index->sources[i]->serial != serial)
		i++;
	return i;
}

void log_index_move(struct log_index *index, size_t from, size_t to)
{
	struct log_source *source = index->sources[from];

	if (from < to)
		memmove(
		    index->sources + from, index->sources + from + 1, (to - from) * sizeof(source));
	else
		memmove(index->sources + to + 1, index->sources + to, (from - to) * sizeof(source));
	index->sources[to] = source;
}

size_t log_index_memory(const struct log_index *index)
{
	size_t memory = 0;

	for (size_t i = 0; i < index->count; i++)
		memory += log_source_memory(index->sources[i]);
	return memory;
}

/* From the oldest source on: what was longest ago is asked about least. */
void log_index_enforce(struct log_index *index)
{
	size_t at = index->count;

	while (at > 0 && log_index_memory(index) > index->memory_max)
		if (!log_source_drop_oldest(index->sources[at - 1]))
			at--;
}

int64_t log_index_oldest(const struct log_index *index)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < index->count; i++) {
		int64_t one = log_source_oldest(index->sources[i]);

		if (one < oldest)
			oldest = one;
	}
	return oldest;
}

int64_t log_index_newest(const struct log_index *index)
{
	int64_t newest = 0;

	for (size_t i = 0; i < index->count; i++) {
		int64_t one = log_source_newest(index->sources[i]);

		/* A maximum and not the first source's: after a rotation the current file may still
		 * be empty. */
		if (one > newest)
			newest = one;
	}
	return newest;
}

uint64_t log_index_bytes(const struct log_index *index)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < index->count; i++)
		bytes += index->sources[i]->lines.end;
	return bytes;
}

uint64_t log_index_unreadable(const struct log_index *index)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < index->count; i++)
		lines += index->sources[i]->unreadable + index->sources[i]->lines.too_long;
	return lines;
}

const char *log_index_foreign(const struct log_index *index, uint64_t *lines)
{
	const char *first = NULL;

	*lines = 0;
	for (size_t i = 0; i < index->count; i++) {
		const struct log_source *source = index->sources[i];

		/* One line of Postfix's anywhere is enough: then the place is right, and foreign
		 * lines are other programs'. */
		if (source->understood > 0)
			return NULL;
		*lines += source->foreign;
		if (first == NULL)
			first = source->first_foreign;
	}
	return first;
}

bool log_index_complete(const struct log_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		/* A source that cannot be read will not become complete, and nobody should wait for
		 * it. */
		if (!index->sources[i]->complete && index->sources[i]->error.code[0] == '\0')
			return false;
	return true;
}
