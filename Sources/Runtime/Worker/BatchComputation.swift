internal import Cluster
internal import Experts
internal import Tensors
internal import Transport

/// The computation of a dispatch: from its payload to the payload of its result.
///
/// Rows of one segment that lie one behind the other in the message, in the dtype of the products, are read in place;
/// others are gathered first. Outputs are written straight into the result's payload, unless they must be weighted,
/// summed or converted.
final class BatchComputation {
    /// A dispatch to compute: its layer, layout and payload.
    struct Batch {
        let layer: Int
        let layout: BatchLayout
        let payload: ReceivedFrame
    }

    private let shard: ExpertShard
    private var gathered = GrowingBuffer()
    private var singles = GrowingBuffer()
    private var sums = GrowingBuffer()

    init(shard: ExpertShard) {
        self.shard = shard
    }

    /// Run every segment through its expert, and return the payload of the result.
    func run(_ batch: Batch) throws(ComputeError) -> AlignedBuffer {
        let reply = unsafe AlignedBuffer(uninitializedByteCount: batch.layout.replyByteCount)
        try unsafe batch.payload.withUnsafeBytes { (bytes) throws(ComputeError) in
            try unsafe reply.withUnsafeMutableBytes { (target) throws(ComputeError) in
                guard let payload = bytes.baseAddress, let output = target.baseAddress else { return }
                let rows = unsafe try ArrivedRows(batch.layout, payload: payload)
                unsafe try run(batch, rows, output: output)
            }
        }
        return reply
    }

    @unsafe
    private func run(_ batch: Batch, _ rows: ArrivedRows, output: UnsafeMutableRawPointer) throws(ComputeError) {
        let layout = batch.layout
        let sums = layout.form.presums ? unsafe self.sums.zeros(layout.sentRows * layout.hidden * 4) : nil
        var first = 0
        for segment in layout.segments {
            let expert = shard.expert(layer: batch.layer, slot: segment.slot)
            let range = first..<first + segment.rows
            let place = unsafe output + first * layout.replyRowBytes
            first += segment.rows
            if !layout.form.carriesWeights && shard.outputType == layout.form.combine {
                unsafe try compute(expert, rows, range, to: place)
                continue
            }
            let outputs = unsafe singles.bytes(segment.rows * layout.hidden * 4)
            unsafe try compute(expert, rows, range, to: outputs)
            let values = unsafe outputs.assumingMemoryBound(to: Float.self)
            if let sums = unsafe sums {
                unsafe rows.addWeighted(values, of: range, to: sums.assumingMemoryBound(to: Float.self))
            } else {
                unsafe rows.write(values, of: range, to: place)
            }
        }
        guard let sums = unsafe sums else { return }
        let values = unsafe UnsafeBufferPointer(
            start: sums.assumingMemoryBound(to: Float.self),
            count: layout.sentRows * layout.hidden
        )
        let target = unsafe UnsafeMutableRawBufferPointer(start: output, count: layout.replyByteCount)
        unsafe RowEncoding.encode(values, columns: layout.hidden, as: layout.form.combine, into: target)
    }

    /// Compute the outputs of one expert for some rows, in the type that its kernel writes.
    @unsafe
    private func compute(
        _ expert: ExpertShard.Slot,
        _ rows: ArrivedRows,
        _ range: Range<Int>,
        to output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        guard case .products(let kernel, let weights) = expert else {
            return unsafe rows.gather(range, as: shard.outputType, into: output)
        }
        let computeType = shard.weights.dtype
        var input = unsafe rows.inPlace(range, as: computeType)
        if unsafe input == nil {
            let copy = unsafe gathered.bytes(range.count * rows.layout.hidden * computeType.byteCount)
            unsafe rows.gather(range, as: computeType, into: copy)
            unsafe input = UnsafeRawPointer(copy)
        }
        guard let input = unsafe input else { return }
        unsafe try kernel.run(weights, rows: range.count, input: input, output: output)
    }
}

/// Scratch memory that grows to the largest size that was requested.
struct GrowingBuffer {
    private var buffer = AlignedBuffer(byteCount: 0)

    /// The start of `count` bytes of arbitrary content; valid until the next call.
    @unsafe
    mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        if buffer.byteCount < max(count, 1) { buffer = unsafe AlignedBuffer(uninitializedByteCount: max(count, 1)) }
        return unsafe buffer.start
    }

    /// The start of `count` zero bytes; valid until the next call.
    @unsafe
    mutating func zeros(_ count: Int) -> UnsafeMutableRawPointer {
        let start = unsafe bytes(count)
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return unsafe start
    }
}
