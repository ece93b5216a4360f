/* The strict reading of HTTP/1.1 (RFC 9112): the head of a request, how long its body is, and
 * chunks. Pure: bytes in, value or refusal out. Whatever two readers could understand differently
 * is refused (request smuggling lives on that): bare LF or CR, NUL and other control characters,
 * folded lines, blanks before a colon, no or two Hosts, two lengths, a length beside chunks, chunk
 * extensions and trailers, any coding but chunked. After a refusal nothing more is read from that
 * connection. */
#ifndef HTTP_GATE_H
#define HTTP_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* A filter of 4,096 characters, each as three percent-encoded bytes, fits into the target; a longer
 * one goes into a body (MESSAGE_JSON_FILTER_BODY), so that a thousand connections that have sent
 * nothing but a head cannot hold much. */
#define GATE_TARGET_MAX ((size_t)16 << 10)
#define GATE_HEAD_MAX ((size_t)32 << 10)
#define GATE_HEADERS_MAX 100

enum gate_result { GATE_MORE, GATE_DONE, GATE_BAD };

/* Why it was refused: the status to answer with, and what was wrong. */
struct gate_refusal {
	unsigned status;
	const char *text; /* constant */
};

struct gate_header {
	struct slice name, value; /* value without the blanks around it */
};

enum gate_framing { GATE_NO_BODY, GATE_LENGTH, GATE_CHUNKED };

/* All slices point into the bytes given. */
struct gate_head {
	struct slice method, target;
	struct slice host; /* "" only in HTTP/1.0 */
	unsigned minor;	   /* HTTP/1.minor: 0 or 1 */
	struct gate_header headers[GATE_HEADERS_MAX];
	size_t header_count;
	enum gate_framing framing;
	uint64_t length; /* with GATE_LENGTH */
	bool keep_alive;
	bool expects_continue;
};

/* Looks for the end of a head in what has come so far. `*scanned` starts at 0 and is kept between
 * calls, so that no byte is looked at often. GATE_DONE: `*head_len` bytes are the head. What can be
 * refused before the head is whole (bare LF, control characters, too long) is refused at once. */
enum gate_result gate_scan(
    struct slice bytes, size_t *scanned, size_t *head_len, struct gate_refusal *refusal);

/* Reads a whole head, as gate_scan found it. False with `refusal`. */
bool gate_parse(struct slice bytes, struct gate_head *head, struct gate_refusal *refusal);

/* The first header with this name, without regard to case; false when there is none. */
bool gate_find(const struct gate_head *head, const char *name, struct slice *value);

/* Chunked bodies. Zero-initialise. */
struct gate_chunks {
	enum {
		GATE_CHUNK_SIZE,
		GATE_CHUNK_SIZE_LF,
		GATE_CHUNK_DATA,
		GATE_CHUNK_CR,
		GATE_CHUNK_LF,
		GATE_CHUNK_END_CR,
		GATE_CHUNK_END_LF,
		GATE_CHUNK_DONE
	} state;
	unsigned digits;
	uint64_t left;
};
/* Takes bytes in; what the chunks hold is appended to `body`, at most until that holds `max` bytes
 * (more is refused with 413). `*used` bytes of `bytes` belonged to it. */
enum gate_result gate_unchunk(struct gate_chunks *chunks, struct slice bytes, size_t *used,
    struct buffer *body, size_t max, struct gate_refusal *refusal);

#endif
