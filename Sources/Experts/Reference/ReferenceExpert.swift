internal import Foundation
import MoE
public import Tensors

/// One expert by plain loops, to check the fast path against: no oneDNN, no packing, no batching.
///
/// With BF16, the expert rounds where the fast path rounds (input, weights, inner activation); sums and biases stay in
/// single precision.
public struct ReferenceExpert {
    private let parameters: ExpertParameters
    private let dtype: DType

    /// An expert with the given weights, computed as if in `dtype` (F32 or BF16).
    public init(_ parameters: ExpertParameters, dtype: DType) {
        self.dtype = dtype
        self.parameters = ExpertParameters(
            shape: parameters.shape,
            gate: parameters.gate.map { Self.rounded($0, dtype) },
            up: Self.rounded(parameters.up, dtype),
            down: Self.rounded(parameters.down, dtype),
            biases: parameters.biases
        )
    }

    /// The expert's output for one token of `hidden` values.
    public func callAsFunction(_ token: [Float]) -> [Float] {
        guard !parameters.shape.returnsInput else { return token }
        let input = Self.rounded(token, dtype)
        let biases = parameters.biases
        let up = Self.product(parameters.up, input, biases?.up)
        let inner: [Float]
        if let gateMatrix = parameters.gate {
            let gate = Self.product(gateMatrix, input, biases?.gate)
            inner = zip(gate, up).map { activated(gate: $0, up: $1) }
        } else {
            inner = up.map { activated($0) }
        }
        return Self.product(parameters.down, Self.rounded(inner, dtype), biases?.down)
    }

    private static func product(_ matrix: [Float], _ vector: [Float], _ bias: [Float]?) -> [Float] {
        let product = ReferenceProduct.product(matrix, vector)
        guard let bias else { return product }
        return zip(product, bias).map { $0 + $1 }
    }

    private func activated(gate: Float, up: Float) -> Float {
        switch parameters.shape.activation {
        case .clampedSwiglu:
            let clamp = parameters.shape.clamp ?? GateClamp()
            let (limit, alpha) = (Float(clamp.limit), Float(clamp.alpha))
            let limited = min(gate, limit)
            return (min(max(up, -limit), limit) + 1) * limited * Self.sigmoid(alpha * limited)
        case .geglu: return Self.gelu(gate) * up
        default: return gate * Self.sigmoid(gate) * up
        }
    }

    private func activated(_ value: Float) -> Float {
        parameters.shape.activation == .relu ? max(value, 0) : Self.gelu(value)
    }

    private static func sigmoid(_ value: Float) -> Float {
        1 / (1 + Foundation.exp(-value))
    }

    private static func gelu(_ value: Float) -> Float {
        0.5 * value * (1 + Foundation.tanh(0.797_884_56 * (value + 0.044_715 * value * value * value)))
    }

    private static func rounded(_ values: [Float], _ dtype: DType) -> [Float] {
        dtype == .bf16 ? values.map { BFloat16($0).float } : values
    }
}

/// The product of a matrix with a vector, by a plain loop.
public enum ReferenceProduct {
    /// The product of a matrix `[outputs, inputs]` with a vector `[inputs]`: each sum runs over 16 partial sums, which
    /// lets the compiler use vector registers.
    public static func product(_ matrix: [Float], _ vector: [Float]) -> [Float] {
        let inputs = vector.count
        let whole = inputs - inputs % 16
        return (0..<matrix.count / inputs).map { row in
            let start = row * inputs
            var partial = SIMD16<Float>(repeating: 0)
            for column in stride(from: 0, to: whole, by: 16) {
                partial += lanes(matrix, start + column) * lanes(vector, column)
            }
            var sum = partial.sum()
            for column in whole..<inputs { sum += matrix[start + column] * vector[column] }
            return sum
        }
    }

    private static func lanes(_ values: [Float], _ start: Int) -> SIMD16<Float> {
        unsafe values.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: start * MemoryLayout<Float>.stride, as: SIMD16<Float>.self)
        }
    }
}
