internal import Experts
import MoE
public import Tensors

/// The norms in front of the layers.
struct LayerNorms: Sendable {
    /// The norm gains of one layer, `[hidden]` each; nil for a gain of 1 throughout.
    private struct Gains {
        let experts: [Float]?
        let dense: [Float]?
    }

    private let gains: [Gains]
    private let normalizes: Bool

    /// The norms of a model's layers.
    ///
    /// - Parameter normalizes: false when layers read the residual stream as it is.
    init(_ source: any ExpertSource, normalizes: Bool) throws(CheckpointError) {
        self.normalizes = normalizes
        var gains: [Gains] = []
        for layer in 0..<source.shape.layers where normalizes {
            gains.append(Gains(experts: try source.expertNorm(layer: layer), dense: try source.denseNorm(layer: layer)))
        }
        self.gains = gains
    }

    /// The normalised input of a layer from the residual stream `[tokens, hidden]`, or nil when layers read the stream
    /// as it is.
    func input(_ hidden: Matrix, layer: Int) -> LayerInput? {
        guard normalizes else { return nil }
        let gains = gains[layer]
        return LayerInput(
            tokens: RMSNorm.apply(hidden, gain: gains.experts),
            dense: gains.dense.map { RMSNorm.apply(hidden, gain: $0) }
        )
    }
}

/// Root-mean-square normalisation: g x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019, section 4).
public enum RMSNorm {
    /// The epsilon that is added to the mean of squares.
    static let epsilon: Float = 1e-6

    /// Sixteen partial sums of squares: with a single sum each addition would wait for the one before.
    private typealias Lanes = SIMD16<Float>

    /// The normalised rows, `[tokens, hidden]`.
    ///
    /// - Parameter gain: g, `[hidden]`, or nil for 1 throughout.
    public static func apply(_ tokens: Matrix, gain: [Float]? = nil) -> Matrix {
        precondition(gain.map { $0.count == tokens.columns } ?? true, "one gain per column")
        let width = tokens.columns
        return unsafe Matrix(rows: tokens.rows, columns: width) { target in
            unsafe tokens.values.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let into = target.baseAddress else { return }
                for start in stride(from: 0, to: source.count, by: width) {
                    let mean = unsafe squares(from + start, count: width) / Float(width)
                    let factor = 1 / (mean + epsilon).squareRoot()
                    unsafe scale(from + start, by: factor, gain, into: into + start, count: width)
                }
            }
        }
    }

    @unsafe
    private static func squares(_ row: UnsafePointer<Float>, count: Int) -> Float {
        var lanes = Lanes.zero
        let bytes = unsafe UnsafeRawPointer(row)
        let whole = count - count % Lanes.scalarCount
        for index in stride(from: 0, to: whole, by: Lanes.scalarCount) {
            let values = unsafe bytes.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
            lanes += values * values
        }
        var sum = lanes.sum()
        for index in whole..<count { unsafe sum += row[index] * row[index] }
        return sum
    }

    @unsafe
    private static func scale(
        _ row: UnsafePointer<Float>,
        by factor: Float,
        _ gain: [Float]?,
        into target: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        guard let gain else {
            for index in 0..<count { unsafe target[index] = row[index] * factor }
            return
        }
        unsafe gain.withUnsafeBufferPointer { gain in
            for index in 0..<count { unsafe target[index] = row[index] * factor * gain[index] }
        }
    }
}
