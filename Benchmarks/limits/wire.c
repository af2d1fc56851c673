// The limit of the wire: libzmq alone. One ROUTER process, WORKERS DEALER processes, over ipc with the socket options,
// the sizes and the credit of epsim; nothing is copied on the sending side, what arrives is dropped.
//
//   wire ENDPOINT WORKERS MESSAGES DISPATCH_BYTES REPLY_BYTES CREDIT_BYTES
//
// In a step each worker gets MESSAGES dispatches of DISPATCH_BYTES and answers each with REPLY_BYTES. As many are out at
// once as go through fastest, at most what its credit allows: few stay in the caches. Commands are lines on standard input, answers are lines of JSON on standard output; end of
// file ends it.
//   run WARMUP STEPS     seconds from the first send to the last reply of each step after the warm-up

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { most_workers = 64, envelope_bytes = 96, identity_bytes = 64, most_steps = 4096, patience_ms = 30000 };

static void fail(const char *what) {
    fprintf(stderr, "wire: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void keep(void *data, void *hint) {
    (void)data;
    (void)hint;
}

static void *open_socket(void *context, int type) {
    void *socket = zmq_socket(context, type);
    int mark = 65536, linger = 0;
    if (!socket || zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark) ||
        zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark) ||
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger))
        fail("socket");
    return socket;
}

// Payloads of one direction: as many are used as may be in flight, so that none is reused while it may still be sent.
struct ring {
    char *bytes;
    size_t size, used, next;
};

static struct ring make_ring(size_t size, size_t slots) {
    struct ring ring = {.bytes = malloc(size * slots), .size = size, .used = slots};
    if (!ring.bytes) fail("memory");
    memset(ring.bytes, 1, size * slots);
    return ring;
}

static void send_payload(void *socket, struct ring *ring) {
    zmq_msg_t message;
    zmq_msg_init_data(&message, ring->bytes + ring->size * ring->next, ring->size, keep, NULL);
    ring->next = (ring->next + 1) % ring->used;
    if (zmq_msg_send(&message, socket, 0) < 0) fail("send");
}

static void receive_payload(void *socket) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, 0) < 0) fail("receive");
    zmq_msg_close(&message);
}

static void work(const char *endpoint, size_t reply_bytes, size_t slots) {
    void *socket = open_socket(zmq_ctx_new(), ZMQ_DEALER);
    char envelope[envelope_bytes];
    struct ring replies = make_ring(reply_bytes, slots);
    if (zmq_connect(socket, endpoint) || zmq_send(socket, "hello", 5, 0) < 0) fail("connect");
    for (;;) {
        int allowed;
        if (zmq_recv(socket, envelope, sizeof envelope, 0) < 0) fail("receive");
        memcpy(&allowed, envelope + sizeof allowed, sizeof allowed);
        replies.used = (size_t)allowed;
        receive_payload(socket);
        if (zmq_send(socket, envelope, sizeof envelope, ZMQ_SNDMORE) < 0) fail("send");
        send_payload(socket, &replies);
    }
}

struct peer {
    char identity[identity_bytes];
    size_t identity_size;
    int sent, outstanding;
};

struct step {
    void *socket;
    struct peer *peers;
    int workers, messages, allowed;
    struct ring dispatches;
};

static void dispatch(struct step *step, int worker) {
    struct peer *peer = &step->peers[worker];
    char envelope[envelope_bytes] = {0};
    memcpy(envelope, &worker, sizeof worker);
    memcpy(envelope + sizeof worker, &step->allowed, sizeof step->allowed);
    if (zmq_send(step->socket, peer->identity, peer->identity_size, ZMQ_SNDMORE) < 0 ||
        zmq_send(step->socket, envelope, sizeof envelope, ZMQ_SNDMORE) < 0)
        fail("send");
    send_payload(step->socket, &step->dispatches);
    ++peer->sent;
    ++peer->outstanding;
}

// What credit allows goes out worker after worker, one message each, as the chunks of a step do.
static void fill(struct step *step) {
    for (int progress = 1; progress;) {
        progress = 0;
        for (int worker = 0; worker < step->workers; ++worker) {
            struct peer *peer = &step->peers[worker];
            if (peer->sent == step->messages || peer->outstanding == step->allowed) continue;
            dispatch(step, worker);
            progress = 1;
        }
    }
}

static double run(struct step *step) {
    for (int worker = 0; worker < step->workers; ++worker) step->peers[worker].sent = 0;
    double start = now();
    for (int left = step->workers * step->messages; left > 0; --left) {
        char identity[identity_bytes], envelope[envelope_bytes];
        int worker;
        fill(step);
        if (zmq_recv(step->socket, identity, sizeof identity, 0) < 0 ||
            zmq_recv(step->socket, envelope, sizeof envelope, 0) < 0)
            fail("receive");
        memcpy(&worker, envelope, sizeof worker);
        receive_payload(step->socket);
        --step->peers[worker].outstanding;
    }
    return now() - start;
}

static void meet(struct step *step) {
    char text[16];
    for (int worker = 0; worker < step->workers; ++worker) {
        int size = zmq_recv(step->socket, step->peers[worker].identity, identity_bytes, 0);
        if (size < 0 || zmq_recv(step->socket, text, sizeof text, 0) < 0) fail("receive");
        step->peers[worker].identity_size = (size_t)size;
    }
}

static void allow(struct step *step, int allowed) {
    step->allowed = allowed;
    step->dispatches.used = (size_t)(allowed * step->workers);
}

// Tries numbers of messages that may be out at once and keeps the fastest, in steps of as many as credit allows.
static void choose(struct step *step, int most) {
    double best = 1e9;
    int chosen = most, messages = step->messages;
    step->messages = most;
    for (int allowed = 1; allowed <= most; allowed = allowed < most && 2 * allowed > most ? most : 2 * allowed) {
        allow(step, allowed);
        run(step);
        for (int repeat = 0; repeat < 4; ++repeat) {
            double taken = run(step);
            if (taken < best) {
                best = taken;
                chosen = allowed;
            }
        }
    }
    step->messages = messages;
    allow(step, chosen);
}

static void obey(struct step *step) {
    static double seconds[most_steps];
    char line[256];
    printf("{\"ready\": %d}\n", step->allowed);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        int warmup, steps;
        if (sscanf(line, "run %d %d", &warmup, &steps) != 2 || warmup < 0 || steps < 1 || steps > most_steps) {
            fprintf(stderr, "wire: cannot read the command: %s", line);
            exit(64);
        }
        for (int index = -warmup; index < steps; ++index) {
            double taken = run(step);
            if (index >= 0) seconds[index] = taken;
        }
        printf("{\"seconds\": [");
        for (int index = 0; index < steps; ++index) printf("%s%.9f", index ? ", " : "", seconds[index]);
        puts("]}");
        fflush(stdout);
    }
}

int main(int count, char **arguments) {
    if (count != 7 || atoi(arguments[2]) < 1 || atoi(arguments[2]) > most_workers) {
        fprintf(stderr, "usage: wire ENDPOINT WORKERS MESSAGES DISPATCH_BYTES REPLY_BYTES CREDIT_BYTES\n");
        return 64;
    }
    int workers = atoi(arguments[2]), messages = atoi(arguments[3]), wait_ms = patience_ms;
    size_t dispatch_bytes = strtoul(arguments[4], NULL, 10), reply_bytes = strtoul(arguments[5], NULL, 10);
    size_t allowed = strtoul(arguments[6], NULL, 10) / (dispatch_bytes + reply_bytes + 2 * envelope_bytes);
    if (allowed < 1) allowed = 1;
    if (allowed > (size_t)messages) allowed = (size_t)messages;
    pid_t children[most_workers];
    for (int worker = 0; worker < workers; ++worker) {
        children[worker] = fork();
        if (children[worker] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work(arguments[1], reply_bytes, allowed);
        }
    }
    struct peer peers[most_workers] = {0};
    struct step step = {
        .socket = open_socket(zmq_ctx_new(), ZMQ_ROUTER),
        .peers = peers,
        .workers = workers,
        .messages = messages,
        .allowed = (int)allowed,
        .dispatches = make_ring(dispatch_bytes, allowed * (size_t)workers),
    };
    // A worker that is gone must not be waited for without end.
    zmq_setsockopt(step.socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    if (zmq_bind(step.socket, arguments[1])) fail("bind");
    meet(&step);
    choose(&step, (int)allowed);
    obey(&step);
    for (int worker = 0; worker < workers; ++worker) kill(children[worker], SIGKILL);
    while (wait(NULL) > 0) {
    }
}
