/* Takes turns between traces. One that waits becomes active when there is room, the first first. */
#include "logreader/log_traces.h"

#include <string.h>

static void clear(struct log_traces_item *item)
{
	log_trace_destroy(&item->trace);
	buffer_free(&item->texts);
}

void log_traces_free(struct log_traces *traces)
{
	for (size_t i = 0; i < traces->count; i++)
		clear(&traces->item[i]);
	traces->count = traces->turn = 0;
}

bool log_traces_add(
    struct log_traces *traces, uint32_t request, const struct log_trace_question *question)
{
	struct log_traces_item *item;

	if (traces->count == LOG_TRACES_MAX)
		return false;
	item = &traces->item[traces->count++];
	*item = (struct log_traces_item){.request = request, .question = *question};
	buffer_append_slice(&item->texts, question->text);
	buffer_append_slice(&item->texts, question->after.id);
	item->question.text = slice_make(item->texts.data, question->text.len);
	item->question.after.id =
	    slice_make(item->texts.data + question->text.len, question->after.id.len);
	return true;
}

void log_traces_cancel(struct log_traces *traces, uint32_t request)
{
	size_t at = 0;

	while (at < traces->count && traces->item[at].request != request)
		at++;
	if (at == traces->count)
		return;
	clear(&traces->item[at]);
	traces->count--;
	memmove(&traces->item[at], &traces->item[at + 1],
	    (traces->count - at) * sizeof(traces->item[0]));
	/* The one behind it moved to its place; nobody is passed over. */
	if (traces->turn > at)
		traces->turn--;
}

const struct log_trace *log_traces_step(
    struct log_traces *traces, struct slice instance, struct log_index *index, uint32_t *request)
{
	size_t active =
	    traces->count < LOG_TRACES_ACTIVE_MAX ? traces->count : LOG_TRACES_ACTIVE_MAX;
	struct log_traces_item *item;

	if (active == 0)
		return NULL;
	if (traces->turn >= active)
		traces->turn = 0;
	item = &traces->item[traces->turn++];
	*request = item->request;
	if (item->trace == NULL)
		item->trace = log_trace_create(&item->question, instance, index);
	return log_trace_step(item->trace, index) ? item->trace : NULL;
}
