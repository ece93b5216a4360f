/* How long the helper takes to put a table of paused domains into its place: pauses_bench
 * POSTROOM.CONF COUNT. A helper of its own is asked, as the server asks its one; pauses have to be
 * set up. Prints milliseconds from the first piece to the answer. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "check/own_helper.h"
#include "supervisor/facts.h"
#include "supervisor/source.h"
#include "wire/pause_proto.h"

#define WAIT_MS 60000

/* Other domains in each round: a table that says the same is not written again. */
static bool send_all(
    struct own_helper *helper, uint32_t count, const char *round, struct frame *answer)
{
	for (uint32_t at = 0; at < count;) {
		BUFFER_AUTO struct buffer entries = {0}, frame = {0};
		struct pause_piece piece = {PAUSE_TABLE_TRANSPORT, at, false};

		while (at < count && entries.len < 60000) {
			char key[40];

			snprintf(key, sizeof(key), "domain%u.r%.4s.example", at++, round);
			pause_entry_put(
			    &entries, &(struct pause_entry){1, false, 0, slice_of(key)});
		}
		piece.last = at == count;
		pause_piece_encode(&frame, piece.last ? 1 : 0, &piece);
		buffer_append_slice(&frame, buffer_slice(&entries));
		if (piece.last)
			return own_helper_ask(helper, &frame, WAIT_MS, answer);
		if (!channel_send(helper->channel, &frame, NULL, 0))
			return false;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct source source = {.config_path = argc > 1 ? argv[1] : NULL, .page_directory = ""};
	uint32_t count = argc > 2 ? (uint32_t)atoi(argv[2]) : 10000;
	BUFFER_AUTO struct buffer path = {0};
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	struct own_helper helper = {.process.pidfd = -1};
	struct pause_written written;
	struct config *config;
	struct frame answer;
	struct error err = {"", "no answer"};
	int64_t began;
	bool ok;

	config = source_load(&source, &path, &err);
	ok = config != NULL && facts_collect(config, buffer_string(&path), &facts, &err) &&
	     own_helper_start(&helper, &facts, &err);
	began = clock_monotonic_ms();
	ok = ok && send_all(&helper, count, argc > 3 ? argv[3] : "0", &answer) &&
	     pause_written_decode(&answer, &written) && written.entries == count &&
	     written.trouble.len == 0;
	if (ok)
		printf("%lld\n", (long long)(clock_monotonic_ms() - began));
	else
		fprintf(stderr, "pauses_bench: the table was not written: %s\n", err.text);
	own_helper_end(&helper, ok);
	config_destroy(&config);
	return ok ? 0 : 1;
}
