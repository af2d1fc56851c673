internal import COneDNN
internal import Foundation
internal import MoE

/// oneDNN's CPU engine with one stream. It belongs to the thread that made it.
@safe public final class ComputeEngine {
    let engine: dnnl_engine_t
    let stream: dnnl_stream_t
    /// The memory of packed weights.
    let arena = WeightArena()

    /// The number of primitives that oneDNN itself keeps: those of three products, so that a primitive that
    /// ``RecentPrimitives`` drops is freed.
    private static let keptPrimitives = Int32(3 * RecentPrimitives.most)

    /// Open the CPU engine.
    ///
    /// - Parameter threads: OpenMP threads that products started from this thread may use.
    public init(threads: Int) throws(ComputeError) {
        OpenMP.setThreads(threads)
        try ComputeError.check(dnnl_set_primitive_cache_capacity(Self.keptPrimitives), "set_primitive_cache_capacity")
        var newEngine: dnnl_engine_t?
        try ComputeError.check(unsafe dnnl_engine_create(&newEngine, dnnl_cpu, 0), "engine_create")
        guard let newEngine = unsafe newEngine else { throw ComputeError("oneDNN engine_create: no engine") }
        var newStream: dnnl_stream_t?
        let flags = dnnl_stream_default_flags.rawValue
        let status = unsafe dnnl_stream_create(&newStream, newEngine, flags)
        guard status == dnnl_success, let newStream = unsafe newStream else {
            unsafe dnnl_engine_destroy(newEngine)
            throw ComputeError("oneDNN stream_create: status \(status.rawValue)")
        }
        unsafe engine = newEngine
        unsafe stream = newStream
    }

    deinit {
        unsafe dnnl_stream_destroy(stream)
        unsafe dnnl_engine_destroy(engine)
    }
}

/// The thread count of the OpenMP runtime that oneDNN brings along.
enum OpenMP {
    private typealias SetThreads = @convention(c) (Int32) -> Void

    /// Set the number of threads for products that the calling thread starts.
    ///
    /// `OMP_NUM_THREADS` is read when libgomp is loaded, before `main`, so a process that wants another number than
    /// it was started with has to call libgomp itself. The symbol is looked up because libgomp has no header here.
    static func setThreads(_ threads: Int) {
        guard let symbol = unsafe dlsym(nil, "omp_set_num_threads") else { return }
        unsafe unsafeBitCast(symbol, to: SetThreads.self)(Int32(threads))
    }
}

/// The error of a oneDNN call that failed, or of a product that oneDNN cannot compute.
public struct ComputeError: Error, Equatable, CustomStringConvertible {
    /// The call and its status in words.
    public let description: String
    /// True when the processor has no implementation of the product that was asked for, or none that serves all numbers
    /// of rows.
    public let isUnimplemented: Bool

    /// Create an error from the sentence that describes it.
    public init(_ description: String) {
        self.init(description, isUnimplemented: false)
    }

    init(_ description: String, isUnimplemented: Bool) {
        self.description = description
        self.isUnimplemented = isUnimplemented
    }

    /// Throw unless a oneDNN call succeeded.
    static func check(_ status: dnnl_status_t, _ call: String) throws(ComputeError) {
        guard status != dnnl_success else { return }
        let reason =
            switch status {
            case dnnl_out_of_memory: "out of memory"
            case dnnl_invalid_arguments: "invalid arguments"
            case dnnl_unimplemented: "not implemented on this processor"
            case dnnl_runtime_error: "runtime error"
            default: "status \(status.rawValue)"
            }
        throw ComputeError("oneDNN \(call): \(reason)", isUnimplemented: status == dnnl_unimplemented)
    }
}

/// The oneDNN that this program was linked with.
public enum ComputeLibrary {
    /// The version, for example `2.6.0`.
    public static var version: String {
        guard let version = unsafe dnnl_version()?.pointee else { return "unknown version" }
        return unsafe "\(version.major).\(version.minor).\(version.patch)"
    }

    /// The widest instruction set that oneDNN uses on this processor, as `DNNL_MAX_CPU_ISA` names it in small letters.
    public static var instructionSet: String {
        let names = [
            (dnnl_cpu_isa_sse41, "sse41"), (dnnl_cpu_isa_avx, "avx"), (dnnl_cpu_isa_avx2, "avx2"),
            (dnnl_cpu_isa_avx2_vnni, "avx2_vnni"), (dnnl_cpu_isa_avx512_core, "avx512_core"),
            (dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"), (dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"),
            (dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"),
        ]
        let set = dnnl_get_effective_cpu_isa()
        return names.first { $0.0 == set }?.1 ?? "isa \(set.rawValue)"
    }
}

/// The primitives of a product by row count, the least recently used one dropped when there are too many.
struct RecentPrimitives {
    /// The upper limit of the primitives that are kept for one product.
    ///
    /// Rows of one expert vary by about the square root of their mean, so this covers the row counts of a steady run;
    /// at 0.1 MB each, three products keep at most 30 MB.
    static let most = 96

    private var primitives = [ProductPrimitive?](repeating: nil, count: RowBlock.most + 1)
    private var lastUse = [Int](repeating: 0, count: RowBlock.most + 1)
    private var uses = 0
    private var count = 0

    mutating func find(rows: Int) -> ProductPrimitive? {
        guard let primitive = primitives[rows] else { return nil }
        uses += 1
        lastUse[rows] = uses
        return primitive
    }

    mutating func insert(_ primitive: ProductPrimitive, rows: Int) {
        if count == Self.most { dropOldest() }
        primitives[rows] = primitive
        uses += 1
        lastUse[rows] = uses
        count += 1
    }

    private mutating func dropOldest() {
        let held = primitives.indices.filter { primitives[$0] != nil }
        guard let oldest = held.min(by: { lastUse[$0] < lastUse[$1] }) else { return }
        primitives[oldest] = nil
        count -= 1
    }
}
