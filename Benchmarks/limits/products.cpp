// The limit of the matrix products: the best library alone, with the same products as the experts of a step, in two
// processes with half of the experts each and one thread per process. oneDNN with packed weights, with transposed ones
// and as a convolution, and for singles OpenBLAS and BLIS where they are installed, each with rows cut in several ways.
//
//   products HIDDEN FFN EXPERTS bf16|f32 COUNTS
//
// COUNTS is a file of whitespace-separated numbers: the rows of each expert, step after step, as the routing gave them.
// Commands are lines on standard input, answers are lines of JSON on standard output; end of file ends it.
//   run WARMUP STEPS     seconds of each step after the warm-up: the slower process counts
//   keep WARMUP STEPS    the same in the best way in which a row has the same bits whatever rows stand beside it
//   read STEPS           the same for reading the packed weights of the step's active experts once; and their bytes

#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
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

enum class Form { packed, transposed, convolution, openblas, blis };

constexpr Form forms[] = {Form::packed, Form::transposed, Form::convolution, Form::openblas, Form::blis};

const char *name_of(Form form) {
    switch (form) {
    case Form::packed: return "oneDNN packed";
    case Form::transposed: return "oneDNN transposed";
    case Form::convolution: return "oneDNN convolution";
    case Form::openblas: return "OpenBLAS";
    case Form::blis: return "BLIS";
    }
    return "";
}

bool is_blas(Form form) { return form == Form::openblas || form == Form::blis; }

using Sgemm = void (*)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);

// The product of a BLAS, or null where that is not installed.
Sgemm sgemm(Form form) {
    void *library = dlopen(form == Form::openblas ? "libopenblas.so.0" : "libblis.so.4", RTLD_NOW | RTLD_LOCAL);
    return library ? reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm")) : nullptr;
}

// One product of an expert: rows times packed weights, one primitive per number of rows.
class Product {
public:
    Product(dnnl::engine &engine, int inputs, int outputs, Type type, Post post, Form form)
        : engine(engine), inputs(inputs), outputs(outputs), type(type), post(post), form(form),
          blas(is_blas(form) ? sgemm(form) : nullptr) {}

    void run(dnnl::stream &stream, int rows, char *input, char *weights, char *output, char *factor = nullptr) {
        if (is_blas(form)) return run_blas(stream, rows, input, weights, output, factor);
        auto &made = entry(rows);
        std::unordered_map<int, memory> arguments = {
            {DNNL_ARG_SRC, memory(made.source, engine, input)},
            {DNNL_ARG_WEIGHTS, memory(made.weights, engine, weights)},
            {DNNL_ARG_DST, memory(made.destination, engine, output)},
        };
        if (factor)
            arguments.insert(
                {DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, memory(made.destination, engine, factor)});
        made.primitive.execute(stream, arguments);
    }

    char *pack(dnnl::stream &stream, std::mt19937 &random) {
        std::uniform_real_distribution<float> value(-0.05F, 0.05F);
        std::vector<float> plain(size_t(inputs) * outputs);
        for (auto &weight : plain) weight = value(random);
        auto packed = allocate(packed_bytes());
        if (is_blas(form)) {
            std::memcpy(packed, plain.data(), packed_bytes());
            return packed;
        }
        auto stored = form == Form::convolution ? memory::desc({outputs, inputs, 1, 1}, Type::f32, Tag::abcd)
                                                : memory::desc({inputs, outputs}, Type::f32, Tag::ba);
        memory from(stored, engine, plain.data());
        memory to(entry(32).weights, engine, packed);
        dnnl::reorder(from, to).execute(stream, from, to);
        stream.wait();
        return packed;
    }

    size_t packed_bytes() {
        return is_blas(form) ? sizeof(float) * inputs * outputs : entry(32).weights.get_size();
    }

    // Throws where the library has no such product.
    void check() {
        if (is_blas(form) && (!blas || type != Type::f32)) throw std::runtime_error("no such product");
        if (!is_blas(form)) entry(32);
    }

private:
    struct Entry {
        memory::desc source, weights, destination;
        dnnl::primitive primitive;
    };

    Entry &entry(int rows) {
        auto found = entries.find(rows);
        if (found == entries.end()) found = entries.emplace(rows, make(rows)).first;
        // Weights are packed once.
        if (rows != 32 && found->second.weights != entry(32).weights) throw std::runtime_error("another layout");
        return found->second;
    }

    Entry make(int rows) {
        bool pixels = form == Form::convolution;
        auto matrix = [&](int columns) {
            return pixels ? memory::desc({1, columns, 1, rows}, type, Tag::acdb)
                          : memory::desc({rows, columns}, type, Tag::ab);
        };
        auto source = matrix(inputs), destination = matrix(outputs);
        dnnl::post_ops operations;
        if (post == Post::swish) operations.append_eltwise(1, dnnl::algorithm::eltwise_swish, 1, 0);
        if (post == Post::multiply) operations.append_binary(dnnl::algorithm::binary_mul, destination);
        dnnl::primitive_attr attributes;
        attributes.set_post_ops(operations);
        if (pixels) {
            memory::desc weights({outputs, inputs, 1, 1}, type, Tag::any);
            dnnl::convolution_forward::desc description(dnnl::prop_kind::forward_inference,
                                                        dnnl::algorithm::convolution_direct, source, weights,
                                                        destination, {1, 1}, {0, 0}, {0, 0});
            dnnl::convolution_forward::primitive_desc made(description, attributes, engine);
            return {source, made.weights_desc(), destination, dnnl::convolution_forward(made)};
        }
        memory::desc weights({inputs, outputs}, type, form == Form::packed ? Tag::any : Tag::ba);
        dnnl::matmul::primitive_desc made(dnnl::matmul::desc(source, weights, destination), attributes, engine);
        return {source, made.weights_desc(), destination, dnnl::matmul(made)};
    }

    // A BLAS fuses nothing, so the activation passes over its result.
    void run_blas(dnnl::stream &stream, int rows, char *input, char *weights, char *output, char *factor) {
        constexpr int row_major = 101, plain = 111, transposed = 112;
        blas(row_major, plain, transposed, rows, outputs, inputs, 1, reinterpret_cast<float *>(input), inputs,
             reinterpret_cast<float *>(weights), inputs, 0, reinterpret_cast<float *>(output), outputs);
        memory::desc matrix({rows, outputs}, Type::f32, Tag::ab);
        memory result(matrix, engine, output);
        if (post == Post::swish) {
            auto swish = swishes.find(rows);
            if (swish == swishes.end()) {
                dnnl::eltwise_forward::desc made(dnnl::prop_kind::forward_inference,
                                                 dnnl::algorithm::eltwise_swish, matrix, 1, 0);
                swish = swishes.emplace(rows, dnnl::eltwise_forward({made, engine})).first;
            }
            swish->second.execute(stream, {{DNNL_ARG_SRC, result}, {DNNL_ARG_DST, result}});
        }
        if (post == Post::multiply) {
            auto from = reinterpret_cast<float *>(factor), to = reinterpret_cast<float *>(output);
            for (size_t index = 0; index < size_t(rows) * outputs; ++index) to[index] *= from[index];
        }
    }

    dnnl::engine &engine;
    int inputs, outputs;
    Type type;
    Post post;
    Form form;
    Sgemm blas;
    std::map<int, Entry> entries;
    std::map<int, dnnl::primitive> swishes;
};

// How rows are computed: at most `block` in one product, or always so many, the last product padded.
struct Way {
    Form form;
    int block;
    bool padded;

    std::string name() const {
        auto rows = block > 1 << 20 ? std::string("all rows at once") : std::to_string(block) + " rows";
        return std::string(name_of(form)) + ", " + (padded ? "always " : block > 1 << 20 ? "" : "at most ") + rows;
    }
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
    // Throws where the library has no such products.
    Experts(int hidden, int ffn, int experts, Type type, const std::vector<std::vector<int>> &counts, int rank,
            Form form)
        : hidden(hidden), ffn(ffn), type(type), counts(counts), first(rank * experts / processes),
          number(experts / processes), engine(dnnl::engine::kind::cpu, 0), stream(engine),
          gate(engine, hidden, ffn, type, Post::swish, form), up(engine, hidden, ffn, type, Post::multiply, form),
          down(engine, ffn, hidden, type, Post::none, form) {
        for (auto product : {&gate, &up, &down}) product->check();
        std::mt19937 random(rank);
        for (int expert = 0; expert < number; ++expert)
            weights.push_back({gate.pack(stream, random), up.pack(stream, random), down.pack(stream, random)});
        int most = most_rows;
        for (auto &step : counts) most = std::max(most, rows_of(step) + most_rows);
        input = allocate(size_t(most) * hidden * size_of(type));
        std::uniform_real_distribution<float> value(-1, 1);
        for (size_t index = 0; index < size_t(most) * hidden; ++index) set(index, value(random));
        output = allocate(size_t(most) * hidden * size_of(type));
        gated = allocate(size_t(most) * ffn * size_of(type));
        inner = allocate(size_t(most) * ffn * size_of(type));
    }

    Experts(const Experts &) = delete;

    ~Experts() {
        for (auto &packed : weights)
            for (char *matrix : {packed.gate, packed.up, packed.down}) std::free(matrix);
        for (char *rows : {input, output, gated, inner}) std::free(rows);
    }

    // One step. Where rows are not padded, those of an expert are cut evenly. What a padded product writes behind its
    // rows is written again by the next expert.
    void step(int index, const Way &way) {
        size_t done = 0;
        for (int expert = 0; expert < number; ++expert) {
            int rows = row(index, expert);
            int parts = (rows + way.block - 1) / way.block;
            for (int part = 0; part < parts; ++part) {
                int now = way.padded ? std::min(way.block, rows - part * way.block)
                                     : rows / parts + (part < rows % parts);
                run(expert, way.padded ? way.block : now, done);
                done += now;
            }
        }
        stream.wait();
    }

    // Whether a row has the same bits in every product of a way: whatever rows stand beside it, wherever it stands.
    bool keeps_bits(const Way &way) {
        size_t row = size_t(hidden) * size_of(type);
        std::vector<char> expected(most_rows * row);
        auto all = [&](int height, int shift) {
            for (int first = shift; first + height <= most_rows; first += height) run(0, height, first);
            stream.wait();
        };
        int base = std::min(way.block, most_rows);
        all(base, 0);
        std::memcpy(expected.data(), output, expected.size());
        for (int height : {base, 1, 3, 12, 31, 100, 127, 256, 385}) {
            if (height > base || (way.padded && height != base)) continue;
            for (int shift : {0, 1, 5}) {
                all(height, shift);
                int rows = (most_rows / base * base - shift) / height * height;
                if (std::memcmp(expected.data() + shift * row, output + shift * row, rows * row) != 0) return false;
            }
        }
        return true;
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

    // What bits are looked at in, and most rows that a product is padded to.
    static constexpr int most_rows = 513;

    // The products of consecutive rows of an expert, from the `first` of the input on.
    void run(int expert, int rows, size_t first) {
        auto &packed = weights[expert];
        char *from = input + first * hidden * size_of(type);
        gate.run(stream, rows, from, packed.gate, gated);
        up.run(stream, rows, from, packed.up, inner, gated);
        down.run(stream, rows, inner, packed.down, output + first * hidden * size_of(type));
    }

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

// What the first process chose, for the other.
struct Chosen {
    Type type;
    Way best, kept;
};

struct Command {
    char name;
    int warmup, steps;
};

// The experts in a way, for steps.
struct Choice {
    Way way;
    std::shared_ptr<Experts> experts;
};

// What is fastest differs with the number of rows. Time of the processor, so that a moment in which others had it decides
// nothing.
template <typename Make>
std::pair<Choice, Choice> choose(const Make &make) {
    double best = 1e9, best_kept = 1e9;
    Choice any, kept;
    for (Form form : forms) {
        std::shared_ptr<Experts> experts;
        try {
            experts = make(form);
        } catch (const std::exception &) {
            continue;
        }
        std::vector<Way> ways;
        for (int block : {32, 64, 128, 256, 512, 1 << 30}) ways.push_back({form, block, false});
        if (form == Form::transposed)
            for (int block : {4, 12, 48, 120}) ways.push_back({form, block, true});
        if (is_blas(form))
            for (int block : {4, 8}) ways.push_back({form, block, true});
        for (auto &way : ways) try {
            double fastest = 1e9;
            int steps = std::min(3, experts->steps());
            for (int repeat = 0; repeat < 4; ++repeat) {
                double start = now(CLOCK_THREAD_CPUTIME_ID);
                for (int step = 0; step < steps; ++step) experts->step(step, way);
                double took = (now(CLOCK_THREAD_CPUTIME_ID) - start) / steps;
                // The first time makes the primitives; a long step says enough with few repeats.
                if (repeat > 0) fastest = std::min(fastest, took);
                if (repeat > 0 && (took > 0.1 || fastest > 1.5 * best)) break;
                if (took > 0.1) steps = 1;
            }
            if (fastest < best) {
                best = fastest;
                any = {way, experts};
            }
            if (fastest < best_kept && experts->keeps_bits(way)) {
                best_kept = fastest;
                kept = {way, experts};
            }
        } catch (const std::exception &) {
            // Not with so many rows.
        }
    }
    return {any, kept};
}

void carry_out(const Command &command, const std::pair<Choice, Choice> &choices, Shared *shared, int rank) {
    auto &choice = command.name == 'k' ? choices.second : choices.first;
    for (int step = 0; step < command.warmup + command.steps; ++step) {
        pthread_barrier_wait(&shared->barrier);
        double start = now();
        if (command.name == 'b')
            shared->bytes[rank] = choice.experts->read(step);
        else
            choice.experts->step(step, choice.way);
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
    for (auto threads : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"}) setenv(threads, "1", 1);

    auto child = fork();
    int rank = child == 0 ? 1 : 0;
    if (rank == 1) prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto make = [&](Form form) {
        return std::make_shared<Experts>(hidden, ffn, number, type, counts, rank, form);
    };
    std::pair<Choice, Choice> choices;
    if (rank == 0) {
        choices = choose(make);
        if (!choices.first.experts && type == Type::bf16) {
            // Where the processor multiplies no bfloat16, rounded numbers are multiplied as singles.
            type = Type::f32;
            choices = choose(make);
        }
        if (!choices.second.experts) {
            std::fprintf(stderr, "products: no library keeps bits\n");
            _exit(1);
        }
        Chosen chosen{type, choices.first.way, choices.second.way};
        if (write(commands[1], &chosen, sizeof chosen) != sizeof chosen) _exit(1);
    } else {
        Chosen chosen;
        close(commands[1]);
        if (read(commands[0], &chosen, sizeof chosen) != sizeof chosen) _exit(1);
        type = chosen.type;
        choices.first = {chosen.best, make(chosen.best.form)};
        choices.second = {chosen.kept,
                          chosen.kept.form == chosen.best.form ? choices.first.experts : make(chosen.kept.form)};
    }
    if (rank == 1) {
        for (Command command; read(commands[0], &command, sizeof command) == sizeof command;)
            carry_out(command, choices, shared, rank);
        _exit(0);
    }
    std::cout << "{\"ready\": \"" << choices.first.way.name() << "\", \"kept\": \"" << choices.second.way.name()
              << "\"}" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string name;
        Command command{'r', 0, 0};
        words >> name;
        if (name == "run" || name == "keep") {
            command.name = name[0];
            words >> command.warmup >> command.steps;
        } else {
            command.name = 'b';
            words >> command.steps;
        }
        if (!words || command.steps < 1 || command.steps > most_steps || command.warmup < 0) {
            std::fprintf(stderr, "products: cannot read the command: %s\n", line.c_str());
            return 64;
        }
        if (write(commands[1], &command, sizeof command) != sizeof command) return 1;
        carry_out(command, choices, shared, rank);
        answer(command, shared);
    }
    close(commands[1]);
    waitpid(child, nullptr, 0);
}
