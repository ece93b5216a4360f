/* An incident in words. Links are ours and percent-encoded; all else may be a stranger's. */
#include "watch/alerts/words.h"

#include <ctype.h>
#include <sodium.h>

#include "base/clock.h"
#include "watch/incidents/incidents.h"

static const char our_template[] = "{{what}} ({{severity}}): {{title}}\n{{why}}\n{{number}}\n"
				   "What to do: {{todo}}\n{{link}}\n{{runbook}}\n{{messages}}";

void alerts_token(const struct alerts_place *place, const char *key, char out[ALERTS_TOKEN_SIZE])
{
	unsigned char sum[16];
	crypto_generichash_state state;

	/* Two hosts with the same rules may tell the same receiver. */
	crypto_generichash_init(&state, NULL, 0, sizeof(sum));
	crypto_generichash_update(&state, (const unsigned char *)place->host.data, place->host.len);
	crypto_generichash_update(&state, (const unsigned char *)"/", 1);
	crypto_generichash_update(&state, (const unsigned char *)key, strlen(key));
	crypto_generichash_final(&state, sum, sizeof(sum));
	sodium_bin2hex(out, ALERTS_TOKEN_SIZE, sum, sizeof(sum));
}

static void put_encoded(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (isalnum((unsigned char)text.data[i]) || memchr("-._~", text.data[i], 4) != NULL)
			buffer_append_char(out, text.data[i]);
		else
			buffer_printf(out, "%%%02X", (unsigned char)text.data[i]);
}

static void put_time(struct buffer *out, int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	if (at == 0)
		return;
	clock_rfc3339(at, text);
	buffer_append_string(out, text);
}

static void put_number(struct buffer *out, const struct alerts_item *item)
{
	const char *sentence = "";

	if (item->messages >= 0) {
		buffer_printf(out, "%lld message%s", (long long)item->messages,
		    item->messages == 1 ? "" : "s");
		sentence = ". ";
	}
	if (item->times > 0)
		buffer_printf(out, "%sIt comes and goes: this is number %u within hours", sentence,
		    item->times);
	else if (item->explains > 0)
		buffer_printf(out, "%sIt explains %u other%s", sentence, item->explains,
		    item->explains == 1 ? "" : "s");
}

static void put_links(struct alerts_words *w, const struct alerts_item *item, struct slice url)
{
	const char *runbook = incident_kind_runbook((enum incident_kind)item->kind);

	if (url.len == 0 || item->id == 0)
		return;
	buffer_printf(
	    &w->link, "%.*s/?page=incident&id=%lld", SLICE_ARGS(url), (long long)item->id);
	if (item->filter[0] != '\0') {
		buffer_printf(&w->messages, "%.*s/?filter=", SLICE_ARGS(url));
		put_encoded(&w->messages, slice_of(item->filter));
	}
	if (runbook != NULL)
		buffer_printf(&w->runbook, "%.*s/runbook/%s", SLICE_ARGS(url), runbook);
}

const char *alerts_what_word(const struct alerts_message *m, const struct alerts_item *item)
{
	return m->what == ALERT_TEST	   ? "Test"
	       : item->ended		   ? "Ended"
	       : m->what == ALERT_REPEATED ? "Still"
					   : "Fired";
}

void alerts_words_make(const struct alerts_message *m, const struct alerts_item *item,
    const struct alerts_place *place, struct alerts_words *w)
{
	*w = (struct alerts_words){0};
	put_number(&w->number, item);
	put_links(w, item, place->public_url);
	put_time(&w->since, item->since);
	put_time(&w->until, item->until);
	if (item->id != 0)
		buffer_printf(&w->incident, "%lld", (long long)item->id);
	w->value[ALERTS_FIELD_WHAT] = slice_of(alerts_what_word(m, item));
	w->value[ALERTS_FIELD_TITLE] = slice_of(item->title);
	w->value[ALERTS_FIELD_WHY] = slice_of(item->why);
	w->value[ALERTS_FIELD_NUMBER] = buffer_slice(&w->number);
	w->value[ALERTS_FIELD_TODO] = slice_of(item->todo);
	w->value[ALERTS_FIELD_LINK] = buffer_slice(&w->link);
	w->value[ALERTS_FIELD_MESSAGES] = buffer_slice(&w->messages);
	w->value[ALERTS_FIELD_FILTER] = slice_of(item->filter);
	w->value[ALERTS_FIELD_RUNBOOK] = buffer_slice(&w->runbook);
	w->value[ALERTS_FIELD_SEVERITY] =
	    slice_of(incident_severity_name((enum incident_severity)item->severity));
	w->value[ALERTS_FIELD_KIND] =
	    slice_of(item->id != 0 ? incident_kind_name((enum incident_kind)item->kind) : "test");
	w->value[ALERTS_FIELD_KEY] = slice_of(item->key);
	w->value[ALERTS_FIELD_INCIDENT] = buffer_slice(&w->incident);
	w->value[ALERTS_FIELD_SINCE] = buffer_slice(&w->since);
	w->value[ALERTS_FIELD_UNTIL] = buffer_slice(&w->until);
	w->value[ALERTS_FIELD_HOST] = place->host;
}

void alerts_words_clear(struct alerts_words *w)
{
	struct buffer *const all[] = {
	    &w->number, &w->link, &w->messages, &w->runbook, &w->incident, &w->since, &w->until};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buffer_free(all[i]);
}

/* A field that is empty must not leave an empty line, or a heading with nothing behind it. */
static void put_lines(struct buffer *out, struct slice template, const struct alerts_words *words,
    enum alerts_escape how)
{
	struct slice line;

	while (slice_split(&template, '\n', &line)) {
		BUFFER_AUTO struct buffer full = {0};
		BUFFER_AUTO struct buffer bare = {0};
		static const struct slice none[ALERTS_FIELDS];
		struct slice text;

		alerts_template_render(&full, line, words->value, how);
		alerts_template_render(&bare, line, none, how);
		text = slice_trim(buffer_slice(&full));
		if (text.len == 0 || (slice_find(line, SLICE("{{")) >= 0 &&
					 slice_equal(text, slice_trim(buffer_slice(&bare)))))
			continue;
		buffer_append_slice(out, text);
		buffer_append_char(out, '\n');
	}
}

void alerts_words_text(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, enum alerts_escape how, struct buffer *out)
{
	struct slice template =
	    channel->template[0] != '\0' ? slice_of(channel->template) : slice_of(our_template);

	if (m->late)
		buffer_append_string(out, "Held back until now:\n");
	for (size_t i = 0; i < m->count; i++) {
		struct alerts_words words;

		alerts_words_make(m, &m->items[i], place, &words);
		if (i > 0)
			buffer_append_char(out, '\n');
		put_lines(out, template, &words, how);
		alerts_words_clear(&words);
	}
	if (m->more > 0)
		buffer_printf(out, "\nand %llu more\n", (unsigned long long)m->more);
	/* Without the last line's end. */
	if (out->len > 0)
		out->len--;
}
