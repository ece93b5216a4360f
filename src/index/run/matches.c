/* Runs a filter and gives its rows in blocks, for whoever goes through them in an order of his
 * own. */
#include "index/run/matches.h"

void matches_find(
    struct matches *matches, struct index *ix, const struct filter *filter, int64_t now)
{
	run_begin(&matches->run, ix, filter, now);
	run_match(&matches->run, &matches->match);
	matches->blocks = (uint32_t)((matches->run.words + MATCHES_WORDS - 1) / MATCHES_WORDS);
}

void matches_free(struct matches *matches)
{
	run_end(&matches->run);
	*matches = (struct matches){0};
}

void index_count(
    struct index *ix, const struct filter *filter, int64_t now, struct index_match *match)
{
	struct matches matches;

	matches_find(&matches, ix, filter, now);
	*match = matches.match;
	matches_free(&matches);
}
