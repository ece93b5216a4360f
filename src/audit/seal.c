/* Makes and checks seals, and keeps the key. */
#include "audit/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sodium.h>

#include "base/cursor.h"
#include "base/fd.h"

#define NEXT "postroom audit: the next key"
#define MAC_HEAD ",\"mac\":\""
/* One block of any disk: written whole or not at all. */
#define BLOCK 512
#define MAGIC "postroom-audit-key-1\n"

static void random_hex(char *out, size_t size)
{
	unsigned char bytes[AUDIT_KEY_SIZE];

	randombytes_buf(bytes, (size - 1) / 2);
	sodium_bin2hex(out, size, bytes, (size - 1) / 2);
}

void audit_key_create(struct audit_key *key)
{
	*key = (struct audit_key){.has_first = true};
	random_hex(key->lineage, sizeof(key->lineage));
	randombytes_buf(key->key, sizeof(key->key));
	memcpy(key->first, key->key, sizeof(key->first));
}

void audit_key_next(struct audit_key *key)
{
	unsigned char next[AUDIT_KEY_SIZE];

	crypto_generichash(next, sizeof(next), (const unsigned char *)NEXT, strlen(NEXT), key->key,
	    sizeof(key->key));
	memcpy(key->key, next, sizeof(key->key));
	sodium_memzero(next, sizeof(next));
	key->number++;
}

static void make_mac(const struct audit_key *key, const unsigned char chain[AUDIT_CHAIN_SIZE],
    struct slice line, unsigned char mac[AUDIT_CHAIN_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, key->key, sizeof(key->key), AUDIT_CHAIN_SIZE);
	crypto_generichash_update(&state, chain, AUDIT_CHAIN_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)line.data, line.len);
	crypto_generichash_final(&state, mac, AUDIT_CHAIN_SIZE);
	sodium_memzero(&state, sizeof(state));
}

/* Without the mac, which is made of it. */
static void put_members(struct buffer *out, const char *at, uint64_t number, const char *lineage)
{
	buffer_printf(out,
	    "\"at\":\"%s\",\"action\":\"%s\",\"seal\":%" PRIu64 ",\"lineage\":\"%s\"", at,
	    audit_action_name(AUDIT_SEAL), number, lineage);
}

void audit_seal_make(
    struct audit_key *key, uint64_t n, const unsigned char chain[AUDIT_CHAIN_SIZE], int64_t at_us)
{
	BUFFER_AUTO struct buffer line = {0};

	key->made_n = n;
	audit_time(at_us, key->made_at);
	buffer_printf(&line, "{\"n\":%" PRIu64 ",", n);
	put_members(&line, key->made_at, key->number, key->lineage);
	make_mac(key, chain, buffer_slice(&line), key->made_mac);
	audit_key_next(key);
}

void audit_seal_members(const struct audit_key *key, struct buffer *members)
{
	char hex[AUDIT_HEX_SIZE];

	put_members(members, key->made_at, key->number - 1, key->lineage);
	audit_hex(key->made_mac, hex);
	buffer_printf(members, MAC_HEAD "%s\"", hex);
}

bool audit_seal_fits(
    const struct audit_key *key, struct slice line, const unsigned char chain[AUDIT_CHAIN_SIZE])
{
	/* The last member before the chain value. */
	ptrdiff_t at = slice_find(line, SLICE(MAC_HEAD));
	unsigned char mac[AUDIT_CHAIN_SIZE], told[AUDIT_CHAIN_SIZE];

	if (at < 0 || !audit_unhex(slice_first(slice_from(line, (size_t)at + strlen(MAC_HEAD)),
				       2 * AUDIT_CHAIN_SIZE),
			  told))
		return false;
	make_mac(key, chain, slice_first(line, (size_t)at), mac);
	return sodium_memcmp(mac, told, sizeof(mac)) == 0;
}

/* ---- On disk ---- */

static int open_key(const char *directory, int flags)
{
	char path[1200];

	snprintf(path, sizeof(path), "%s/" AUDIT_KEY_FILE, directory);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* All members in their order, and a sum of them. */
static void encode(const struct audit_key *key, struct buffer *out)
{
	unsigned char sum[AUDIT_CHAIN_SIZE];

	/* At once: what grows leaves copies behind. */
	buffer_reserve(out, BLOCK);
	buffer_append_string(out, MAGIC);
	buffer_append(out, key->lineage, sizeof(key->lineage));
	buffer_put_u64(out, key->number);
	buffer_append(out, key->key, sizeof(key->key));
	buffer_put_u8(out, key->has_first);
	buffer_append(out, key->first, sizeof(key->first));
	buffer_put_u64(out, key->made_n);
	buffer_append(out, key->made_at, sizeof(key->made_at));
	buffer_append(out, key->made_mac, sizeof(key->made_mac));
	crypto_generichash(sum, sizeof(sum), (const unsigned char *)out->data, out->len, NULL, 0);
	buffer_append(out, sum, sizeof(sum));
	while (out->len < BLOCK)
		buffer_append_char(out, 0);
}

static bool decode(struct slice bytes, struct audit_key *key)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	unsigned char sum[AUDIT_CHAIN_SIZE];
	struct slice magic = cursor_bytes(&c, strlen(MAGIC));
	struct slice lineage = cursor_bytes(&c, sizeof(key->lineage)), now, first, at, mac, told;
	size_t summed;

	*key = (struct audit_key){.number = cursor_u64(&c)};
	now = cursor_bytes(&c, sizeof(key->key));
	key->has_first = cursor_flag(&c);
	first = cursor_bytes(&c, sizeof(key->first));
	key->made_n = cursor_u64(&c);
	at = cursor_bytes(&c, sizeof(key->made_at));
	mac = cursor_bytes(&c, sizeof(key->made_mac));
	summed = bytes.len - c.left;
	told = cursor_bytes(&c, sizeof(sum));
	if (c.failed || !slice_is(magic, MAGIC))
		return false;
	crypto_generichash(sum, sizeof(sum), (const unsigned char *)bytes.data, summed, NULL, 0);
	memcpy(key->lineage, lineage.data, sizeof(key->lineage));
	key->lineage[sizeof(key->lineage) - 1] = '\0';
	memcpy(key->key, now.data, now.len);
	memcpy(key->first, first.data, first.len);
	memcpy(key->made_at, at.data, at.len);
	key->made_at[sizeof(key->made_at) - 1] = '\0';
	memcpy(key->made_mac, mac.data, mac.len);
	return memcmp(sum, told.data, sizeof(sum)) == 0;
}

bool audit_key_read(const char *directory, struct audit_key *key, struct error *err)
{
	char bytes[BLOCK];
	FD_AUTO int fd = open_key(directory, O_RDONLY);
	bool good;

	if (fd < 0)
		return error_set_errno(err, errno == ENOENT ? "not_found" : "store_unavailable",
		    errno, "%s/" AUDIT_KEY_FILE, directory);
	good = pread(fd, bytes, sizeof(bytes), 0) == sizeof(bytes) &&
	       decode(slice_make(bytes, sizeof(bytes)), key);
	sodium_memzero(bytes, sizeof(bytes));
	if (!good)
		return error_set(
		    err, "store_damaged", "%s/" AUDIT_KEY_FILE ": it is damaged", directory);
	return true;
}

bool audit_key_write(const char *directory, const struct audit_key *key, struct error *err)
{
	BUFFER_AUTO struct buffer bytes = {0};
	/* In place: a file that is put over another one leaves the other's bytes on the disk. */
	FD_AUTO int fd = open_key(directory, O_WRONLY | O_CREAT);
	bool good;

	encode(key, &bytes);
	good =
	    fd >= 0 && pwrite(fd, bytes.data, bytes.len, 0) == (ssize_t)bytes.len && fsync(fd) == 0;
	sodium_memzero(bytes.data, bytes.len);
	if (!good)
		return error_set_errno(err, errno == ENOSPC ? "store_full" : "store_broken", errno,
		    "%s/" AUDIT_KEY_FILE, directory);
	return true;
}

int audit_key_lock(const char *directory, struct error *err)
{
	char path[1200];
	int fd;

	snprintf(path, sizeof(path), "%s/" AUDIT_KEY_FILE ".lock", directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	error_set_errno(err, "store_unavailable", errno, "%s", path);
	fd_close(&fd);
	return -1;
}

/* ---- As text ---- */

void audit_key_text(const struct audit_key *key, char text[AUDIT_KEY_TEXT_SIZE])
{
	char hex[AUDIT_HEX_SIZE];

	audit_hex(key->first, hex);
	snprintf(text, AUDIT_KEY_TEXT_SIZE, "postroom-audit-key-1 %s %s", key->lineage, hex);
	sodium_memzero(hex, sizeof(hex));
}

bool audit_key_parse(struct slice line, struct audit_key *key)
{
	struct slice rest = slice_trim(line), word, lineage, hex;

	*key = (struct audit_key){0};
	if (!slice_split(&rest, ' ', &word) || !slice_is(word, "postroom-audit-key-1") ||
	    !slice_split(&rest, ' ', &lineage) || lineage.len != AUDIT_LINEAGE_SIZE - 1)
		return false;
	hex = rest;
	memcpy(key->lineage, lineage.data, lineage.len);
	return audit_unhex(hex, key->key);
}
