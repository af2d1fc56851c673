internal import COneDNN
internal import Foundation
internal import Tensors

/// A weight matrix in the layout that its product reads fastest, and the bias that belongs to it.
final class PackedWeights {
    let handle: MemoryHandle
    /// The bias as `outputs` singles, or nil when there is none.
    let bias: MemoryHandle?
    /// Bytes that the packed matrix and the bias take.
    let byteCount: Int

    /// Bytes of the bias.
    var biasByteCount: Int { biasStorage?.byteCount ?? 0 }

    private let storage: WeightArena.Piece
    private let biasStorage: AlignedBuffer?

    init(
        compute: ComputeEngine,
        storage: WeightArena.Piece,
        values: [Float],
        bias: [Float]?,
        biasLayout: dnnl_memory_desc_t,
        stored: dnnl_memory_desc_t,
        packed: dnnl_memory_desc_t
    ) throws(ComputeError) {
        var layout = packed
        let matrixByteCount = unsafe dnnl_memory_desc_get_size(&layout)
        // The reorder below writes every byte, and zeros where the layout pads.
        self.storage = storage
        biasStorage = bias.map { AlignedBuffer(floats: $0) }
        byteCount = matrixByteCount + (biasStorage?.byteCount ?? 0)
        handle = try MemoryHandle(compute: compute, descriptor: packed)
        self.bias = try biasStorage.map { (buffer) throws(ComputeError) in
            try Self.handle(compute, biasLayout, on: buffer)
        }
        let source = try MemoryHandle(compute: compute, descriptor: stored)
        let target = handle
        try unsafe values.withUnsafeBufferPointer { (input) throws(ComputeError) in
            guard let start = input.baseAddress else { throw ComputeError("an empty matrix cannot be packed") }
            unsafe try source.point(at: UnsafeMutableRawPointer(mutating: start))
            unsafe try target.point(at: storage.start)
            try Self.reorder(compute, from: source, stored, to: target, packed)
        }
    }

    private static func handle(
        _ compute: ComputeEngine,
        _ layout: dnnl_memory_desc_t,
        on bias: AlignedBuffer
    ) throws(ComputeError) -> MemoryHandle {
        let handle = try MemoryHandle(compute: compute, descriptor: layout)
        try unsafe bias.withUnsafeMutableBytes { (bytes) throws(ComputeError) in
            guard let start = bytes.baseAddress else { throw ComputeError("an empty bias cannot be used") }
            unsafe try handle.point(at: start)
        }
        return handle
    }

    private static func reorder(
        _ compute: ComputeEngine,
        from source: MemoryHandle,
        _ stored: dnnl_memory_desc_t,
        to target: MemoryHandle,
        _ packed: dnnl_memory_desc_t
    ) throws(ComputeError) {
        var from = stored
        var to = packed
        var description: dnnl_primitive_desc_t?
        try ComputeError.check(
            unsafe dnnl_reorder_primitive_desc_create(&description, &from, compute.engine, &to, compute.engine, nil),
            "reorder_primitive_desc_create"
        )
        guard let description = unsafe description else { throw ComputeError("oneDNN reorder: no description") }
        defer { unsafe dnnl_primitive_desc_destroy(description) }
        var primitive: dnnl_primitive_t?
        try ComputeError.check(unsafe dnnl_primitive_create(&primitive, description), "primitive_create(reorder)")
        guard let primitive = unsafe primitive else { throw ComputeError("oneDNN reorder: no primitive") }
        defer { unsafe dnnl_primitive_destroy(primitive) }
        let arguments = unsafe [
            dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: source.memory),
            dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: target.memory),
        ]
        try ComputeError.check(
            unsafe dnnl_primitive_execute(primitive, compute.stream, 2, arguments),
            "primitive_execute(reorder)"
        )
        unsafe try ComputeError.check(dnnl_stream_wait(compute.stream), "stream_wait")
    }
}

/// A oneDNN memory object over bytes that another object owns.
@safe final class MemoryHandle {
    let memory: dnnl_memory_t
    /// oneDNN's object refers to the engine that it was made with.
    private let compute: ComputeEngine

    init(compute: ComputeEngine, descriptor: dnnl_memory_desc_t) throws(ComputeError) {
        self.compute = compute
        var made: dnnl_memory_t?
        var layout = descriptor
        try ComputeError.check(unsafe dnnl_memory_create(&made, &layout, compute.engine, nil), "memory_create")
        guard let made = unsafe made else { throw ComputeError("oneDNN memory_create: no memory") }
        unsafe memory = made
    }

    deinit {
        unsafe dnnl_memory_destroy(memory)
    }

    /// Point the memory object at bytes, which must stay where they are until the next call or the end of the handle.
    @unsafe
    func point(at bytes: UnsafeMutableRawPointer) throws(ComputeError) {
        try ComputeError.check(unsafe dnnl_memory_set_data_handle(memory, bytes), "memory_set_data_handle")
    }
}

/// Memory for packed weights, on huge pages where the system grants them.
///
/// Products with few rows read every weight once and wait for the translation of addresses as well as for memory; on
/// pages of 2 MiB they were 1.1 times as fast at 8 and 16 rows.
final class WeightArena {
    /// A piece of a block of memory, which the piece keeps alive.
    ///
    /// Pages that lie in the piece alone go back to the system with it, though its block lives on: experts that leave a
    /// rank make room for those that come.
    final class Piece {
        let block: AlignedBuffer
        let offset: Int
        let byteCount: Int

        @unsafe var start: UnsafeMutableRawPointer { unsafe block.start + offset }

        init(block: AlignedBuffer, offset: Int, byteCount: Int) {
            self.block = block
            self.offset = offset
            self.byteCount = byteCount
        }

        deinit {
            let page = WeightArena.page
            let first = unsafe (Int(bitPattern: start) + page - 1) / page * page
            let end = unsafe (Int(bitPattern: start) + byteCount) / page * page
            guard end > first, let place = unsafe UnsafeMutableRawPointer(bitPattern: first) else { return }
            // Advice: where it is not taken, the pages stay until the block goes.
            _ = unsafe madvise(place, end - first, MADV_DONTNEED)
        }
    }

    private static let page = max(1, Int(sysconf(Int32(_SC_PAGESIZE))))

    private static let hugePage = 2 << 20
    /// Bytes of a block of memory: room for many matrices of fine-grained experts, and the upper limit of what is
    /// reserved without being used.
    private static let blockBytes = 64 << 20

    private var block: AlignedBuffer?
    private var used = 0

    /// Reserve room for `byteCount` bytes, which hold anything at first.
    func take(_ byteCount: Int) -> Piece {
        let size = (byteCount + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
        if let block, used + size <= block.byteCount {
            defer { used += size }
            return Piece(block: block, offset: used, byteCount: size)
        }
        let made = Self.block(byteCount: max(size, Self.blockBytes))
        block = made
        used = size
        return Piece(block: made, offset: 0, byteCount: size)
    }

    private static func block(byteCount: Int) -> AlignedBuffer {
        let block = unsafe AlignedBuffer(uninitializedByteCount: byteCount, alignment: hugePage)
        // Advice: where it is not taken, the pages are small ones.
        _ = unsafe madvise(block.start, byteCount, MADV_HUGEPAGE)
        return block
    }
}
