/* Lines in any order, with any text, against the same counted plainly. Input: pieces of one line
 * each; a byte 1 to 31 in front of a line moves the clock by so many minutes. */
#include "base/must_fuzz.h"
#include "logreader/log_tally.h"

#define START INT64_C(1764496800)

struct seen {
	int64_t newest;
	size_t minutes;
};

/* What holds of each minute that is told. */
static void on_minute(void *context, const struct log_tally_minute *minute)
{
	struct seen *seen = context;
	const struct rate_table *kinds = minute->kinds;
	struct rate_counts total = {{0}};
	uint64_t delays = 0;

	seen->minutes++;
	must(minute->minute % 60 == 0 && minute->quiet % 60 == 0);
	must(minute->quiet <= minute->minute);
	must(minute->minute - minute->quiet <= LOG_TALLY_QUIET);
	must(kinds[RATE_TOTAL].count <= 1);
	if (kinds[RATE_TOTAL].count == 1)
		total = kinds[RATE_TOTAL].entries[0].counts;
	for (int bucket = 0; bucket <= RATE_DELAY_BOUNDS; bucket++)
		delays += minute->sums->delays[bucket];
	must(delays == total.n[RATE_DELIVERED]);
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		struct rate_counts sum = kinds[kind].other;

		must(kinds[kind].count <= LOG_TALLY_KEYS);
		for (uint32_t i = 0; i < kinds[kind].count; i++) {
			rate_counts_add(&sum, &kinds[kind].entries[i].counts);
			must(kinds[kind].entries[i].key_len <= RATES_KEY_MAX);
		}
		/* Nothing is counted by a key that is not counted in all. */
		for (int result = 0; result < RATE_RESULTS; result++)
			must(sum.n[result] <= total.n[result]);
		if (kind == RATE_CAUSE)
			must(sum.n[RATE_RECEIVED] == 0 && sum.n[RATE_DELIVERED] == 0);
	}
}

static void look_at_repeats(struct log_tally *tally)
{
	struct log_repeat found[2 * LOG_REPEATS_TOLD];
	size_t count = log_tally_repeats(tally, found);

	must(count <= 2 * LOG_REPEATS_TOLD);
	for (size_t i = 0; i < count; i++) {
		must(found[i].times >= LOG_REPEATS_LEAST);
		must(found[i].sender.len > 0 && found[i].sender.len <= LOG_REPEATS_TEXT_MAX);
		must(found[i].text.len > 0 && found[i].text.len <= LOG_REPEATS_TEXT_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer scratch = {0};
	struct slice rest = slice_make(data, size), piece;
	struct log_clock clock = {.reference_s = START};
	struct seen seen = {.minutes = 0};
	struct log_tally *tally = log_tally_create(on_minute, &seen);
	struct log_line line;
	int64_t now = START;

	log_tally_set_instance(tally, SLICE("postfix"));
	log_tally_clock(tally, now);
	while (slice_split(&rest, '\n', &piece)) {
		if (piece.len > 0 && (uint8_t)piece.data[0] > 0 && (uint8_t)piece.data[0] < 32) {
			now += ((uint8_t)piece.data[0] - 8) * 60;
			log_tally_clock(tally, now);
			log_tally_flush(tally);
			piece = slice_from(piece, 1);
		}
		if (log_line_parse(piece, &clock, &scratch, &line))
			log_tally_line(tally, &line);
	}
	log_tally_clock(tally, now + 600);
	log_tally_flush(tally);
	must(log_tally_newest(tally) == 0 || seen.minutes > 0);
	look_at_repeats(tally);
	log_tally_destroy(&tally);
	return 0;
}
