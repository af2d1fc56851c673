/// The name of an exchange: one layer of one micro-batch of one pass of a step.
public struct ExchangeID: Hashable, Sendable, CustomStringConvertible {
    /// The step of the run, warm-up included.
    public var step: UInt32
    /// The direction of the tokens through the layers.
    public var pass: Pass
    /// The layer of the step.
    public var layer: UInt32
    /// The micro-batch of the step.
    public var batch: UInt32

    /// An exchange.
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
    /// From the first layer to the last: tokens in, outputs back.
    case forward = 0
    /// From the last to the first: gradients of outputs in, those of inputs back. No worker computes it yet.
    case backward = 1
}

/// The cut of tokens, in order, into runs of nearly equal length.
struct ChunkRanges: Equatable, Sendable {
    private let tokens: Int
    private let length: Int
    private var start = 0

    /// A cut of all tokens.
    ///
    /// - Parameter size: most tokens of a run.
    init(tokens: Int, size: Int) {
        self.tokens = tokens
        let count = max(1, (tokens + size - 1) / size)
        length = max(1, (tokens + count - 1) / count)
    }

    /// The next run, or nil at the end.
    var next: Range<Int>? { start < tokens ? start..<min(start + length, tokens) : nil }

    /// Take the next run, or the part of it before `end`.
    mutating func take(upTo end: Int) { start = end }
}

/// The bounds on the steps of a run.
public struct StepBounds: Equatable, Sendable {
    /// Chunks of an exchange that are out at a time: one on its way there, one computed, one on its way back, and one
    /// to spare. More would only lie in queues and leave the caches before they are read.
    public static let chunksOut = 4

    /// Bytes that may be on their way to a rank and back or wait to be combined, `[ranks]`.
    public var credits: [Int]
    /// Chunks of an exchange that are out at a time.
    public var depth: Int
    /// The time limit from the routing of an exchange until its last result.
    public var patience: Nanoseconds
    /// Whether the coordinator itself computes the common experts.
    public var hasOwnExperts: Bool

    /// The bounds of one run.
    public init(credits: [Int], depth: Int = chunksOut, patience: Nanoseconds, hasOwnExperts: Bool) {
        self.credits = credits
        self.depth = depth
        self.patience = patience
        self.hasOwnExperts = hasOwnExperts
    }
}
