/* A PKCS#11 module that stands before another one (ROGUE_REAL) and misbehaves in chosen calls.
 *
 * ROGUE names a file with one order a line: CALL ACTION [TIMES], read at every call, so that a test can change its mind:
 *   crash  hang  exit  abort  print  fork  forkcall  RETURN-CODE-IN-HEX (instead of the call)
 *   flags=HEX  (C_GetTokenInfo: these bits are set)   name=TEXT (C_GetSlotInfo: the slot's description, _ for a blank)
 *   slow=MILLISECONDS (every call: it takes that long)
 *   nomech=HEX (C_GetMechanismList: without this one)
 * ROGUE_LOG names a file that gets a line a call; of a PIN only its length, or NULL.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long ulong;
typedef ulong (*call0)(void);
struct list { unsigned char version[2]; void *call[68]; };

enum { INITIALIZE, FINALIZE, GET_INFO, GET_FUNCTION_LIST, GET_SLOT_LIST, GET_SLOT_INFO, GET_TOKEN_INFO, GET_MECHANISM_LIST,
       GET_MECHANISM_INFO, INIT_TOKEN, INIT_PIN, SET_PIN, OPEN_SESSION, CLOSE_SESSION, CLOSE_ALL, GET_SESSION_INFO, GET_STATE,
       SET_STATE, LOGIN, LOGOUT, FIND_INIT = 26, FIND, FIND_FINAL, SIGN_INIT = 42, SIGN };

static struct list *real, mine;
static int ready;

static void note(const char *format, ...)
{
    const char *path = getenv("ROGUE_LOG");
    int file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (file < 0)
        return;
    char line[200];
    va_list more;
    va_start(more, format);
    int size = vsnprintf(line, sizeof line, format, more);
    va_end(more);
    if (write(file, line, size) < 0)
        abort();
    close(file);
}

static int order(const char *call, char *action, size_t size)
{
    const char *path = getenv("ROGUE");
    FILE *file = path ? fopen(path, "r") : NULL;
    char name[64], what[128];
    int found = 0;
    if (!file)
        return 0;
    while (!found && fscanf(file, "%63s %127s", name, what) == 2)
        found = !strcmp(name, call);
    fclose(file);
    if (found)
        snprintf(action, size, "%s", what);
    return found;
}

/* 1: return *rv instead of calling. */
static int misbehave(const char *call, ulong *rv)
{
    char what[128];
    note("%s\n", call);
    if (!order(call, what, sizeof what))
        return 0;
    if (!strcmp(what, "crash")) {
        *(volatile int *)8 = 1;
    } else if (!strcmp(what, "hang")) {
        for (;;) pause();
    } else if (!strcmp(what, "exit")) {
        exit(0);
    } else if (!strcmp(what, "abort")) {
        abort();
    } else if (!strcmp(what, "print")) {
        fprintf(stdout, "\033[2J ROGUE on stdout\n");
        fflush(stdout);
        fprintf(stderr, "ROGUE on stderr\n");
        int terminal = open("/dev/tty", O_WRONLY);
        if (terminal >= 0) {
            if (write(terminal, "ROGUE on the terminal\n", 22) < 0) abort();
            close(terminal);
        }
    } else if (!strcmp(what, "fork")) {
        if (!fork()) for (;;) pause();
    } else if (!strcmp(what, "forkdie")) {
        if (!fork()) for (;;) pause();
        _exit(3);
    } else if (!strcmp(what, "forkcall")) {
        fork();
    } else if (!strncmp(what, "slow=", 5)) {
        usleep(strtoul(what + 5, NULL, 10) * 1000);
    } else if (!strchr(what, '=')) {
        *rv = strtoul(what, NULL, 16);
        return 1;
    }
    return 0;
}

#define PLAIN(NAME, INDEX, PARAMETERS, ARGUMENTS) \
    static ulong NAME PARAMETERS { ulong rv; if (misbehave(#NAME, &rv)) return rv; return ((ulong (*) PARAMETERS) real->call[INDEX]) ARGUMENTS; }

PLAIN(C_Initialize, INITIALIZE, (void *a), (a))
PLAIN(C_Finalize, FINALIZE, (void *a), (a))
PLAIN(C_GetInfo, GET_INFO, (void *a), (a))
PLAIN(C_GetSlotList, GET_SLOT_LIST, (unsigned char a, ulong *b, ulong *c), (a, b, c))
PLAIN(C_OpenSession, OPEN_SESSION, (ulong a, ulong b, void *c, void *d, ulong *e), (a, b, c, d, e))
PLAIN(C_CloseSession, CLOSE_SESSION, (ulong a), (a))
PLAIN(C_Logout, LOGOUT, (ulong a), (a))
PLAIN(C_FindObjectsInit, FIND_INIT, (ulong a, void *b, ulong c), (a, b, c))
PLAIN(C_SignInit, SIGN_INIT, (ulong a, void *b, ulong c), (a, b, c))
PLAIN(C_Sign, SIGN, (ulong a, void *b, ulong c, void *d, ulong *e), (a, b, c, d, e))

static ulong C_Login(ulong session, ulong user, unsigned char *pin, ulong length)
{
    ulong rv;
    if (pin) note("login user=%lu length=%lu\n", user, length);
    else note("login user=%lu NULL\n", user);
    if (misbehave("C_Login", &rv)) return rv;
    return ((ulong (*)(ulong, ulong, unsigned char *, ulong)) real->call[LOGIN])(session, user, pin, length);
}

static ulong C_SetPIN(ulong session, unsigned char *old, ulong a, unsigned char *new, ulong b)
{
    ulong rv;
    if (misbehave("C_SetPIN", &rv)) return rv;
    return ((ulong (*)(ulong, unsigned char *, ulong, unsigned char *, ulong)) real->call[SET_PIN])(session, old, a, new, b);
}

static ulong C_GetSlotInfo(ulong slot, unsigned char *info)
{
    ulong rv;
    char what[128];
    if (misbehave("C_GetSlotInfo", &rv)) return rv;
    rv = ((ulong (*)(ulong, unsigned char *)) real->call[GET_SLOT_INFO])(slot, info);
    if (!rv && order("C_GetSlotInfo", what, sizeof what) && !strncmp(what, "name=", 5)) {
        memset(info, ' ', 64);
        memcpy(info, what + 5, strlen(what + 5) < 64 ? strlen(what + 5) : 64);
        for (int i = 0; i < 64; i++) if (info[i] == '_') info[i] = ' ';
    }
    return rv;
}

static ulong C_GetTokenInfo(ulong slot, unsigned char *info)
{
    ulong rv;
    char what[128];
    if (misbehave("C_GetTokenInfo", &rv)) return rv;
    rv = ((ulong (*)(ulong, unsigned char *)) real->call[GET_TOKEN_INFO])(slot, info);
    if (!rv && order("C_GetTokenInfo", what, sizeof what) && !strncmp(what, "flags=", 6))
        *(ulong *)(info + 96) |= strtoul(what + 6, NULL, 16);
    return rv;
}

static ulong C_GetMechanismList(ulong slot, ulong *kinds, ulong *count)
{
    ulong rv;
    char what[128];
    if (misbehave("C_GetMechanismList", &rv)) return rv;
    rv = ((ulong (*)(ulong, ulong *, ulong *)) real->call[GET_MECHANISM_LIST])(slot, kinds, count);
    if (!rv && kinds && order("C_GetMechanismList", what, sizeof what) && !strncmp(what, "nomech=", 7))
        for (ulong i = 0; i < *count; i++)
            if (kinds[i] == strtoul(what + 7, NULL, 16)) kinds[i] = 0x80000000UL;
    return rv;
}

__attribute__((visibility("default"))) ulong C_GetFunctionList(struct list **out)
{
    if (!ready) {
        void *library = dlopen(getenv("ROGUE_REAL"), RTLD_NOW);
        ulong (*get)(struct list **) = library ? (ulong (*)(struct list **)) dlsym(library, "C_GetFunctionList") : NULL;
        if (!get || get(&real)) return 6;
        mine = *real;
        mine.call[INITIALIZE] = C_Initialize;
        mine.call[FINALIZE] = C_Finalize;
        mine.call[GET_INFO] = C_GetInfo;
        mine.call[GET_SLOT_LIST] = C_GetSlotList;
        mine.call[GET_SLOT_INFO] = C_GetSlotInfo;
        mine.call[GET_TOKEN_INFO] = C_GetTokenInfo;
        mine.call[GET_MECHANISM_LIST] = C_GetMechanismList;
        mine.call[OPEN_SESSION] = C_OpenSession;
        mine.call[CLOSE_SESSION] = C_CloseSession;
        mine.call[LOGIN] = C_Login;
        mine.call[LOGOUT] = C_Logout;
        mine.call[SET_PIN] = C_SetPIN;
        mine.call[FIND_INIT] = C_FindObjectsInit;
        mine.call[SIGN_INIT] = C_SignInit;
        mine.call[SIGN] = C_Sign;
        ready = 1;
    }
    *out = &mine;
    return 0;
}
