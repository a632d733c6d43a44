/*
 * doctor_files.c - what `scrim doctor` sees without asking anybody: configuration, files,
 * their places, this machine.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ZFS_MAGIC 0x2fc12fc1
#define SPACE_BAD ((uint64_t)256 << 20)
#define SPACE_WARN ((uint64_t)1 << 30)
#define VAULT_LOCKED ((uint64_t)6 << 20) /* what keyd's keys lie in */

/* ---- configuration ---- */

static void see_wrong(struct doctor_seen *s, const struct sc_diags *all, const char *path,
    const char *todo)
{
	char text[600];

	if (sc_diags_print(all, 0, text, sizeof(text)))
		doctor_see(s, DOCTOR_BAD, todo, "%.300s", text);
	else if (all->v[0].text[0] != '\0')
		doctor_see(s, DOCTOR_BAD, todo, "%.120s: %.180s", path, all->v[0].text);
	else
		doctor_see(s, DOCTOR_BAD, todo, "%.200s cannot be loaded", path);
}

static void look_observing(const struct config *c, struct doctor_seen *s)
{
	for (size_t i = 0; i < c->n_routes; i++)
		if (c->routes[i].observe)
			doctor_see(s, DOCTOR_WARN,
			    "take \"observe\" out when scrim drift has nothing new to tell",
			    "route %.63s observes: nothing that passes it is protected",
			    c->routes[i].name.s);
}

static void look_config(struct doctor *x, struct doctor_seen *s)
{
	if (x->config == NULL)
		see_wrong(s, &x->config_wrong, x->config_path,
		    "scrim config check tells all of it");
	else {
		look_observing(x->config, s);
		doctor_see(s, DOCTOR_OK, NULL, "%.200s", x->config_path);
	}
}

/* Who runs as that user can say either's name: each has the other's roles and ceilings too. */
static void look_gateways(const struct settings *set, struct doctor_seen *s)
{
	const struct settings_gateway *g = set->gateways;

	for (size_t i = 0; i < set->n_gateways; i++)
		for (size_t k = 0; k < i; k++)
			if (g[i].uid == g[k].uid && g[i].uid != SETTINGS_NO_UID)
				doctor_see(s, DOCTOR_WARN,
				    "give each gateway a user of its own: sharing one, either can "
				    "act as the other",
				    "gateways %.60s and %.60s are both user %u's", g[k].node.s,
				    g[i].node.s, (unsigned)g[i].uid);
}

static void look_settings(struct doctor *x, struct doctor_seen *s)
{
	if (!file_exists(x->keyd_path))
		doctor_see(s, DOCTOR_SKIPPED, NULL, "there is no %.200s", x->keyd_path);
	else if (!x->has_settings)
		see_wrong(s, &x->settings_wrong, x->keyd_path,
		    "scrim config check tells all of it");
	else {
		look_gateways(&x->settings, s);
		doctor_see(s, DOCTOR_OK, NULL, "%.200s", x->keyd_path);
	}
}

static void look_policy(struct doctor *x, struct doctor_seen *s)
{
	struct sc_diags all = { .n = 0 };
	struct policy *p = NULL;

	if (x->config == NULL || !x->has_settings)
		return;
	if (policy_load_file(x->settings.policy, &all, &p) != SC_OK) {
		see_wrong(s, &all, x->settings.policy,
		    "keyd's policy must load: scrim config check");
		return;
	}
	if (strcmp(x->config->tenant.s, x->settings.tenant.s) != 0)
		doctor_see(s, DOCTOR_BAD, "name the same tenant in both files",
		    "scrimd serves tenant %s, keyd %s", x->config->tenant.s, x->settings.tenant.s);
	else if (!sc_span_eq(policy_text(p), policy_text(x->config->policy)))
		doctor_see(s, DOCTOR_BAD, "keyd refuses what scrimd asks: give both the same file",
		    "scrimd and keyd decide by different policies");
	else
		doctor_see(s, DOCTOR_OK, NULL, "the same for both");
	policy_free(p);
}

/* ---- secrets and their places ---- */

static void look_secret(struct doctor_seen *s, const char *path, const char *todo)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		doctor_see(s, errno == EACCES ? DOCTOR_SKIPPED : DOCTOR_BAD, todo, "%.200s: %s",
		    path, errno == EACCES ? "not for this user to see" : strerror(errno));
		return;
	}
	if ((st.st_mode & 077) != 0)
		doctor_see(s, DOCTOR_BAD, "chmod 600, and think of who may have read it",
		    "%.200s is open to others (mode %o)", path, (unsigned)st.st_mode & 0777);
	else if (st.st_uid != geteuid() && geteuid() != 0)
		doctor_see(s, DOCTOR_WARN, "run keyd, and this, as the user whose file it is",
		    "%.200s belongs to user %u, this is user %u", path, st.st_uid, geteuid());
	else
		doctor_see(s, DOCTOR_OK, NULL, "%.200s, mode %o, user %u", path,
		    (unsigned)st.st_mode & 0777, st.st_uid);
}

static void look_root(struct doctor *x, struct doctor_seen *s)
{
	if (!x->has_settings)
		return;
	if (strchr(x->settings.root, '/') == NULL)
		doctor_see(s, DOCTOR_SKIPPED, NULL, "it is not a file");
	else
		look_secret(s, x->settings.root,
		    "put it back from where you keep it; without it nothing opens");
}

static void look_epoch(struct doctor *x, struct doctor_seen *s)
{
	if (!x->has_settings)
		return;
	look_secret(s, x->settings.epoch,
	    "put its twin there, or restore a backup: scrim keys restore");
	if (x->settings.epoch_twin == NULL)
		doctor_see(s, DOCTOR_WARN,
		    "name \"epoch_twin\" on another disk: losing the file is losing all keys",
		    "%.200s has no twin", x->settings.epoch);
	else
		look_secret(s, x->settings.epoch_twin,
		    "copy keyd.epoch there with keyd stopped, or let keyd mend it at its start");
}

static const struct fs_row {
	long magic;
	const char *name;
	bool remote;
} fs_rows[] = {
	{ BTRFS_SUPER_MAGIC, "btrfs", false },
	{ ZFS_MAGIC, "zfs", false },
	{ OVERLAYFS_SUPER_MAGIC, "overlay", false },
	{ 0xf2f52010, "f2fs", false },
	{ 0xca451a4e, "bcachefs", false },
	{ NFS_SUPER_MAGIC, "nfs", true },
	{ 0xff534d42, "cifs", true },
	{ 0xfe534d42, "smb", true },
	{ FUSE_SUPER_MAGIC, "fuse", true },
	{ CEPH_SUPER_MAGIC, "ceph", true },
	{ V9FS_MAGIC, "9p", true },
};

static void look_fs(struct doctor_seen *s, const char *path)
{
	struct statfs f;

	if (path == NULL || statfs(path, &f) != 0)
		return;
	for (size_t i = 0; i < sizeof(fs_rows) / sizeof(fs_rows[0]); i++) {
		if ((long)(uint32_t)f.f_type != fs_rows[i].magic)
			continue;
		doctor_see(s, DOCTOR_WARN,
		    fs_rows[i].remote ?
			"put it on a disk of this machine" :
			"an erased key's old block may stay: use ext4 or xfs for keyd.epoch",
		    "%.180s lies on %s, which %s", path, fs_rows[i].name,
		    fs_rows[i].remote ? "other machines reach" : "writes copies");
		return;
	}
	doctor_see(s, DOCTOR_OK, NULL, "nothing there keeps old blocks by design");
}

static void look_file_systems(struct doctor *x, struct doctor_seen *s)
{
	if (!x->has_settings)
		return;
	look_fs(s, x->settings.epoch);
	look_fs(s, x->settings.epoch_twin);
	look_fs(s, x->settings.store);
}

/* ---- room ---- */

static void look_space_at(struct doctor_seen *s, const char *path)
{
	char folder[FILE_PATH_MAX];
	struct statfs f;
	uint64_t left;

	if (path == NULL)
		return;
	file_path(folder, "%s", path);
	if (statfs(folder, &f) != 0 && statfs(dirname(folder), &f) != 0)
		return;
	left = (uint64_t)f.f_bavail * (uint64_t)f.f_bsize;
	doctor_see(s,
	    left < SPACE_BAD      ? DOCTOR_BAD :
		left < SPACE_WARN ? DOCTOR_WARN :
				    DOCTOR_OK,
	    "make room: with a full disk nothing is opened", "%.180s: %llu MiB free", path,
	    (unsigned long long)(left >> 20));
}

static void look_space(struct doctor *x, struct doctor_seen *s)
{
	if (x->config != NULL) {
		const char *store = x->config->store == NULL ? NULL : strchr(x->config->store, ':');

		look_space_at(s, x->config->log_dir);
		look_space_at(s, store == NULL ? NULL : store + 1);
	}
	if (x->has_settings) {
		look_space_at(s, x->settings.store);
		look_space_at(s, x->settings.log);
		look_space_at(s, x->settings.epoch_twin);
		look_space_at(s, x->settings.mirror);
	}
}

static bool swap_is_on(void)
{
	char line[256];
	FILE *f = fopen("/proc/swaps", "re");
	unsigned n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n++;
	if (f != NULL)
		fclose(f);
	return n > 1;
}

static void look_memory(struct doctor *x, struct doctor_seen *s)
{
	struct rlimit l;
	bool swap = swap_is_on();

	(void)x;
	if (getrlimit(RLIMIT_MEMLOCK, &l) != 0)
		return;
	if (geteuid() == 0 || l.rlim_cur == RLIM_INFINITY || l.rlim_cur >= VAULT_LOCKED)
		doctor_see(s, DOCTOR_OK, NULL, "keys can be locked in memory%s",
		    swap ? "; swap is on" : "");
	else
		doctor_see(s, swap ? DOCTOR_BAD : DOCTOR_WARN,
		    "raise LimitMEMLOCK (ulimit -l) to 8 MiB for keyd",
		    "this user may lock %llu KiB, keyd's keys want 6 MiB%s",
		    (unsigned long long)(l.rlim_cur >> 10), swap ? ", and swap is on" : "");
}

const struct doctor_row doctor_files[] = {
	{ "configuration", look_config },
	{ "keyd.json", look_settings },
	{ "policy", look_policy },
	{ "root key", look_root },
	{ "epoch file", look_epoch },
	{ "file systems", look_file_systems },
	{ "disk space", look_space },
	{ "memory", look_memory },
	{ NULL, NULL },
};
