/* Messages put together out of any lines. Input: what is asked for, up to the first newline; then
 * the log, in which a byte 2 begins the next file. */
#include "base/must_fuzz.h"

#include <string.h>

#include "logreader/log_trace.h"

#define FILES_MAX 6
/* Far more than the blocks of such a log need. */
#define STEPS_MAX 200000
#define LIMIT 3

struct page {
	size_t messages, recipients;
	int64_t last_us;
	char last_id[LOG_PROTO_ID_MAX + 1];
	bool first; /* no message before it, on no page */
	struct log_trace_end end;
};

static void take_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	(void)context;
	(void)source;
	(void)line;
	(void)offset;
}

/* Newest first, over all pages; those of one time by their IDs. */
static void take_message(struct page *p, struct cursor c)
{
	struct log_traced_message m;
	int order;

	must(log_trace_get_message(&c, &m));
	must(m.id_count > 0 && m.ids[0].len > 0);
	order = slice_compare(m.ids[0], slice_of(p->last_id));
	must(p->first || m.last_us < p->last_us || (m.last_us == p->last_us && order > 0));
	p->first = false;
	p->messages++;
	p->recipients = 0;
	p->last_us = m.last_us;
	memcpy(p->last_id, m.ids[0].data, m.ids[0].len);
	p->last_id[m.ids[0].len] = '\0';
}

static void take_frame(void *context, const struct buffer *bytes)
{
	struct page *p = context;
	struct log_traced_recipient recipient;
	struct frame frame;
	struct cursor c;

	must(frame_parse(bytes->data, bytes->len, &frame) && bytes->len <= WIRE_FRAME_MAX);
	c = frame_cursor(&frame);
	if (frame.type == LOG_PROTO_TRACED) {
		take_message(p, c);
	} else if (frame.type == LOG_PROTO_TRACED_RECIPIENTS) {
		while (log_trace_get_recipient(&c, &recipient))
			must(++p->recipients <= LOG_TRACE_RECIPIENTS_MAX);
		must(cursor_finished(&c));
	} else {
		must(frame.type == LOG_PROTO_TRACE_END && log_trace_get_end(&c, &p->end));
	}
}

static void ask(struct log_index *index, struct slice text, struct page *p)
{
	struct log_trace_question question = {.text = text,
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX,
	    .limit = LIMIT,
	    .after = {p->last_us, slice_of(p->last_id)}};
	struct log_trace *trace = log_trace_create(&question, SLICE("postfix"), index);
	size_t steps = 0;

	p->messages = 0;
	while (!log_trace_step(trace, index))
		must(++steps < STEPS_MAX);
	log_trace_answer(trace, 1, &(struct log_trace_end){.error = SLICE("")}, take_frame, p);
	must(p->messages <= LIMIT);
	log_trace_destroy(&trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), text, file;
	struct page page = {.first = true};
	struct log_index index;

	if (!slice_split(&rest, '\n', &text) || rest.data == NULL)
		return 0;
	text = slice_first(text, LOG_TRACE_TEXT_MAX);
	log_index_init(&index);
	for (int i = 0; i < FILES_MAX && slice_split(&rest, 2, &file); i++) {
		struct log_source *s = log_index_add(&index, 0, "fuzz");

		s->keeps_text = true;
		log_source_feed(s, file, &index.key, take_line, NULL);
		log_source_finish(s, &index.key, take_line, NULL);
	}
	/* Pages, until there is none. Each has other messages, so there is an end. */
	do
		ask(&index, text, &page);
	while (text.len > 0 && page.end.more && page.messages > 0);
	log_index_free(&index);
	return 0;
}
