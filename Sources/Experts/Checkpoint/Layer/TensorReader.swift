import Basics
internal import Tensors

/// A reader of a checkpoint's tensors as singles, which checks their shapes and lets go of the mapped memory
/// afterwards.
struct TensorReader {
    let checkpoint: Checkpoint

    /// The values of a small tensor, whose shape must be one of `shapes`, times its scales if it has some.
    func values(_ name: String, shapes: [[Int]]) throws(CheckpointError) -> [Float] {
        let (view, scales) = try checked(name, shapes: shapes)
        var values = try floats(view, rows: 0..<view.rows)
        try scales?.apply(to: &values, of: 0, reader: self)
        return values
    }

    /// A small tensor with its scales, if it has some, after a check of its shape and type.
    @discardableResult
    func checked(
        _ name: String,
        shapes: [[Int]]
    ) throws(CheckpointError) -> (view: TensorView, scales: Float8Scales?) {
        let view = try checkpoint.tensor(named: name)
        guard shapes.contains(view.shape) else {
            throw failure(view, "has shape \(view.shape); expected \(shapes.map { "\($0)" }.joined(separator: " or "))")
        }
        try checkType(view)
        return (view, try scales(of: view))
    }

    /// The scales that the values of a matrix, or of a stack of them, are to be multiplied with; nil for values that
    /// stand for themselves.
    ///
    /// - Throws: ``CheckpointError`` when type, scales and what is said of the quantisation do not belong together.
    func scales(of view: TensorView, isTransposed: Bool = false) throws(CheckpointError) -> Float8Scales? {
        let quantization = checkpoint.quantization
        let names = ScaleNames.suffixes.map { view.name + $0 }
        let found = names.filter(checkpoint.contains)
        let module = ScaleNames.module(of: view.name)
        guard view.dtype == .f8e4m3 else {
            guard !found.isEmpty else { return nil }
            guard try quantization.ignored.contains(module) else {
                let message =
                    "is \(view.dtype.rawValue) and not F8_E4M3, with scales beside it in \(Quoted.list(found))"
                throw failure(view, message)
            }
            return nil
        }
        guard let granularity = try quantization.granularity(of: module) else {
            throw failure(view, try "is F8_E4M3, but \(quantization.exemption(of: module))")
        }
        guard view.shape.count >= 2 else {
            throw failure(view, "is F8_E4M3, which is read for matrices only")
        }
        guard found.count == 1 else {
            let reason =
                found.isEmpty
                ? "there is no \(WordList.alternatives(names.map(Quoted.text))) with its scales"
                : "there are two tensors with its scales, \(Quoted.list(found))"
            throw failure(view, "is F8_E4M3, and \(reason)")
        }
        return try Float8Scales(
            checkpoint.tensor(named: found[0]),
            of: view.shape,
            granularity,
            isTransposed: isTransposed
        )
    }

    /// The values of one row of a tensor of the given shape.
    func row(_ index: Int, of name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        let view = try checkpoint.tensor(named: name)
        try check(view, shape)
        guard view.dtype != .f8e4m3 else { throw failure(view, "is F8_E4M3, which is read for matrices only") }
        return try floats(view, rows: index..<index + 1)
    }

    /// The values of some rows, `[rows.count * elementsPerRow]`.
    ///
    /// - Throws: ``CheckpointError`` with the place of the first value that is not finite.
    func floats(_ view: TensorView, rows: Range<Int>) throws(CheckpointError) -> [Float] {
        try reading { () throws(TensorFileError) in
            try view.checkFinite(rows: rows)
            let values = try view.floats(rows: rows)
            try view.releaseMemory(rows: rows)
            return values
        }
    }

    /// Throw when a value of some rows is not finite.
    func checkFinite(_ view: TensorView, rows: Range<Int>) throws(CheckpointError) {
        try reading { () throws(TensorFileError) in
            try view.checkFinite(rows: rows)
            try view.releaseMemory(rows: rows)
        }
    }

    /// Throw when a value that came of a tensor and its scales is not finite.
    func checkProducts(_ values: [Float], of view: TensorView) throws(CheckpointError) {
        guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw failure(
            view,
            "times its scales is \(values[place]) at value \(place) of a matrix; finite numbers are allowed"
        )
    }

    /// The bytes of some rows of a U8 tensor.
    func bytes(_ view: TensorView, rows: Range<Int>) throws(CheckpointError) -> [UInt8] {
        try checkIsPacked(view)
        return try reading { () throws(TensorFileError) in
            let bytes = try view.bytes(rows: rows)
            try view.releaseMemory(rows: rows)
            return bytes
        }
    }

    /// Throw unless a tensor has the type in which MXFP4 is stored.
    func checkIsPacked(_ view: TensorView) throws(CheckpointError) {
        guard view.dtype == .u8 else { throw failure(view, "is \(view.dtype.rawValue); MXFP4 stands in U8") }
    }

    /// Throw unless a tensor has the shape that it should have.
    func check(_ view: TensorView, _ shape: [Int]) throws(CheckpointError) {
        guard view.shape == shape else { throw failure(view, "has shape \(view.shape); expected \(shape)") }
    }

    /// Throw unless a tensor holds numbers that can be weights.
    func checkType(_ view: TensorView) throws(CheckpointError) {
        guard view.dtype.isFloatingPoint else {
            throw failure(view, "is \(view.dtype.rawValue); weights are F64, F32, F16, BF16 or F8_E4M3")
        }
    }

    /// An error about a tensor.
    func failure(_ view: TensorView, _ message: String) -> CheckpointError {
        CheckpointError(path: view.path, tensor: view.name, message: message)
    }

    private func reading<Value>(_ body: () throws(TensorFileError) -> Value) throws(CheckpointError) -> Value {
        do {
            return try body()
        } catch {
            throw CheckpointError(error)
        }
    }
}

/// Microscaling FP4 as gpt-oss stores it: 32 values of 4 bits share one exponent of 8 bits.
///
/// A value is E2M1: sign, two exponent bits with bias 1, one fraction bit. Two share a byte, the first in its lower
/// half. The exponent is E8M0: 2^(byte - 127), and 255 is NaN. Sources: OCP Microscaling Formats (MX) Specification
/// v1.0, sections 5.3.3 and 5.4.1; the order of the halves: openai/gpt-oss, `gpt_oss/torch/weights.py`.
enum MXFP4 {
    /// The suffixes of the two tensors that hold a matrix `[…, in]`, both U8: blocks `[…, in / 32, 16]` and scales
    /// `[…, in / 32]`.
    static let blocksSuffix = "_blocks"
    static let scalesSuffix = "_scales"
    /// The number of values that share an exponent.
    static let blockLength = 32
    /// The exponent of what is not a number.
    static let notANumber: UInt8 = 255

    private static let magnitudes: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]

    /// The values of whole blocks, two for each byte of `blocks`; every 16 bytes share one scale.
    static func decode(blocks: [UInt8], scales: [UInt8]) -> [Float] {
        precondition(scales.count * blockLength == blocks.count * 2, "one scale for every block")
        let elements = magnitudes + magnitudes.map { -$0 }
        return unsafe [Float](unsafeUninitializedCapacity: blocks.count * 2) { values, filled in
            unsafe elements.withUnsafeBufferPointer { elements in
                for (block, bits) in scales.enumerated() {
                    let scale = scale(bits)
                    for index in block * blockLength / 2..<(block + 1) * blockLength / 2 {
                        unsafe values[2 * index] = elements[Int(blocks[index] & 0xF)] * scale
                        unsafe values[2 * index + 1] = elements[Int(blocks[index] >> 4)] * scale
                    }
                }
            }
            filled = blocks.count * 2
        }
    }

    private static func scale(_ bits: UInt8) -> Float {
        bits == notANumber ? .nan : Float(sign: .plus, exponent: Int(bits) - 127, significand: 1)
    }
}
