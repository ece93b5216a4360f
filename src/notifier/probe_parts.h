/* What the parts of a probe share: a destination (probe_destination.c), our own address
 * (probe_own.c), what they tell (probe_telling.c), and what holds them (probe.c). Private to these.
 */
#ifndef NOTIFIER_PROBE_PARTS_H
#define NOTIFIER_PROBE_PARTS_H

#include <sys/socket.h>

#include "notifier/dns.h"
#include "notifier/probe.h"

struct probe {
	struct loop *loop;
	struct probe_question question; /* its texts are in `bytes` */
	struct buffer bytes;
	struct probe_events events;
	struct dns *dns;
	struct loop_watch *timer; /* to its deadline; then to its end */
	bool over;		  /* `end` is to be told in the next turn */
	enum probe_outcome outcome;
	bool complete;
	struct buffer summary;
	struct probe_destination *destination;
	struct probe_own *own;
};

/* Tells a step. */
void probe_tell(struct probe *probe, const struct probe_step *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The last thing that a part does: the end is told in the next turn of the loop. */
void probe_finish(struct probe *probe, enum probe_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Why there is no such record, in words: "shop.example does not exist". Not for DNS_FOUND. */
void probe_put_status(
    struct buffer *text, const char *name, enum dns_type type, const struct dns_answer *answer);
/* An address as text: "192.0.2.1". */
#define PROBE_ADDRESS_SIZE 46
void probe_address_text(const struct sockaddr_storage *address, char out[PROBE_ADDRESS_SIZE]);
/* From 4 or 16 bytes, or from text; false where that is none. */
bool probe_address_of(
    const uint8_t *bytes, size_t length, uint16_t port, struct sockaddr_storage *out);
bool probe_address_read(struct slice text, uint16_t port, struct sockaddr_storage *out);
/* Of a network that many have: no name of the Internet should lead there. */
bool probe_address_private(const struct sockaddr_storage *address);

/* What a next hop names. */
struct probe_next_hop {
	char host[DNS_NAME_SIZE];
	uint16_t port;
	bool mx; /* its MX is asked for */
	bool literal;
	struct sockaddr_storage address; /* of a literal */
};
/* False where it is none. */
bool probe_next_hop_read(struct slice text, struct probe_next_hop *out);

struct probe_destination *probe_destination_create(struct probe *probe);
void probe_destination_destroy(struct probe_destination **destination);
struct probe_own *probe_own_create(struct probe *probe);
void probe_own_destroy(struct probe_own **own);

#endif
