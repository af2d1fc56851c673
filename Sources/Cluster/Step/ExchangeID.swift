/// The name of an exchange: one layer of one micro-batch of one pass of a step.
public struct ExchangeID: Hashable, Sendable, CustomStringConvertible {
    /// The number of the step in the run, warm-up included.
    public var step: UInt32
    /// The direction of the tokens through the layers.
    public var pass: Pass
    /// The number of the layer in the run.
    public var layer: UInt32
    /// The number of the micro-batch in the step.
    public var batch: UInt32

    /// The name of an exchange by step, layer, micro-batch and pass.
    public init(step: Int, layer: Int, batch: Int, pass: Pass = .forward) {
        self.step = UInt32(step)
        self.pass = pass
        self.layer = UInt32(layer)
        self.batch = UInt32(batch)
    }

    /// The exchange of a dispatch or result, as its header says.
    init(_ envelope: Envelope) {
        step = envelope.step
        pass = envelope.pass
        layer = envelope.layer
        batch = envelope.batch
    }

    /// `layer 3 of step 7, micro-batch 1`; the forward pass and the first micro-batch go without saying.
    public var description: String {
        "layer \(layer) of \(pass == .forward ? "" : "the \(pass) pass of ")step \(step)"
            + (batch == 0 ? "" : ", micro-batch \(batch)")
    }
}

/// The direction of tokens through the layers. The raw values are the wire format.
public enum Pass: UInt8, CaseIterable, Sendable {
    /// The forward pass, from the first layer to the last: token rows go out, outputs come back.
    case forward = 0
    /// The backward pass, from the last layer to the first: gradients of outputs go out, gradients of inputs come back.
    /// No worker computes it yet.
    case backward = 1
}

/// The ranges of nearly equal length into which the tokens of an exchange are cut, one range per chunk.
struct ChunkRanges: Equatable, Sendable {
    private let tokens: Int
    private let length: Int
    private var start = 0

    /// A cut of `tokens` tokens into ranges.
    ///
    /// - Parameter size: most tokens of a run.
    init(tokens: Int, size: Int) {
        self.tokens = tokens
        let count = max(1, (tokens + size - 1) / size)
        length = max(1, (tokens + count - 1) / count)
    }

    /// The next range of tokens, or nil when none is left.
    var next: Range<Int>? { start < tokens ? start..<min(start + length, tokens) : nil }

    /// Take the next range of tokens, or the part of it before `end`.
    mutating func take(upTo end: Int) { start = end }
}

/// The limits on what is in flight during the steps of a run.
public struct StepBounds: Equatable, Sendable {
    /// The most chunks of an exchange in flight at a time: one on its way to the ranks, one computed, one on its way
    /// back, and one to spare. More would only lie in queues and leave the caches before they are read.
    public static let chunksOut = 4

    /// The most bytes that may be on their way to a rank and back or wait to be combined, `[ranks]`.
    public var credits: [Int]
    /// The most chunks of an exchange in flight at a time.
    public var depth: Int
    /// The time limit from the routing of an exchange until its last result.
    public var patience: Nanoseconds
    /// Whether the coordinator itself computes the common experts.
    public var hasOwnExperts: Bool

    /// The limits of one run.
    public init(credits: [Int], depth: Int = chunksOut, patience: Nanoseconds, hasOwnExperts: Bool) {
        self.credits = credits
        self.depth = depth
        self.patience = patience
        self.hasOwnExperts = hasOwnExperts
    }
}
