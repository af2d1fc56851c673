/// A cluster of equal accelerators, as far as the modelled clock needs to know it.
public struct HardwareProfile: Codable, Equatable, Sendable {
    /// The name of the profile, for example `H100-SXM`.
    public let name: String
    /// A description of the hardware, in one line.
    public let summary: String
    /// The value and origin of every constant.
    public let constants: [HardwareConstant: Constant]

    /// A profile with a value for every constant.
    ///
    /// - Throws: ``HardwareError`` when a constant is missing or outside its range.
    public init(
        name: String,
        summary: String,
        constants: [HardwareConstant: Constant]
    ) throws(HardwareError) {
        self.name = name
        self.summary = summary
        self.constants = constants
        try HardwareConstant.check(constants)
    }

    /// The value of a constant, in its unit.
    public subscript(constant: HardwareConstant) -> Double {
        constants[constant]?.value ?? .nan
    }

    /// The constants among `used` that nobody measured on this hardware, in the order of their declaration.
    public func assumed(among used: Set<HardwareConstant>) -> [HardwareConstant] {
        HardwareConstant.allCases.filter { used.contains($0) && constants[$0]?.basis == .assumed }
    }

    /// The same hardware with launches, slots and peers that take no time of their own.
    public func withoutLaunches() throws(HardwareError) -> HardwareProfile {
        let values = Dictionary(uniqueKeysWithValues: HardwareConstant.launches.map { ($0, 0.0) })
        return try replacing(values, source: "launches in no time")
    }

    /// The same hardware with other values of some constants, marked as assumed.
    public func replacing(_ values: [HardwareConstant: Double], source: String) throws(HardwareError) -> HardwareProfile
    {
        var constants = constants
        for (constant, value) in values { constants[constant] = Constant(value, basis: .assumed, source: source) }
        return try HardwareProfile(name: name, summary: summary, constants: constants)
    }
}

/// The reason for which a hardware profile cannot be used.
public struct HardwareError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The message: what was found and what is allowed.
    public let description: String

    /// An error with its message.
    public init(_ description: String) {
        self.description = description
    }
}

/// Ranks of a hardware profile and the nodes that they form.
public struct ModelledCluster: Equatable, Sendable {
    /// The hardware profile.
    public let profile: HardwareProfile
    /// Number of ranks, R.
    public let ranks: Int
    /// Ranks of each node; the last node may have fewer.
    public let ranksPerNode: Int

    /// A cluster of `ranks` ranks, which fill one node after the other.
    ///
    /// - Precondition: `ranks >= 1`.
    public init(profile: HardwareProfile, ranks: Int) {
        precondition(ranks >= 1, "\(ranks) ranks")
        self.profile = profile
        self.ranks = ranks
        ranksPerNode = max(1, Int(profile[.ranksPerNode]))
    }

    /// Number of nodes.
    public var nodes: Int { (ranks + ranksPerNode - 1) / ranksPerNode }

    /// The node of a rank.
    public func node(ofRank rank: Int) -> Int { rank / ranksPerNode }

    /// Bandwidth of one rank to other nodes, in GB/s: its share of the node's network interfaces.
    public var nicBandwidth: Double {
        profile[.nicBandwidth] * profile[.nicsPerNode] / profile[.ranksPerNode]
    }
}
