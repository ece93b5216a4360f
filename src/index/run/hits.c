#include "index/run/hits.h"

void hits_find(struct hits *hits, struct index *ix, const struct filter *filter, int64_t now)
{
	run_begin(&hits->run, ix, filter, now);
	run_match(&hits->run, &hits->match);
	hits->blocks = (uint32_t)((hits->run.words + HITS_WORDS - 1) / HITS_WORDS);
}

void hits_free(struct hits *hits)
{
	run_end(&hits->run);
	*hits = (struct hits){0};
}
