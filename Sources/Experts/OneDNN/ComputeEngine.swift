internal import COneDNN
internal import Foundation

/// oneDNN's CPU engine with one stream. It belongs to the thread that made it.
@safe public final class ComputeEngine {
    let engine: dnnl_engine_t
    let stream: dnnl_stream_t
    /// Where packed weights lie.
    let arena = WeightArena()

    /// Primitives that oneDNN itself keeps: those of three products, so that what ``RecentPrimitives`` drops is freed.
    private static let keptPrimitives = Int32(3 * RecentPrimitives.most)

    /// Opens the CPU engine.
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

    /// Sets the number of threads for products that the calling thread starts.
    ///
    /// `OMP_NUM_THREADS` is read when libgomp is loaded, before `main`, so a process that wants another number than
    /// it was started with has to call libgomp itself. The symbol is looked up because libgomp has no header here.
    static func setThreads(_ threads: Int) {
        guard let symbol = unsafe dlsym(nil, "omp_set_num_threads") else { return }
        unsafe unsafeBitCast(symbol, to: SetThreads.self)(Int32(threads))
    }
}
