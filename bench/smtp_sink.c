/* An SMTP server that takes everything and keeps nothing, with PIPELINING and CHUNKING: a thread a connection.
 *
 *   cc -O2 -pthread -o sink bench/smtp_sink.c && ./sink PORT [MICROSECONDS [chunking]]
 *
 * It takes so many microseconds to answer a letter, as a relay does that writes it to its disk.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { INPUT = 1 << 18, OUTPUT = 1 << 14 };
static int chunking, delay;

struct peer {
    int fd;
    size_t start, end, told;
    char in[INPUT], out[OUTPUT];
};

static void tell(struct peer *peer, const char *reply) {
    size_t length = strlen(reply);
    if (peer->told + length <= OUTPUT) {
        memcpy(peer->out + peer->told, reply, length);
        peer->told += length;
    }
}

/* What was told leaves when there is nothing more to read, so that pipelined commands are answered in one go. */
static int fill(struct peer *peer) {
    for (size_t sent = 0; sent < peer->told;) {
        ssize_t count = write(peer->fd, peer->out + sent, peer->told - sent);
        if (count <= 0) return 0;
        sent += count;
    }
    peer->told = 0;
    if (peer->start == peer->end) peer->start = peer->end = 0;
    if (peer->end == INPUT) {
        memmove(peer->in, peer->in + peer->start, peer->end - peer->start);
        peer->end -= peer->start;
        peer->start = 0;
    }
    ssize_t count = read(peer->fd, peer->in + peer->end, INPUT - peer->end);
    if (count <= 0) return 0;
    peer->end += count;
    return 1;
}

static char *line(struct peer *peer) {
    char *end;
    while (!(end = memchr(peer->in + peer->start, '\n', peer->end - peer->start)))
        if (!fill(peer)) return NULL;
    char *found = peer->in + peer->start;
    *end = 0;
    peer->start = end + 1 - peer->in;
    return found;
}

static int message(struct peer *peer) {
    char *dot;
    while (!(dot = memmem(peer->in + peer->start, peer->end - peer->start, "\r\n.\r\n", 5))) {
        if (peer->end - peer->start > 4) peer->start = peer->end - 4;
        if (!fill(peer)) return 0;
    }
    peer->start = dot + 5 - peer->in;
    return 1;
}

static int chunk(struct peer *peer, size_t size) {
    while (size > 0) {
        if (peer->start == peer->end && !fill(peer)) return 0;
        size_t here = peer->end - peer->start;
        if (here > size) here = size;
        peer->start += here;
        size -= here;
    }
    return 1;
}

static void *serve(void *argument) {
    struct peer *peer = calloc(1, sizeof *peer);
    int on = 1;
    char *said;
    peer->fd = (int)(intptr_t)argument;
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    tell(peer, "220 sink.example ESMTP\r\n");
    while ((said = line(peer))) {
        if (!strncasecmp(said, "DATA", 4)) {
            tell(peer, "354 go on\r\n");
            if (!message(peer)) break;
            if (delay) usleep(delay);
            tell(peer, "250 2.0.0 Ok: queued as 4D1G35T\r\n");
        } else if (chunking && !strncasecmp(said, "BDAT", 4)) {
            int is_last = strcasestr(said, "LAST") != NULL;
            if (!chunk(peer, strtoul(said + 4, NULL, 10))) break;
            if (is_last && delay) usleep(delay);
            tell(peer, is_last ? "250 2.0.0 Ok: queued as 4D1G35T\r\n" : "250 2.0.0 Ok\r\n");
        } else if (!strncasecmp(said, "EHLO", 4)) {
            tell(peer, chunking ? "250-sink.example\r\n250-CHUNKING\r\n250 PIPELINING\r\n"
                                : "250-sink.example\r\n250 PIPELINING\r\n");
        } else {
            tell(peer, "250 2.0.0 Ok\r\n");
        }
    }
    close(peer->fd);
    free(peer);
    return NULL;
}

int main(int count, char **words) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (count < 2) return 2;
    delay = count > 2 ? atoi(words[2]) : 0;
    chunking = count > 3;
    here.sin_port = htons(atoi(words[1]));
    signal(SIGPIPE, SIG_IGN);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) || listen(fd, 128)) {
        perror(words[1]);
        return 1;
    }
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        pthread_t thread;
        if (peer >= 0 && !pthread_create(&thread, NULL, serve, (void *)(intptr_t)peer)) pthread_detach(thread);
    }
}
