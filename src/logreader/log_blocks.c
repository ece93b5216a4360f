/* The list of blocks that a search works through. A block is named by its source's serial number
 * and its offset: its number in the source changes when older ones are given up. */
#include "logreader/log_blocks.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/memory.h"

/* One line behind the other: its offset, its length, its bytes. */
struct log_blocks_kept {
	size_t number; /* of the block; SIZE_MAX: none */
	struct buffer lines;
};

static void add(
    struct log_blocks *blocks, const struct log_source *s, size_t block, int64_t file_us)
{
	struct log_blocks_item *item = &blocks->item[blocks->count++];

	*item = (struct log_blocks_item){.serial = s->serial,
	    .offset = log_source_block_offset(s, block),
	    .open = block == s->count,
	    .forward = s->fd >= 0 && !log_stream_can_enter(s->format),
	    .file_us = file_us};
	log_source_span(s, block, &item->first_us, &item->last_us);
}

void log_blocks_take(struct log_blocks *blocks, const struct log_index *index)
{
	size_t count = 0;

	*blocks = (struct log_blocks){.item = NULL};
	for (size_t i = 0; i < index->count; i++)
		count += index->sources[i]->count + 1;
	blocks->item = memory_zero(count + 1, sizeof(*blocks->item));
	blocks->kept = memory_zero(LOG_BLOCKS_KEPT, sizeof(*blocks->kept));
	for (size_t i = 0; i < LOG_BLOCKS_KEPT; i++)
		blocks->kept[i].number = SIZE_MAX;
	/* The index has the newest source first. */
	for (size_t i = index->count; i > 0; i--) {
		const struct log_source *s = index->sources[i - 1];
		int64_t file_us = 0;

		for (size_t block = 0; block < s->count; block++)
			if (s->blocks[block].last_us > file_us)
				file_us = s->blocks[block].last_us;
		for (size_t block = 0; block <= s->count; block++)
			add(blocks, s, block, file_us);
	}
}

void log_blocks_free(struct log_blocks *blocks)
{
	for (size_t i = 0; blocks->kept != NULL && i < LOG_BLOCKS_KEPT; i++)
		buffer_free(&blocks->kept[i].lines);
	free(blocks->kept);
	free(blocks->item);
	*blocks = (struct log_blocks){.item = NULL};
}

static struct log_source *find(
    const struct log_blocks *blocks, size_t number, const struct log_index *index, size_t *block)
{
	const struct log_blocks_item *item = &blocks->item[number];
	size_t at = log_index_find(index, item->serial);

	if (at == index->count || !log_source_find_block(index->sources[at], item->offset, block))
		return NULL;
	return index->sources[at];
}

bool log_blocks_may_contain(
    const struct log_blocks *blocks, size_t number, const struct log_index *index, uint64_t hash)
{
	size_t block;
	const struct log_source *s = find(blocks, number, index, &block);

	/* One that was open and empty of Postfix's lines is not kept: nothing is lost with it. Any
	 * other is looked at, so that its loss is noticed. */
	if (s == NULL)
		return !blocks->item[number].open;
	return log_source_may_contain(s, block, hash);
}

static bool is_kept(const struct log_blocks *blocks, size_t number)
{
	for (size_t i = 0; i < LOG_BLOCKS_KEPT; i++)
		if (blocks->kept[i].number == number && !blocks->item[number].open)
			return true;
	return false;
}

bool log_blocks_approach(
    const struct log_blocks *blocks, size_t number, const struct log_index *index)
{
	size_t block;
	struct log_source *s;

	if (is_kept(blocks, number))
		return true;
	s = find(blocks, number, index, &block);
	return s == NULL || log_source_approach(s, block);
}

static void keep_line(void *context, struct slice text, uint64_t start, uint64_t next)
{
	struct log_blocks_kept *kept = context;

	(void)next;
	buffer_put_u64(&kept->lines, start);
	buffer_put_string(&kept->lines, text);
}

/* The block's lines, read now or before; NULL where it cannot be read. Those of an open block are
 * read each time: more may have come. */
static const struct log_blocks_kept *read_lines(
    struct log_blocks *blocks, size_t number, struct log_source *s, size_t block)
{
	struct log_blocks_kept *kept = &blocks->kept[blocks->turn];
	struct error err = {.code = ""};

	for (size_t i = 0; i < LOG_BLOCKS_KEPT; i++)
		if (blocks->kept[i].number == number && !blocks->item[number].open)
			return &blocks->kept[i];
	blocks->turn = (blocks->turn + 1) % LOG_BLOCKS_KEPT;
	buffer_clear(&kept->lines);
	kept->number = number;
	if (log_source_read(s, block, keep_line, kept, &err))
		return kept;
	kept->number = SIZE_MAX;
	if (blocks->error.code[0] == '\0')
		blocks->error = err;
	return NULL;
}

void log_blocks_read(struct log_blocks *blocks, size_t number, struct log_index *index,
    log_blocks_filter_fn may_matter, log_blocks_line_fn fn, void *context)
{
	BUFFER_AUTO struct buffer scratch = {0};
	size_t block;
	struct log_source *s = find(blocks, number, index, &block);
	const struct log_blocks_kept *kept =
	    s != NULL ? read_lines(blocks, number, s, block) : NULL;
	struct log_clock clock;
	struct cursor c;

	if (kept == NULL) {
		blocks->lost = true;
		return;
	}
	clock =
	    (struct log_clock){.reference_s = s->clock.reference_s, .shift_s = s->clock.shift_s};
	c = cursor_init(kept->lines.data, kept->lines.len);
	while (c.left > 0) {
		uint64_t start = cursor_u64(&c);
		struct slice text = cursor_string(&c, LOG_LINE_MAX);
		struct log_line line;

		if ((may_matter == NULL || may_matter(context, text)) &&
		    log_line_parse(text, &clock, &scratch, &line))
			fn(context, &line, start);
	}
}
