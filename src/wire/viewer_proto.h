/* The viewer: one message, and gone. Whoever asked the helper for a VIEW holds the other end of the
 * viewer's descriptor 3, a SOCK_SEQPACKET channel, and receives:
 *
 *   mode content   HEADER* HOP* (PART | TEXT)* NOTE* END      (NOTE anywhere)
 *   mode part n    PART BYTES* END
 *   mode html n    PART TEXT* END          (TEXT only when the part is text/html: a whole document,
 *                                           rewritten by viewer/html.h)
 *   mode raw       BYTES* END
 *
 * or FAILED in place of END. A channel that closes without END or FAILED is a viewer that died (out
 * of memory or time): what came before it is incomplete. All text is valid UTF-8, but may contain
 * control, bidi and invisible characters: whoever shows it makes them harmless.
 * Every request number is 0. */
#ifndef WIRE_VIEWER_PROTO_H
#define WIRE_VIEWER_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "wire/frame.h"

enum viewer_type {
	VIEWER_START = 1, /* helper -> viewer, the first frame, with the message's descriptor */
	VIEWER_HEADER,
	VIEWER_HOP,
	VIEWER_PART,
	VIEWER_TEXT,
	VIEWER_BYTES,
	VIEWER_NOTE,
	VIEWER_END,
	VIEWER_FAILED,
};

enum viewer_mode { VIEWER_MODE_CONTENT = 1, VIEWER_MODE_PART, VIEWER_MODE_RAW, VIEWER_MODE_HTML };
enum viewer_source {
	VIEWER_SOURCE_QUEUE_FILE = 1, /* records (docs/POSTFIX.md, "Queue files"); seekable */
	VIEWER_SOURCE_RFC822,	      /* the message itself: `postcat -bh`, a pipe */
};

/* The bounds of one view; 0 means the default. Larger than the maximum is the maximum. */
struct viewer_limits {
	uint32_t text_bytes; /* of decoded text for each part; default 256 KiB, at most 4 MiB */
	uint64_t
	    total_bytes; /* of text for all parts, or of a part or raw; default 2 MiB / 256 MiB */
};
#define VIEWER_TEXT_DEFAULT (256u << 10)
#define VIEWER_TEXT_MAX (4u << 20)
#define VIEWER_TOTAL_TEXT_DEFAULT ((uint64_t)2 << 20)
#define VIEWER_TOTAL_BYTES_DEFAULT ((uint64_t)256 << 20)

/* Limits of what is shown; each one that is reached is said in a NOTE. */
#define VIEWER_HEADERS_MAX 1000	     /* note headers_cut */
#define VIEWER_HEADER_VALUE_MAX 8192 /* bytes shown of one header, raw and decoded; flag cut */
#define VIEWER_HEADER_BYTES_MAX                                                                    \
	((size_t)1 << 20)     /* of the header block that is parsed; note header_cut */
#define VIEWER_HOPS_MAX 100   /* note hops_cut */
#define VIEWER_PARTS_MAX 1000 /* note parts_cut */
#define VIEWER_DEPTH_MAX 32   /* nesting that is followed; note depth_cut */
#define VIEWER_MESSAGE_MAX                                                                         \
	((uint64_t)64 << 20)  /* of the message that is read for content; note message_cut */
#define VIEWER_FIELD_MAX 1024 /* of a part's name, type, charset, ... */

struct viewer_start {
	enum viewer_mode mode;
	enum viewer_source source;
	uint32_t part; /* modes part and html: its number */
	struct viewer_limits limits;
};
void viewer_start_encode(struct buffer *frame, const struct viewer_start *start);
bool viewer_start_decode(const struct frame *frame, struct viewer_start *start);

/* One header of the message, in its order. */
struct viewer_header {
	struct slice name;
	struct slice value; /* unfolded, encoded words decoded */
	struct slice raw;   /* as it stands, with folds; bytes that are not UTF-8 as U+FFFD */
	bool cut;
};
void viewer_header_encode(struct buffer *frame, const struct viewer_header *header);
bool viewer_header_decode(const struct frame *frame, struct viewer_header *header);

/* One Received header, the most recent first, as in the message. */
struct viewer_hop {
	struct slice from, by, with, id, for_; /* "" where absent */
	bool has_time, has_delay;
	int64_t time; /* Unix seconds */
	int64_t
	    delay; /* seconds since the hop before it (the next Received header); may be negative */
};
void viewer_hop_encode(struct buffer *frame, const struct viewer_hop *hop);
bool viewer_hop_decode(const struct frame *frame, struct viewer_hop *hop);

/* One MIME part, depth first; number 0 is the message's own outermost part. */
struct viewer_part {
	uint32_t number, parent, depth; /* parent of number 0 is 0 */
	struct slice type;		/* "text/plain", lower case */
	struct slice name; /* file name, decoded, "" for none; never a path: base name only */
	struct slice disposition; /* "inline", "attachment", "" */
	struct slice charset;	  /* as declared, lower case; "" for none */
	struct slice encoding;	  /* "base64", "quoted-printable", "7bit", ...; "" for none */
	struct slice content_id;  /* without <>; "" for none */
	uint64_t size;		  /* of the decoded content in bytes; 0 for a container */
	bool container;		  /* multipart/ (message/rfc822 is a container of one part) */
};
void viewer_part_encode(struct buffer *frame, const struct viewer_part *part);
bool viewer_part_decode(const struct frame *frame, struct viewer_part *part);

/* A piece of a text part (text/ with no disposition attachment), in order. HTML comes as source. */
struct viewer_text {
	uint32_t part;
	bool last;    /* the part's text ends with this piece */
	bool cut;     /* with last: there was more than the limit */
	bool damaged; /* with last: some bytes did not fit the character set, or it is not known */
	struct slice text;
};
void viewer_text_encode(struct buffer *frame, const struct viewer_text *text);
bool viewer_text_decode(const struct frame *frame, struct viewer_text *text);

/* A piece of a part's decoded bytes, or of the raw message. */
struct viewer_bytes {
	struct slice bytes;
};
void viewer_bytes_encode(struct buffer *frame, const struct viewer_bytes *bytes);
bool viewer_bytes_decode(const struct frame *frame, struct viewer_bytes *bytes);
#define VIEWER_CHUNK 32768 /* at most this many bytes in a TEXT or BYTES frame */

/* Something to tell the reader (NOTE), or why there is nothing (FAILED: no_such_part, message_gone,
 * damaged_file, not_readable): a stable code and a sentence. */
struct viewer_note {
	struct slice code, text;
};
void viewer_note_encode(
    struct buffer *frame, enum viewer_type type, const struct viewer_note *note);
bool viewer_note_decode(const struct frame *frame, struct viewer_note *note);

struct viewer_end {
	uint64_t message_bytes; /* of the message as read */
	bool cut;		/* mode part, raw: the limit was reached, there was more */
};
void viewer_end_encode(struct buffer *frame, const struct viewer_end *end);
bool viewer_end_decode(const struct frame *frame, struct viewer_end *end);

#endif
