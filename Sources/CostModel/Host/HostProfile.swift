/// A machine that coordinator and workers share, as far as the modelled clock needs to know it.
public struct HostProfile: Codable, Equatable, Sendable {
    /// The name of the profile of the machine that runs are on.
    public static let thisMachine = "this-machine"

    /// Its name, for example `this-machine`.
    public let name: String
    /// The processor that it was measured on.
    public let processor: String
    /// Every constant.
    public let constants: [HostConstant: Constant]

    /// A profile.
    ///
    /// - Throws: ``HardwareError`` when a constant is missing, or not what ``HostConstant/range`` allows.
    public init(
        name: String,
        processor: String,
        constants: [HostConstant: Constant]
    ) throws(HardwareError) {
        self.name = name
        self.processor = processor
        self.constants = constants
        try HostConstant.check(constants)
    }

    /// The same machine with other values of some constants.
    public func replacing(_ values: [HostConstant: Constant]) throws(HardwareError) -> HostProfile {
        try HostProfile(
            name: name,
            processor: processor,
            constants: constants.merging(values) { $1 }
        )
    }

    /// The value of a constant, in its unit.
    public subscript(constant: HostConstant) -> Double {
        constants[constant]?.value ?? .nan
    }
}
