#include "index/hits.h"

/* Of what does not match everything. */
static void add_up(struct hits *hits)
{
	uint32_t row;

	for (size_t w = 0; w < hits->run.words; w++)
		hits->match.messages += (uint64_t)__builtin_popcountll(hits->run.match[w]);
	for (uint32_t b = 0; b < hits->blocks; b++) {
		HITS_FOR_EACH(hits, b, row)
		hits->match.bytes += internal_size(hits->run.ix, row);
	}
}

void hits_find(struct hits *hits, struct index *ix, const struct filter *filter, int64_t now)
{
	*hits = (struct hits){.match = {.generation = ix->generation}};
	run_begin(&hits->run, ix, filter, now);
	hits->blocks = (uint32_t)((hits->run.words + RUN_WORDS - 1) / RUN_WORDS);
	hits->match.undecided = hits->run.undecided;
	hits->match.undecided_field = hits->run.undecided_field;
	hits->match.too_costly = hits->run.too_costly;
	if (hits->run.own) {
		add_up(hits);
	} else {
		hits->match.messages = ix->messages;
		hits->match.bytes = ix->bytes;
	}
}

void hits_free(struct hits *hits)
{
	run_end(&hits->run);
	*hits = (struct hits){0};
}
