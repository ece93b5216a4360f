/* The key's file and what it seals. The account's number is sealed along: else whoever may write
 * the database could give one account the secret of another, which he knows. */
#include "access/otp_vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/fd.h"

#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define CODE "otp_unavailable"
#define PATH_SIZE 1200

_Static_assert(
    OTP_VAULT_SIZE == NONCE_SIZE + OTP_SECRET_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "libsodium's sizes");

/* What is sealed along. */
struct along {
	char what[8];
	int64_t user;
};

/* ---- the file ---- */

static void name_of(const char *database, const char *behind, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%.1000s.otp-key%s", database, behind);
}

/* False with errno; ENODATA where the file has another length. */
static bool read_key(const char *path, unsigned char key[KEY_SIZE])
{
	FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char more;
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, key, KEY_SIZE);
	if (len == KEY_SIZE && read(fd, &more, 1) == 0)
		return true;
	if (len >= 0)
		errno = ENODATA;
	return false;
}

static bool sync_folder(const char *path)
{
	char folder[PATH_SIZE];
	char *slash;
	FD_AUTO int fd = -1;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0;
}

/* It gets its name when it is whole and on disk: a secret sealed with half a key would be lost. */
static bool make_key(
    const char *database, const char *path, unsigned char key[KEY_SIZE], struct error *err)
{
	char part[PATH_SIZE];
	FD_AUTO int fd = -1;

	name_of(database, ".part", part);
	randombytes_buf(key, KEY_SIZE);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && fchmod(fd, 0600) == 0 && fd_write_all(fd, key, KEY_SIZE) && fsync(fd) == 0 &&
	    rename(part, path) == 0 && sync_folder(path))
		return true;
	return error_set_errno(
	    err, CODE, errno, "the key of one-time passwords cannot be written: %.300s", path);
}

static bool get_key(const char *database, bool make, unsigned char key[KEY_SIZE], struct error *err)
{
	char path[PATH_SIZE];

	if (sodium_init() < 0)
		return error_set(err, CODE, "no random numbers");
	name_of(database, "", path);
	if (read_key(path, key))
		return true;
	if (errno == ENOENT && make)
		return make_key(database, path, key, err);
	if (errno == ENODATA)
		return error_set(
		    err, CODE, "the key of one-time passwords is damaged: %.300s", path);
	return error_set_errno(
	    err, CODE, errno, "the key of one-time passwords cannot be read: %.300s", path);
}

/* ---- sealing ---- */

/* All of it is written: padding would make two of the same account differ. */
static struct along along_of(int64_t user)
{
	return (struct along){.what = "otp", .user = user};
}

bool otp_vault_seal(const char *database, bool first, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], unsigned char sealed[OTP_VAULT_SIZE],
    struct error *err)
{
	struct along along = along_of(user);
	unsigned char key[KEY_SIZE];

	if (!get_key(database, first, key, err))
		return false;
	randombytes_buf(sealed, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_SIZE, NULL, secret,
	    OTP_SECRET_SIZE, (const unsigned char *)&along, sizeof(along), NULL, sealed, key);
	sodium_memzero(key, sizeof(key));
	return true;
}

bool otp_vault_open(const char *database, int64_t user, const unsigned char sealed[OTP_VAULT_SIZE],
    unsigned char secret[OTP_SECRET_SIZE], struct error *err)
{
	struct along along = along_of(user);
	unsigned char key[KEY_SIZE];
	bool good;

	if (!get_key(database, false, key, err))
		return false;
	good = crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, sealed + NONCE_SIZE,
		   OTP_VAULT_SIZE - NONCE_SIZE, (const unsigned char *)&along, sizeof(along),
		   sealed, key) == 0;
	sodium_memzero(key, sizeof(key));
	if (good)
		return true;
	return error_set(err, CODE,
	    "the key of one-time passwords beside the database (%.300s.otp-key) is not the one "
	    "that this account's secret was sealed with",
	    database);
}
