/* The list of blocks that a search works through. A block is named by its source's serial number
 * and its offset: its number in the source changes when older ones are given up. */
#include "logreader/log_blocks.h"

#include <stdlib.h>

#include "base/memory.h"

static void add(struct log_blocks *blocks, const struct log_source *s, size_t block)
{
	struct log_blocks_item *item = &blocks->item[blocks->count++];

	*item = (struct log_blocks_item){.serial = s->serial,
	    .offset = log_source_block_offset(s, block),
	    .open = block == s->count};
	log_source_span(s, block, &item->first_us, &item->last_us);
}

void log_blocks_take(struct log_blocks *blocks, const struct log_index *index)
{
	size_t count = 0;

	*blocks = (struct log_blocks){.item = NULL};
	for (size_t i = 0; i < index->count; i++)
		count += index->sources[i]->count + 1;
	blocks->item = memory_zero(count + 1, sizeof(*blocks->item));
	/* The index has the newest source first. */
	for (size_t i = index->count; i > 0; i--)
		for (size_t block = 0; block <= index->sources[i - 1]->count; block++)
			add(blocks, index->sources[i - 1], block);
}

void log_blocks_free(struct log_blocks *blocks)
{
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

struct reading {
	struct log_clock clock;
	struct buffer scratch;
	log_blocks_filter_fn may_matter;
	log_blocks_line_fn fn;
	void *context;
};

static void read_line(void *context, struct slice text, uint64_t start, uint64_t next)
{
	struct reading *r = context;
	struct log_line line;

	(void)next;
	if ((r->may_matter == NULL || r->may_matter(r->context, text)) &&
	    log_line_parse(text, &r->clock, &r->scratch, &line))
		r->fn(r->context, &line, start);
}

void log_blocks_read(struct log_blocks *blocks, size_t number, struct log_index *index,
    log_blocks_filter_fn may_matter, log_blocks_line_fn fn, void *context)
{
	struct error err = {.code = ""};
	size_t block;
	struct log_source *s = find(blocks, number, index, &block);
	struct reading r = {.may_matter = may_matter, .fn = fn, .context = context};

	if (s == NULL) {
		blocks->lost = true;
		return;
	}
	r.clock =
	    (struct log_clock){.reference_s = s->clock.reference_s, .shift_s = s->clock.shift_s};
	if (!log_source_read(s, block, read_line, &r, &err)) {
		blocks->lost = true;
		if (blocks->error.code[0] == '\0')
			blocks->error = err;
	}
	buffer_free(&r.scratch);
}
