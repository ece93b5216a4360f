/* Plays worlds into the incidents and judges what they say:
 *
 *   replay [--worlds N] [--first SEED] [--past DAYS] [--play DAYS] [--details] [--check PERCENT]
 *
 * The past is learned from, as a log that is read for the first time; then there is a turn a
 * minute. In the middle of each world the service is started again. --details says what was missed
 * and what was wrong. --check ends with 1 where more than PERCENT less holds than
 * docs/BENCHMARKS.md asks for, or where the first world, played twice, is not the same twice. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "score.h"

struct options {
	unsigned worlds;
	uint64_t first;
	int past, play;
	bool details;
	int check; /* percent; -1: no */
};

static void learn(const struct world *w, struct incidents *incidents)
{
	int64_t minute_s = world_now_s(w) - 60;

	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (uint32_t i = 0; i < w->counts[kind].touched_count; i++) {
			uint32_t key = w->counts[kind].touched[i];

			incidents_learn(incidents, minute_s, (enum rate_kind)kind,
			    counts_key(w, (enum rate_kind)kind, key), &w->counts[kind].of[key]);
		}
}

static struct incidents *start_again(struct incidents *incidents)
{
	BUFFER_AUTO struct buffer saved = {0};
	uint64_t highest = 0;
	struct incidents *fresh;

	for (size_t i = 0; i < incidents_count(incidents); i++)
		if (incidents_at(incidents, i)->id > highest)
			highest = incidents_at(incidents, i)->id;
	incidents_save(incidents, &saved);
	incidents_free(incidents);
	/* What has ended had an ID, too. */
	fresh = incidents_create(highest + 100000);
	if (saved.len > INCIDENTS_STATE_MAX || !incidents_restore(fresh, buffer_slice(&saved))) {
		fprintf(
		    stderr, "replay: what was saved (%zu bytes) cannot be restored\n", saved.len);
		exit(1);
	}
	return fresh;
}

static void play(const struct options *o, uint64_t seed, struct score *score)
{
	struct world *w = world_create(seed, o->past, o->play);
	struct incidents *incidents = incidents_create(1);
	struct facts *facts = facts_create();

	score_begin(score, seed);
	while (world_minute(w)) {
		if (w->now < w->play) {
			learn(w, incidents);
			continue;
		}
		if (w->now == (w->play + w->minutes) / 2)
			incidents = start_again(incidents);
		incidents_turn(incidents, facts_of(facts, w));
		score_turn(score, w, incidents);
	}
	score_end(score, w, o->details ? stdout : NULL);
	facts_free(facts);
	incidents_free(incidents);
	world_free(w);
}

static bool same_twice(const struct options *o)
{
	struct options quiet = *o;
	uint64_t digests[2];

	quiet.details = false;
	for (int i = 0; i < 2; i++) {
		struct score *score = score_create();

		play(&quiet, o->first, score);
		digests[i] = score_digest(score);
		score_free(score);
	}
	if (digests[0] != digests[1])
		printf("one world, played twice, gave different incidents\n");
	return digests[0] == digests[1];
}

static int usage(void)
{
	fprintf(stderr, "usage: replay [--worlds N] [--first SEED] [--past DAYS] [--play DAYS] "
			"[--details] [--check PERCENT]\n");
	return 2;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {{"worlds", 1, NULL, 'w'}, {"first", 1, NULL, 'f'},
	    {"past", 1, NULL, 'p'}, {"play", 1, NULL, 'l'}, {"details", 0, NULL, 'd'},
	    {"check", 1, NULL, 'c'}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'w')
			o->worlds = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'f')
			o->first = strtoull(optarg, NULL, 10);
		else if (c == 'p')
			o->past = atoi(optarg);
		else if (c == 'l')
			o->play = atoi(optarg);
		else if (c == 'd')
			o->details = true;
		else if (c == 'c')
			o->check = atoi(optarg);
		else
			return false;
	}
	return optind == argc && o->worlds > 0 && o->past >= 1 && o->play >= 2;
}

int main(int argc, char **argv)
{
	struct options o = {.worlds = 20, .first = 1, .past = 14, .play = 5, .check = -1};
	struct score *score;
	bool holds;

	if (!parse(argc, argv, &o))
		return usage();
	score = score_create();
	for (unsigned i = 0; i < o.worlds; i++)
		play(&o, o.first + i, score);
	score_print(score, stdout);
	holds = score_holds(score, o.check > 0 ? o.check / 100. : 0, stdout);
	score_free(score);
	if (o.check >= 0)
		holds &= same_twice(&o);
	return o.check >= 0 && !holds;
}
