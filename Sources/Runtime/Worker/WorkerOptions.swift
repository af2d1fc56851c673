public import Basics
public import Transport

/// The options of a worker process.
public struct WorkerOptions: Sendable {
    /// Where its coordinator listens.
    public var endpoint: Endpoint
    /// CURVE keys of the cluster.
    public var keys: CurveKeys?
    /// The rank that it asks for, if it was started for one.
    public var rank: Int?
    /// Dial again when a run is over, instead of ending.
    public var stays: Bool
    /// Process that started it: when that ends, so does the worker.
    public var parent: Int32?

    /// Options of a worker.
    public init(endpoint: Endpoint, keys: CurveKeys?, rank: Int?, stays: Bool, parent: Int32?) {
        self.endpoint = endpoint
        self.keys = keys
        self.rank = rank
        self.stays = stays
        self.parent = parent
    }
}
