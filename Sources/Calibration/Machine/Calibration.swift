import Basics
internal import Cluster
public import CostModel
internal import Foundation
internal import MoE
public import Runtime
internal import Tensors
internal import Transport

/// The measurement of the constants of the modelled clock on this machine, with the code that runs use.
public struct Calibration {
    private let repeats: Int
    private var constants: [HostConstant: Constant] = [:]

    /// Create a calibration.
    ///
    /// - Parameter quick: true for a fourth of the repeats.
    public init(quick: Bool) {
        repeats = quick ? 40 : 160
    }

    /// Measure all constants; takes less than a minute on an idle machine.
    ///
    /// - Parameter progress: called with the name of each measurement before it begins.
    public mutating func run(progress: (String) -> Void) throws(RuntimeError) -> HostProfile {
        Heap.keepChunkBuffers()
        do {
            progress("expert products")
            try measureProducts()
            progress("weights in memory")
            try measureMemory()
            progress("gate, permutation and sums")
            try measureCoordinator()
            progress("messages")
            try measureMessages()
            // Runs will tell; see the caller.
            for factor in [HostConstant.runOverhead, .runProducts] {
                constants[factor] = Constant(1, basis: .assumed, source: "as alone")
            }
            constants[.cores] = Constant(
                Double(Host.cores),
                basis: .measured,
                source: "cores that this process may use"
            )
            return try HostProfile(name: HostProfile.thisMachine, processor: Host.processor, constants: constants)
        } catch {
            throw .local("\(error)")
        }
    }

    private mutating func set(_ constant: HostConstant, _ value: Double, _ times: Repeats, _ source: String) {
        constants[constant] = Constant(value, basis: .measured, source: source, spread: times.spread)
    }

    // MARK: - Products

    /// The shape of an expert that is too large for the second-level cache and fits into the last.
    private static let middle = ExpertShape(hidden: 512, ffn: 1024, activation: .swiglu)

    private mutating func measureProducts() throws {
        for (constant, dtype) in [(HostConstant.f32Products, DType.f32), (.bf16Products, .bf16)] {
            let product = ProductMeasurement(shape: Self.middle, dtype: dtype)
            let rows = 128
            let times = try product.seconds(rows: rows, experts: 1, repeats: repeats)
            let rate = Double(rows * Self.middle.flopsPerToken) / times.median / 1e9
            set(constant, rate, times, "SwiGLU expert of 512 x 1024, 128 rows, one thread")
        }
        let narrow = ExpertShape(hidden: 512, ffn: 256, activation: .swiglu)
        let product = ProductMeasurement(shape: narrow, dtype: .bf16)
        let rows = 65..<65 + repeats / 4
        let first = try product.firstSeconds(rows: rows)
        let again = try product.seconds(rows: (rows.lowerBound + rows.upperBound) / 2, experts: 1, repeats: repeats)
        let source = "SwiGLU expert of 512 x 256 in bf16: rows that did not occur before, less rows that did"
        set(.productSetup, max(first.median - again.median, 1e-9) * 1e6, first, source)
    }

    // MARK: - Memory

    private mutating func measureMemory() throws {
        let product = ProductMeasurement(shape: Self.middle, dtype: .f32)
        let weights = product.weightBytes
        let cached = try product.seconds(rows: 2, experts: 1, repeats: repeats)
        set(.cacheBandwidth, weights / cached.median / 1e9, cached, "one SwiGLU expert of 512 x 1024 in f32, 2 rows")
        let many = 40
        let alone = try product.seconds(rows: 1, experts: many, repeats: repeats / 8)
        set(.coreBandwidth, weights / alone.median / 1e9, alone, "40 such experts in turn, 1 row, one thread")
        let cores = Host.cores
        let all = try product.seconds(rows: 1, experts: many, threads: cores, repeats: repeats / 8)
        set(
            .memoryBandwidth,
            Double(cores) * weights / all.median / 1e9,
            all,
            "40 such experts each on \(cores) threads at once"
        )
        try measureCacheSize(product, cached: cached.median, missing: alone.median)
    }

    /// Measure the size of the cache: use more and more experts in turn, until some of them are read from memory.
    private mutating func measureCacheSize(_ product: ProductMeasurement, cached: Double, missing: Double) throws {
        var size = product.weightBytes
        var last = Repeats([])
        for experts in [2, 4, 8, 16, 32] {
            last = try product.seconds(rows: 1, experts: experts, repeats: repeats / 8)
            let share = min(max((last.median - cached) / max(missing - cached, cached * 0.01), 0), 1)
            size = Double(experts) * product.weightBytes * (1 - share)
            if share > 0.25 { break }
        }
        size = max(size, product.weightBytes)
        set(.cacheSize, size / 1e6, last, "the least number of such experts of which a fourth is read from memory")
    }

    // MARK: - Coordinator

    private mutating func measureCoordinator() throws {
        let hidden = 512
        let tokens = 1024
        func measurement(_ experts: Int, _ topK: Int, _ dtype: DType) throws -> CoordinatorMeasurement.Times {
            try CoordinatorMeasurement(
                tokens: tokens,
                hidden: hidden,
                experts: experts,
                topK: topK,
                form: RowForm(dispatch: dtype, combine: dtype)
            ).times(repeats: repeats)
        }
        let few = try measurement(8, 2, .f32)
        let many = try measurement(32, 4, .f32)
        let rounded = try measurement(8, 2, .bf16)
        let values = Double(tokens * hidden)
        let source = "1024 tokens of 512, 8 experts, top-2"
        set(.tokenPass, few.norm.median / values * 1e9, few.norm, "norm of \(source)")
        let perExpert = (few.routing.median / 8 + many.routing.median / 32) / 2 / Double(tokens)
        set(
            .routeExpert,
            perExpert * 1e9,
            many.routing,
            "softmax-top-k, mean of 8 experts, top-2 and 32 experts, top-4"
        )
        set(
            .permuteCopy,
            many.permute.median / Double(tokens * 4) * 1e9,
            many.permute,
            "1024 tokens, 32 experts, top-4"
        )
        set(.rowCopy, few.encode.median / (values * few.sentPerToken) * 1e9, few.encode, "encoding to f32, \(source)")
        set(
            .rowRounding,
            rounded.encode.median / (values * rounded.sentPerToken) * 1e9,
            rounded.encode,
            "encoding to bf16, \(source)"
        )
        // Two equations: k copies and one token per value.
        let perCopy = (many.sum.median - few.sum.median) / 2 / values
        let perToken = max(few.sum.median / values - 2 * perCopy, perCopy / 10)
        set(.sumCopy, perCopy * 1e9, many.sum, "sums of 4 copies less those of 2, f32")
        set(.sumToken, perToken * 1e9, few.sum, "the rest of sums of 2 copies, f32")
    }

    // MARK: - Messages

    private mutating func measureMessages() throws {
        let layer = try LayerMeasurement.times(steps: repeats)
        let source = "layers of 4 tokens over one worker"
        set(.layerStart, layer.gate.undisturbed * 1e6, layer.gate, "gate of \(source), first quartile")
        set(
            .threadWake,
            layer.queue.undisturbed / 2 * 1e6,
            layer.queue,
            "half of the queue of \(source), first quartile"
        )
        let work = layer.work.median / 2
        set(.messageWork, work * 1e6, layer.work, "half of the coordinator's processor time for messages, \(source)")
        let latency = max(layer.message.undisturbed - work, layer.message.undisturbed / 10)
        set(.messageLatency, latency * 1e6, layer.message, "in flight less message_work, \(source), first quartile")
        let link = try LinkMeasurement()
        let small = try link.seconds(bytes: 64, repeats: repeats)
        let bytes = 1 << 20
        let large = try link.seconds(bytes: bytes, repeats: repeats)
        let rate = Double(bytes) / (large.undisturbed - small.undisturbed) / 1e9
        set(.linkBandwidth, rate, large, "1 MiB over ipc less 64 bytes, there and back, first quartile")
    }
}

/// The measurement of messages between two threads that have a libzmq context each, as two processes have.
struct LinkMeasurement {
    private let endpoint: Endpoint

    init() throws {
        let suffix = Hexadecimal.random()
        endpoint = try Endpoint("ipc://@epsim-calibrate-\(getpid())-\(suffix)")
    }

    /// Time messages of a size between the two threads; seconds one way, from hand-over to arrival.
    func seconds(bytes: Int, repeats: Int) throws -> Repeats {
        let router = try RouterSocket(context: MessageContext(), endpoint: endpoint, keys: nil, messageLimit: 1 << 30)
        let (endpoint, all) = (router.endpoint, repeats + 2)
        Thread.detachNewThread { Self.echo(at: endpoint, messages: all) }
        var peer = try Self.next(router.socket) { try router.receive() }.sender
        var wall: [Double] = []
        for index in 0..<all {
            let payload = AlignedBuffer(byteCount: bytes)
            let started = MonotonicClock.now()
            _ = try router.send(to: peer, head: [1], payload: .buffer(payload))
            peer = try Self.next(router.socket) { try router.receive() }.sender
            guard index >= 2 else { continue }
            wall.append((MonotonicClock.now() - started).seconds / 2)
        }
        return Repeats(wall)
    }

    private static func echo(at endpoint: Endpoint, messages: Int) {
        do {
            let dealer = try DealerSocket(context: MessageContext(), endpoint: endpoint, keys: nil)
            while try dealer.send(head: [0], payload: nil) != .sent { Thread.sleep(forTimeInterval: 0.001) }
            for _ in 0..<messages {
                let parcel = try next(dealer.socket) { try dealer.receive() }
                let reply = AlignedBuffer(byteCount: parcel.payload?.byteCount ?? 0)
                _ = try dealer.send(head: [1], payload: .buffer(reply))
            }
            try dealer.socket.setLinger(milliseconds: 500)
        } catch {
            // The other end waits in vain then, and says so.
            return
        }
    }

    private static func next(_ socket: Socket, _ receive: () throws -> Parcel?) throws -> Parcel {
        for _ in 0..<1000 {
            if let parcel = try receive() { return parcel }
            try Poller.wait(socket, nil, milliseconds: 20)
        }
        throw RuntimeError.local("a message between two threads of this process did not arrive within 20 s")
    }
}
