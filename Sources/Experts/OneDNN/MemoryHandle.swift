internal import COneDNN

/// A oneDNN memory object that is pointed at somebody else's bytes.
@safe final class MemoryHandle {
    let memory: dnnl_memory_t

    init(compute: ComputeEngine, descriptor: dnnl_memory_desc_t) throws(ComputeError) {
        var made: dnnl_memory_t?
        var layout = descriptor
        try ComputeError.check(unsafe dnnl_memory_create(&made, &layout, compute.engine, nil), "memory_create")
        guard let made = unsafe made else { throw ComputeError("oneDNN memory_create: no memory") }
        unsafe memory = made
    }

    deinit {
        unsafe dnnl_memory_destroy(memory)
    }

    /// The bytes must stay where they are until the next call or the end of the handle.
    @unsafe
    func point(at bytes: UnsafeMutableRawPointer) throws(ComputeError) {
        try ComputeError.check(unsafe dnnl_memory_set_data_handle(memory, bytes), "memory_set_data_handle")
    }
}
