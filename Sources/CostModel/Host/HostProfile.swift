/// A machine that coordinator and workers share, as far as the modelled clock needs to know it.
public struct HostProfile: Codable, Equatable, Sendable {
    /// The name of the profile of the machine that runs are on.
    public static let thisMachine = "this-machine"

    /// The name of the profile, for example `this-machine`.
    public let name: String
    /// The processor that the constants were measured on.
    public let processor: String
    /// The value and origin of every constant.
    public let constants: [HostConstant: Constant]

    /// A profile with a value for every constant.
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

/// The numbers that describe a machine that coordinator and workers share, by the names that profiles use.
///
/// Times are processor time of one core with nothing else at work; two factors say how much more the same work takes
/// within a run. Which equation reads a constant stands in the article *The model of a host*.
public enum HostConstant: String, Codable, ProfileConstant {
    case cores
    case f32Products = "f32_products"
    case bf16Products = "bf16_products"
    case productSetup = "product_setup"
    case cacheBandwidth = "cache_bandwidth"
    case cacheSize = "cache_size"
    case coreBandwidth = "core_bandwidth"
    case memoryBandwidth = "memory_bandwidth"
    case layerStart = "layer_start"
    case tokenPass = "token_pass"
    case routeExpert = "route_expert"
    case permuteCopy = "permute_copy"
    case rowCopy = "row_copy"
    case rowRounding = "row_rounding"
    case sumCopy = "sum_copy"
    case sumToken = "sum_token"
    case messageLatency = "message_latency"
    case messageWork = "message_work"
    case linkBandwidth = "link_bandwidth"
    case threadWake = "thread_wake"
    case runOverhead = "run_overhead"
    case runProducts = "run_products"
}

extension HostConstant {
    /// The values that the constant may have: whole numbers of cores, and numbers above 0 for everything else.
    public var range: ConstantRange { self == .cores ? .count : .positive }

    /// The unit of the constant's value.
    public var unit: String { description.unit }

    /// The meaning of the constant, in one sentence.
    public var meaning: String { description.meaning }

    private var description: (unit: String, meaning: String) {
        switch self {
        case .cores: ("cores", "Cores that a run may use.")
        case .f32Products: ("GFLOP/s", "Products in f32 of one core, with weights in its caches.")
        case .bf16Products: ("GFLOP/s", "Products in bf16 of one core, with weights in its caches.")
        case .productSetup:
            ("us", "Making the primitives of an expert for a number of rows that has not occurred before.")
        case .cacheBandwidth: ("GB/s", "Weights that one core reads from the caches for a few rows.")
        case .cacheSize: ("MB", "Weights that stay in the caches while all are used in turn.")
        case .coreBandwidth: ("GB/s", "Weights that one core reads from memory for a few rows, alone.")
        case .memoryBandwidth: ("GB/s", "Weights that all cores together read from memory for a few rows.")
        case .layerStart: ("us", "Time before the first message of a layer, however few tokens it has.")
        case .tokenPass: ("ns/value", "One pass over the values of tokens: a norm, or reading them for the logits.")
        case .routeExpert: ("ns", "Routing, for each token and expert.")
        case .permuteCopy: ("ns", "Permuting, for each routed copy.")
        case .rowCopy: ("ns/value", "Moving rows from one place to another in the same number type.")
        case .rowRounding: ("ns/value", "Moving rows and rounding them to bf16.")
        case .sumCopy: ("ns/value", "Weighted sums of outputs, for each value of a copy.")
        case .sumToken: ("ns/value", "Adding a sum to the residual stream, for each value of a token.")
        case .messageLatency:
            ("us", "A small message from one process to another, beside message_work, over all threads that it wakes.")
        case .messageWork: ("us", "Work of the coordinator's thread to send or to read a message.")
        case .linkBandwidth: ("GB/s", "Bandwidth of the coordinator's sockets, both ways together.")
        case .threadWake: ("us", "Waking one thread of a process from another.")
        case .runOverhead:
            ("x alone", "The coordinator's work and messages in a run: cold caches, fresh pages, shared cores.")
        case .runProducts: ("x alone", "The work of experts in a run: cold caches, neighbours that compute, too.")
        }
    }
}
