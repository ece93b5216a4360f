/* What was kept in the database, of alerts and of the outbox, as any bytes: what is taken is
 * written again as the same bytes, and an engine that was made of it takes its turns. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/alerts/alerts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct buffer *again, struct slice bytes)
{
	if (!slice_equal(buffer_slice(again), bytes))
		abort();
}

static void take_turns(struct alerts *alerts)
{
	static char empty[] = "";
	struct alert_channel channel = {
	    .id = "c", .enabled = true, .resolved = true, .limit_per_hour = 60};
	struct alert_rule rule = {.id = "r",
	    .key = empty,
	    .enabled = true,
	    .resolved = true,
	    .severities = 7,
	    .channels = {"c"},
	    .channel_count = 1,
	    .repeat = 300};
	struct alert_setup setup = {
	    .channels = &channel, .channel_count = 1, .rules = &rule, .rule_count = 1};
	struct incident_row row = {.id = 1,
	    .severity = 2,
	    .key = empty,
	    .cause = empty,
	    .title = empty,
	    .text = empty,
	    .since = 1};
	const struct incident_row *list[] = {&row};

	for (int64_t now = 1800000000; now < 1800010000; now += 1000)
		alerts_turn(alerts, &setup,
		    &(struct alerts_facts){.now = now, .incidents = list, .count = 1});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_make(data, size);
	struct alerts *alerts = alerts_create();
	BUFFER_AUTO struct buffer again = {0}, content = {0};
	struct alerts_message message;

	if (alerts_restore(alerts, bytes)) {
		alerts_save(alerts, &again);
		same(&again, bytes);
	}
	take_turns(alerts);
	alerts_destroy(&alerts);
	if (alerts_message_decode(bytes, &message)) {
		alerts_message_encode(&message, &content);
		same(&content, bytes);
		alerts_message_clear(&message);
	}
	return 0;
}
