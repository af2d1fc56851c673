internal import Foundation
public import MoE
internal import Tensors

/// A trial of a product form for one shape, with made-up weights and rows: to time it, and to check that a row has the
/// same bits beside any other rows.
///
/// The caller says how many copies of the weights there are: as many as a cache does not hold, where experts take
/// turns.
public final class ProductTrial {
    /// Numbers of rows that show whether a row's bits depend on the rows beside it: odd ones, heights of kernels, and
    /// those at the edges of blocks.
    public static let tellingHeights = [1, 2, 3, 5, 7, 12, 16, 31, 33, 48, 64, 100, 127, 240, 255]

    private let product: RowProduct
    private let weights: [HeldWeights]
    private let input: AlignedBuffer
    private let output: AlignedBuffer

    /// A trial with `copies` copies of the weights.
    ///
    /// - Throws: ``ComputeError`` where this processor has no such product.
    public init(
        compute: ComputeEngine,
        shape: ProductShape,
        form: ProductForm,
        copies: Int
    ) throws(ComputeError) {
        let scratch = ProductScratch(columns: max(shape.inputs, shape.outputs))
        func product(_ fused: RowProduct.Fused) throws(ComputeError) -> RowProduct {
            let product = try RowProduct(
                compute: compute,
                shape: shape,
                // Rounding would hide that bits differ.
                outputType: .f32,
                fused: fused,
                form: form,
                scratch: scratch
            )
            guard product.form == form else {
                throw ComputeError("oneDNN has no product in this form", isUnimplemented: true)
            }
            return product
        }
        let plain = try product(RowProduct.Fused())
        self.product = plain
        // Behind the up projection of a gated expert stands the most that there is.
        let chain = ActivationChain(.swiglu)
        _ = try product(RowProduct.Fused(hasBias: true, postOperations: chain.up))
        var matrix = [Float](repeating: 0, count: shape.inputs * shape.outputs)
        CounterRandom(seed: 1, purpose: .expertWeights).fill(&matrix, bound: 1)
        let weight = matrix
        weights = try (0..<max(1, copies)).map { (_) throws(ComputeError) in try plain.pack(weight) }
        var rows = [Float](repeating: 0, count: RowBlock.most * shape.inputs)
        CounterRandom(seed: 2, purpose: .expertWeights).fill(&rows, bound: 1)
        input = RowEncoding.encode(rows, as: shape.dtype)
        output = AlignedBuffer(byteCount: RowBlock.most * shape.outputs * DType.f32.byteCount)
    }

    /// The name of oneDNN's implementation.
    public var implementation: String { product.implementation }

    /// Multiply the first `rows` rows with each copy of the weights in turn.
    ///
    /// - Parameter rows: 1 to `RowBlock.most`.
    public func run(rows: Int) throws(ComputeError) {
        for copy in weights {
            unsafe try product.run(
                rows: rows,
                input: UnsafeRawPointer(input.start),
                weights: copy,
                output: output.start
            )
        }
    }

    /// Whether the implementation is one that keeps bits, and each of the rows has the same bits when it stands in
    /// blocks of some heights, first or last.
    ///
    /// - Parameter heights: 1 to `RowBlock.most` each.
    public func keepsBits(heights: [Int]) throws(ComputeError) -> Bool {
        guard product.keepsBits else { return false }
        let rowBytes = product.shape.inputs * product.shape.dtype.byteCount
        let resultBytes = product.shape.outputs * DType.f32.byteCount
        unsafe try multiply(RowBlock.most, from: 0)
        let expected = unsafe [UInt8](
            UnsafeRawBufferPointer(start: output.start, count: RowBlock.most * resultBytes)
        )
        for height in heights {
            for first in [0, RowBlock.most - height] {
                unsafe try multiply(height, from: first * rowBytes)
                let isEqual = unsafe expected.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return false }
                    return unsafe memcmp(start + first * resultBytes, output.start, height * resultBytes) == 0
                }
                guard isEqual else { return false }
            }
        }
        return true
    }

    @unsafe
    private func multiply(_ rows: Int, from byte: Int) throws(ComputeError) {
        unsafe try product.run(
            rows: rows,
            input: UnsafeRawPointer(input.start) + byte,
            weights: weights[0],
            output: output.start
        )
    }
}

/// An activation as the operations that follow the gate product and the up product.
struct ActivationChain {
    /// The operations on the results of the gate product, or nil when the activation has no gate.
    let gate: [PostOperation]?
    /// The operations on the results of the up product.
    let up: [PostOperation]

    init(_ activation: Activation, clamp: GateClamp? = nil) {
        switch activation {
        case .swiglu:
            gate = [.swish(alpha: 1)]
            up = [.multiplyByMatrix]
        case .geglu:
            gate = [.geluTanh]
            up = [.multiplyByMatrix]
        case .clampedSwiglu:
            let clamp = clamp ?? GateClamp()
            let limit = Float(clamp.limit)
            gate = [.clip(lower: -.greatestFiniteMagnitude, upper: limit), .swish(alpha: Float(clamp.alpha))]
            up = [.clip(lower: -limit, upper: limit), .add(1), .multiplyByMatrix]
        case .gelu:
            gate = nil
            up = [.geluTanh]
        case .relu:
            gate = nil
            up = [.relu]
        }
    }
}
