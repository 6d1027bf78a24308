/* What pcscd asks udev for, answered by a test: USB readers that are plugged in and pulled out. Preloaded into pcscd.
 *
 * PLUGS_EVENTS is a FIFO with one line an event: "add NAME PRODUCT DEVICE" or "remove NAME PRODUCT DEVICE"; PRODUCT (hex) is the
 * USB product of vendor 1209, by which pcscd finds the driver, DEVICE the node that the driver is given. PLUGS_DRIVERS stands in
 * the place of the system's directory of drivers. Everything between these two is pcscd's own.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRIVERS "/usr/lib/pcsc/drivers"
#define REAL(name, type, ...) ((type(*)(__VA_ARGS__)) dlsym(RTLD_NEXT, name))

struct udev { int unused; };
struct udev_monitor { int events; };
struct udev_enumerate { int unused; };
struct udev_list_entry { int unused; };
struct udev_device { char action[16], name[64], product[8], node[256]; };

static struct udev the_udev;
static struct udev_monitor the_monitor = {-1};
static struct udev_enumerate the_enumeration;

struct udev *udev_new(void) { return &the_udev; }
struct udev *udev_unref(struct udev *udev) { (void)udev; return NULL; }

/* Nothing is plugged in when pcscd starts. */
struct udev_enumerate *udev_enumerate_new(struct udev *udev) { (void)udev; return &the_enumeration; }
int udev_enumerate_add_match_subsystem(struct udev_enumerate *e, const char *subsystem) { (void)e, (void)subsystem; return 0; }
int udev_enumerate_scan_devices(struct udev_enumerate *e) { (void)e; return 0; }
struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *e) { (void)e; return NULL; }
struct udev_enumerate *udev_enumerate_unref(struct udev_enumerate *e) { (void)e; return NULL; }
struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *entry) { (void)entry; return NULL; }
const char *udev_list_entry_get_name(struct udev_list_entry *entry) { (void)entry; return NULL; }
struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *path) { (void)udev, (void)path; return NULL; }

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name) {
    (void)udev, (void)name;
    the_monitor.events = open(getenv("PLUGS_EVENTS"), O_RDWR | O_CLOEXEC);
    return the_monitor.events < 0 ? NULL : &the_monitor;
}

int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *m, const char *subsystem, const char *type) {
    (void)m, (void)subsystem, (void)type;
    return 0;
}

int udev_monitor_enable_receiving(struct udev_monitor *m) { (void)m; return 0; }
int udev_monitor_get_fd(struct udev_monitor *m) { return m->events; }

struct udev_device *udev_monitor_receive_device(struct udev_monitor *m) {
    char line[400];
    size_t at = 0;
    while (at < sizeof line - 1 && read(m->events, line + at, 1) == 1 && line[at] != '\n') at++;
    line[at] = 0;
    struct udev_device *device = calloc(1, sizeof *device);
    if (sscanf(line, "%15s %63s %7s %255s", device->action, device->name, device->product, device->node) != 4) abort();
    return device;
}

struct udev_device *udev_device_unref(struct udev_device *d) { free(d); return NULL; }
struct udev_device *udev_device_get_parent_with_subsystem_devtype(struct udev_device *d, const char *subsystem, const char *type) {
    (void)subsystem, (void)type;
    return d;
}
const char *udev_device_get_action(struct udev_device *d) { return d->action; }
const char *udev_device_get_sysname(struct udev_device *d) { return d->name; }
const char *udev_device_get_devnode(struct udev_device *d) { return d->node; }

const char *udev_device_get_sysattr_value(struct udev_device *d, const char *name) {
    if (!strcmp(name, "idVendor")) return "1209";
    if (!strcmp(name, "idProduct")) return d->product;
    if (!strcmp(name, "bInterfaceNumber")) return "00";
    return NULL;
}

/* The directory of drivers. */

static const char *moved(const char *path, char *to, size_t size) {
    if (strncmp(path, DRIVERS, strlen(DRIVERS)) || !strncmp(path, DRIVERS "/serial", strlen(DRIVERS "/serial"))) return path;
    snprintf(to, size, "%s%s", getenv("PLUGS_DRIVERS"), path + strlen(DRIVERS));
    return to;
}

DIR *opendir(const char *path) {
    char to[4096];
    return REAL("opendir", DIR *, const char *)(moved(path, to, sizeof to));
}

FILE *fopen(const char *path, const char *mode) {
    char to[4096];
    return REAL("fopen", FILE *, const char *, const char *)(moved(path, to, sizeof to), mode);
}

void *dlopen(const char *path, int flags) {
    char to[4096];
    return REAL("dlopen", void *, const char *, int)(path ? moved(path, to, sizeof to) : NULL, flags);
}

int stat(const char *path, struct stat *found) {
    char to[4096];
    return REAL("stat", int, const char *, struct stat *)(moved(path, to, sizeof to), found);
}

int lstat(const char *path, struct stat *found) {
    char to[4096];
    return REAL("lstat", int, const char *, struct stat *)(moved(path, to, sizeof to), found);
}
