internal import Foundation

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
