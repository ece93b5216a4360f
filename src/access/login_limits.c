/* Counters of sign-ins: tables of fixed size (by name, by address, by what somebody is known by; of
 * codes again by name and by what is known), each place found by a keyed hash. A place is one
 * number, so that there is nothing to expire.
 */
#include "access/login_limits.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* Several names may share a place by chance. Then they wait for each other, which a stranger cannot
 * bring about without the key. So many that of a hundred addresses that guess hardly one shares its
 * place with somebody who does not. */
#define PLACES 16384
#define MS 1000

/* One count a place, kept as the time when it is used up no more (the generic cell rate algorithm):
 * each attempt moves it on by the interval, and it may lie at most the burst ahead of now. */
struct count {
	int64_t free_ms;
};

enum kind { BY_NAME, BY_ADDRESS, BY_KNOWN, CODE_BY_NAME, CODE_BY_KNOWN, KINDS };

static const struct {
	int64_t interval_ms, burst;
} rates[KINDS] = {
    [BY_NAME] = {(int64_t)LOGIN_NAME_SECONDS * MS, LOGIN_NAME_BURST},
    [BY_ADDRESS] = {(int64_t)LOGIN_ADDRESS_SECONDS * MS, LOGIN_ADDRESS_BURST},
    [BY_KNOWN] = {(int64_t)LOGIN_KNOWN_SECONDS * MS, LOGIN_KNOWN_BURST},
    [CODE_BY_NAME] = {(int64_t)LOGIN_CODE_SECONDS * MS, LOGIN_CODE_BURST},
    [CODE_BY_KNOWN] = {(int64_t)LOGIN_KNOWN_CODE_SECONDS * MS, LOGIN_KNOWN_CODE_BURST},
};

struct login_limits {
	struct hash_key key;
	struct count counts[KINDS][PLACES];
};

struct login_limits *login_limits_create(void)
{
	struct login_limits *limits = memory_zero(1, sizeof(*limits));

	limits->key = hash_key_random();
	return limits;
}

void login_limits_destroy(struct login_limits **limits)
{
	free(*limits);
	*limits = NULL;
}

uint64_t login_limits_hash(const struct login_limits *limits, struct slice text)
{
	uint64_t hash = hash_bytes(&limits->key, text);
	/* 0 says that nobody is known. */
	return hash != 0 ? hash : 1;
}

uint64_t login_limits_address(const struct login_limits *limits, const char *peer)
{
	const char *port = strrchr(peer, ':');
	struct slice address =
	    slice_make(peer, port != NULL ? (size_t)(port - peer) : strlen(peer));
	char text[INET6_ADDRSTRLEN];
	struct in6_addr v6;

	if (address.len < sizeof(text)) {
		memcpy(text, address.data, address.len);
		text[address.len] = '\0';
		/* Whoever has one IPv6 address has 2^64; but a proxy may write IPv4 as IPv6. */
		if (inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_V4MAPPED(&v6))
			address = slice_of(inet_ntop(AF_INET, v6.s6_addr + 12, text, sizeof(text)));
		else if (inet_pton(AF_INET6, text, &v6) == 1)
			address = slice_make((const char *)v6.s6_addr, 8);
	}
	return login_limits_hash(limits, address);
}

/* How long the count is used up; 0 when another attempt fits. */
static int64_t wait_ms(const struct count *count, enum kind kind, int64_t now_ms)
{
	int64_t ahead = count->free_ms - now_ms,
		most = (rates[kind].burst - 1) * rates[kind].interval_ms;

	return ahead > most ? ahead - most : 0;
}

/* A count that lies in the past begins now: unused attempts are not saved up. */
static void add(struct count *count, enum kind kind, int64_t now_ms)
{
	if (count->free_ms < now_ms)
		count->free_ms = now_ms;
	count->free_ms += rates[kind].interval_ms;
}

/* Tables of a fixed size: no number of names or addresses makes them grow. */
static struct count *place(struct login_limits *limits, enum kind kind, uint64_t hash)
{
	return &limits->counts[kind][hash % PLACES];
}

/* The counts that an attempt is about. An address has one for both: whoever guesses is one. */
static struct count *by_known(struct login_limits *limits, const struct login_attempt *attempt)
{
	return place(limits, attempt->is_code ? CODE_BY_KNOWN : BY_KNOWN, attempt->known);
}

static struct count *by_name(struct login_limits *limits, const struct login_attempt *attempt)
{
	return place(limits, attempt->is_code ? CODE_BY_NAME : BY_NAME,
	    login_limits_hash(limits, attempt->name));
}

static struct count *by_address(struct login_limits *limits, const struct login_attempt *attempt)
{
	return place(limits, BY_ADDRESS, login_limits_address(limits, attempt->peer));
}

bool login_limits_take(
    struct login_limits *limits, struct login_attempt *attempt, int64_t now_ms, int64_t *seconds)
{
	enum kind known_kind = attempt->is_code ? CODE_BY_KNOWN : BY_KNOWN;
	enum kind name_kind = attempt->is_code ? CODE_BY_NAME : BY_NAME;
	struct count *known = by_known(limits, attempt), *name = by_name(limits, attempt),
		     *address = by_address(limits, attempt);
	int64_t name_ms, address_ms;

	/* Known people have a count of their own: strangers who guess at a name cannot lock its
	 * owner out. */
	attempt->as_known = attempt->known != 0 && wait_ms(known, known_kind, now_ms) == 0;
	if (attempt->as_known) {
		add(known, known_kind, now_ms);
		return true;
	}
	/* Both before either is counted: a refused attempt must not make the wait longer. */
	name_ms = wait_ms(name, name_kind, now_ms);
	address_ms = wait_ms(address, BY_ADDRESS, now_ms);
	attempt->fresh = address->free_ms <= now_ms;
	if (name_ms > 0 || address_ms > 0) {
		*seconds = ((name_ms > address_ms ? name_ms : address_ms) + MS - 1) / MS;
		return false;
	}
	add(name, name_kind, now_ms);
	add(address, BY_ADDRESS, now_ms);
	return true;
}

/* A sign-in that succeeded was no guess, so it does not count. */
void login_limits_give_back(struct login_limits *limits, const struct login_attempt *attempt)
{
	if (attempt->as_known) {
		by_known(limits, attempt)->free_ms -=
		    rates[attempt->is_code ? CODE_BY_KNOWN : BY_KNOWN].interval_ms;
		return;
	}
	by_name(limits, attempt)->free_ms -=
	    rates[attempt->is_code ? CODE_BY_NAME : BY_NAME].interval_ms;
	by_address(limits, attempt)->free_ms -= rates[BY_ADDRESS].interval_ms;
}
