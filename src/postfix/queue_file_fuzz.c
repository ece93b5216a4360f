#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "postfix/queue_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct slice s)
{
	if (s.len > MESSAGE_STRING_MAX || !utf8_valid(s))
		abort();
}

static void check_message(const struct message *m)
{
	if (m->recipient_todo > m->recipient_total || m->recipient_count > m->recipient_total)
		abort();
	check_text(m->sender);
	check_text(m->subject);
	check_text(m->helo);
	for (size_t i = 0; i < m->recipient_count; i++) {
		check_text(m->recipients[i].address);
		check_text(m->recipients[i].original);
	}
}

/* The first byte says in which queue the file is, the rest is the file. Small windows give the same
 * as large ones, and no file takes more steps than it has bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct queue_file f = {0};
	struct message m, again;
	struct queue_file_stat stat = {.id = SLICE("0AD06AB80A3"), .mode = 0700};
	struct slice bytes;
	BUFFER_AUTO struct buffer one = {0}, two = {0};
	enum queue_file_status status;
	size_t steps = 0;

	if (size == 0)
		return 0;
	stat.queue = (enum queue)(data[0] % QUEUE_COUNT);
	bytes = slice_make(data + 1, size - 1);
	stat.size = bytes.len;
	message_init(&m);
	message_init(&again);
	queue_file_begin(&f, &stat, &m);
	do {
		if (f.want_length > QUEUE_FILE_WINDOW_MAX || f.want_offset > bytes.len ||
		    ++steps > 2 * size + 100)
			abort();
		status = queue_file_step(&f,
		    slice_first(slice_from(bytes, (size_t)f.want_offset), f.want_length),
		    f.want_offset);
	} while (status == QUEUE_FILE_MORE);
	check_message(&m);
	message_encode(&one, &m);
	if (!message_decode(&again, buffer_slice(&one)))
		abort();
	/* The whole file as one window. */
	queue_file_begin(&f, &stat, &m);
	if (queue_file_step(&f, bytes, 0) != status)
		abort();
	message_encode(&two, &m);
	if (!slice_equal(buffer_slice(&one), buffer_slice(&two)))
		abort();
	message_free(&m);
	message_free(&again);
	queue_file_free(&f);
	return 0;
}
