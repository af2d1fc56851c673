// The limit of the matrix products: oneDNN alone, with the same products as the experts of a step, in two processes
// with half of the experts each and one thread per process.
//
//   products HIDDEN FFN EXPERTS bf16|f32 COUNTS
//
// COUNTS is a file of whitespace-separated numbers: the rows of each expert, step after step, as the routing gave them.
// Commands are lines on standard input, answers are lines of JSON on standard output; end of file ends it.
//   run WARMUP STEPS     seconds of each step after the warm-up: the slower process counts
//   read STEPS           the same for reading the packed weights of the step's active experts once; and their bytes

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <pthread.h>
#include <random>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

namespace {

constexpr int processes = 2;
constexpr int most_steps = 4096;

double now(clockid_t clock = CLOCK_MONOTONIC) {
    timespec time;
    clock_gettime(clock, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

// Whole pages, large ones where the system has them: packed weights are read from end to end.
char *allocate(size_t bytes) {
    constexpr size_t page = size_t(2) << 20;
    bytes = (bytes + page - 1) / page * page;
    auto start = static_cast<char *>(std::aligned_alloc(page, bytes));
    madvise(start, bytes, MADV_HUGEPAGE);
    std::memset(start, 0, bytes);
    return start;
}

size_t size_of(Type type) { return type == Type::bf16 ? 2 : 4; }

enum class Post { none, swish, multiply };

// One product of an expert: rows times packed weights, one primitive per number of rows.
class Product {
public:
    Product(dnnl::engine &engine, int inputs, int outputs, Type type, Post post)
        : engine(engine), inputs(inputs), outputs(outputs), type(type), post(post) {}

    const dnnl::matmul::primitive_desc &description(int rows) { return entry(rows).first; }

    void run(dnnl::stream &stream, int rows, char *input, char *weights, char *output, char *factor = nullptr) {
        auto &[description, primitive] = entry(rows);
        std::unordered_map<int, memory> arguments = {
            {DNNL_ARG_SRC, memory(description.src_desc(), engine, input)},
            {DNNL_ARG_WEIGHTS, memory(description.weights_desc(), engine, weights)},
            {DNNL_ARG_DST, memory(description.dst_desc(), engine, output)},
        };
        if (factor)
            arguments.insert({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1,
                              memory(description.dst_desc(), engine, factor)});
        primitive.execute(stream, arguments);
    }

    char *pack(dnnl::stream &stream, std::mt19937 &random) {
        std::uniform_real_distribution<float> value(-0.05F, 0.05F);
        std::vector<float> plain(size_t(inputs) * outputs);
        for (auto &weight : plain) weight = value(random);
        auto packed_as = description(32).weights_desc();
        auto packed = allocate(packed_as.get_size());
        memory from({{inputs, outputs}, Type::f32, Tag::ba}, engine, plain.data());
        memory to(packed_as, engine, packed);
        dnnl::reorder(from, to).execute(stream, from, to);
        stream.wait();
        return packed;
    }

    size_t packed_bytes() { return description(32).weights_desc().get_size(); }

private:
    using Entry = std::pair<dnnl::matmul::primitive_desc, dnnl::matmul>;

    Entry &entry(int rows) {
        auto found = entries.find(rows);
        if (found == entries.end()) {
            auto made = make(rows);
            found = entries.emplace(rows, Entry(made, dnnl::matmul(made))).first;
        }
        return found->second;
    }

    dnnl::matmul::primitive_desc make(int rows) {
        memory::desc source({rows, inputs}, type, Tag::ab), weights({inputs, outputs}, type, Tag::any);
        memory::desc destination({rows, outputs}, type, Tag::ab);
        dnnl::post_ops operations;
        if (post == Post::swish) operations.append_eltwise(1, dnnl::algorithm::eltwise_swish, 1, 0);
        if (post == Post::multiply) operations.append_binary(dnnl::algorithm::binary_mul, destination);
        dnnl::primitive_attr attributes;
        attributes.set_post_ops(operations);
        return {dnnl::matmul::desc(source, weights, destination), attributes, engine};
    }

    dnnl::engine &engine;
    int inputs, outputs;
    Type type;
    Post post;
    std::map<int, Entry> entries;
};

// What both processes see.
struct Shared {
    pthread_barrier_t barrier;
    double seconds[processes][most_steps];
    double bytes[processes];
    int failed;
};

// The experts of one process. Gate and up projection are two products with swish and multiplication fused into them:
// one product of both takes as long as two plain ones, and fusing costs 3 to 9 %, less than any pass over its result.
class Experts {
public:
    Experts(int hidden, int ffn, int experts, Type type, const std::vector<std::vector<int>> &counts, int rank)
        : hidden(hidden), ffn(ffn), type(type), counts(counts), first(rank * experts / processes),
          number(experts / processes), engine(dnnl::engine::kind::cpu, 0), stream(engine),
          gate(engine, hidden, ffn, type, Post::swish), up(engine, hidden, ffn, type, Post::multiply),
          down(engine, ffn, hidden, type, Post::none) {
        std::mt19937 random(rank);
        for (int expert = 0; expert < number; ++expert)
            weights.push_back({gate.pack(stream, random), up.pack(stream, random), down.pack(stream, random)});
        int most = 1;
        for (auto &step : counts) most = std::max(most, rows_of(step));
        input = allocate(size_t(most) * hidden * size_of(type));
        std::uniform_real_distribution<float> value(-1, 1);
        for (size_t index = 0; index < size_t(most) * hidden; ++index) set(index, value(random));
        output = allocate(size_t(most) * hidden * size_of(type));
        gated = allocate(size_t(most) * ffn * size_of(type));
        inner = allocate(size_t(most) * ffn * size_of(type));
    }

    // One step with at most `block` rows in one product. The rows of an expert are cut evenly.
    void step(int index, int block) {
        size_t done = 0;
        for (int expert = 0; expert < number; ++expert) {
            auto &packed = weights[expert];
            int rows = row(index, expert);
            int parts = (rows + block - 1) / block;
            for (int part = 0; part < parts; ++part) {
                int now = rows / parts + (part < rows % parts);
                char *from = input + done * hidden * size_of(type);
                gate.run(stream, now, from, packed.gate, gated);
                up.run(stream, now, from, packed.up, inner, gated);
                down.run(stream, now, inner, packed.down, output + done * hidden * size_of(type));
                done += now;
            }
        }
        stream.wait();
    }

    // Reads the weights of the step's active experts from end to end. Returns their bytes.
    double read(int index) {
        double bytes = 0;
        uint64_t sum = 0;
        for (int expert = 0; expert < number; ++expert) {
            if (row(index, expert) == 0) continue;
            auto &packed = weights[expert];
            sum += add(packed.gate, gate.packed_bytes()) + add(packed.up, up.packed_bytes())
                + add(packed.down, down.packed_bytes());
            bytes += double(gate.packed_bytes() + up.packed_bytes() + down.packed_bytes());
        }
        sink = sum;
        return bytes;
    }

    int steps() const { return int(counts.size()); }

private:
    struct Packed {
        char *gate, *up, *down;
    };

    int row(int index, int expert) const { return counts[size_t(index) % counts.size()][first + expert]; }

    int rows_of(const std::vector<int> &step) const {
        int sum = 0;
        for (int expert = 0; expert < number; ++expert) sum += step[first + expert];
        return sum;
    }

    void set(size_t index, float value) {
        if (type == Type::f32) {
            std::memcpy(input + 4 * index, &value, 4);
        } else {
            uint32_t bits;
            std::memcpy(&bits, &value, 4);
            auto high = uint16_t(bits >> 16);
            std::memcpy(input + 2 * index, &high, 2);
        }
    }

    // The compiler turns this into wide loads.
    static uint64_t add(const char *start, size_t bytes) {
        auto words = reinterpret_cast<const uint64_t *>(start);
        uint64_t sum = 0;
        for (size_t index = 0; index < bytes / 8; ++index) sum += words[index];
        return sum;
    }

    int hidden, ffn;
    Type type;
    const std::vector<std::vector<int>> &counts;
    int first, number;
    dnnl::engine engine;
    dnnl::stream stream;
    Product gate, up, down;
    std::vector<Packed> weights;
    char *input, *output, *gated, *inner;
    volatile uint64_t sink = 0;
};

struct Command {
    char name;
    int warmup, steps;
};

// The fastest way to cut rows differs with their number; both processes try all and each keeps its best. Time of the
// processor, so that a moment in which others had it decides nothing.
int best_block(Experts &experts, Shared *shared) {
    double best = 1e9;
    int chosen = 0;
    for (int block : {32, 64, 128, 256, 512, 1 << 30}) {
        double fastest = 1e9;
        for (int repeat = 0; repeat < 4; ++repeat) {
            pthread_barrier_wait(&shared->barrier);
            double start = now(CLOCK_THREAD_CPUTIME_ID);
            for (int step = 0; step < std::min(3, experts.steps()); ++step) experts.step(step, block);
            // The first time makes the primitives.
            if (repeat > 0) fastest = std::min(fastest, now(CLOCK_THREAD_CPUTIME_ID) - start);
        }
        if (fastest < best) {
            best = fastest;
            chosen = block;
        }
    }
    return chosen;
}

void carry_out(const Command &command, Experts &experts, Shared *shared, int rank, int block) {
    for (int step = 0; step < command.warmup + command.steps; ++step) {
        pthread_barrier_wait(&shared->barrier);
        double start = now();
        if (command.name == 'r')
            experts.step(step, block);
        else
            shared->bytes[rank] = experts.read(step);
        if (step >= command.warmup) shared->seconds[rank][step - command.warmup] = now() - start;
    }
    pthread_barrier_wait(&shared->barrier);
}

std::vector<std::vector<int>> read_counts(const char *path, int experts) {
    std::ifstream file(path);
    std::vector<std::vector<int>> counts;
    std::vector<int> step;
    for (int count; file >> count;) {
        step.push_back(count);
        if (int(step.size()) == experts) {
            counts.push_back(step);
            step.clear();
        }
    }
    if (counts.empty() || !step.empty()) {
        std::fprintf(stderr, "products: %s does not hold whole steps of %d counts\n", path, experts);
        std::exit(1);
    }
    return counts;
}

void answer(const Command &command, const Shared *shared) {
    std::ostringstream text;
    text.precision(9);
    text << "{\"seconds\": [";
    for (int step = 0; step < command.steps; ++step)
        text << (step ? ", " : "") << std::max(shared->seconds[0][step], shared->seconds[1][step]);
    text << "]";
    if (command.name == 'b') text << ", \"bytes\": " << std::max(shared->bytes[0], shared->bytes[1]);
    std::cout << text.str() << "}" << std::endl;
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 6) {
        std::fprintf(stderr, "usage: products HIDDEN FFN EXPERTS bf16|f32 COUNTS\n");
        return 64;
    }
    int hidden = std::atoi(arguments[1]), ffn = std::atoi(arguments[2]), number = std::atoi(arguments[3]);
    auto type = std::strcmp(arguments[4], "bf16") == 0 ? Type::bf16 : Type::f32;
    auto counts = read_counts(arguments[5], number);
    auto shared = static_cast<Shared *>(
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->barrier, &attributes, processes);
    int commands[2];
    if (pipe(commands) != 0) return 1;
    setenv("OMP_NUM_THREADS", "1", 1);

    auto child = fork();
    int rank = child == 0 ? 1 : 0;
    if (rank == 1) prctl(PR_SET_PDEATHSIG, SIGKILL);
    Experts experts(hidden, ffn, number, type, counts, rank);
    int block = best_block(experts, shared);
    if (rank == 1) {
        close(commands[1]);
        for (Command command; read(commands[0], &command, sizeof command) == sizeof command;)
            carry_out(command, experts, shared, rank, block);
        _exit(0);
    }
    std::cout << "{\"ready\": \"" << (block > 1 << 20 ? 0 : block) << "\"}" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string name;
        Command command{'r', 0, 0};
        words >> name;
        if (name == "run")
            words >> command.warmup >> command.steps;
        else {
            command.name = 'b';
            words >> command.steps;
        }
        if (!words || command.steps < 1 || command.steps > most_steps || command.warmup < 0) {
            std::fprintf(stderr, "products: cannot read the command: %s\n", line.c_str());
            return 64;
        }
        if (write(commands[1], &command, sizeof command) != sizeof command) return 1;
        carry_out(command, experts, shared, rank, block);
        answer(command, shared);
    }
    close(commands[1]);
    waitpid(child, nullptr, 0);
}
