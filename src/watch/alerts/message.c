/* Texts are copied out of an incident and cut: it may be another one, or gone, when the message is
 * sent. */
#include "watch/alerts/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "watch/incidents/incidents.h"

#define CONTENT_VERSION 1
/* The longest of the texts, for reading. */
#define TEXT_MAX 2000

void alerts_item_clear(struct alerts_item *item)
{
	free(item->title);
	free(item->why);
	free(item->todo);
	free(item->key);
	free(item->cause);
	free(item->filter);
	*item = (struct alerts_item){0};
}

void alerts_message_clear(struct alerts_message *m)
{
	for (size_t i = 0; i < m->count; i++)
		alerts_item_clear(&m->items[i]);
	free(m->key);
	free(m->silenced);
	*m = (struct alerts_message){0};
}

/* A stranger's bytes become valid text here, so that all bodies can be made of it. */
static char *cut(const char *text, size_t max)
{
	BUFFER_AUTO struct buffer valid = {0}, out = {0};

	utf8_append_valid(&valid, slice_of(text));
	if (valid.len <= max)
		return memory_strdup(buffer_string(&valid));
	buffer_append_slice(&out, utf8_first(buffer_slice(&valid), max - strlen("…")));
	buffer_append_string(&out, "…");
	return memory_strdup(buffer_string(&out));
}

/* The first line of its evidence, which is the number that made it an incident. */
static char *why_of(const struct incident_row *row)
{
	BUFFER_AUTO struct buffer out = {0};

	if (row->evidence_count == 0)
		return cut(row->title, ALERTS_WHY_MAX);
	buffer_append_string(&out, row->evidence[0].text);
	if (row->baseline != NULL && strstr(row->evidence[0].text, row->baseline) == NULL)
		buffer_printf(&out, ", %s", row->baseline);
	return cut(buffer_string(&out), ALERTS_WHY_MAX);
}

void alerts_item_fill(struct alerts_item *item, const struct incident_row *row)
{
	/* A filter that is cut would be another one. */
	bool filter = row->filter != NULL && strlen(row->filter) <= ALERTS_FILTER_MAX;

	*item = (struct alerts_item){.id = row->id,
	    .kind = row->kind,
	    .severity = row->severity,
	    .ended = row->state == INCIDENT_ENDED,
	    .title = cut(row->title, ALERTS_TITLE_MAX),
	    .why = why_of(row),
	    .todo = cut(row->text, ALERTS_TODO_MAX),
	    .key = cut(row->key, ALERTS_TITLE_MAX),
	    .cause = cut(row->cause, ALERTS_TITLE_MAX),
	    .filter = memory_strdup(filter ? row->filter : ""),
	    .messages = row->messages,
	    .since = row->since,
	    .until = row->until};
}

bool alerts_message_add(struct alerts_message *m, struct alerts_item *item)
{
	if (m->count < ALERTS_ITEMS_MAX) {
		m->items[m->count++] = *item;
		return true;
	}
	m->more++;
	alerts_item_clear(item);
	return false;
}

/* ---- Words ---- */

void alerts_message_title(const struct alerts_message *m, struct buffer *out)
{
	unsigned long long all = m->count + m->more;

	if (m->what == ALERT_TEST && m->count == 0) {
		buffer_append_string(out, "Test: this is no incident");
		return;
	}
	if (m->what == ALERT_RESOLVED)
		buffer_append_string(out, "Ended: ");
	else if (m->what == ALERT_REPEATED)
		buffer_append_string(out, "Still: ");
	else if (m->what == ALERT_TEST)
		buffer_append_string(out, "Test: ");
	if (all != 1)
		buffer_printf(out, "%llu incidents: ", all);
	if (m->count > 0)
		buffer_append_string(out, m->items[0].title);
	if (all > 1)
		buffer_printf(out, " and %llu more", all - 1);
}

void alerts_message_text(const struct alerts_message *m, struct buffer *out)
{
	if (m->silenced != NULL)
		buffer_append_string(out, m->silenced);
	else if (m->count > 0)
		buffer_append_string(out, m->items[0].why);
}

/* ---- For the outbox ---- */

static void put_item(struct buffer *out, const struct alerts_item *item)
{
	const char *const texts[] = {
	    item->title, item->why, item->todo, item->key, item->cause, item->filter};

	buffer_put_i64(out, item->id);
	buffer_put_u8(out, (uint8_t)item->kind);
	buffer_put_u8(out, (uint8_t)item->severity);
	buffer_put_u8(out, item->ended);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buffer_put_string(out, slice_of(texts[i]));
	buffer_put_i64(out, item->messages);
	buffer_put_i64(out, item->since);
	buffer_put_i64(out, item->until);
	buffer_put_u32(out, item->explains);
	buffer_put_u32(out, item->times);
}

void alerts_message_encode(const struct alerts_message *m, struct buffer *out)
{
	buffer_put_u8(out, CONTENT_VERSION);
	buffer_put_u8(out, m->late);
	buffer_put_u64(out, m->more);
	buffer_put_u8(out, (uint8_t)m->count);
	for (size_t i = 0; i < m->count; i++)
		put_item(out, &m->items[i]);
}

/* C reads it as a string: a NUL within would hide the rest. */
static char *take_text(struct cursor *c)
{
	struct slice text = cursor_string(c, TEXT_MAX);

	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
		c->failed = true;
	return memory_strndup(text.len > 0 ? text.data : "", text.len);
}

static void take_item(struct cursor *c, struct alerts_item *item)
{
	item->id = cursor_i64(c);
	item->kind = cursor_u8(c);
	item->severity = cursor_u8(c);
	item->ended = cursor_flag(c);
	item->title = take_text(c);
	item->why = take_text(c);
	item->todo = take_text(c);
	item->key = take_text(c);
	item->cause = take_text(c);
	item->filter = take_text(c);
	item->messages = cursor_i64(c);
	item->since = cursor_i64(c);
	item->until = cursor_i64(c);
	item->explains = cursor_u32(c);
	item->times = cursor_u32(c);
	if (item->kind >= INCIDENT_KINDS || item->severity > INCIDENT_ACT)
		c->failed = true;
}

bool alerts_message_decode(struct slice bytes, struct alerts_message *m)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	size_t count;

	*m = (struct alerts_message){0};
	if (cursor_u8(&c) != CONTENT_VERSION)
		return false;
	m->late = cursor_flag(&c);
	m->more = cursor_u64(&c);
	count = cursor_u8(&c);
	if (count > ALERTS_ITEMS_MAX || m->more > UINT32_MAX)
		return false;
	while (m->count < count && !c.failed)
		take_item(&c, &m->items[m->count++]);
	if (cursor_finished(&c))
		return true;
	alerts_message_clear(m);
	return false;
}

bool alerts_message_of_row(const struct alert_row *row, struct alerts_message *m)
{
	if (!alerts_message_decode(buffer_slice(&row->content), m))
		return false;
	m->key = memory_strdup(row->key);
	snprintf(m->channel, sizeof(m->channel), "%s", row->channel);
	snprintf(m->rule, sizeof(m->rule), "%s", row->rule);
	m->what = row->what;
	m->at = row->at;
	return true;
}

void alerts_message_to_row(const struct alerts_message *m, struct alert_row *row)
{
	BUFFER_AUTO struct buffer title = {0}, text = {0};

	*row = (struct alert_row){.key = memory_strdup(m->key),
	    .what = m->what,
	    .state = m->silenced != NULL ? ALERT_SILENCED : ALERT_WAITING,
	    .at = m->at,
	    .next_attempt = m->at,
	    .settled = m->silenced != NULL ? m->at : 0,
	    .took_ms = -1};
	snprintf(row->channel, sizeof(row->channel), "%s", m->channel);
	snprintf(row->rule, sizeof(row->rule), "%s", m->rule);
	alerts_message_title(m, &title);
	alerts_message_text(m, &text);
	row->title = memory_strdup(buffer_string(&title));
	row->text = memory_strdup(buffer_string(&text));
	alerts_message_encode(m, &row->content);
}
