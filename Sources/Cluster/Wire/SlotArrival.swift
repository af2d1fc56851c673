import MoE

/// The slots that a layer of a worker is to have, which it loads while the old ones serve.
public struct SlotArrival: Codable, Equatable, Sendable {
    /// The number of the layer in the run.
    public var layer: Int
    /// The number of the layer's new map.
    public var map: UInt16
    /// The routed experts of all slots of the layer on this worker, those it holds already among them, `[slots]`.
    public var experts: [Int]

    /// The new slots of one layer.
    public init(layer: Int, map: UInt16, experts: [Int]) {
        self.layer = layer
        self.map = map
        self.experts = experts
    }

    /// Throw for slots that the model does not have, before a worker loads anything.
    func check(_ weights: Assignment.Weights) throws(WireError) {
        guard weights.experts.indices.contains(layer) else {
            throw WireError("new slots for layer \(layer) of \(weights.experts.count)")
        }
        if let stranger = experts.first(where: { $0 < 0 || $0 >= weights.model.experts }) {
            throw WireError("a new slot for expert \(stranger) in layer \(layer) of \(weights.model.experts) experts")
        }
        guard experts.count == weights.experts[layer].count else {
            throw WireError("\(experts.count) new slots for the \(weights.experts[layer].count) of layer \(layer)")
        }
    }
}

/// A worker's answer to an ``SlotArrival``.
public struct Prepared: Codable, Equatable, Sendable {
    /// The number of the layer in the run.
    public var layer: Int
    /// The number of the map that was asked for.
    public var map: UInt16
    /// Experts that were loaded: those that the worker did not hold.
    public var copies: Int
    /// Bytes of their packed weights.
    public var bytes: Int
    /// Seconds that loading took on the worker.
    public var seconds: Double
    /// Why they could not be loaded, a sentence, or nil when all are there.
    public var refusal: String?

    /// The answer of one worker.
    public init(layer: Int, map: UInt16, copies: Int, bytes: Int, seconds: Double, refusal: String? = nil) {
        self.layer = layer
        self.map = map
        self.copies = copies
        self.bytes = bytes
        self.seconds = seconds
        self.refusal = refusal
    }
}

/// What becomes of the prepared slots of a layer.
public struct Settlement: Codable, Equatable, Sendable {
    /// The number of the layer in the run.
    public var layer: Int
    /// The number of the map that was asked for.
    public var map: UInt16
    /// Whether the prepared slots serve from now on; else they are dropped, and the old ones stay.
    public var switches: Bool

    /// What becomes of one layer.
    public init(layer: Int, map: UInt16, switches: Bool) {
        self.layer = layer
        self.map = map
        self.switches = switches
    }
}
