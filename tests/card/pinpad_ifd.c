/* A reader with keys: vsmartcard's virtual reader, and on top of it PC/SC part 10's FEATURE_VERIFY_PIN_DIRECT.
 *
 * Everything but the keys goes to the driver beside this one (its own file name and ".vpcd"): a copy of both for each reader, as
 * neither knows of more than one. Who presses the keys listens on the unix socket
 * PINPAD_KEYS: for each entry it gets one line, the structure that the program gave the reader in hex, and answers with one:
 *
 *     keys 123456     these keys, then OK         cancel    the cancel key
 *     timeout         nobody comes                broken    the reader takes no such structure (6B80)
 *     nothing         the reader fails to do it
 *
 * PINPAD_SLOTS says in bits which slots have keys (default: all). A card that is pulled ends the entry, as in a real reader.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <ifdhandler.h>
#include <reader.h>

#define VERIFY_CODE SCARD_CTL_CODE(3506)
#define LOOK_MS 50
#define OTHER(name, ...) ((RESPONSECODE (*)(__VA_ARGS__)) other(name))

static int has_keys(DWORD lun);

static void *other(const char *name) {
    static void *driver;
    Dl_info own;
    char path[4096];
    if (!driver && dladdr((void *)has_keys, &own)) {
        snprintf(path, sizeof path, "%s.vpcd", own.dli_fname);
        if (!(driver = dlopen(path, RTLD_NOW | RTLD_LOCAL))) {
            fprintf(stderr, "pinpad: %s\n", dlerror());
            abort();
        }
    }
    return dlsym(driver, name);
}

/* A USB reader's name is "usb:1209/0001:libudev:0:" and the device; vsmartcard knows devices only. */
RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) {
    char *device = strstr(name, "/dev/");
    return OTHER("IFDHCreateChannelByName", DWORD, LPSTR)(lun, device ? device : name);
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) { return OTHER("IFDHCreateChannel", DWORD, DWORD)(lun, channel); }
RESPONSECODE IFDHCloseChannel(DWORD lun) { return OTHER("IFDHCloseChannel", DWORD)(lun); }
RESPONSECODE IFDHICCPresence(DWORD lun) { return OTHER("IFDHICCPresence", DWORD)(lun); }

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
    return OTHER("IFDHGetCapabilities", DWORD, DWORD, PDWORD, PUCHAR)(lun, tag, length, value);
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
    return OTHER("IFDHSetCapabilities", DWORD, DWORD, DWORD, PUCHAR)(lun, tag, length, value);
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3) {
    return OTHER("IFDHSetProtocolParameters", DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR)(lun, protocol, flags, pts1, pts2, pts3);
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length) {
    return OTHER("IFDHPowerICC", DWORD, DWORD, PUCHAR, PDWORD)(lun, action, atr, length);
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send, PUCHAR tx, DWORD sent, PUCHAR rx, PDWORD received, PSCARD_IO_HEADER recv) {
    return OTHER("IFDHTransmitToICC", DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER)(
        lun, send, tx, sent, rx, received, recv);
}

static int has_keys(DWORD lun) {
    const char *slots = getenv("PINPAD_SLOTS");
    return !slots || strtoul(slots, NULL, 0) >> (lun & 0xFFFF) & 1;
}

/* One line from whoever presses the keys; 0 if the card was pulled or nobody is there. */
static int person(DWORD lun, const UCHAR *structure, DWORD size, char *said, size_t room, int seconds) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct pollfd ear = {.events = POLLIN};
    size_t heard = 0;
    strncpy(at.sun_path, getenv("PINPAD_KEYS"), sizeof at.sun_path - 1);
    ear.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(ear.fd, (struct sockaddr *)&at, sizeof at) < 0) {
        close(ear.fd);
        return 0;
    }
    for (DWORD i = 0; i < size; i++) dprintf(ear.fd, "%02x", structure[i]);
    dprintf(ear.fd, "\n");
    for (int waited = 0; heard < room - 1;) {
        int ready = poll(&ear, 1, LOOK_MS);
        if (ready > 0) {
            if (read(ear.fd, said + heard, 1) != 1) break;
            if (said[heard] == '\n') {
                said[heard] = 0;
                close(ear.fd);
                return 1;
            }
            heard++;
        } else if (IFDHICCPresence(lun) != IFD_ICC_PRESENT) {
            break;
        } else if ((waited += LOOK_MS) > seconds * 1000) {
            strcpy(said, "timeout");
            close(ear.fd);
            return 1;
        }
    }
    close(ear.fd);
    return 0;
}

static RESPONSECODE answer(unsigned sw, PUCHAR rx, DWORD room, LPDWORD returned) {
    if (room < 2) return IFD_ERROR_INSUFFICIENT_BUFFER;
    rx[0] = sw >> 8, rx[1] = sw & 0xFF, *returned = 2;
    return IFD_SUCCESS;
}

static RESPONSECODE verify(DWORD lun, const UCHAR *tx, DWORD size, PUCHAR rx, DWORD room, LPDWORD returned) {
    PIN_VERIFY_STRUCTURE given;
    SCARD_IO_HEADER send = {1, sizeof send}, recv;
    UCHAR command[5 + 16];
    char said[80];
    if (size < sizeof given) return answer(0x6B80, rx, room, returned);
    memcpy(&given, tx, sizeof given);
    unsigned block = given.bmPINBlockString & 0x0F, least = given.wPINMaxExtraDigit >> 8, most = given.wPINMaxExtraDigit & 0xFF;
    if (size != sizeof given + given.ulDataLength || given.ulDataLength != 5 + block || given.bmFormatString != 0x82 || least > most ||
        most > block || !(given.bEntryValidationCondition & 0x02) || given.bmPINLengthFormat || given.bMsgIndex)
        return answer(0x6B80, rx, room, returned);
    if (!person(lun, tx, size, said, sizeof said, given.bTimerOut ? given.bTimerOut : 15)) return IFD_COMMUNICATION_ERROR;
    if (!strcmp(said, "cancel")) return answer(0x6401, rx, room, returned);
    if (!strcmp(said, "timeout")) return answer(0x6400, rx, room, returned);
    if (!strcmp(said, "broken")) return answer(0x6B80, rx, room, returned);
    if (strncmp(said, "keys ", 5)) return IFD_NOT_SUPPORTED;
    size_t pressed = strlen(said + 5);
    if (pressed < least || pressed > most) return answer(0x6403, rx, room, returned);
    memcpy(command, tx + sizeof given, given.ulDataLength);
    memcpy(command + 5, said + 5, pressed);
    DWORD length = room;
    RESPONSECODE done = IFDHTransmitToICC(lun, send, command, given.ulDataLength, rx, &length, &recv);
    *returned = length;
    return done;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR tx, DWORD size, PUCHAR rx, DWORD room, LPDWORD returned) {
    *returned = 0;
    if (has_keys(lun) && code == CM_IOCTL_GET_FEATURE_REQUEST) {
        PCSC_TLV_STRUCTURE feature = {FEATURE_VERIFY_PIN_DIRECT, 4, htonl(VERIFY_CODE)};
        if (room < sizeof feature) return IFD_ERROR_INSUFFICIENT_BUFFER;
        memcpy(rx, &feature, sizeof feature);
        *returned = sizeof feature;
        return IFD_SUCCESS;
    }
    if (has_keys(lun) && code == VERIFY_CODE) return verify(lun, tx, size, rx, room, returned);
    return OTHER("IFDHControl", DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD)(lun, code, tx, size, rx, room, returned);
}
