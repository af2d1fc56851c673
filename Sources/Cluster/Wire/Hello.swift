/// A worker's description of itself when it dials in.
public struct Hello: Codable, Equatable, Sendable {
    /// The process id on the worker's host.
    public var pid: Int32
    /// Host name.
    public var host: String
    /// Identity of the running kernel; peers with the same one share a monotonic clock.
    public var bootID: String
    /// The worker's processor and the widest instruction set that products use on it.
    public var processor: String
    /// The rank that the worker was started for, or nil for any.
    public var rank: Int?
    /// Bytes of expert weights that the worker holds from an earlier run.
    public var heldWeightBytes: Int
    /// Resident memory in bytes.
    public var residentBytes: Int
    /// The version of the worker's epsim.
    public var version: String

    /// The description of one worker.
    public init(
        pid: Int32,
        host: String,
        bootID: String,
        processor: String,
        rank: Int?,
        heldWeightBytes: Int,
        residentBytes: Int,
        version: String
    ) {
        self.pid = pid
        self.host = host
        self.bootID = bootID
        self.processor = processor
        self.rank = rank
        self.heldWeightBytes = heldWeightBytes
        self.residentBytes = residentBytes
        self.version = version
    }
}

/// A worker's message that its weights are in place.
public struct Ready: Codable, Equatable, Sendable {
    /// Bytes of packed expert weights.
    public var weightBytes: Int
    /// The names that oneDNN gives to the product implementations that will run.
    public var kernels: [String]
    /// True when the worker held the weights already, from an earlier run.
    public var reused: Bool

    /// The message of a worker whose weights are in place.
    public init(weightBytes: Int, kernels: [String], reused: Bool) {
        self.weightBytes = weightBytes
        self.kernels = kernels
        self.reused = reused
    }
}
