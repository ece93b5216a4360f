/* One copy of the store's tables of channels, rules and silences. A change is written first, and
 * taken into the copy when the store has it. */
#include "watch/alert_setting.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"

struct alert_setting {
	struct store *store;
	alert_setting_changed *changed;
	void *context;
	struct alert_setup setup;
	bool known, reading;
	int64_t read_at; /* Unix seconds: again then */
};

#define READ_AGAIN_SECONDS 30

/* ---- The start ---- */

struct reading {
	struct alert_setting *setting;
	struct alert_setup setup;
	struct buffer memory;
};

static enum db_result read_all(struct db *db, void *context, struct error *err)
{
	struct reading *reading = context;
	enum db_result result = alert_rows_setup(db, clock_now(), &reading->setup, err);

	return result == DB_OK ? alert_rows_memory(db, &reading->memory, err) : result;
}

static void all_read(void *context, enum db_result result, const struct error *err)
{
	struct reading *reading = context;
	struct alert_setting *setting = reading->setting;
	struct slice memory = buffer_slice(&reading->memory);

	(void)err;
	setting->reading = false;
	setting->read_at = clock_now() + READ_AGAIN_SECONDS;
	if (result == DB_OK) {
		setting->setup = reading->setup;
		setting->known = true;
		setting->changed(setting->context, &memory);
	}
	buffer_free(&reading->memory);
	free(reading);
}

static void begin_reading(struct alert_setting *setting)
{
	struct reading *reading = memory_zero(1, sizeof(*reading));

	reading->setting = setting;
	setting->reading = true;
	store_read(setting->store, read_all, all_read, reading);
}

struct alert_setting *alert_setting_create(
    struct store *store, alert_setting_changed *changed, void *context)
{
	struct alert_setting *setting = memory_zero(1, sizeof(*setting));

	*setting = (struct alert_setting){.store = store, .changed = changed, .context = context};
	begin_reading(setting);
	return setting;
}

void alert_setting_destroy(struct alert_setting **setting)
{
	if (*setting != NULL)
		alert_setup_clear(&(*setting)->setup);
	free(*setting);
	*setting = NULL;
}

void alert_setting_tick(struct alert_setting *setting, int64_t now)
{
	if (!setting->known && !setting->reading && now >= setting->read_at)
		begin_reading(setting);
}

bool alert_setting_known(const struct alert_setting *setting)
{
	return setting->known;
}

const struct alert_setup *alert_setting_get(const struct alert_setting *setting)
{
	return &setting->setup;
}

/* ---- Changes ---- */

/* One change on its way to the store. */
struct change {
	struct alert_setting *setting;
	struct alert_setup fresh; /* channels and heartbeat, or rules, or one silence */
	uint64_t revision;
	int64_t id;
	void (*take)(struct change *change);
	alert_setting_done *done;
	void *context;
};

static void change_done(void *context, enum db_result result, const struct error *err)
{
	struct change *change = context;
	struct alert_setting *setting = change->setting;

	if (result == DB_OK) {
		change->take(change);
		setting->changed(setting->context, NULL);
	}
	change->done(change->context, result == DB_OK ? NULL : err);
	alert_setup_clear(&change->fresh);
	free(change);
}

static void write_change(struct alert_setting *setting, store_work *work, const struct change *from)
{
	struct change *change = memory_alloc(sizeof(*change));

	*change = *from;
	change->setting = setting;
	store_ask_write(setting->store, work, change_done, change);
}

/* The old ones go with the change. */
static void take_channels(struct change *change)
{
	struct alert_setup *to = &change->setting->setup, old = *to;

	to->channels = change->fresh.channels;
	to->channel_count = change->fresh.channel_count;
	to->heartbeat = change->fresh.heartbeat;
	to->channels_revision = change->revision;
	change->fresh = (struct alert_setup){.channels = old.channels,
	    .channel_count = old.channel_count,
	    .heartbeat = old.heartbeat};
}

static enum db_result write_channels(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return alert_rows_put_channels(db, &change->fresh, &change->revision, err);
}

void alert_setting_put_channels(struct alert_setting *setting, struct alert_setup *fresh,
    uint64_t revision, alert_setting_done *done, void *context)
{
	write_change(setting, write_channels,
	    &(struct change){.fresh = *fresh,
		.revision = revision,
		.take = take_channels,
		.done = done,
		.context = context});
	*fresh = (struct alert_setup){0};
}

static void take_rules(struct change *change)
{
	struct alert_setup *to = &change->setting->setup, old = *to;

	to->rules = change->fresh.rules;
	to->rule_count = change->fresh.rule_count;
	to->rules_revision = change->revision;
	change->fresh = (struct alert_setup){.rules = old.rules, .rule_count = old.rule_count};
}

static enum db_result write_rules(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return alert_rows_put_rules(db, &change->fresh, &change->revision, err);
}

void alert_setting_put_rules(struct alert_setting *setting, struct alert_setup *fresh,
    uint64_t revision, alert_setting_done *done, void *context)
{
	write_change(setting, write_rules,
	    &(struct change){.fresh = *fresh,
		.revision = revision,
		.take = take_rules,
		.done = done,
		.context = context});
	*fresh = (struct alert_setup){0};
}

/* ---- Silences ---- */

static void remove_silence(struct alert_setup *setup, size_t at)
{
	alert_silence_clear(&setup->silences[at]);
	memmove(&setup->silences[at], &setup->silences[at + 1],
	    (--setup->silence_count - at) * sizeof(*setup->silences));
}

void alert_setting_expire(struct alert_setting *setting, int64_t now)
{
	struct alert_setup *setup = &setting->setup;

	/* The first to end stand first. */
	while (setup->silence_count > 0 && setup->silences[0].until <= now)
		remove_silence(setup, 0);
}

static void take_silence(struct change *change)
{
	struct alert_setup *to = &change->setting->setup;
	struct alert_silence *fresh = &change->fresh.silences[0];
	size_t at = 0;

	alert_setting_expire(change->setting, fresh->at);
	while (at < to->silence_count && to->silences[at].until <= fresh->until)
		at++;
	to->silences = memory_resize(to->silences, to->silence_count + 1, sizeof(*to->silences));
	memmove(&to->silences[at + 1], &to->silences[at],
	    (to->silence_count++ - at) * sizeof(*to->silences));
	to->silences[at] = *fresh;
	change->fresh.silence_count = 0;
}

static enum db_result write_silence(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return alert_rows_add_silence(db, &change->fresh.silences[0], err);
}

void alert_setting_add_silence(struct alert_setting *setting, struct alert_silence *silence,
    alert_setting_done *done, void *context)
{
	struct change change = {.take = take_silence, .done = done, .context = context};

	change.fresh.silences = memory_zero(1, sizeof(*silence));
	change.fresh.silences[0] = *silence;
	change.fresh.silence_count = 1;
	*silence = (struct alert_silence){0};
	write_change(setting, write_silence, &change);
}

static void take_deleted(struct change *change)
{
	struct alert_setup *setup = &change->setting->setup;

	for (size_t i = setup->silence_count; i-- > 0;)
		if (setup->silences[i].id == change->id)
			remove_silence(setup, i);
}

static enum db_result erase_silence(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return alert_rows_delete_silence(db, change->id, err);
}

void alert_setting_delete_silence(
    struct alert_setting *setting, int64_t id, alert_setting_done *done, void *context)
{
	write_change(setting, erase_silence,
	    &(struct change){.id = id, .take = take_deleted, .done = done, .context = context});
}
