/* An answer of a name server (RFC 1035), taken apart: the records of the type that was asked for,
 * of the name that was asked for or of what that is an alias of. A server may lie or be lied to:
 * records of other names are passed over. Pure. */
#ifndef NOTIFIER_DNS_REPLY_H
#define NOTIFIER_DNS_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
};
const char *dns_type_name(enum dns_type type); /* "MX" */

enum dns_status {
	DNS_FOUND,
	DNS_NO_DATA, /* the name exists and has no such record */
	DNS_NO_NAME, /* NXDOMAIN: it does not exist */
	DNS_FAILED,  /* SERVFAIL and its like: the name server could not find out */
	DNS_REFUSED, /* it does not answer us */
	DNS_SILENT,  /* no answer in time, or there is nobody */
	DNS_MADE_UP, /* what came is no answer to what was asked */
};

#define DNS_NAME_SIZE 256 /* with its NUL */
/* More than any domain has; the rest is left out (`cut`). */
#define DNS_RECORDS_MAX 24
/* Bytes of an address, of a text, of a TLSA record's data. */
#define DNS_DATA_MAX 512
/* A chain of aliases that is longer is a circle, or a trap. */
#define DNS_ALIASES_MAX 8

struct dns_record {
	uint16_t preference;	    /* MX */
	char name[DNS_NAME_SIZE];   /* MX, PTR: a host name; "" for the root (null MX) */
	uint8_t data[DNS_DATA_MAX]; /* A, AAAA: the address; TXT: the text; TLSA: all of it */
	size_t length;		    /* of data */
};

struct dns_answer {
	enum dns_status status;
	bool authentic;	 /* the name server says that it has checked the signatures (AD) */
	bool cut;	 /* there were more records, or longer ones */
	bool foreign;	 /* there were records of names that nobody asked for */
	size_t unusable; /* records with a name that no host has, or malformed */
	char alias_of[DNS_NAME_SIZE]; /* what the name is an alias of (CNAME); "": none */
	struct dns_record records[DNS_RECORDS_MAX];
	size_t count;
};

/* Fills in `answer`, whatever comes: DNS_MADE_UP where it is no answer to that question. Linear in
 * the reply's length. */
void dns_reply_read(
    struct slice reply, struct slice name, enum dns_type type, struct dns_answer *answer);

/* Whether it could be a host's or a domain's name: labels of 1 to 63 letters, digits, hyphens and
 * underscores, 253 bytes at most. */
bool dns_name_valid(struct slice name);

#endif
