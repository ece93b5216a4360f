/* What values are made of: the words of a command line, an address with its port. */
#include "config/config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/memory.h"
#include "base/slice.h"

char **config_words(const char *value)
{
	size_t len = strlen(value), most = len / 2 + 2, count = 0;
	/* One piece of memory for the pointers and the words, so that one free() suffices. No shell
	 * reads them. */
	char **words = memory_alloc(most * sizeof(*words) + len + 1);
	char *text = (char *)(words + most), *save = NULL;

	memcpy(text, value, len + 1);
	for (char *word = strtok_r(text, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save))
		words[count++] = word;
	words[count] = NULL;
	return words;
}

/* From the last colon on is the port. */
bool config_split_address(const char *value, char *host, size_t host_size, uint16_t *port)
{
	const char *colon = strrchr(value, ':');
	struct slice name;
	uint64_t number;

	if (colon == NULL || !slice_to_u64(slice_of(colon + 1), &number) || number > UINT16_MAX)
		return false;
	name = slice_make(value, (size_t)(colon - value));
	/* IPv6 needs its brackets: without them the last part could be the port. */
	if (name.len >= 2 && name.data[0] == '[' && name.data[name.len - 1] == ']')
		name = slice_make(name.data + 1, name.len - 2);
	else if (slice_find_char(name, ':') >= 0)
		return false;
	if (name.len == 0 || name.len >= host_size)
		return false;
	memcpy(host, name.data, name.len);
	host[name.len] = '\0';
	*port = (uint16_t)number;
	return true;
}

/* All of 127/8: the demo and some containers use more of it than one address. */
bool config_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	       memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
}
